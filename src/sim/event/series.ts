// What happened over time, in parts of equal length. How long a trace is comes out at its end: when
// there are too many parts, two become one. So memory does not grow.

import { SECONDS_PER_HOUR } from '../../base/units.ts';
import type { SeriesPoint } from '../result.ts';

/** Sums of one stretch of time. */
export interface Stretch {
  seconds: number;
  demand: number;
  /** Requests that the ready tasks could have carried. */
  capacity: number;
  lambda: number;
  fargate: number;
  lambdaUsd: number;
  fargateUsd: number;
}

export const emptyStretch = (): Stretch => ({
  seconds: 0,
  demand: 0,
  capacity: 0,
  lambda: 0,
  fargate: 0,
  lambdaUsd: 0,
  fargateUsd: 0,
});

export class Series {
  readonly #parts: Stretch[] = [];
  readonly #limit: number;
  /** Stretches that go into one part, and how many the last one has. */
  #perPart = 1;
  #inLast = 0;

  /** At most `points` are given, and at least half as many once there are enough stretches. */
  constructor(points: number) {
    this.#limit = Math.max(2, points + (points % 2));
  }

  /** Stretches of equal length, one after the other; the last may be shorter. It is not kept. */
  add(stretch: Stretch): void {
    if (this.#parts.length === 0 || this.#inLast === this.#perPart) {
      if (this.#parts.length === this.#limit) this.#halve();
      this.#parts.push(emptyStretch());
      this.#inLast = 0;
    }
    addUp(this.#parts.at(-1) as Stretch, stretch);
    this.#inLast += 1;
  }

  points(): readonly SeriesPoint[] {
    let begin = 0;
    return this.#parts.map((part) => {
      const at = begin + part.seconds / 2;
      begin += part.seconds;
      return {
        at,
        demandRate: part.demand / part.seconds,
        capacityRate: part.capacity / part.seconds,
        lambdaRate: part.lambda / part.seconds,
        fargateRate: part.fargate / part.seconds,
        lambdaUsdPerHour: (part.lambdaUsd / part.seconds) * SECONDS_PER_HOUR,
        fargateUsdPerHour: (part.fargateUsd / part.seconds) * SECONDS_PER_HOUR,
      };
    });
  }

  #halve(): void {
    const parts = this.#parts;
    for (let index = 0; 2 * index + 1 < parts.length; index += 1) {
      const merged = parts[2 * index] as Stretch;
      addUp(merged, parts[2 * index + 1] as Stretch);
      parts[index] = merged;
    }
    parts.length /= 2;
    this.#perPart *= 2;
  }
}

function addUp(into: Stretch, from: Stretch): void {
  into.seconds += from.seconds;
  into.demand += from.demand;
  into.capacity += from.capacity;
  into.lambda += from.lambda;
  into.fargate += from.fargate;
  into.lambdaUsd += from.lambdaUsd;
  into.fargateUsd += from.fargateUsd;
}
