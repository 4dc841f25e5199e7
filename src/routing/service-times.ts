// How long requests take, learned from those that were served: a mean and a mean deviation for each
// class of load, that is of requests in flight at a task when one began: 1, 2, 3–4, 5–8, 9–16, …
//
// The estimate is that of the retransmission timer of TCP: mean ← mean + error/8 and
// deviation ← deviation + (|error| − deviation)/4. [Jacobson 1988; RFC 6298 §2] What is expected of
// the next request is the mean and two deviations, which 19 of 20 meet where times are normal.
//
// Invariants
//   T1. What is expected of a class is no less than the shortest time seen there, and no more than the
//       longest and twice what lies between them.
//   T2. A class is slow from the moment it is expected over the target, until it is expected below
//       nine tenths of it: it does not flap.
//
// The caller holds the memory; `learnTime` writes to it in place.

import type { Millis } from '../base/units.ts';

/** Classes reach to 2^14 requests at a time, more than the 10,000 slots that a task may have. */
const CLASSES = 15;

/** Before so many requests nothing is said of a class. */
export const ENOUGH_TIMES = 8;

const MEAN_PART = 1 / 8;
const DEVIATION_PART = 1 / 4;
const DEVIATIONS = 2;

/** A class that was slow is not slow any more below this part of the target. */
const WELL_BELOW = 0.9;

/** By class of load. */
export interface ServiceTimes {
  readonly meanMs: number[];
  readonly deviationMs: number[];
  readonly samples: number[];
  /** When the last request of the class ended, or was let in for a try. */
  readonly at: Millis[];
  /** Expected over the target. */
  readonly slow: boolean[];
  /** A request was let in though its class is slow. */
  readonly trying: boolean[];
}

export interface ServedTime {
  readonly durationMs: Millis;
  /** Requests in flight at the task when it began, itself among them. On Lambda always 1. */
  readonly inFlight: number;
  /** Undefined: no class is ever slow. */
  readonly targetMs: Millis | undefined;
}

export function startTimes(): ServiceTimes {
  const zeros = () => new Array<number>(CLASSES).fill(0);
  const never = () => new Array<boolean>(CLASSES).fill(false);
  return {
    meanMs: zeros(),
    deviationMs: zeros(),
    samples: zeros(),
    at: zeros(),
    slow: never(),
    trying: never(),
  };
}

/** 1 → 0, 2 → 1, 3 and 4 → 2, 5 to 8 → 3. */
export function loadClass(inFlight: number): number {
  return Math.min(32 - Math.clz32(Math.max(1, inFlight) - 1), CLASSES - 1);
}

export function learnTime(times: ServiceTimes, served: ServedTime, now: Millis): void {
  const { durationMs, targetMs } = served;
  const load = loadClass(served.inFlight);
  const seen = times.samples[load] ?? 0;
  times.samples[load] = seen + 1;
  times.at[load] = now;
  if (seen === 0 || times.trying[load] === true) {
    times.meanMs[load] = durationMs;
    times.deviationMs[load] = 0;
    times.trying[load] = false;
  } else {
    const mean = times.meanMs[load] ?? 0;
    const deviation = times.deviationMs[load] ?? 0;
    const error = durationMs - mean;
    times.meanMs[load] = mean + error * MEAN_PART;
    times.deviationMs[load] = deviation + (Math.abs(error) - deviation) * DEVIATION_PART;
  }
  if (targetMs === undefined) times.slow[load] = false;
  else if (seen + 1 >= ENOUGH_TIMES) {
    const expected = expectedOf(times, load);
    if (expected > targetMs) times.slow[load] = true;
    else if (expected <= targetMs * WELL_BELOW) times.slow[load] = false;
  }
}

/** A request is let in though its class is slow; what it takes stands for the class from then on. */
export function tryAgain(times: ServiceTimes, inFlight: number, now: Millis): void {
  const load = knownClass(times, inFlight);
  if (load === undefined) return;
  times.at[load] = now;
  times.trying[load] = true;
}

/** The class of that load, or the next lower one that enough is known of. */
export function knownClass(times: ServiceTimes, inFlight: number): number | undefined {
  for (let load = loadClass(inFlight); load >= 0; load -= 1) {
    if ((times.samples[load] ?? 0) >= ENOUGH_TIMES) return load;
  }
  return undefined;
}

/** Milliseconds that a request is expected to take at that load; undefined when too little is known. */
export function expectedMs(times: ServiceTimes, inFlight: number): Millis | undefined {
  const load = knownClass(times, inFlight);
  return load === undefined ? undefined : expectedOf(times, load);
}

/** Mean over all classes, weighted by what came; undefined before the first. */
export function meanTimeMs(times: ServiceTimes): Millis | undefined {
  let sum = 0;
  let samples = 0;
  for (let load = 0; load < CLASSES; load += 1) {
    sum += (times.meanMs[load] ?? 0) * (times.samples[load] ?? 0);
    samples += times.samples[load] ?? 0;
  }
  return samples === 0 ? undefined : sum / samples;
}

/** Mean of the lowest load that enough is known of: what a request takes by itself. */
export function aloneMs(times: ServiceTimes): Millis | undefined {
  const load = times.samples.findIndex((samples) => samples >= ENOUGH_TIMES);
  return load === -1 ? undefined : times.meanMs[load];
}

function expectedOf(times: ServiceTimes, load: number): Millis {
  return (times.meanMs[load] ?? 0) + DEVIATIONS * (times.deviationMs[load] ?? 0);
}
