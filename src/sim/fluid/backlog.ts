// Requests that wait for a task, of a policy that sends nothing to Lambda: first come, first served,
// by the tick in which they came.

/** Whoever waits longer is refused: the time after which load balancers give up. Seconds. */
const MOST_WAIT_SECONDS = 60;

export class Backlog {
  /** That wait. */
  waiting = 0;
  /** Served after so many ticks of waiting. */
  readonly waited: Float64Array;
  refused = 0;
  readonly #ring: Float64Array;
  #oldest = 0;

  constructor(tickSeconds: number) {
    const most = Math.round(MOST_WAIT_SECONDS / tickSeconds);
    this.waited = new Float64Array(most + 1);
    this.#ring = new Float64Array(most + 1);
  }

  /** Those that came in `tick` and were not served in it. Ticks must be told one by one. */
  add(requests: number, tick: number): void {
    this.#ring[tick % this.#ring.length] = requests;
    if (this.waiting === 0) this.#oldest = tick;
    this.waiting += requests;
  }

  /** Serves up to `room` of those that came before `tick`; returns how many. */
  serve(room: number, tick: number): number {
    if (this.waiting === 0) return 0;
    const ring = this.#ring;
    let left = room;
    while (this.#oldest < tick) {
      const slot = this.#oldest % ring.length;
      const there = ring[slot] ?? 0;
      const wait = tick - this.#oldest;
      const served = Math.min(there, left);
      this.waited[wait] = (this.waited[wait] ?? 0) + served;
      left -= served;
      ring[slot] = there - served;
      if (served < there && wait + 1 < ring.length) break;
      // Their last tick is over.
      this.refused += there - served;
      this.waiting -= there - served;
      ring[slot] = 0;
      this.#oldest += 1;
    }
    const done = room - left;
    // What is left of sums of fractions is nothing.
    this.waiting = this.#oldest === tick ? 0 : Math.max(0, this.waiting - done);
    return done;
  }

  /** All that still wait are refused. */
  end(): void {
    this.refused += this.waiting;
    this.waiting = 0;
  }
}
