// The points of the picture of break-even: at which volumes a month is priced, and what it costs there.
// Apart from the drawing, which a command that draws nothing does not load.

import type { Comparison, Mix } from '../cost/compare/comparison.ts';
import { totalOfMix, usdNumber } from '../cost/compare/mix-cost.ts';
import { MONTH_DAYS } from '../cost/estimate/workload.ts';
import { freeTierOf } from '../cost/free-tier.ts';
import type { CostAnswer } from './cost.ts';
import { MIXES } from './cost-words.ts';

/** What a month costs at one volume; null: the app cannot run that way. */
export interface CostPoint {
  readonly requestsPerDay: number;
  readonly usd: Readonly<Record<Mix, number | null>>;
}

export interface ChartRange {
  readonly scale: 'linear' | 'log';
  /** Requests a day. */
  readonly from: number;
  readonly to: number;
}

/** Points of interest further apart than this need a log scale to be told apart. */
const LINEAR_SPREAD = 30;

/** Least upper end, so that a picture of no traffic shows some. */
const LEAST = 1000;

/** From what volume to what volume the picture is drawn: all that is of interest, with room beside. */
export function chartRange({ workload, breakEven }: Comparison): ChartRange {
  const interest = [
    workload.requestsPerDay,
    breakEven?.firstRequestsPerDay,
    breakEven?.holdsFromRequestsPerDay,
    breakEven?.band?.toRequestsPerDay,
    breakEven?.lambdaHoldsFromRequestsPerDay,
  ].filter((value): value is number => typeof value === 'number' && value > 0);
  const least = interest.length === 0 ? LEAST : Math.min(...interest);
  const most = interest.length === 0 ? LEAST : Math.max(...interest);
  if (most / least > LINEAR_SPREAD) return { scale: 'log', from: least / 3, to: most * 3 };
  const room = breakEven?.firstRequestsPerDay === null || interest.length < 2 ? 4 : 1.6;
  return { scale: 'linear', from: 0, to: most * room };
}

/** Volumes to ask the bill at, ascending: even on the scale of the picture, and where tasks change. */
export function chartVolumes(
  { scale, from, to }: ChartRange,
  steps: readonly number[],
  count: number,
): readonly number[] {
  const even = Array.from({ length: count + 1 }, (_, index) => {
    const part = index / count;
    return scale === 'linear' ? from + (to - from) * part : from * (to / from) ** part;
  });
  const around = steps
    .filter((step) => step > from && step < to)
    .flatMap((step) => [step - 1, step]);
  const whole = [...even, ...around].map((value) => Math.max(0, Math.round(value)));
  return [...new Set(whole)].sort((a, b) => a - b);
}

/** Even points, and as many as a picture can show. */
const POINTS = 240;

/** What a month costs at volumes around those of interest. */
export function pointsOf({ question, comparison }: CostAnswer): readonly CostPoint[] {
  const { setUp, workload, book, freeTier, freeTierUsed } = question;
  const allowances = freeTierOf(freeTier, freeTierUsed);
  return chartVolumes(chartRange(comparison), [], POINTS).map((requestsPerDay) => {
    const at = { ...workload, requestsPerMonth: requestsPerDay * MONTH_DAYS };
    const usd = MIXES.map((mix) => {
      if (comparison.computes[mix] === null) return [mix, null] as const;
      const pico = totalOfMix({ setUp, workload: at, book, allowances }, mix, 'expected');
      return [mix, usdNumber(pico)] as const;
    });
    return { requestsPerDay, usd: Object.fromEntries(usd) as CostPoint['usd'] };
  });
}
