// What goes wrong with tasks. Lambda is not touched: AWS keeps it in several zones by itself.
//
// A task that crashes or whose zone is lost ends at once, and its requests are lost. One that is taken
// back by the Spot market is told before: it takes no more requests, and what it has not finished when
// the notice is over is lost. Who is missing is asked for again at the next tick, with the whole delay
// of a start.

import type { Rng } from '../../base/ports.ts';
import { SECONDS_PER_HOUR } from '../../base/units.ts';
import { exponential } from './chance.ts';

/** Times are seconds from the beginning of the trace, without its gaps. */
export type TaskFault =
  /** So many ready tasks crash at that time; chance says which. */
  | { readonly kind: 'crash'; readonly at: number; readonly tasks: number }
  /** Each ready task crashes so often, on the average. */
  | { readonly kind: 'crashes'; readonly perTaskHour: number }
  /** Each ready task is taken back so often, so long after it was told. AWS: 120 s. */
  | { readonly kind: 'spot'; readonly perTaskHour: number; readonly noticeSeconds: number }
  /** One of three zones is gone for that long, with its tasks; new ones go to the other two. */
  | { readonly kind: 'zone'; readonly at: number; readonly seconds: number };

/** Fargate spreads the tasks of a service over the zones of its subnets; three is usual. */
export const ZONES = 3;

export class Faults {
  readonly list: readonly TaskFault[];
  readonly #rng: Rng;
  /** By zone: so many faults keep it down. */
  readonly #down = new Array<number>(ZONES).fill(0);
  #nextZone = 0;

  constructor(list: readonly TaskFault[], rng: Rng) {
    this.list = list;
    this.#rng = rng;
  }

  /** Where the next task goes: to the zones in turn, past those that are down. */
  place(): number {
    for (let tried = 0; tried < ZONES; tried += 1) {
      const zone = this.#nextZone;
      this.#nextZone = (zone + 1) % ZONES;
      if (this.#down[zone] === 0) return zone;
    }
    return this.#nextZone;
  }

  /** The zone that a fault takes. */
  takeZone(): number {
    const zone = Math.floor(this.#rng.next() * ZONES);
    this.#down[zone] = (this.#down[zone] as number) + 1;
    return zone;
  }

  giveZoneBack(zone: number): void {
    this.#down[zone] = (this.#down[zone] as number) - 1;
  }

  /** Seconds until something with that rate happens to a task. */
  after(perTaskHour: number): number {
    return (exponential(this.#rng) / perTaskHour) * SECONDS_PER_HOUR;
  }

  /** One of so many, counted from 0. */
  pick(count: number): number {
    return Math.floor(this.#rng.next() * count);
  }
}
