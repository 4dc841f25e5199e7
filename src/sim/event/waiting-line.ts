// Requests that wait for a task, in the order in which they came: a ring that grows when it is full.

const FIRST_CAPACITY = 256;

export class WaitingLine {
  #cameAt = new Float64Array(FIRST_CAPACITY);
  #lambdaMs = new Float64Array(FIRST_CAPACITY);
  #fargateMs = new Float64Array(FIRST_CAPACITY);
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Of the first one, seconds; there must be one. */
  get cameAt(): number {
    return this.#cameAt[this.#first] as number;
  }

  /** What the first one takes on each compute. */
  get lambdaMs(): number {
    return this.#lambdaMs[this.#first] as number;
  }

  get fargateMs(): number {
    return this.#fargateMs[this.#first] as number;
  }

  add(cameAt: number, lambdaMs: number, fargateMs: number): void {
    if (this.#size === this.#cameAt.length) this.#grow();
    const at = (this.#first + this.#size) & (this.#cameAt.length - 1);
    this.#cameAt[at] = cameAt;
    this.#lambdaMs[at] = lambdaMs;
    this.#fargateMs[at] = fargateMs;
    this.#size += 1;
  }

  dropFirst(): void {
    this.#first = (this.#first + 1) & (this.#cameAt.length - 1);
    this.#size -= 1;
  }

  #grow(): void {
    this.#cameAt = this.#unrolled(this.#cameAt);
    this.#lambdaMs = this.#unrolled(this.#lambdaMs);
    this.#fargateMs = this.#unrolled(this.#fargateMs);
    this.#first = 0;
  }

  #unrolled(ring: Float64Array): Float64Array<ArrayBuffer> {
    const twice = new Float64Array(2 * ring.length);
    twice.set(ring.subarray(this.#first));
    twice.set(ring.subarray(0, this.#first), ring.length - this.#first);
    return twice;
  }
}
