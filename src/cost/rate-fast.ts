// What quantities cost, in floating point: for searches that ask thousands of times. A bill is made
// by `rate`; a test holds the two together.

import type { Allowance } from './free-tier.ts';
import { usdOf } from './money.ts';
import type { PriceItem } from './prices/catalogue.ts';
import type { PriceBook } from './prices/price-book.ts';
import type { Quantity } from './quantity.ts';

interface Tier {
  readonly from: number;
  readonly usd: number;
}

const TIERS = new WeakMap<PriceBook, Map<PriceItem, readonly Tier[]>>();

/** USD; an item without a price adds nothing, as in the total of a bill. */
export function rateFast(
  quantities: readonly Quantity[],
  book: PriceBook,
  allowances: readonly Allowance[] = [],
): number {
  const left = allowances.map(({ units }) => Number(units));
  const used = new Map<string, number>();
  let usd = 0;
  for (const { item, amount, per, percent = 100n, withoutFreeTier } of quantities) {
    if (amount === 0n) continue;
    let units = Number(amount) / Number(per);
    for (const [index, { items }] of allowances.entries()) {
      if (withoutFreeTier === true || !items.has(item)) continue;
      const taken = Math.min(units, left[index] ?? 0);
      left[index] = (left[index] ?? 0) - taken;
      units -= taken;
    }
    const tiers = tiersOf(book, item);
    const key = percent === 100n ? item : `${item} ${percent}`;
    const before = used.get(key) ?? 0;
    used.set(key, before + units);
    usd += (between(tiers, before, before + units) * Number(percent)) / 100;
  }
  return usd;
}

function tiersOf(book: PriceBook, item: PriceItem): readonly Tier[] {
  const known = TIERS.get(book) ?? new Map<PriceItem, readonly Tier[]>();
  TIERS.set(book, known);
  let tiers = known.get(item);
  if (tiers === undefined) {
    tiers = (book.price(item) ?? []).map(({ from, pico }) => ({ from, usd: usdOf(pico) }));
    known.set(item, tiers);
  }
  return tiers;
}

function between(tiers: readonly Tier[], from: number, to: number): number {
  let usd = 0;
  for (const [index, tier] of tiers.entries()) {
    if (to <= tier.from) break;
    const end = tiers[index + 1]?.from ?? Infinity;
    const units = Math.min(to, end) - Math.max(from, tier.from);
    if (units > 0) usd += units * tier.usd;
  }
  return usd;
}
