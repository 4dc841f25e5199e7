// From the sums of a run to its result.
//
// A request is over its target because of placement when it waited for a task, or was refused after it
// had waited, and Lambda would have served it within the target. One that is slow by itself is not.

import type { SimProfile } from '../profile.ts';
import type { ComputeResult, PolicyResult, SeriesPoint } from '../result.ts';
import type { Backlog } from './backlog.ts';
import {
  latenciesOf,
  type Part,
  requestsOver,
  spreadBelow,
  spreadPart,
  sumOf,
} from './distribution.ts';
import type { Prices, Sums } from './series.ts';
import { longestWaitMs, type TaskWaits } from './task-waits.ts';
import type { Tasks } from './tasks.ts';

export interface FluidEnd {
  readonly name: string;
  readonly overflow: boolean;
  readonly profile: SimProfile;
  readonly prices: Prices;
  readonly sums: Sums;
  readonly tasks: Tasks;
  readonly waits: TaskWaits;
  readonly backlog: Backlog;
  readonly refusedByLambda: number;
  readonly tickSeconds: number;
  readonly series: readonly SeriesPoint[];
}

export function resultOf(end: FluidEnd): PolicyResult {
  const { profile, sums, tasks, backlog, refusedByLambda } = end;
  const { targetMs } = profile;
  const onLambda = lambdaParts(end);
  const onFargate = fargateParts(end);
  const lambda = computeOf(onLambda, end, {
    requests: sums.lambda,
    usd: sums.lambda * end.prices.request + sums.cold * end.prices.cold,
    refused: refusedByLambda,
  });
  const fargate = computeOf(onFargate, end, {
    requests: sums.fargate,
    usd: tasks.billedSeconds * end.prices.taskSecond,
    refused: backlog.refused,
  });
  const slowThere = sums.fargate * (1 - spreadBelow(profile.fargate.duration, targetMs));
  const byLambda = spreadBelow(profile.lambda.duration, targetMs);
  return {
    name: end.name,
    usd: lambda.usd + fargate.usd,
    ...latenciesOf([...onLambda, ...onFargate]),
    lambda,
    fargate,
    requests: sums.demand,
    overTarget: lambda.overTarget + fargate.overTarget,
    misplaced: Math.max(0, fargate.overTarget - slowThere) * byLambda,
    refused: refusedByLambda + backlog.refused,
    coldStarts: sums.cold,
    taskStarts: tasks.starts,
    utilization:
      tasks.billedSeconds === 0
        ? Number.NaN
        : sums.fargate / (tasks.billedSeconds * profile.fargate.taskRate),
    series: end.series,
  };
}

function computeOf(
  parts: readonly Part[],
  { profile }: FluidEnd,
  told: { readonly requests: number; readonly usd: number; readonly refused: number },
): ComputeResult {
  const { requests, usd, refused } = told;
  const over = requestsOver(parts, profile.targetMs);
  return { requests, usd, overTarget: over + refused, ...latenciesOf(parts) };
}

function lambdaParts({ profile, sums }: FluidEnd): readonly Part[] {
  if (sums.lambda === 0) return [];
  const { duration, init, coldExtra } = profile.lambda;
  const cold = Math.min(sums.cold, sums.lambda);
  return [
    spreadPart(sums.lambda - cold, duration),
    spreadPart(cold, sumOf([duration, init, coldExtra])),
  ];
}

function fargateParts(end: FluidEnd): readonly Part[] {
  const { profile, overflow, waits, backlog, tickSeconds } = end;
  const parts = [...waits.parts(overflow ? longestWaitMs(profile) : Number.POSITIVE_INFINITY)];
  for (const [ticks, requests] of backlog.waited.entries()) {
    if (requests === 0) continue;
    const waitedMs = ticks * tickSeconds * 1000;
    parts.push(spreadPart(requests, profile.fargate.duration, waitedMs));
  }
  return parts;
}
