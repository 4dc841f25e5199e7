// How long requests take, in a model that is simple enough to be said in a few lines:
//
//   L1. Processor time stretches with the share of a vCPU: × max(1, 1769 MB ÷ memory) on Lambda,
//       × max(1, 1 ÷ vCPU) in a task. More than one vCPU does not make one request faster. What is
//       not processor time is waiting for others, and stays.
//   L2. Durations vary around their mean as a lognormal one with a coefficient of variation of 0.5:
//       half of them under 0.89 of the mean, 1 % over 2.7 times the mean.
//   L3. On Lambda nothing queues: each request has an environment. A part of them, the cold share,
//       waits for INIT first.
//   L4. In tasks the processors are shared: at utilization ρ of k vCPU processor time takes
//       1 + C(k, kρ) ÷ (k (1 − ρ)) times as long, C being Erlang's formula for waiting. Requests wait
//       for a free slot as in M/M/c, all slots of all tasks together.
//   L5. What exceeds the tasks goes to Lambda in a hybrid, so there nobody waits for a slot.
//   L6. Tasks are taken at the busiest moment of the month. What the network and the entry add, some
//       milliseconds, is left out on both.

import type { Millis } from '../../base/units.ts';
import { LAMBDA_MIB_PER_VCPU } from '../../model/aws-limits.ts';

/** Processor time at this memory over that on a whole vCPU (L1). */
export function lambdaStretch(memoryMiB: number): number {
  return Math.max(1, LAMBDA_MIB_PER_VCPU / memoryMiB);
}

export function taskStretch(vcpu: number): number {
  return Math.max(1, 1 / vcpu);
}

/** How a kind of requests takes its time. Parts of all kinds together are 1. */
export interface Kind {
  readonly part: number;
  /** Mean of what is served, waiting for a slot and INIT left out. */
  readonly serviceMs: Millis;
  /** Before it begins, always. */
  readonly delayMs: Millis;
  /** Of these, the part that waits for a slot, and how long those do on the average. */
  readonly waits: { readonly part: number; readonly meanMs: Millis };
}

const NO_WAIT = { part: 0, meanMs: 0 };

export interface LambdaTimes {
  readonly waitingMs: Millis;
  readonly cpuMs: Millis;
  readonly memoryMiB: number;
  readonly coldShare: number;
  readonly initMs: Millis;
}

export function lambdaKinds(part: number, times: LambdaTimes): readonly Kind[] {
  const { waitingMs, cpuMs, memoryMiB, coldShare, initMs } = times;
  const serviceMs = waitingMs + cpuMs * lambdaStretch(memoryMiB);
  const cold = Math.min(1, coldShare);
  return [
    { part: part * (1 - cold), serviceMs, delayMs: 0, waits: NO_WAIT },
    { part: part * cold, serviceMs, delayMs: initMs, waits: NO_WAIT },
  ];
}

export interface TaskTimes {
  readonly waitingMs: Millis;
  readonly cpuMs: Millis;
  readonly vcpu: number;
  /** Requests a second that all tasks get at the busiest moment. */
  readonly perSecond: number;
  readonly tasks: number;
  /** Slots of a task; Infinity: no limit. */
  readonly concurrency: number;
  /** What exceeds the slots goes elsewhere. */
  readonly overflows: boolean;
}

/** `serviceMs` is Infinity where the tasks cannot carry the load. */
export function taskKinds(part: number, times: TaskTimes): readonly Kind[] {
  const { waitingMs, cpuMs, vcpu, perSecond, tasks, concurrency, overflows } = times;
  const each = tasks === 0 ? 0 : perSecond / tasks;
  const busy = (each * cpuMs) / 1000 / vcpu;
  if (busy >= 1) return [{ part, serviceMs: Infinity, delayMs: 0, waits: NO_WAIT }];
  const servers = Math.max(1, Math.round(vcpu));
  const shared = 1 + erlangC(servers, servers * busy) / (servers * (1 - busy));
  const serviceMs = waitingMs + cpuMs * taskStretch(vcpu) * shared;
  if (overflows || concurrency === Infinity) {
    return [{ part, serviceMs, delayMs: 0, waits: NO_WAIT }];
  }
  const slots = Math.max(1, Math.floor(tasks * concurrency));
  const inFlight = (perSecond * serviceMs) / 1000;
  if (inFlight >= slots) return [{ part, serviceMs: Infinity, delayMs: 0, waits: NO_WAIT }];
  const waits = { part: erlangC(slots, inFlight), meanMs: serviceMs / (slots - inFlight) };
  return [{ part, serviceMs, delayMs: 0, waits }];
}

/**
 * Erlang's C: the part of the requests that wait when `load` erlangs come to `servers`. By Erlang's B,
 * one server after the other, which is exact and does not overflow.
 */
export function erlangC(servers: number, load: number): number {
  if (load <= 0) return 0;
  if (load >= servers) return 1;
  let blocked = 1;
  for (let server = 1; server <= servers; server += 1) {
    blocked = (load * blocked) / (server + load * blocked);
  }
  return blocked / (1 - (load / servers) * (1 - blocked));
}

/** Of requests of several kinds, the time that `percentile` (0 to 1) of them stay within. */
export function percentileMs(kinds: readonly Kind[], percentile: number): Millis {
  const used = kinds.filter(({ part }) => part > 0);
  const lost = used.reduce(
    (sum, { serviceMs, part }) => sum + (serviceMs < Infinity ? 0 : part),
    0,
  );
  if (lost > 1 - percentile) return Infinity;
  const over = (ms: Millis): number =>
    used.reduce((sum, kind) => sum + kind.part * tail(kind, ms), 0);
  let high = 1;
  while (over(high) > 1 - percentile && high < 1e12) high *= 2;
  let low = high / 2;
  if (high === 1) low = 0;
  while (high - low > high * 1e-4) {
    const middle = (low + high) / 2;
    if (over(middle) > 1 - percentile) low = middle;
    else high = middle;
  }
  return high;
}

/** Of a kind, the part that takes longer. */
function tail({ serviceMs, delayMs, waits }: Kind, ms: Millis): number {
  if (serviceMs === Infinity) return 1;
  const left = ms - delayMs;
  if (waits.part === 0) {
    if (left <= 0) return 1;
    return serviceMs === 0 ? 0 : 1 - lognormalBelow(left / serviceMs);
  }
  let sum = 0;
  for (const factor of FACTORS) {
    const room = left - serviceMs * factor;
    sum += room < 0 ? 1 : waits.part * Math.exp(-room / waits.meanMs);
  }
  return sum / FACTORS.length;
}

/** ln(1 + 0.5²), the variance of the logarithm (L2). */
const LOG_VARIANCE = Math.log(1.25);
const LOG_DEVIATION = Math.sqrt(LOG_VARIANCE);

/** The part of durations of mean 1 that is below. */
function lognormalBelow(value: number): number {
  return value <= 0 ? 0 : normalBelow((Math.log(value) + LOG_VARIANCE / 2) / LOG_DEVIATION);
}

/**
 * The standard normal distribution function, to 7.5 places after the point (Abramowitz and Stegun
 * 26.2.17).
 */
export function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z >= 0 ? 1 - upper : upper;
}

/** Durations of mean 1, the middle of each of so many equal parts of them. */
const FACTORS: readonly number[] = Array.from({ length: 200 }, (_, index) => {
  const part = (index + 0.5) / 200;
  let [low, high] = [0, 100];
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (lognormalBelow(middle) < part) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
});
