// The last so many bytes of a stream of things: what an engine remembers is bounded, however much
// happens.

export interface Recent<item> {
  push(item: item, bytes: number): void;
  /** Oldest first. */
  items(): readonly item[];
  /** Things that were forgotten to stay within the bound. */
  readonly dropped: number;
}

export function recent<item>(maxBytes: number): Recent<item> {
  let kept: { readonly item: item; readonly bytes: number }[] = [];
  let first = 0;
  let total = 0;
  let dropped = 0;
  return {
    push(item, bytes) {
      kept.push({ item, bytes });
      total += bytes;
      while (total > maxBytes && first < kept.length - 1) {
        total -= kept[first]?.bytes ?? 0;
        first += 1;
        dropped += 1;
      }
      // Moving the rest down now and then keeps this cheap on average.
      if (first > 1024 && first > kept.length / 2) {
        kept = kept.slice(first);
        first = 0;
      }
    },
    items: () => kept.slice(first).map(({ item }) => item),
    get dropped() {
      return dropped;
    },
  };
}
