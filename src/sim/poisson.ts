// Poisson counts: how many requests come in a time in which so many are expected.
//
// Up to PTRS_FROM by inversion, which walks the probabilities from 0 on: exact to the 2^-32 that a draw
// of chance resolves. Above by Hörmann's transformed rejection with squeeze, which needs 1.2 draws or
// so at any mean: exact but for the logarithm of the factorial, whose error is below 1e-13 relative.
// (W. Hörmann, "The transformed rejection method for generating Poisson random variables",
// Insurance: Mathematics and Economics 12, 1993, algorithm PTRS.)

import type { Rng } from '../base/ports.ts';

/** PTRS holds from 10 on. */
const PTRS_FROM = 10;

/** Draws counts; what depends on the mean alone is kept while the mean stays. */
export class PoissonSampler {
  readonly #rng: Rng;
  #mean = 0;
  /** Below PTRS_FROM: probability of none. */
  #none = 1;
  #b = 0;
  #a = 0;
  #inverseAlpha = 0;
  #quick = 0;
  #logMean = 0;

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** `mean` from 0 on. */
  draw(mean: number): number {
    if (mean <= 0) return 0;
    if (mean !== this.#mean) this.#prepare(mean);
    return mean < PTRS_FROM ? this.#byInversion() : this.#byRejection();
  }

  #prepare(mean: number): void {
    this.#mean = mean;
    if (mean < PTRS_FROM) {
      this.#none = Math.exp(-mean);
      return;
    }
    const b = 0.931 + 2.53 * Math.sqrt(mean);
    this.#b = b;
    this.#a = -0.059 + 0.02483 * b;
    this.#inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
    this.#quick = 0.9277 - 3.6224 / (b - 2);
    this.#logMean = Math.log(mean);
  }

  #byInversion(): number {
    const mean = this.#mean;
    let left = this.#rng.next();
    let probability = this.#none;
    let count = 0;
    // Where rounding leaves a rest that no probability takes, the probabilities have run out.
    while (left >= probability && probability > 0) {
      left -= probability;
      count += 1;
      probability *= mean / count;
    }
    return count;
  }

  #byRejection(): number {
    const mean = this.#mean;
    const a = this.#a;
    const b = this.#b;
    for (;;) {
      const u = this.#rng.next() - 0.5;
      const v = this.#rng.next();
      const us = 0.5 - Math.abs(u);
      const count = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
      if (us >= 0.07 && v <= this.#quick) return count;
      if (count < 0 || (us < 0.013 && v > us)) continue;
      const height = Math.log((v * this.#inverseAlpha) / (a / (us * us) + b));
      if (height <= count * this.#logMean - mean - logFactorial(count)) return count;
    }
  }
}

const SMALL_FACTORIALS = Array.from({ length: 16 }, (_, count) => {
  let product = 1;
  for (let factor = 2; factor <= count; factor += 1) product *= factor;
  return Math.log(product);
});

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** ln(count!) by Stirling's series; the first term left out is below 1e-13 from 16 on. */
export function logFactorial(count: number): number {
  const small = SMALL_FACTORIALS[count];
  if (small !== undefined) return small;
  const inverse = 1 / count;
  const square = inverse * inverse;
  const series =
    inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680))));
  return (count + 0.5) * Math.log(count) - count + HALF_LOG_TWO_PI + series;
}
