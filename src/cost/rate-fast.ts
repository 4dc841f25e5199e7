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
  const lines = quantities
    .filter(({ amount }) => amount !== 0n)
    .map(({ item, amount, per, percent = 100n, withoutFreeTier }) => ({
      item,
      percent: Number(percent),
      isFree: withoutFreeTier !== true,
      units: Number(amount) / Number(per),
    }));
  if (allowances.length > 0) takeFree(lines, allowances);
  const used = new Map<string, number>();
  let usd = 0;
  for (const { item, percent, units } of lines) {
    const key = percent === 100 ? item : `${item} ${percent}`;
    const before = used.get(key) ?? 0;
    used.set(key, before + units);
    usd += (between(tiersOf(book, item), before, before + units) * percent) / 100;
  }
  return usd;
}

interface Line {
  readonly item: PriceItem;
  readonly percent: number;
  readonly isFree: boolean;
  units: number;
}

/** In the order in which `rate` does. */
function takeFree(lines: readonly Line[], allowances: readonly Allowance[]): void {
  for (const { items, units } of allowances) {
    const covered = lines.filter(({ item, isFree }) => isFree && items.has(item));
    if (covered.length === 0) continue;
    const order = [...items];
    covered.sort((a, b) => order.indexOf(a.item) - order.indexOf(b.item) || b.percent - a.percent);
    let left = Number(units.amount) / Number(units.per);
    for (const line of covered) {
      const taken = Math.min(line.units, left);
      line.units -= taken;
      left -= taken;
    }
  }
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
