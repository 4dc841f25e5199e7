// From which volume on Fargate alone costs no more than Lambda alone.

import { MONTH_DAYS } from '../../base/units.ts';
import { estimate } from '../estimate/estimate.ts';
import { appNumbers } from '../estimate/figures.ts';
import { peakOverMean } from '../estimate/load.ts';
import { type Demand, demandsOf } from '../estimate/plan.ts';
import type { SetUp } from '../estimate/set-up.ts';
import type { Workload } from '../estimate/workload.ts';
import { usdOf } from '../money.ts';
import type { BreakEven } from './comparison.ts';
import { type Crossings, crossings } from './crossings.ts';
import type { CostCurve } from './curve.ts';
import { atVolume, type Curves, curvesOf } from './curves.ts';
import { tidy } from './mix-cost.ts';
import type { Pricing } from './pricing.ts';

/** The answer, or why there is no question. */
export type BreakEvenAnswer =
  | { readonly breakEven: BreakEven; readonly notApplicable: undefined }
  | { readonly breakEven: null; readonly notApplicable: string };

/**
 * Of the expected figures, exactly, on whole requests a day; of the workload the volume is left out.
 * Not applicable where nothing can run on both, or a price is not known.
 */
export function breakEvenOf(setUp: SetUp, workload: Workload, pricing: Pricing): BreakEvenAnswer {
  const onBoth = setUp.services.filter(({ lambda, fargate }) => lambda && fargate);
  if (onBoth.length === 0) {
    return none('no program of it has settings for both Lambda and Fargate');
  }
  if (onBoth.every(({ share }) => share === 0)) {
    return none('no requests go to what runs on both');
  }
  const curves = curvesOf(setUp, workload, pricing);
  if (curves.unknown.length > 0) {
    return none(`there is no price for ${curves.unknown.join(', ')} in ${setUp.region}`);
  }
  const found = crossings(curves.fargate, curves.lambda);
  return {
    breakEven: breakEvenFrom({ setUp, workload, pricing, curves, found }),
    notApplicable: undefined,
  };
}

function none(notApplicable: string): BreakEvenAnswer {
  return { breakEven: null, notApplicable };
}

interface Case {
  readonly setUp: SetUp;
  readonly workload: Workload;
  readonly curves: Curves;
  readonly pricing: Pricing;
  readonly found: Crossings;
}

function breakEvenFrom(one: Case): BreakEven {
  const { setUp, workload, curves, found } = one;
  const reach = Math.min(found.searchedTo, curves.carriesTo);
  const first = found.first !== undefined && found.first <= reach ? found.first : undefined;
  const holds = found.holdsFrom !== undefined && found.holdsFrom <= reach;
  const holdsFrom = first !== undefined && holds ? found.holdsFrom : undefined;
  const lambdaHolds = curves.carriesTo < Infinity ? undefined : found.lambdaHoldsFrom;
  return {
    firstRequestsPerDay: first ?? null,
    holdsFromRequestsPerDay: holdsFrom ?? null,
    lambdaHoldsFromRequestsPerDay: lambdaHolds ?? null,
    searchedToRequestsPerDay: reach === Infinity ? null : reach,
    averageConcurrency: first === undefined ? null : tidy(concurrencyAt(setUp, workload, first)),
    band:
      first !== undefined && found.several
        ? { fromRequestsPerDay: first, toRequestsPerDay: holdsFrom ?? lambdaHolds ?? reach }
        : null,
    never: holdsFrom === undefined ? whyNever(one, first) : null,
    tasksAtFirst: first === undefined ? null : tasksAt(one, first),
    entry: { lambda: setUp.entry.lambda, fargate: setUp.entry.fargate },
  };
}

/** Environments busy on the average, of what runs on both. */
function concurrencyAt(setUp: SetUp, workload: Workload, perDay: number): number {
  const { cachedShare } = appNumbers(setUp, 'expected');
  return demandsOf(setUp, atVolume(workload, perDay), 'expected', cachedShare)
    .filter(({ service }) => service.lambda && service.fargate)
    .reduce((sum, { rps, requests }) => sum + (rps * requests.lambdaMs) / 1000, 0);
}

