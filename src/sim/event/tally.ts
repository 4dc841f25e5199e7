// Counts of one simulation: what was served where, how long it took, and what there was meanwhile.

import { DurationSketch } from '../../traffic/duration-sketch.ts';
import type { Latencies } from '../result.ts';

const MICROS_PER_MS = 1000;
/** Times of events are sums: what is over the target by less than this is not over it. */
const HAIR_MS = 1e-4;

export class ComputeTally {
  readonly latencies = new DurationSketch();
  requests = 0;
  overTarget = 0;
  readonly #limitMs: number;

  constructor(targetMs: number) {
    this.#limitMs = targetMs + HAIR_MS;
  }

  /** True when it was over the target. */
  add(latencyMs: number): boolean {
    this.requests += 1;
    this.latencies.add(latencyMs * MICROS_PER_MS);
    if (latencyMs <= this.#limitMs) return false;
    this.overTarget += 1;
    return true;
  }

  isOver(latencyMs: number): boolean {
    return latencyMs > this.#limitMs;
  }
}

export function latenciesOf(sketch: DurationSketch): Latencies {
  const at = (part: number): number => sketch.quantileMs(part) ?? Number.NaN;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), p999Ms: at(0.999) };
}

/** Sums over time of what there is at a time: an integral each, in seconds. */
export class Levels {
  inFlight = 0;
  onTasks = 0;
  ready = 0;
  /** By number of busy environments. */
  busySeconds = new Float64Array(64);
  /** Of the last call, seconds. */
  at = 0;
  #closed = false;

  /** It was so since the last call. */
  pass(now: number, environments: number, onTasks: number, waiting: number, ready: number): void {
    const span = now - this.at;
    if (span <= 0 || this.#closed) return;
    this.at = now;
    this.inFlight += span * (environments + onTasks + waiting);
    this.onTasks += span * onTasks;
    this.ready += span * ready;
    if (environments >= this.busySeconds.length) this.#grow(environments);
    this.busySeconds[environments] = (this.busySeconds[environments] as number) + span;
  }

  close(): void {
    this.#closed = true;
  }

  #grow(least: number): void {
    const wide = new Float64Array(2 * Math.max(least, this.busySeconds.length));
    wide.set(this.busySeconds);
    this.busySeconds = wide;
  }
}
