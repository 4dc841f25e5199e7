// The bills of Lambda alone and of Fargate alone as curves: each is the estimate itself, told where it
// steps (a task more) and where it bends (a tier or a free quantity ends).

import { MONTH_DAYS, MONTH_HOURS } from '../../base/units.ts';
import { numberOf } from '../amount.ts';
import { estimatedQuantities } from '../estimate/estimate.ts';
import { type AppNumbers, appNumbers } from '../estimate/figures.ts';
import { fargateLines } from '../estimate/lines-compute.ts';
import { EMPTY_RECEIVES } from '../estimate/lines-entry.ts';
import { busiestOf, tasksFor } from '../estimate/load.ts';
import { computeIn, type Demand, demandsOf, MONTH_SECONDS } from '../estimate/plan.ts';
import type { SetUp } from '../estimate/set-up.ts';
import type { Workload } from '../estimate/workload.ts';
import type { PriceItem } from '../prices/catalogue.ts';
import type { PriceBook } from '../prices/price-book.ts';
import type { Quantity } from '../quantity.ts';
import { totalOf } from '../rating.ts';
import { type CostCurve, lastWithin, type Stair } from './curve.ts';
import type { Pricing } from './pricing.ts';

export interface Curves {
  readonly lambda: CostCurve;
  readonly fargate: CostCurve;
  /** Used by either, and without a price in the book. */
  readonly unknown: readonly PriceItem[];
  /** The last volume for which the tasks that may run are enough; Infinity: any. */
  readonly carriesTo: number;
}

export function curvesOf(setUp: SetUp, workload: Workload, pricing: Pricing): Curves {
  const book = pricing.bookOf(setUp.region);
  const { allowances } = pricing;
  const quantitiesAt = (mix: 'lambda' | 'fargate', perDay: number) =>
    estimatedQuantities(setUp, atVolume(workload, perDay), mix, 'expected', { book, allowances });
  const app = appNumbers(setUp, 'expected');
  const demands = demandsOf(setUp, atVolume(workload, 1), 'expected', app.cachedShare);
  const stairs = demands.map((demand) => stairsOf(demand, setUp, app, book));
  const curve = (mix: 'lambda' | 'fargate'): CostCurve => ({
    at: (perDay) => totalOf(quantitiesAt(mix, perDay), book, allowances),
    bends: bendsOf((perDay) => quantitiesAt(mix, perDay), demands, mix, pricing, setUp),
    stairs: stairs.flatMap((of, index) => {
      const service = demands[index]?.service;
      return service !== undefined && computeIn(service, mix) === 'fargate' ? of : [];
    }),
  });
  const used = [...quantitiesAt('lambda', 1e6), ...quantitiesAt('fargate', 1e6)];
  const unknown = used
    .filter(({ item, amount }) => amount > 0n && book.price(item) === undefined)
    .map(({ item }) => item);
  const carries = stairs.flatMap((of, index) => {
    const most = demands[index]?.service.fargate?.maxTasks;
    return most === undefined ? [] : of.map((stair) => lastWithin(stair, most));
  });
  return {
    lambda: curve('lambda'),
    fargate: curve('fargate'),
    unknown: [...new Set(unknown)],
    carriesTo: Math.min(Infinity, ...carries),
  };
}

export function atVolume(workload: Workload, perDay: number): Workload {
  return { ...workload, requestsPerMonth: perDay * MONTH_DAYS };
}

