// Quantiles of durations in a few kilobytes: counts in buckets that each reach 2 % further than the
// one before, so that what is read from them is within 1 %.

import type { Millis } from '../base/units.ts';
import type { Quantiles } from './traffic.ts';

const MICROS_PER_MS = 1000;
const GROWTH = 1.02;
const LOG_GROWTH = Math.log(GROWTH);
/** Up to 1.02 ** 1279 µs, 27 hours. */
const BUCKETS = 1280;

export class DurationSketch {
  readonly #buckets = new Float64Array(BUCKETS);
  #count = 0;
  #micros = 0;
  #max = 0;

  /** Whole microseconds, not negative. */
  add(micros: number): void {
    this.#count += 1;
    this.#micros += micros;
    if (micros > this.#max) this.#max = micros;
    const bucket = micros <= 1 ? 0 : Math.ceil(Math.log(micros) / LOG_GROWTH);
    const index = bucket < BUCKETS ? bucket : BUCKETS - 1;
    this.#buckets[index] = (this.#buckets[index] ?? 0) + 1;
  }

  meanMs(): Millis | undefined {
    return this.#count === 0 ? undefined : this.#micros / this.#count / MICROS_PER_MS;
  }

  quantiles(): Quantiles | undefined {
    if (this.#count === 0) return undefined;
    const max = this.#max / MICROS_PER_MS;
    return { p50: this.#at(0.5), p90: this.#at(0.9), p99: this.#at(0.99), max };
  }

  /** The duration that this part of all does not exceed, 0.999 for one of a thousand over it. */
  quantileMs(part: number): Millis | undefined {
    return this.#count === 0 ? undefined : this.#at(part);
  }

  /** Takes in what another has seen. */
  addAll(other: DurationSketch): void {
    this.#count += other.#count;
    this.#micros += other.#micros;
    this.#max = Math.max(this.#max, other.#max);
    for (const [index, count] of other.#buckets.entries()) {
      this.#buckets[index] = (this.#buckets[index] ?? 0) + count;
    }
  }

  /** The middle of the bucket that the duration of this rank is in. */
  #at(part: number): Millis {
    const rank = Math.ceil(part * this.#count);
    let seen = 0;
    for (const [index, count] of this.#buckets.entries()) {
      seen += count;
      if (seen < rank) continue;
      const micros = index === 0 ? 0 : (2 * GROWTH ** index) / (1 + GROWTH);
      return Math.min(micros, this.#max) / MICROS_PER_MS;
    }
    return this.#max / MICROS_PER_MS;
  }
}
