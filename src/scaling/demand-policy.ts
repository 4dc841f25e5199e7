// Demand: as many tasks as the requests in flight need, more when the tasks are busier than their
// targets, none beyond the minimum when nothing comes. It decides for services on Fargate alone; for
// one on Lambda too it is the floor below a placement policy (routes that only Fargate may serve, and
// the targets).
//
// Any request is worth a task here: there are as many as the most requests in flight within
// `scale.window` fill, at `concurrency` for each. Example: 20 slots, at most 21 in flight → 2 tasks.
// The last task goes when none has been wanted for `idle`.
//
// Targets for processor, memory and requests per task work as AWS target tracking does, without its
// alarms: n = ceil(running × metric ÷ target) when the mean is above the target, and fewer only when
// it is below nine tenths of it.
//
// Invariants
//   S1. `desired` is within tasks.min and tasks.max.
//   S2. While requests come, `desired` does not fall below any value of the last window.
//   S3. Without a request for `idle`, `desired` is tasks.min.
//   S4. Equal inputs give equal outputs.

import { type Millis, MS_PER_MINUTE, sayDuration } from '../base/units.ts';
import type { Observation, ScaleDecision, ScalingPolicy } from './policy.ts';

/** Scale in only when a metric is below this part of its target. Observed of AWS, not documented. */
export const SCALE_IN_BELOW = 0.9;

export interface Sample {
  readonly at: Millis;
  /** How long the sample stands for. */
  readonly spanMs: Millis;
  readonly concurrency: number;
  readonly requests: number;
  readonly running: number;
  readonly cpuPercent: number | undefined;
  readonly memoryPercent: number | undefined;
  /** What was wanted at that moment, before it was held up by the window. */
  readonly wanted: number;
}

export interface DemandMemory {
  readonly seenAt: Millis;
  /** Of the last window, oldest first. */
  readonly samples: readonly Sample[];
  readonly lastRequestAt: Millis;
  /** When a task was wanted last. */
  readonly lastWantedAt: Millis;
}

export const demandPolicy: ScalingPolicy<DemandMemory> = {
  name: 'demand',
  start: (now) => ({ seenAt: now, samples: [], lastRequestAt: now, lastWantedAt: now }),
  decide,
};

function decide(
  observation: Observation,
  before: DemandMemory,
  now: Millis,
): ScaleDecision<DemandMemory> {
  const { settings, requests, refused, concurrency } = observation;
  const { windowMs } = settings.scale;
  const active = requests > 0 || refused > 0 || concurrency > 0;
  const lastRequestAt = active ? now : before.lastRequestAt;
  const sample = sampleOf(observation, before, now);
  const recent = [...before.samples.filter(({ at }) => now - at < windowMs), sample];
  const [wanted, why] = mostWanted(observation, recent);
  const samples = [...recent.slice(0, -1), { ...sample, wanted }];
  const lastWantedAt = wanted > 0 ? now : before.lastWantedAt;
  const memory = { seenAt: now, samples, lastRequestAt, lastWantedAt };

  const { tasks, idleMs } = settings;
  if (now - lastRequestAt >= idleMs) {
    return { desired: tasks.min, reason: `no request for ${sayDuration(idleMs)}`, memory };
  }
  const held = Math.max(...samples.map((one) => one.wanted));
  if (held === 0 && observation.desired > 0) {
    if (now - lastWantedAt < idleMs) {
      const reason = `the last task stays for ${sayDuration(idleMs)}`;
      return { desired: clamp(1, tasks.min, tasks.max), reason, memory };
    }
    const reason = `no task was needed for ${sayDuration(idleMs)}`;
    return { desired: tasks.min, reason, memory };
  }
  const desired = clamp(held, tasks.min, tasks.max);
  const reason =
    held > wanted ? `held for ${sayDuration(windowMs)} after ${held} were wanted` : why;
  return { desired, reason: sayClamped(reason, held, desired, tasks), memory };
}

function sampleOf(observation: Observation, before: DemandMemory, now: Millis): Sample {
  return {
    at: now,
    spanMs: Math.max(0, now - before.seenAt),
    concurrency: observation.concurrency,
    requests: observation.requests,
    running: observation.running,
    cpuPercent: observation.cpuPercent,
    memoryPercent: observation.memoryPercent,
    wanted: 0,
  };
}

type Wanted = readonly [tasks: number, why: string];

function mostWanted(observation: Observation, samples: readonly Sample[]): Wanted {
  const { scale } = observation.settings;
  const candidates: Wanted[] = [wantedByDemand(observation, samples)];
  if (observation.refused > 0) {
    candidates.push([
      1,
      `${observation.refused} requests found no task and only Fargate can serve them`,
    ]);
  }
  const track = (what: string, target: number | undefined, metric: number | undefined) => {
    if (target === undefined || metric === undefined) return;
    candidates.push(wantedByTarget(what, target, metric, observation.running));
  };
  track(
    'processor',
    scale.cpuPercent,
    meanOf(samples, (one) => one.cpuPercent),
  );
  track(
    'memory',
    scale.memoryPercent,
    meanOf(samples, (one) => one.memoryPercent),
  );
  track('requests per task and minute', scale.requestsPerMinute, requestRate(samples));
  return candidates.reduce((most, next) => (next[0] > most[0] ? next : most));
}

function wantedByDemand({ settings }: Observation, samples: readonly Sample[]): Wanted {
  const { concurrency: slots, tasks } = settings;
  // A sample that stands for no time says nothing.
  const most = Math.max(0, ...samples.map((one) => (one.spanMs > 0 ? one.concurrency : 0)));
  const wanted = Math.min(Math.ceil(most / slots), tasks.max);
  return [wanted, `${most.toFixed(1)} in flight at the most, ${slots} a task`];
}

function wantedByTarget(what: string, target: number, metric: number, running: number): Wanted {
  const ratio = metric / target;
  const says = `${what} at ${metric.toFixed(0)} for a target of ${target}`;
  if (running === 0 || (ratio <= 1 && ratio >= SCALE_IN_BELOW)) return [running, says];
  return [Math.ceil(running * ratio), says];
}

/** Requests per task and minute over the samples that had tasks. */
function requestRate(samples: readonly Sample[]): number | undefined {
  const withTasks = samples.filter(({ running }) => running > 0);
  const taskMs = withTasks.reduce((sum, { running, spanMs }) => sum + running * spanMs, 0);
  if (taskMs === 0) return undefined;
  const requests = withTasks.reduce((sum, one) => sum + one.requests, 0);
  return (requests / taskMs) * MS_PER_MINUTE;
}

/** Mean weighted by the time each sample stands for. */
function meanOf(
  samples: readonly Sample[],
  value: (sample: Sample) => number | undefined,
): number | undefined {
  let sum = 0;
  let weight = 0;
  for (const sample of samples) {
    const one = value(sample);
    if (one === undefined) continue;
    sum += one * sample.spanMs;
    weight += sample.spanMs;
  }
  return weight === 0 ? undefined : sum / weight;
}

function sayClamped(
  reason: string,
  wanted: number,
  desired: number,
  { min, max }: { readonly min: number; readonly max: number },
): string {
  if (wanted > desired) return `${reason} (${wanted} wanted, at most ${max})`;
  if (wanted < desired) return `${reason} (at least ${min})`;
  return reason;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
