// Numbers of chance that are not even: normal and exponential ones, and times that a spread gives.

import type { Rng } from '../../base/ports.ts';
import type { Spread } from '../profile.ts';

/** Standard normal numbers by the polar method (Marsaglia and Bray 1964), which gives two at a time. */
export class Normal {
  readonly #rng: Rng;
  #spare = 0;
  #hasSpare = false;

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  next(): number {
    if (this.#hasSpare) {
      this.#hasSpare = false;
      return this.#spare;
    }
    for (;;) {
      const x = 2 * this.#rng.next() - 1;
      const y = 2 * this.#rng.next() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = y * scale;
      this.#hasSpare = true;
      return x * scale;
    }
  }
}

/** Of mean 1. */
export function exponential(rng: Rng): number {
  return -Math.log(1 - rng.next());
}

/** ms; `normal` is a standard normal number. */
export function spreadMs({ medianMs, sigma }: Spread, normal: number): number {
  return sigma === 0 ? medianMs : medianMs * Math.exp(sigma * normal);
}
