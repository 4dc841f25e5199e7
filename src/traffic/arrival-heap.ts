// A heap of times, the earliest on top, each with a duration. It has room for so many and no more.

export class ArrivalHeap {
  size = 0;
  readonly #times: Float64Array;
  readonly #durations: Float64Array;

  constructor(room: number) {
    this.#times = new Float64Array(room);
    this.#durations = new Float64Array(room);
  }

  get isFull(): boolean {
    return this.size === this.#times.length;
  }

  /** Infinity when it is empty. */
  get firstTime(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] ?? Number.NaN);
  }

  get firstDuration(): number {
    return this.#durations[0] ?? Number.NaN;
  }

  /** It must not be full. */
  push(time: number, duration: number): void {
    const times = this.#times;
    let at = this.size;
    this.size += 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const timeAbove = times[above] ?? 0;
      if (timeAbove <= time) break;
      this.#put(at, timeAbove, this.#durations[above] ?? Number.NaN);
      at = above;
    }
    this.#put(at, time, duration);
  }

  /** It must not be empty. */
  dropFirst(): void {
    this.size -= 1;
    const times = this.#times;
    const size = this.size;
    const time = times[size] ?? 0;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= size) break;
      if (below + 1 < size && (times[below + 1] ?? 0) < (times[below] ?? 0)) below += 1;
      const timeBelow = times[below] ?? 0;
      if (timeBelow >= time) break;
      this.#put(at, timeBelow, this.#durations[below] ?? Number.NaN);
      at = below;
    }
    this.#put(at, time, this.#durations[size] ?? Number.NaN);
  }

  #put(at: number, time: number, duration: number): void {
    this.#times[at] = time;
    this.#durations[at] = duration;
  }
}
