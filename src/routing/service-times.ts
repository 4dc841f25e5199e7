// How long requests take, learned from those that were served: a mean and a mean deviation for each
// class of load, that is of requests in flight at a task when one began: 1, 2, 3–4, 5–8, 9–16, …
//
// The estimate is that of the retransmission timer of TCP: mean ← mean + error/8, and what is expected
// of the next request is the mean and four deviations, which all but one in a thousand meet where times
// are normal. [Jacobson 1988; RFC 6298 §2] The deviation follows the error by an eighth too and not by a
// fourth, and a request that was in time makes its class slow only from two deviations: what is closed
// here stays so for a while, so a few that were long and in time must not do it.
//
// What is not known is learned from as few requests that may be late as possible: one that is let in to
// learn from is a probe. A probe that is late closes its class at once. Another is let in after ten
// seconds, and after twice as long each time that the class was slow again, an hour at most: a route that
// is slow for good has nine probes in its first hour and a half, and then one an hour.
//
// Invariants
//   T1. What is expected of a class is no less than the shortest time seen there, and no more than the
//       longest and four times what lies between them.
//   T2. A class that enough is known of is slow from the moment it is expected over the target, until it
//       is expected below nine tenths of it: it does not flap.
//   T3. A class that less is known of than is enough is slow from the first request over the target that
//       its load is to blame for, or nothing else, until a probe is within it.
//
// The caller holds the memory; `learnTime` writes to it in place.

import type { Millis } from '../base/units.ts';

/** Classes reach to 2^14 requests at a time, more than the 10,000 slots that a task may have. */
const CLASSES = 15;

/** Before so many requests nothing is said of a class. */
export const ENOUGH_TIMES = 8;

const MEAN_PART = 1 / 8;
const DEVIATION_PART = 1 / 8;
const DEVIATIONS = 4;
const DEVIATIONS_IN_TIME = 2;

/** What a request takes usually is a mean over about so many. */
const USUAL_OVER = 1024;

/** A class that was slow is not slow any more below this part of the target. */
const WELL_BELOW = 0.9;

/** A time is the fault of the load from so many times what a request takes by itself. Netflix, Gradient2Limit: rttTolerance 1.5. */
const TOLERANCE = 1.5;

/** A slow class is tried again after this long, and then twice as long. */
const TRY_AGAIN_MS: Millis = 10_000;
const TRY_AGAIN_AT_MOST_MS: Millis = 3_600_000;

/** A class is not taken to be slow for good any more after so many requests in a row without being so. */
const FORGIVEN_AFTER = 1000;

/** By class of load. */
export interface ServiceTimes {
  readonly meanMs: number[];
  readonly deviationMs: number[];
  readonly samples: number[];
  /** When the last request of the class ended, or its last probe was let in. */
  readonly at: Millis[];
  /** Expected over the target. */
  readonly slow: boolean[];
  /** A probe was let in though its class is slow. */
  readonly trying: boolean[];
  /** Such probes, until it was not slow for long. */
  readonly tries: number[];
  /** Mean of all classes, and of how many, at most those that it is a mean over. */
  usualMs: number;
  usualOf: number;
  /** Most in flight at a task that a request was in time with; what is more may be slower. */
  proven: number;
  /** Probes in flight, and those there ever were. */
  probing: number;
  probes: number;
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
    tries: zeros(),
    usualMs: 0,
    usualOf: 0,
    proven: 0,
    probing: 0,
    probes: 0,
  };
}

/** 1 → 0, 2 → 1, 3 and 4 → 2, 5 to 8 → 3. */
export function loadClass(inFlight: number): number {
  return Math.min(32 - Math.clz32(Math.max(1, inFlight) - 1), CLASSES - 1);
}

export function learnTime(times: ServiceTimes, served: ServedTime, now: Millis): void {
  const { durationMs, targetMs } = served;
  const load = loadClass(served.inFlight);
  const tried = times.trying[load] === true;
  const seen = tried ? 0 : (times.samples[load] ?? 0);
  times.samples[load] = seen + 1;
  times.at[load] = now;
  times.trying[load] = false;
  times.usualOf = Math.min(times.usualOf + 1, USUAL_OVER);
  times.usualMs += (durationMs - times.usualMs) / times.usualOf;
  if (seen === 0) {
    times.meanMs[load] = durationMs;
    times.deviationMs[load] = 0;
  } else {
    const mean = times.meanMs[load] ?? 0;
    const deviation = times.deviationMs[load] ?? 0;
    const error = durationMs - mean;
    times.meanMs[load] = mean + error * MEAN_PART;
    times.deviationMs[load] = deviation + (Math.abs(error) - deviation) * DEVIATION_PART;
  }
  if (targetMs === undefined) times.slow[load] = false;
  else judge(times, served, targetMs, tried);
}

