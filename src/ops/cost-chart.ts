// The picture of break-even: what a month costs by the requests of a day.

import { plotSvg } from '../charts/plot.ts';
import type { Comparison, Mix } from '../cost/compare/comparison.ts';
import { type CostPoint, chartRange } from './cost-points.ts';
import { MIXES, sayMany, sayMoney, sayNumber, verdictOf } from './cost-words.ts';

const TONES: Readonly<Record<Mix, number>> = { lambda: 0, fargate: 1, hybrid: 2 };
const NAMES: Readonly<Record<Mix, string>> = {
  lambda: 'Lambda alone',
  fargate: 'Fargate alone',
  hybrid: 'a mix of both',
};

export interface ChartSize {
  readonly width: number;
  readonly height: number;
  /** Letters; unlike that of any other chart on the page. */
  readonly id: string;
}

export const WIDE: ChartSize = { width: 860, height: 460, id: 'cost' };
export const NARROW: ChartSize = { width: 380, height: 400, id: 'costsmall' };

/** SVG text, without anything from outside. */
export function costChart(
  comparison: Comparison,
  points: readonly CostPoint[],
  size: ChartSize,
): string {
  const range = chartRange(comparison);
  const narrow = size.width < 500;
  const drawn = MIXES.filter((mix) => comparison.computes[mix] !== null);
  const values = points.flatMap(({ usd }) => drawn.map((mix) => usd[mix] ?? 0));
  const most = Math.max(0.01, ...values);
  const least = Math.min(...values.filter((value) => value > 0), most);
  const log = range.scale === 'log';
  return plotSvg({
    ...size,
    title: `What a month of ${comparison.app} costs by its traffic`,
    description: `${verdictOf(comparison)}. Lines of ${drawn.map((mix) => NAMES[mix]).join(', ')}, from ${sayNumber(Math.round(range.from))} to ${sayNumber(Math.round(range.to))} requests a day.`,
    x: {
      label: 'requests a day',
      scale: range.scale,
      domain: [range.from, range.to],
      format: narrow ? sayShort : sayMany,
    },
    y: {
      label: 'US dollars a month',
      scale: range.scale,
      domain: log ? [least, Math.max(most, least * 10)] : [0, most * 1.04],
      format: sayTick,
    },
    layers: drawn.map((mix) => ({
      kind: 'line',
      name: narrow ? mix : NAMES[mix],
      tone: TONES[mix],
      points: points
        .filter(({ requestsPerDay }) => !log || requestsPerDay > 0)
        .map(({ requestsPerDay, usd }) => ({ x: requestsPerDay, y: usd[mix] ?? undefined })),
    })),
    spans: spansOf(comparison),
    marks: marksOf(comparison, narrow),
  });
}

/** "500 k": for where there is little room. */
function sayShort(value: number): string {
  return value >= 1000 && value < 1e6 ? `${sayNumber(value / 1000)} k` : sayMany(value);
}

function sayTick(usd: number): string {
  return usd >= 1e6 ? `$${sayMany(usd)}` : sayMoney(usd).replace(/\.00$/, '');
}

function spansOf({ breakEven }: Comparison) {
  const band = breakEven?.band;
  if (band === null || band === undefined) return [];
  const to = band.toRequestsPerDay ?? Number.MAX_VALUE;
  return [{ from: band.fromRequestsPerDay, to, label: 'now one, now the other' }];
}

function marksOf({ workload, computes, breakEven }: Comparison, narrow: boolean) {
  const [best] = MIXES.flatMap((mix) => {
    const cost = computes[mix];
    return cost === null ? [] : [{ mix, usd: cost.monthlyUsd }];
  }).sort((a, b) => a.usd - b.usd);
  const say = narrow ? sayShort : sayNumber;
  const first = breakEven?.firstRequestsPerDay ?? undefined;
  const holds = breakEven?.holdsFromRequestsPerDay ?? undefined;
  const lambda = breakEven?.lambdaHoldsFromRequestsPerDay ?? undefined;
  const asked = workload.requestsPerDay;
  return [
    {
      x: asked,
      label: `asked: ${say(asked)}`,
      y: best?.usd,
      tone: best === undefined ? undefined : TONES[best.mix],
    },
    ...(first === undefined ? [] : [{ x: first, label: `Fargate pays: ${say(first)}` }]),
    ...(holds === undefined || holds === first
      ? []
      : [{ x: holds, label: `for good: ${say(holds)}` }]),
    ...(lambda === undefined || lambda <= 1
      ? []
      : [{ x: lambda, label: `Lambda for good: ${say(lambda)}` }]),
  ];
}
