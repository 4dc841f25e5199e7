// The answer as a picture or a page.

import type { CostAnswer } from './cost.ts';
import { costChart, WIDE } from './cost-chart.ts';
import { costPage } from './cost-page.ts';
import { pointsOf } from './cost-points.ts';

export function documentOf(answer: CostAnswer, form: 'svg' | 'html'): string {
  const points = pointsOf(answer);
  const { comparison, basis } = answer;
  return form === 'svg'
    ? `${costChart(comparison, points, WIDE)}\n`
    : costPage({ comparison, basis, points });
}
