// The cheapest way to use both computes: in each level of the traffic the number of tasks at which
// one more would cost more than Lambda takes for what it would carry.
//
// The cost of a level is convex in the number of tasks, so halving finds its lowest point. It is told
// from the price of one more request; but what is free, and tiers, make the first requests of Lambda
// cheaper than the later ones. So it is planned several times with Lambda at a part of its price, and
// all plans are held against the whole bill.

import type { Allowance } from '../free-tier.ts';
import type { PriceBook } from '../prices/price-book.ts';
import type { Quantity } from '../quantity.ts';
import { rateFast } from '../rate-fast.ts';
import { rate } from '../rating.ts';
import type { AppNumbers } from './figures.ts';
import { fargateLines, lambdaLines, logLines } from './lines-compute.ts';
import { entryFor, lcusOf } from './lines-entry.ts';
import { excessOf, meanOf } from './load.ts';
import {
  computeIn,
  type Demand,
  neededIn,
  onFargate,
  onLambda,
  planOf,
  type ServicePlan,
} from './plan.ts';
import type { SetUp } from './set-up.ts';

/** Parts of its price that Lambda is planned with. */
const PRICE_PARTS = [1, 0.9, 0.75, 0.5, 0.25, 0.1];

/** Requests, and hours, that a price of one is read off. */
const MANY = 1_000_000;

export interface HybridInput {
  readonly setUp: SetUp;
  readonly demands: readonly Demand[];
  readonly app: AppNumbers;
  readonly book: PriceBook;
  readonly allowances?: readonly Allowance[] | undefined;
  readonly quantitiesOf: (plans: readonly ServicePlan[]) => readonly Quantity[];
}

export function hybridPlans(input: HybridInput): readonly ServicePlan[] {
  const { demands, book, allowances = [], quantitiesOf } = input;
  const allLambda = demands.map((demand) => only(demand, 'lambda'));
  const allFargate = demands.map((demand) => only(demand, 'fargate'));
  if (!demands.some(isOnBoth)) return allLambda;
  const prices = demands.map((demand) => pricesOf(demand, input));
  const usd = (plans: readonly ServicePlan[]) => rateFast(quantitiesOf(plans), book, allowances);
  let best = allLambda;
  let bestUsd = Infinity;
  const seen = new Set<string>();
  const offer = (plans: ServicePlan[]): void => {
    const numbers = plans.map(({ tasks }) => tasks.join()).join(';');
    if (seen.has(numbers)) return;
    seen.add(numbers);
    const cost = usd(plans);
    if (cost < bestUsd) [best, bestUsd] = [plans, cost];
  };
  for (const part of PRICE_PARTS) {
    offer(demands.map((demand, index) => cheapest(demand, prices[index] as Prices, part)));
  }
  if (demands.length > 1) {
    for (const [index, demand] of demands.entries()) {
      offer(best.with(index, only(demand, 'lambda')));
      offer(best.with(index, only(demand, 'fargate')));
    }
  }
  const exactly = (plans: readonly ServicePlan[]) =>
    rate(quantitiesOf(plans), book, allowances).total.all;
  return [allFargate, best].reduce(
    (least, plans) => (exactly(plans) < exactly(least) ? plans : least),
    allLambda,
  );
}

function isOnBoth({ service }: Demand): boolean {
  return service.lambda !== undefined && service.fargate !== undefined;
}

/** As in a pure mix; but where tasks are too few, Lambda serves what they cannot. */
function only(demand: Demand, mix: 'lambda' | 'fargate'): ServicePlan {
  if (computeIn(demand.service, mix) === 'lambda') return onLambda(demand);
  const plan = onFargate(demand);
  const most = demand.service.fargate?.maxTasks ?? Infinity;
  if (!isOnBoth(demand) || plan.tasks.every((count) => count <= most)) return plan;
  return planOf(
    demand,
    plan.tasks.map((count) => Math.min(count, most)),
  );
}

/** USD of one more. */
interface Prices {
  readonly lambdaRequest: number;
  readonly fargateRequest: number;
  readonly taskHour: number;
  /** Of an hour with so many requests a second, and of these so many on Lambda. */
  readonly entryHour: (all: number, onLambda: number) => number;
}

function pricesOf(demand: Demand, { setUp, app, book }: HybridInput): Prices {
  const usd = (quantities: readonly Quantity[]) => rateFast(quantities, book) / MANY;
  const lambda = { onDemand: MANY, provisioned: 0, kept: false };
  const none = { onDemand: 0, provisioned: 0, kept: false };
  const { natGateways, publicTasks } = setUp.network;
  const nat = unitUsd(book, 'nat.gbProcessed') * (app.natBytes / 1024 ** 3);
  const isAlb = entryFor(setUp, 'hybrid', { lambda: true, fargate: true }) === 'alb';
  const lcuHour =
    isAlb && demand.service.trigger.kind === 'entry' ? unitUsd(book, 'alb.lcuHour') : 0;
  return {
    lambdaRequest:
      usd([
        ...lambdaLines(demand, lambda),
        ...logLines(demand, lambda, { taskHours: 0, requests: 0 }, setUp.logs, app),
      ]) + (natGateways.lambda > 0 ? nat : 0),
    fargateRequest:
      usd(logLines(demand, none, { taskHours: 0, requests: MANY }, setUp.logs, app)) +
      (natGateways.fargate > 0 ? nat : 0),
    taskHour: usd(fargateLines(demand, { taskHours: MANY, requests: 0 }, publicTasks, app)),
    entryHour: (all, onLambda) =>
      lcuHour === 0 ? 0 : lcuHour * lcusOf([{ demand, all, onLambda }], setUp),
  };
}

function unitUsd(book: PriceBook, item: Quantity['item']): number {
  const one = { item, amount: 1n, per: 1n, part: 'other', service: undefined, compute: undefined };
  return rateFast([one as Quantity], book);
}

function cheapest(demand: Demand, prices: Prices, part: number): ServicePlan {
  if (!isOnBoth(demand)) return only(demand, 'lambda');
  const { levels, rps, peak, capacity, service } = demand;
  const each = capacity?.perSecond ?? 0;
  const needed = neededIn(demand);
  const tasks = levels.map((level, index) => {
    const all = meanOf(level) * rps;
    const cost = (count: number): number => {
      const onLambda = count === 0 ? all : excessOf(level, rps, peak, count * each);
      const requests =
        onLambda * prices.lambdaRequest * part + (all - onLambda) * prices.fargateRequest;
      return count * prices.taskHour + 3600 * requests + prices.entryHour(all, onLambda);
    };
    return lowest(cost, Math.min(needed[index] ?? 0, service.fargate?.maxTasks ?? Infinity));
  });
  return planOf(demand, tasks);
}

/** Where a convex cost is lowest, from 0 to `most`; of equals the first. */
function lowest(cost: (count: number) => number, most: number): number {
  let [from, to] = [0, most];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (cost(middle + 1) < cost(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}