/** At the busiest moment. */
function tasksAt({ setUp, workload, pricing }: Case, perDay: number): number {
  const options = { book: pricing.bookOf(setUp.region), allowances: pricing.allowances };
  return estimate(setUp, atVolume(workload, perDay), 'fargate', 'expected', options).tasks.peak;
}

/** Volumes at which the price of more requests is read off. */
const FAR = [100_000_000, 200_000_000] as const;

function whyNever(one: Case, first: number | undefined): string {
  const { curves, found } = one;
  const would = found.first;
  const carried = `${many(curves.carriesTo)} requests a day`;
  if (curves.carriesTo < Infinity && (would ?? Infinity) > curves.carriesTo) {
    const later =
      would === undefined ? '' : `; with more tasks it would pay from ${many(would)} on`;
    return `the tasks that may run (${limits(one)}) carry up to ${carried}, and up to there Fargate always costs more${later}`;
  }
  if (found.holdsFrom !== undefined) {
    return `above ${carried} it takes more tasks than may run: ${limits(one)}`;
  }
  const [lambda, fargate] = [perMillion(curves.lambda), perMillion(curves.fargate)];
  const money = `a million requests more cost ${usd(fargate)} on Fargate and ${usd(lambda)} on Lambda`;
  if (found.lambdaHoldsFrom === undefined) {
    return `${money}, which is too near to decide; looked at were volumes up to ${many(found.searchedTo)} requests a day`;
  }
  const task = carriedBy(one);
  if (first === undefined)
    return `${task}${money}, so Fargate never makes up for what it costs before the first`;
  const until = `Fargate alone costs less at some volumes from ${many(first)} to ${many(found.lambdaHoldsFrom - 1)} requests a day`;
  return `${until}; with more Lambda is the cheaper one again: ${task}${money}`;
}

function perMillion({ at }: CostCurve): number {
  const [near, far] = FAR;
  return (usdOf(at(far) - at(near)) / ((far - near) * MONTH_DAYS)) * 1e6;
}

/** What one task takes, and why not more: of what runs on both and takes the most tasks. */
function carriedBy({ setUp, workload }: Case): string {
  const { cachedShare } = appNumbers(setUp, 'expected');
  const demands = demandsOf(setUp, atVolume(workload, FAR[0]), 'expected', cachedShare);
  const limiting = demands
    .filter(({ service, capacity }) => service.lambda && capacity?.limit !== undefined)
    .sort((a, b) => tasksOf(b) - tasksOf(a))[0];
  if (limiting?.capacity === undefined) return '';
  const { perSecond, limit } = limiting.capacity;
  const peak = peakOverMean(workload.shape, Math.max(1, workload.peak));
  const why = limit === 'processor' ? 'its processor' : 'the requests it has in flight at once';
  const follows = limiting.service.fargate?.autoscaling === true;
  const sized = follows
    ? peak > 1
      ? ', and tasks follow the traffic'
      : ''
    : peak > 1
      ? `, and all month there are tasks for a peak of ${digits(peak)} times the mean`
      : '';
  return `a task of "${limiting.service.name}" carries ${digits(perSecond)} requests a second, limited by ${why}${sized}: `;
}

function tasksOf({ rps, capacity }: Demand): number {
  return rps / (capacity?.perSecond ?? Infinity);
}

function limits({ setUp }: Case): string {
  return setUp.services
    .filter(({ fargate }) => fargate?.maxTasks !== undefined)
    .map(({ name, fargate }) => `of "${name}" ${fargate?.maxTasks}`)
    .join(', ');
}

function many(value: number): string {
  return value.toLocaleString('en-US');
}

function digits(value: number): string {
  return value >= 100 ? many(Math.round(value)) : String(Number(value.toPrecision(2)));
}

function usd(value: number): string {
  return `$${value.toFixed(value < 0.1 ? 4 : 2)}`;
}
