// What a smaller processor would carry, where this machine cannot be held to it.
//
// A request waits so long for others (`waitMs`) and computes so long (`cpuMs`). The computing is taken
// for a queue with one server and random arrivals and lengths (M/M/1), whose times of stay are
// distributed exponentially: of them `percentile` percent are at most ln(100 ÷ (100 − percentile)) ×
// service ÷ (1 − load).

import type { Target } from './measurement.ts';

/** Above this load a queue takes longer to settle than traffic stays as it is. */
export const MAX_LOAD = 0.9;

export interface Smaller {
  readonly perSecond: number;
  readonly inFlight: number;
}

/** Undefined: even one by itself is not within the target. */
export function carriedBy(
  vcpu: number,
  { cpuMs, waitMs }: { readonly cpuMs: number; readonly waitMs: number },
  { ms, percentile }: Target,
): Smaller | undefined {
  const serviceMs = cpuMs / vcpu;
  const leftMs = ms - waitMs;
  if (leftMs <= serviceMs) return undefined;
  const factor = Math.log(100 / (100 - percentile));
  // Alone it takes what it takes; only the queue is random.
  const load = Math.min(MAX_LOAD, Math.max(0.05, 1 - (factor * serviceMs) / leftMs));
  const perSecond = (1000 * load) / serviceMs;
  const stayMs = waitMs + serviceMs / (1 - load);
  return { perSecond, inFlight: Math.max(1, Math.floor((perSecond * stayMs) / 1000)) };
}

/**
 * How long a request takes on a part of a processor: it waits as long as ever, and computes longer.
 * A whole one or more changes nothing for a program that computes on one at a time.
 */
export function stretched(wallMs: number, cpuMs: number, vcpu: number): number {
  return wallMs + Math.max(0, cpuMs / Math.min(1, vcpu) - cpuMs);
}
