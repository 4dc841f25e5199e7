// Records traffic while it is served, in bounded memory: by the minute for three days; then, each
// time it is full, two or more intervals become one and it goes on coarser.

import { type Millis, MS_PER_HOUR, MS_PER_MINUTE } from '../base/units.ts';
import type { RequestFacts, Traffic } from './traffic.ts';

/** Three days of minutes, fifteen of 5 minutes, forty-five of 15, half a year of hours, 12 years of days. */
const MAX_INTERVALS = 3 * 24 * 60;
const INTERVALS_MS: readonly Millis[] = [
  MS_PER_MINUTE,
  5 * MS_PER_MINUTE,
  15 * MS_PER_MINUTE,
  MS_PER_HOUR,
  24 * MS_PER_HOUR,
];

export class TrafficRecord {
  requests = 0;
  readonly #startMs: Millis;
  #step = 0;
  #intervalMs: Millis = INTERVALS_MS[0] ?? MS_PER_MINUTE;
  #counts = new Float64Array(MAX_INTERVALS);

  constructor(startMs: Millis) {
    this.#startMs = startMs;
  }

  /** What comes before the start counts as come at it. */
  add(now: Millis, requests = 1): void {
    this.requests += requests;
    const index = this.#indexOf(now);
    this.#counts[index] = (this.#counts[index] ?? 0) + requests;
  }

  /**
   * Up to `now`. The interval that has only begun is left out, unless it is the first. `startMs` is
   * the time of the record's clock.
   */
  traffic(now: Millis, requests: RequestFacts): Traffic {
    const last = this.#indexOf(now);
    const counts = Array.from(this.#counts.subarray(0, Math.max(1, last)));
    return { intervalMs: this.#intervalMs, counts, startMs: this.#startMs, requests };
  }

  #indexOf(now: Millis): number {
    const passed = Math.max(0, now - this.#startMs);
    while (passed >= this.#intervalMs * MAX_INTERVALS && this.#step < INTERVALS_MS.length - 1) {
      this.#coarser();
    }
    return Math.min(MAX_INTERVALS - 1, Math.floor(passed / this.#intervalMs));
  }

  #coarser(): void {
    this.#step += 1;
    const next = INTERVALS_MS[this.#step] ?? this.#intervalMs;
    const each = next / this.#intervalMs;
    const counts = new Float64Array(MAX_INTERVALS);
    for (const [index, count] of this.#counts.entries()) {
      const at = Math.floor(index / each);
      counts[at] = (counts[at] ?? 0) + count;
    }
    this.#counts = counts;
    this.#intervalMs = next;
  }
}
