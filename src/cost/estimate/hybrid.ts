// The cheapest way to use both computes: in each level of the traffic the number of tasks at which
// one more would cost more than Lambda takes for what it would carry.
//
// The cost of a level is convex in the number of tasks, so halving finds its lowest point. It is told
// from the price of one more request; but what is free, and tiers, make the first requests of Lambda
// cheaper than the later ones. So it is planned several times with Lambda at a part of its price, and
// all plans are held against the whole bill.

import type { Allowance } from '../free-tier.ts';
import type { Pico } from '../money.ts';
import type { PriceBook } from '../prices/price-book.ts';
import type { Quantity } from '../quantity.ts';
import { rateFast } from '../rate-fast.ts';
import { totalOf } from '../rating.ts';
import type { AppNumbers } from './figures.ts';
import { fargateLines, lambdaLines, logLines } from './lines-compute.ts';
import { entryFor, lcusOf } from './lines-entry.ts';
import type { Served } from './lines-network.ts';
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
  readonly planned: (plans: readonly ServicePlan[]) => Planned;
}

/** Plans of all services and what they take in a month. */
export interface Planned {
  readonly plans: readonly ServicePlan[];
  readonly served: readonly Served[];
  readonly quantities: readonly Quantity[];
}

export function cheapestHybrid(input: HybridInput): Planned {
  const { demands, book, allowances = [], planned } = input;
  const allLambda = planned(demands.map((demand) => only(demand, 'lambda')));
  if (!demands.some(isOnBoth)) return allLambda;
  const allFargate = planned(demands.map((demand) => only(demand, 'fargate')));
  const prices = demands.map((demand) => pricesOf(demand, input));
  let best = allLambda;
  let bestUsd = Infinity;
  const seen = new Set<string>();
  const offer = (plans: readonly ServicePlan[]): void => {
    const numbers = plans.map(({ tasks }) => tasks.join()).join(';');
    if (seen.has(numbers)) return;
    seen.add(numbers);
    const offered = planned(plans);
    const usd = rateFast(offered.quantities, book, allowances);
    if (usd < bestUsd) [best, bestUsd] = [offered, usd];
  };
  for (const part of PRICE_PARTS) {
    offer(demands.map((demand, index) => cheapest(demand, prices[index] as Prices, part)));
  }
  if (demands.length > 1) {
    for (const [index, demand] of demands.entries()) {
      offer(best.plans.with(index, only(demand, 'lambda')));
      offer(best.plans.with(index, only(demand, 'fargate')));
    }
  }
  return leastOf([allLambda, allFargate, best], ({ quantities }) =>
    totalOf(quantities, book, allowances),
  );
}

/** Of equals the first. */
function leastOf<one>(all: readonly [one, ...one[]], costOf: (one: one) => Pico): one {
  let [least] = all;
  let cost = costOf(least);
  for (const other of all.slice(1)) {
    const costs = costOf(other);
    if (costs < cost) [least, cost] = [other, costs];
  }
  return least;
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

/** USD of one more, and the tasks that each level takes at most. */
interface Prices {
  readonly needed: readonly number[];
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
    needed: neededIn(demand),
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
  const { needed } = prices;
  if (!isOnBoth(demand)) return only(demand, 'lambda');
  const { levels, rps, peak, capacity, service } = demand;
  const each = capacity?.perSecond ?? 0;
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
