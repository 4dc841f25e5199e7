// How fast a streamed answer may leave a function: a bucket that starts full and is refilled in
// steps. Pure: time is an argument.
//
// Invariant B1. Over any interval of t seconds at most 6 MiB + 2 MiB/s·t + one chunk are let through.

import { BYTES_PER_MIB, type Millis, MS_PER_SECOND } from '../base/units.ts';

/** Burst, then a steady rate, in steps. [RIE interop/model.go, core/directinvoke/util.go] */
export const STREAM_BANDWIDTH = {
  burstBytes: 6 * BYTES_PER_MIB,
  bytesPerSecond: 2 * BYTES_PER_MIB,
  refillEveryMs: 125,
} as const;

const STEP_BYTES =
  (STREAM_BANDWIDTH.bytesPerSecond * STREAM_BANDWIDTH.refillEveryMs) / MS_PER_SECOND;

export class StreamBandwidth {
  #tokens: number = STREAM_BANDWIDTH.burstBytes;
  #refilledAt: Millis;

  constructor(now: Millis) {
    this.#refilledAt = now;
  }

  /**
   * Takes the tokens of a chunk; what is missing becomes a debt. How long to wait before the next
   * chunk is taken, in milliseconds; 0 while there are tokens.
   */
  take(bytes: number, now: Millis): Millis {
    this.#refill(now);
    this.#tokens -= bytes;
    if (this.#tokens >= 0) return 0;
    const steps = Math.ceil(-this.#tokens / STEP_BYTES);
    return this.#refilledAt + steps * STREAM_BANDWIDTH.refillEveryMs - now;
  }

  #refill(now: Millis): void {
    const steps = Math.floor((now - this.#refilledAt) / STREAM_BANDWIDTH.refillEveryMs);
    if (steps <= 0) return;
    this.#refilledAt += steps * STREAM_BANDWIDTH.refillEveryMs;
    this.#tokens = Math.min(STREAM_BANDWIDTH.burstBytes, this.#tokens + steps * STEP_BYTES);
  }
}
