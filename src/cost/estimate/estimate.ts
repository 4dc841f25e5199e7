// From a set-up and a workload to what a month takes, for Lambda alone, Fargate alone, and both.
//
//   E1. Lambda alone: every program that can run there does; nothing else is planned.
//   E2. Fargate alone: tasks carry the busiest moment of each step of the traffic, `minTasks` at
//       least; without autoscaling the busiest of the whole cycle.
//   E3. Hybrid: in each step the cheapest number of tasks, Lambda serves what exceeds them. Of all
//       plans that were looked at, E1 and E2 behind the same entry among them, the cheapest is taken:
//       so it never costs more than either.
//   E4. A program that can run on one compute alone runs there in every mix, and `why` says so.
//
// How long a task takes to start, and who decides when, is not in it: tasks are there when a step
// begins. `docs/design/cost.md` has the model and its assumptions.

import type { Mix } from '../compare/comparison.ts';
import type { Allowance } from '../free-tier.ts';
import type { PriceBook } from '../prices/price-book.ts';
import type { Quantity } from '../quantity.ts';
import { type Bill, rate } from '../rating.ts';
import { type AppNumbers, appNumbers, type End } from './figures.ts';
import { cheapestHybrid, type Planned } from './hybrid.ts';
import {
  type FargateShare,
  fargateLines,
  type LambdaShare,
  lambdaLines,
  logLines,
} from './lines-compute.ts';
import { type AnyEntry, entryFor, entryLines, queueLines } from './lines-entry.ts';
import { networkLines, type Served } from './lines-network.ts';
import {
  computeIn,
  type Demand,
  demandsOf,
  MONTH_SECONDS,
  meanOver,
  onFargate,
  onLambda,
  type ServicePlan,
} from './plan.ts';
import type { SetUp } from './set-up.ts';
import { type ServiceEstimate, serviceEstimate, whyNot, whyOf } from './why.ts';
import type { Workload } from './workload.ts';

export interface Estimate {
  readonly mix: Mix;
  readonly at: End;
  /** Of one month. */
  readonly quantities: readonly Quantity[];
  readonly entry: AnyEntry;
  /** Of all services together. The peak is that of the busiest step. */
  readonly tasks: { readonly mean: number; readonly peak: number };
  /** Of the requests, the part Lambda serves: 0 to 1. */
  readonly lambdaShare: number;
  readonly services: readonly ServiceEstimate[];
  /** Lambda environments busy at once on the average, if Lambda served everything. */
  readonly averageConcurrency: number;
  /** How the numbers come about, and what was assumed, in words. */
  readonly why: readonly string[];
  /** Why the app cannot run that way. The quantities are then what it would take if it could. */
  readonly notApplicable: string | undefined;
}

export interface EstimateOptions {
  /** The hybrid is planned with these prices. */
  readonly book: PriceBook;
  /** What is free, as the bill will be rated. Default: nothing. */
  readonly allowances?: readonly Allowance[] | undefined;
}

export function estimate(
  setUp: SetUp,
  workload: Workload,
  mix: Mix,
  at: End,
  options: EstimateOptions,
): Estimate {
  const { demands, plans, served, quantities } = planned(setUp, workload, mix, at, options);
  const all = served.reduce((sum, { onLambda: l, onFargate: f }) => sum + l + f, 0);
  const lambdaRequests = served.reduce((sum, one) => sum + one.onLambda, 0);
  const tasks = demands[0]?.levels.map((_, index) =>
    plans.reduce((sum, plan) => sum + (plan.tasks[index] ?? 0), 0),
  );
  return {
    mix,
    at,
    quantities,
    entry: entryFor(setUp, mix, usesOf(served)),
    tasks: {
      mean: meanOver(demands[0]?.levels ?? [], tasks ?? []),
      peak: Math.ceil(Math.max(0, ...(tasks ?? []))),
    },
    lambdaShare: all === 0 ? (plans.some(({ lambda }) => lambda) ? 1 : 0) : lambdaRequests / all,
    services: plans.map((plan) => serviceEstimate(plan)),
    averageConcurrency: demands.reduce(
      (sum, { rps, requests }) => sum + (rps * requests.lambdaMs) / 1000,
      0,
    ),
    why: whyOf(setUp, mix, plans),
    notApplicable: whyNot(setUp, mix, plans),
  };
}

