// What an estimate rests on, in words: how many tasks and why, who serves what, and what does not fit.

import { sayDuration } from '../../base/units.ts';
import {
  ALB_LAMBDA_BODY_BYTES,
  HTTP_API_TIMEOUT_S,
  LAMBDA_RESPONSE_BYTES,
  LAMBDA_TIMEOUT_S,
} from '../../model/aws-limits.ts';
import type { Mix } from '../compare/comparison.ts';
import { entryFor } from './lines-entry.ts';
import { busiestOf } from './load.ts';
import { meanOver, neededIn, type ServicePlan } from './plan.ts';
import type { SetUp } from './set-up.ts';

export interface ServiceEstimate {
  readonly name: string;
  readonly requestsPerMonth: number;
  readonly tasks: { readonly mean: number; readonly peak: number };
  /** Of its requests, the part Lambda serves: 0 to 1. */
  readonly lambdaShare: number;
  /** Requests a second of one task; undefined where it cannot run on Fargate. */
  readonly perTask: number | undefined;
  readonly limit: 'concurrency' | 'processor' | undefined;
}

export function serviceEstimate(plan: ServicePlan): ServiceEstimate {
  const { demand, tasks, onDemandRps, provisionedRps, lambda } = plan;
  const onLambda = meanOver(demand.levels, onDemandRps) + meanOver(demand.levels, provisionedRps);
  return {
    name: demand.service.name,
    requestsPerMonth: demand.requestsPerMonth,
    tasks: { mean: meanOver(demand.levels, tasks), peak: Math.ceil(Math.max(0, ...tasks)) },
    lambdaShare: demand.rps === 0 ? (lambda ? 1 : 0) : Math.min(1, onLambda / demand.rps),
    perTask: demand.capacity?.perSecond,
    limit: demand.capacity?.limit,
  };
}

export function whyOf(setUp: SetUp, mix: Mix, plans: readonly ServicePlan[]): readonly string[] {
  return plans.flatMap((plan) => [
    ...forced(mix, plan),
    ...ofTasks(mix, plan),
    ...ofConcurrency(setUp, plan),
  ]);
}

function forced(mix: Mix, { demand: { service } }: ServicePlan): string[] {
  if (service.lambda === undefined && mix !== 'fargate') {
    return [`"${service.name}" has no settings on Lambda, so it runs on Fargate here too.`];
  }
  if (service.fargate === undefined && mix !== 'lambda') {
    return [`"${service.name}" has no settings on Fargate, so it runs on Lambda here too.`];
  }
  return [];
}

function ofTasks(mix: Mix, plan: ServicePlan): string[] {
  const { demand, tasks } = plan;
  const { service, capacity, levels } = demand;
  const { mean, peak } = serviceEstimate(plan).tasks;
  if (service.fargate === undefined || capacity === undefined) return [];
  if (peak === 0) {
    return mix === 'hybrid' && service.lambda !== undefined
      ? [`"${service.name}": no task is worth its price; Lambda serves everything.`]
      : [];
  }
  const each =
    capacity.limit === undefined
      ? 'nothing limits what one carries'
      : `one carries ${say(capacity.perSecond)} requests a second, limited by its ${
          capacity.limit === 'processor'
            ? `processor at ${Math.round(service.fargate.targetUtilization * 100)} %`
            : 'concurrency'
        }`;
  const most = Math.max(...levels.map((level) => busiestOf(level))) * demand.rps * demand.peak;
  const count =
    Math.min(...tasks) === peak ? say(peak) : `${say(mean)} on the average, ${say(peak)} at most`;
  return [
    `"${service.name}": ${count} ${peak === 1 && mean === 1 ? 'task' : 'tasks'}; ${each}, and the busiest moment has ${say(most)}.`,
  ];
}

function ofConcurrency({ lambdaConcurrency }: SetUp, plan: ServicePlan): string[] {
  const { demand, onDemandRps, provisionedRps } = plan;
  if (lambdaConcurrency === undefined || !plan.lambda) return [];
  const busiest = onDemandRps.reduce(
    (most, load, index) => Math.max(most, load + (provisionedRps[index] ?? 0)),
    0,
  );
  const environments = (busiest * demand.peak * demand.requests.lambdaMs) / 1000;
  if (environments <= lambdaConcurrency) return [];
  return [
    `"${demand.service.name}" would need some ${say(environments)} environments at once; the account has ${lambdaConcurrency}. AWS raises that on request.`,
  ];
}

/** Undefined: the app can run that way. */
export function whyNot(setUp: SetUp, mix: Mix, plans: readonly ServicePlan[]): string | undefined {
  const services = plans.map(({ demand }) => demand.service);
  if (mix === 'hybrid') {
    const isOnBoth =
      services.some(({ lambda }) => lambda) && services.some(({ fargate }) => fargate);
    if (!isOnBoth) return 'no program of it has settings for both Lambda and Fargate';
  } else if (services.every((service) => service[mix] === undefined)) {
    return `no program of it has settings on ${sayCompute(mix)}`;
  } else if (services.every(({ lambda, fargate }) => !lambda || !fargate)) {
    const other = services.find((service) => service[mix] === undefined);
    if (other) return `"${other.name}" has no settings on ${sayCompute(mix)}`;
  }
  return plans.map((plan) => tooMuch(setUp, mix, plan)).find((reason) => reason !== undefined);
}

function tooMuch(setUp: SetUp, mix: Mix, plan: ServicePlan): string | undefined {
  const { demand, tasks, lambda } = plan;
  const { service, requests } = demand;
  const most = service.fargate?.maxTasks;
  const uses = { lambda, fargate: tasks.some((count) => count > 0) };
  const isLambdaNeeded = lambda && (mix === 'lambda' || service.fargate === undefined);
  if (uses.fargate && !lambda && most !== undefined) {
    const needed = Math.max(...neededIn(demand));
    if (needed > most) {
      return `"${service.name}" needs ${needed} tasks at its busiest, and may have ${most}`;
    }
  }
  const entry = service.trigger.kind === 'entry' ? entryFor(setUp, mix, uses) : 'none';
  const isApi = entry === 'http-api' || entry === 'rest-api';
  const slowest = Math.max(
    uses.lambda ? requests.lambdaMs : 0,
    uses.fargate ? requests.fargateMs : 0,
  );
  if (isApi && slowest > HTTP_API_TIMEOUT_S.max * 1000) {
    return `a request of "${service.name}" takes ${sayDuration(slowest)}, and an API of API Gateway waits ${HTTP_API_TIMEOUT_S.max} s`;
  }
  if (!isLambdaNeeded) return undefined;
  if (requests.lambdaMs > LAMBDA_TIMEOUT_S.max * 1000) {
    return `a request of "${service.name}" takes ${sayDuration(requests.lambdaMs)}, and Lambda ends it after 15 minutes`;
  }
  const answer = entry === 'alb' ? ALB_LAMBDA_BODY_BYTES : LAMBDA_RESPONSE_BYTES;
  if (service.trigger.kind !== 'queue' && requests.responseBytes > answer) {
    return `an answer of "${service.name}" is larger than a function may give${entry === 'alb' ? ' through a load balancer (1 MB)' : ' (6 MB)'}`;
  }
  return undefined;
}

function sayCompute(compute: 'lambda' | 'fargate'): string {
  return compute === 'lambda' ? 'Lambda' : 'Fargate';
}

function say(value: number): string {
  const rounded = value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString('en-GB');
}