/** One for each level of the traffic, or one for all where tasks do not follow it. */
function stairsOf(demand: Demand, setUp: SetUp, app: AppNumbers, book: PriceBook): Stair[] {
  const { service, levels, capacity, peak } = demand;
  const { fargate } = service;
  if (fargate === undefined) return [];
  const { minTasks, autoscaling } = fargate;
  const quantities = fargateLines(
    demand,
    { taskHours: MONTH_HOURS, requests: 0 },
    setUp.network.publicTasks,
    app,
  );
  const task = Number(totalOf(quantities, book));
  const most = Math.max(...levels.map(busiestOf));
  const steps = autoscaling
    ? levels.map((level) => ({ part: level.part, load: busiestOf(level) }))
    : [{ part: 1, load: most }];
  const perSecond = capacity?.perSecond ?? Infinity;
  const behindCdn = service.trigger.kind === 'entry' ? 1 - app.cachedShare : 1;
  return steps.map(({ part, load }): Stair => {
    const count = (perDay: number): number => {
      const rps = (perDay * MONTH_DAYS * service.share * behindCdn) / MONTH_SECONDS;
      return Math.max(minTasks, tasksFor(load * rps * peak, perSecond));
    };
    const perRequest = (load * MONTH_DAYS * service.share * behindCdn * peak) / MONTH_SECONDS;
    return { count, each: perSecond / perRequest, most: Infinity, pico: task * part };
  });
}

type QuantitiesAt = (perDay: number) => readonly Quantity[];

/** Where the smooth part bends: all that may be one, for one too many does no harm. */
function bendsOf(
  quantitiesAt: QuantitiesAt,
  demands: readonly Demand[],
  mix: 'lambda' | 'fargate',
  { allowances, bookOf }: Pricing,
  { region }: SetUp,
): readonly number[] {
  const near = unitsOf(quantitiesAt(NEAR));
  const far = unitsOf(quantitiesAt(FAR));
  const bends: number[] = [];
  const whereIs = (items: readonly PriceItem[], units: number): void => {
    const [a, b] = [sumOf(near, items), sumOf(far, items)];
    const slope = (b - a) / (FAR - NEAR);
    if (slope > 0) bends.push(NEAR + (units - a) / slope);
  };
  for (const item of far.keys()) {
    if (item.startsWith('fargate.')) continue;
    const free = allowances
      .filter(({ items }) => items.has(item))
      .map(({ units }) => numberOf(units));
    for (const { from } of bookOf(region).price(item) ?? []) {
      for (const units of [from, ...free.map((more) => from + more)]) whereIs([item], units);
    }
  }
  for (const { items, units } of allowances) {
    const used = [...items].filter((item) => far.has(item));
    for (const [index] of used.entries()) whereIs(used.slice(0, index + 1), numberOf(units));
  }
  for (const demand of demands) bends.push(...bendsOfDemand(demand, mix));
  const whole = bends
    .filter((bend) => bend >= 1 && bend < 1e15)
    .map((bend) => Math.floor(bend) + 1);
  return [...new Set(whole)].sort((a, b) => a - b);
}

/** Volumes at which quantities are read off. */
const NEAR = 10_000_000;
const FAR = 20_000_000;

function unitsOf(quantities: readonly Quantity[]): Map<PriceItem, number> {
  const units = new Map<PriceItem, number>();
  for (const { item, amount, per } of quantities) {
    units.set(item, (units.get(item) ?? 0) + Number(amount) / Number(per));
  }
  return units;
}

function sumOf(units: ReadonlyMap<PriceItem, number>, items: readonly PriceItem[]): number {
  return items.reduce((sum, item) => sum + (units.get(item) ?? 0), 0);
}

/** Where provisioned environments are all busy, and where a queue is asked more than when empty. */
function bendsOfDemand(demand: Demand, mix: 'lambda' | 'fargate'): readonly number[] {
  const { service, requests, levels, peak, perBatch, requestsPerMonth } = demand;
  const bends: number[] = [];
  const perSecond = requestsPerMonth / MONTH_SECONDS;
  if (computeIn(service, mix) === 'lambda' && (service.lambda?.provisioned ?? 0) > 0) {
    const carried = ((service.lambda?.provisioned ?? 0) * 1000) / requests.lambdaMs;
    for (const load of new Set(levels.flatMap(({ loads }) => loads))) {
      bends.push(carried / (perSecond * load), carried / (perSecond * load * peak));
    }
  }
  if (service.trigger.kind === 'queue') {
    bends.push((EMPTY_RECEIVES * perBatch) / requestsPerMonth);
  }
  return bends;
}