/** The quantities of an estimate alone. */
export function estimatedQuantities(
  setUp: SetUp,
  workload: Workload,
  mix: Mix,
  at: End,
  options: EstimateOptions,
): readonly Quantity[] {
  return planned(setUp, workload, mix, at, options).quantities;
}

/** Exactly, line by line. */
export function billOf(
  { quantities }: Estimate,
  book: PriceBook,
  allowances: readonly Allowance[] = [],
): Bill {
  return rate(quantities, book, allowances);
}

function planned(
  setUp: SetUp,
  workload: Workload,
  mix: Mix,
  at: End,
  options: EstimateOptions,
): Planned & { readonly demands: readonly Demand[] } {
  const app = appNumbers(setUp, at);
  const demands = demandsOf(setUp, workload, at, app.cachedShare);
  const month = { setUp, app, mix, requestsPerMonth: workload.requestsPerMonth };
  const planned = (plans: readonly ServicePlan[]) => plannedMonth(month, plans);
  if (mix === 'hybrid') {
    return { demands, ...cheapestHybrid({ setUp, demands, app, planned, ...options }) };
  }
  const plans = demands.map((demand) =>
    computeIn(demand.service, mix) === 'lambda' ? onLambda(demand) : onFargate(demand),
  );
  return { demands, ...planned(plans) };
}

interface Month {
  readonly setUp: SetUp;
  readonly app: AppNumbers;
  readonly mix: Mix;
  readonly requestsPerMonth: number;
}

function plannedMonth(month: Month, plans: readonly ServicePlan[]): Planned {
  const { setUp, app, mix, requestsPerMonth } = month;
  const shares = plans.map(sharesOf);
  const served = shares.map(servedBy);
  const uses = usesOf(served);
  const quantities = [
    ...shares.flatMap(({ plan: { demand }, lambda, fargate }): readonly Quantity[] => [
      ...lambdaLines(demand, lambda),
      ...fargateLines(demand, fargate, setUp.network.publicTasks, app),
      ...logLines(demand, lambda, fargate, setUp.logs, app),
      ...queueLines(demand),
    ]),
    ...entryLines(entryFor(setUp, mix, uses), plans, setUp),
    ...networkLines(setUp, served, app, requestsPerMonth),
    ...setUp.resources
      .filter(({ on }) => on === 'both' || uses[on] || mix === on)
      .flatMap((resource) => resource.quantities),
  ];
  return { plans, served, quantities };
}

/** What a plan makes of a month on each compute. */
interface Shares {
  readonly plan: ServicePlan;
  readonly lambda: LambdaShare;
  readonly fargate: FargateShare;
}

function sharesOf(plan: ServicePlan): Shares {
  const { demand, tasks, onDemandRps, provisionedRps } = plan;
  const { levels, requestsPerMonth, service } = demand;
  const isAll = service.lambda?.provisioned === 0 && tasks.every((count) => count === 0);
  const onDemand =
    isAll && plan.lambda ? requestsPerMonth : meanOver(levels, onDemandRps) * MONTH_SECONDS;
  const provisioned = meanOver(levels, provisionedRps) * MONTH_SECONDS;
  return {
    plan,
    lambda: { onDemand, provisioned, kept: plan.lambda },
    fargate: {
      taskHours: meanOver(levels, tasks) * (MONTH_SECONDS / 3600),
      requests: Math.max(0, requestsPerMonth - onDemand - provisioned),
    },
  };
}

function servedBy({ plan, lambda, fargate }: Shares): Served {
  return {
    demand: plan.demand,
    onLambda: lambda.onDemand + lambda.provisioned,
    onFargate: fargate.requests,
    uses: { lambda: plan.lambda, fargate: plan.tasks.some((count) => count > 0) },
  };
}

function usesOf(served: readonly Served[]): Served['uses'] {
  return {
    lambda: served.some(({ uses }) => uses.lambda),
    fargate: served.some(({ uses }) => uses.fargate),
  };
}
