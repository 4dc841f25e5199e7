// In which zone the next task starts, and when tasks move to another one.

/** The zone with the fewest tasks; among equals the first. Undefined: none can be used. */
export function emptiest(
  zones: readonly string[],
  counts: ReadonlyMap<string, number>,
): string | undefined {
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const zone of zones) {
    const count = counts.get(zone) ?? 0;
    if (count < fewest) {
      best = zone;
      fewest = count;
    }
  }
  return best;
}

/** How many tasks must move so that no zone has two more than another. */
export function movesToBalance(
  zones: readonly string[],
  counts: ReadonlyMap<string, number>,
): number {
  const all = zones.map((zone) => counts.get(zone) ?? 0);
  const total = all.reduce((sum, count) => sum + count, 0);
  const even = Math.floor(total / Math.max(1, zones.length));
  const missing = all.reduce((sum, count) => sum + Math.max(0, even - count), 0);
  const above = all.reduce((sum, count) => sum + Math.max(0, count - even - 1), 0);
  return Math.max(missing, above);
}