function judge(times: ServiceTimes, served: ServedTime, targetMs: Millis, tried: boolean): void {
  const { durationMs, inFlight } = served;
  const load = loadClass(inFlight);
  const isLate = durationMs > targetMs;
  const byLoad = isLate && isByLoad(times, served);
  if (!isLate && inFlight > times.proven) times.proven = inFlight;
  else if (byLoad && inFlight <= times.proven) times.proven = inFlight - 1;
  const samples = times.samples[load] ?? 0;
  if (samples < ENOUGH_TIMES) {
    if (tried) times.slow[load] = isLate;
    else if (byLoad || (isLate && knownClass(times, inFlight) === undefined)) {
      times.slow[load] = true;
    }
    return;
  }
  const expected = expectedOf(times, load);
  const most = isLate ? expected : expectedOf(times, load, DEVIATIONS_IN_TIME);
  if (most > targetMs) times.slow[load] = true;
  else if (samples === ENOUGH_TIMES || expected <= targetMs * WELL_BELOW) times.slow[load] = false;
  if (times.slow[load] === false && samples >= FORGIVEN_AFTER) times.tries[load] = 0;
}

/** It took longer than it does by itself. What nothing is known of by itself may be slow on its own. */
export function isByLoad(times: ServiceTimes, { durationMs, inFlight }: ServedTime): boolean {
  if (inFlight <= 1) return false;
  const alone = aloneMs(times);
  return alone !== undefined && durationMs > alone * TOLERANCE;
}

/** A request is let in to learn from. `probed` is to be called when it has ended, in any way. */
export function probe(times: ServiceTimes, inFlight: number, now: Millis): void {
  times.probing += 1;
  times.probes += 1;
  const load = knownClass(times, inFlight);
  if (load === undefined || times.slow[load] !== true) return;
  times.at[load] = now;
  times.trying[load] = true;
  times.tries[load] = (times.tries[load] ?? 0) + 1;
}

export function probed(times: ServiceTimes): void {
  if (times.probing > 0) times.probing -= 1;
}

/** When a slow class may be tried again; or after so many times as long. */
export function tryAgainAt(times: ServiceTimes, load: number, longer = 1): Millis {
  const wait = longer * TRY_AGAIN_MS * 2 ** (times.tries[load] ?? 0);
  return (times.at[load] ?? 0) + Math.min(wait, TRY_AGAIN_AT_MOST_MS);
}

/** The class of that load, or the next lower one, that enough is known of or that is slow. */
export function knownClass(times: ServiceTimes, inFlight: number): number | undefined {
  for (let load = loadClass(inFlight); load >= 0; load -= 1) {
    if ((times.samples[load] ?? 0) >= ENOUGH_TIMES || times.slow[load] === true) return load;
  }
  return undefined;
}

/** Requests that were seen at that load or a lower one. */
export function seenUpTo(times: ServiceTimes, inFlight: number): number {
  let seen = 0;
  for (let load = loadClass(inFlight); load >= 0; load -= 1) seen += times.samples[load] ?? 0;
  return seen;
}

/** Milliseconds that a request is expected to take at that load; undefined when too little is known. */
export function expectedMs(times: ServiceTimes, inFlight: number): Millis | undefined {
  const load = knownClass(times, inFlight);
  return load === undefined ? undefined : expectedOf(times, load);
}

/** Mean of the lowest load that enough is known of: what a request takes by itself. */
export function aloneMs(times: ServiceTimes): Millis | undefined {
  const load = times.samples.findIndex((samples) => samples >= ENOUGH_TIMES);
  return load === -1 ? undefined : times.meanMs[load];
}

/** Mean and deviations of a class that something is known of. */
export function expectedOf(
  times: ServiceTimes,
  load: number,
  deviations: number = DEVIATIONS,
): Millis {
  return (times.meanMs[load] ?? 0) + deviations * (times.deviationMs[load] ?? 0);
}
