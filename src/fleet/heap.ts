// The smallest first, in logarithmic time. What is in it must not change its rank; who changes
// something pushes it again and ignores the old entry when it comes out.

export class Heap<item> {
  #items: item[] = [];
  readonly #before: (a: item, b: item) => boolean;

  constructor(before: (a: item, b: item) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): item | undefined {
    return this.#items[0];
  }

  push(item: item): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = items[above] as item;
      if (!this.#before(item, parent)) break;
      items[at] = parent;
      at = above;
    }
    items[at] = item;
  }

  pop(): item | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= items.length) break;
      const right = below + 1;
      if (right < items.length && this.#before(items[right] as item, items[below] as item)) {
        below = right;
      }
      const child = items[below] as item;
      if (!this.#before(child, last)) break;
      items[at] = child;
      at = below;
    }
    items[at] = last;
    return first;
  }

  /** Throws out what is not to be kept. */
  prune(keep: (item: item) => boolean): void {
    const kept = this.#items.filter(keep);
    this.#items = [];
    for (const item of kept) this.push(item);
  }
}
