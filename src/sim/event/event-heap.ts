// What is to happen, the earliest first: a binary heap over typed arrays, as `fleet/heap.ts` keeps an
// object for each item and calls a function for each comparison. Nothing is allocated but when it
// outgrows its arrays.
//
// Of equal times any may come first, but always the same one: it depends on nothing but the pushes.

const FIRST_CAPACITY = 1024;

export class EventHeap {
  /** Of the event that `pop` took. Seconds. */
  time = 0;
  code = 0;
  value = 0;

  #times = new Float64Array(FIRST_CAPACITY);
  #codes = new Int32Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Of the earliest; Infinity when there is none. */
  get nextTime(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  /** `code` is a 32-bit integer, `value` any number that the event needs. */
  push(time: number, code: number, value: number): void {
    if (this.#size === this.#times.length) this.#grow();
    const times = this.#times;
    let at = this.#size;
    this.#size += 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const aboveTime = times[above] as number;
      if (time >= aboveTime) break;
      this.#move(above, at);
      at = above;
    }
    times[at] = time;
    this.#codes[at] = code;
    this.#values[at] = value;
  }

  /** Takes the earliest into `time`, `code` and `value`. There must be one. */
  pop(): void {
    this.time = this.#times[0] as number;
    this.code = this.#codes[0] as number;
    this.value = this.#values[0] as number;
    this.#size -= 1;
    if (this.#size > 0) this.#sink();
  }

  /** The last one takes the first place and goes down to where it belongs. */
  #sink(): void {
    const times = this.#times;
    const size = this.#size;
    const time = times[size] as number;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= size) break;
      let belowTime = times[below] as number;
      const right = below + 1;
      if (right < size && (times[right] as number) < belowTime) {
        below = right;
        belowTime = times[right] as number;
      }
      if (belowTime >= time) break;
      this.#move(below, at);
      at = below;
    }
    this.#move(size, at);
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from] as number;
    this.#codes[to] = this.#codes[from] as number;
    this.#values[to] = this.#values[from] as number;
  }

  #grow(): void {
    const capacity = 2 * this.#times.length;
    const times = new Float64Array(capacity);
    const codes = new Int32Array(capacity);
    const values = new Float64Array(capacity);
    times.set(this.#times);
    codes.set(this.#codes);
    values.set(this.#values);
    this.#times = times;
    this.#codes = codes;
    this.#values = values;
  }
}
