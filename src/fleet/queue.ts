// First in, first out, in constant time and without garbage: a ring that only ever grows.
//
// A Map, a Set or an array that is cut from time to time leaves its old storage behind, which still
// points to what was in it then. Once such storage is old, all that lives until the next full
// collection. (Measured: six kilobytes a request, and a third of the processor.)

export class Queue<item> {
  /** Its length is a power of two. */
  #ring: (item | undefined)[] = new Array<item | undefined>(16);
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: item): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[this.#at(this.#size)] = item;
    this.#size += 1;
  }

  shift(): item | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#ring[this.#first];
    this.#ring[this.#first] = undefined;
    this.#first = this.#at(1);
    this.#size -= 1;
    return item;
  }

  /** Takes out an item wherever it stands; true if it was there. Takes time with the length. */
  remove(item: item): boolean {
    for (let index = 0; index < this.#size; index += 1) {
      if (this.#ring[this.#at(index)] !== item) continue;
      for (let next = index; next < this.#size - 1; next += 1) {
        this.#ring[this.#at(next)] = this.#ring[this.#at(next + 1)];
      }
      this.#size -= 1;
      this.#ring[this.#at(this.#size)] = undefined;
      return true;
    }
    return false;
  }

  #at(index: number): number {
    return (this.#first + index) & (this.#ring.length - 1);
  }

  #grow(): void {
    const larger = new Array<item | undefined>(2 * this.#ring.length);
    for (let index = 0; index < this.#size; index += 1) larger[index] = this.#ring[this.#at(index)];
    this.#ring = larger;
    this.#first = 0;
  }
}
