// Simulates one policy, each request on its own.
//
// Named streams of one seed: `sizes` of requests, `init` of environments, `idle` times, `start-up` of
// tasks, `faults`, `policy/` and its name; arrivals have theirs (`arrivalsOf`). So policies see the same requests at
// the same times and of the same sizes, however they decide.

import { DurationSketch } from '../../traffic/duration-sketch.ts';
import type { ComputeResult } from '../result.ts';
import type { EventResult, EventSettings } from './event-result.ts';
import { EventRun } from './event-run.ts';
import { type ComputeTally, latenciesOf } from './tally.ts';

export function simulateEvents(settings: EventSettings): EventResult {
  const run = new EventRun(settings);
  run.run();
  return resultOf(run);
}

function resultOf(run: EventRun): EventResult {
  const { profile, policy } = run.settings;
  const { memoryMiB, usdPerGbSecond, usdPerRequest } = profile.lambda;
  const { tasks, usableSlots } = run.fleet;
  const lambdaUsd =
    (run.billedMs / 1000) * (memoryMiB / 1024) * usdPerGbSecond +
    run.lambda.requests * usdPerRequest;
  const fargateUsd = tasks.billedSeconds * profile.fargate.taskUsdPerSecond;
  // Whoever got no answer got none in time.
  const lambda = computeResult(run.lambda, lambdaUsd, run.throttled);
  const fargate = computeResult(run.fargate, fargateUsd, run.timedOut + run.fleet.lost);
  const all = new DurationSketch();
  all.addAll(run.lambda.latencies);
  all.addAll(run.fargate.latencies);
  return {
    name: policy.name,
    usd: lambdaUsd + fargateUsd,
    lambda,
    fargate,
    requests: run.came,
    overTarget: lambda.overTarget + fargate.overTarget,
    misplaced: run.misplaced,
    refused: run.refused,
    lost: run.fleet.lost,
    throttled: run.throttled,
    timedOut: run.timedOut,
    coldStarts: run.environments.started,
    taskStarts: tasks.asked,
    // A burst may keep more slots busy for a moment than the rate that is carried.
    utilization: Math.min(1, run.levels.onTasks / (tasks.billedSeconds * usableSlots)),
    ...latenciesOf(all),
    series: run.series.points(),
    seconds: run.end,
    events: run.events,
    environments: environmentFigures(run),
    tasks: taskFigures(run),
  };
}

function computeResult(tally: ComputeTally, usd: number, unanswered: number): ComputeResult {
  const { requests, latencies } = tally;
  const overTarget = tally.overTarget + unanswered;
  return { requests, usd, overTarget, ...latenciesOf(latencies) };
}

function environmentFigures(run: EventRun): EventResult['environments'] {
  const { busySeconds } = run.levels;
  let busy = 0;
  let mostBusy = 0;
  for (const [count, seconds] of busySeconds.entries()) {
    busy += count * seconds;
    if (seconds > 0) mostBusy = count;
  }
  return {
    mean: run.environments.aliveSeconds / run.end,
    meanBusy: busy / run.end,
    mostBusy,
    busySeconds: busySeconds.slice(0, mostBusy + 1),
    billedMs: run.billedMs,
  };
}

function taskFigures(run: EventRun): EventResult['tasks'] {
  const { levels, fleet, end } = run;
  return {
    billedSeconds: fleet.tasks.billedSeconds,
    meanReady: levels.ready / end,
    meanInFlight: levels.onTasks / end,
    waited: run.waited,
    waitedSeconds: run.waitedSeconds,
    crashed: fleet.crashed,
  };
}
