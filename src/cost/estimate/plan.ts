// Who serves what in each level of the traffic: how many tasks run, and what Lambda takes.

import { MONTH_HOURS, MS_PER_MINUTE } from '../../base/units.ts';
import type { Mix } from '../compare/comparison.ts';
import { type Capacity, capacityOf } from './capacity.ts';
import { type End, figureAt, type RequestNumbers, requestNumbers } from './figures.ts';
import { busiestOf, excessOf, type Level, levelsOf, meanOf, tasksFor } from './load.ts';
import type { FargateSetUp, ServiceSetUp, SetUp } from './set-up.ts';
import type { Workload } from './workload.ts';

export const MONTH_SECONDS = MONTH_HOURS * 3600;

/** A service with its figures as numbers and its traffic. */
export interface Demand {
  readonly service: ServiceSetUp;
  readonly requests: RequestNumbers;
  /** Messages of an invocation; 1 for what is not a queue. */
  readonly perBatch: number;
  readonly requestsPerMonth: number;
  readonly levels: readonly Level[];
  /** Mean of the month. */
  readonly rps: number;
  readonly peak: number;
  /** Of one task; undefined where it cannot run on Fargate. */
  readonly capacity: Capacity | undefined;
}

/** Requests a second of each level, on the mean, and the tasks that run in it. */
export interface ServicePlan {
  readonly demand: Demand;
  readonly tasks: readonly number[];
  /** On Lambda, beyond what is provisioned. */
  readonly onDemandRps: readonly number[];
  readonly provisionedRps: readonly number[];
  /** It stands behind the tasks, so what it keeps ready is paid, even if nothing exceeds them. */
  readonly lambda: boolean;
}

export function demandsOf(setUp: SetUp, workload: Workload, at: End, cached: number): Demand[] {
  const levels = levelsOf(workload.shape);
  return setUp.services.map((service): Demand => {
    const requests = requestNumbers(service.requests, at);
    const behindCdn = service.trigger.kind === 'entry' ? 1 - cached : 1;
    const requestsPerMonth = workload.requestsPerMonth * service.share * behindCdn;
    return {
      service,
      requests,
      perBatch:
        service.trigger.kind === 'queue'
          ? Math.max(1, figureAt('perBatch', service.trigger.perBatch, at))
          : 1,
      requestsPerMonth,
      levels,
      rps: requestsPerMonth / MONTH_SECONDS,
      peak: Math.max(1, workload.peak),
      capacity: service.fargate && capacityOf(service.fargate, requests),
    };
  });
}

/** The compute that serves it in a pure mix: the one asked for, or the only one it has. */
export function computeIn(service: ServiceSetUp, mix: Mix): 'lambda' | 'fargate' {
  if (service.lambda === undefined) return 'fargate';
  if (service.fargate === undefined) return 'lambda';
  return mix === 'fargate' ? 'fargate' : 'lambda';
}

export function onLambda(demand: Demand): ServicePlan {
  return planOf(
    demand,
    demand.levels.map(() => 0),
  );
}

/** Tasks for the busiest moment of each level, or, without autoscaling, of the month. */
export function onFargate(demand: Demand): ServicePlan {
  const { fargate } = demand.service;
  if (fargate === undefined) return onLambda(demand);
  const each = neededIn(demand).map((count) => Math.max(fargate.minTasks, count));
  const most = Math.max(...each);
  const tasks = fargate.autoscaling
    ? each.map((count, index) => (count === 1 ? lastTask(demand, fargate, index) : count))
    : each.map(() => most);
  const none = tasks.map(() => 0);
  return { demand, tasks, onDemandRps: none, provisionedRps: none, lambda: false };
}

/**
 * The part of the time that the last task runs: until nothing has been asked of it for a while, when
 * requests come at random. What also runs on Lambda is compared by whole tasks, as is what may not
 * go to zero.
 */
function lastTask(
  { service, levels, rps, requests }: Demand,
  { minTasks, idleMs }: FargateSetUp,
  index: number,
): number {
  const level = levels[index];
  if (minTasks > 0 || service.lambda !== undefined || level === undefined) return 1;
  const keptMs = Math.max(MS_PER_MINUTE, requests.fargateMs + idleMs);
  return 1 - Math.exp((-meanOf(level) * rps * keptMs) / 1000);
}

/** Tasks that carry the busiest moment of each level. */
export function neededIn({ levels, rps, peak, capacity }: Demand): number[] {
  return levels.map((level) =>
    tasksFor(busiestOf(level) * rps * peak, capacity?.perSecond ?? Infinity),
  );
}

/** So many tasks in each level; Lambda serves what exceeds them. */
export function planOf(demand: Demand, tasks: readonly number[]): ServicePlan {
  const { levels, rps, peak, capacity, service, requests } = demand;
  const each = capacity?.perSecond ?? 0;
  const least = Math.max(1, service.fargate?.minTasks ?? 1);
  const provisioned = provisionedPerSecond(service, requests);
  const beyond = levels.map((level, index) =>
    over(level, rps, peak, times(tasks[index] ?? 0, each)),
  );
  const onDemandRps = levels.map((level, index) =>
    provisioned === 0
      ? (beyond[index] ?? 0)
      : over(level, rps, peak, times(tasks[index] ?? 0, each) + provisioned),
  );
  return {
    demand,
    tasks,
    onDemandRps,
    provisionedRps: beyond.map((all, index) => Math.max(0, all - (onDemandRps[index] ?? 0))),
    lambda: beyond.some((load) => load > 0) || tasks.some((count) => count < least),
  };
}

function over(level: Level, rps: number, peak: number, capacity: number): number {
  return capacity === 0 ? meanOf(level) * rps : excessOf(level, rps, peak, capacity);
}

/** No tasks carry nothing, however much one of them would. */
function times(count: number, each: number): number {
  return count === 0 ? 0 : count * each;
}

/** Requests a second that the provisioned environments serve when each is always busy. */
function provisionedPerSecond({ lambda }: ServiceSetUp, { lambdaMs }: RequestNumbers): number {
  if (lambda === undefined || lambda.provisioned === 0) return 0;
  return (lambda.provisioned * 1000) / Math.max(1, lambdaMs);
}

/** Mean of the month of something that each level has. */
export function meanOver(levels: readonly Level[], values: readonly number[]): number {
  const first = values[0] ?? 0;
  return levels.reduce(
    (mean, { part }, index) => mean + part * ((values[index] ?? 0) - first),
    first,
  );
}
