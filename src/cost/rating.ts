// Turns quantities into money, line by line. A price that the book does not have makes its line
// unknown, not free.
//
// Tiers and free quantities count over the whole bill, so lines of one item are rated together: a
// line costs what the sum up to and with it costs, less what it costs without it. Each of the two is
// rounded half up to a pico-dollar, so lines always add up to the charge of the whole.

import type { Compute } from '../model/app.ts';
import type { Allowance } from './free-tier.ts';
import type { Pico } from './money.ts';
import { CATALOGUE, type PriceItem } from './prices/catalogue.ts';
import type { Confidence, Price, PriceBook } from './prices/price-book.ts';
import type { Part, Quantity } from './quantity.ts';

export interface BillLine {
  readonly item: PriceItem;
  readonly part: Part;
  readonly service: string | undefined;
  readonly compute: Compute | undefined;
  /** In units, those that are free included. */
  readonly quantity: number;
  /** Units of it that a free tier covers. */
  readonly free: number;
  readonly unit: string;
  /** Undefined when the book has no price for the item. */
  readonly pico: Pico | undefined;
  /** Where the price of its first tier is from, the day it was read, how sure it is. */
  readonly source: string | undefined;
  readonly date: string | undefined;
  readonly confidence: Confidence | undefined;
  readonly note: string | undefined;
}

export interface Bill {
  readonly region: string;
  readonly lines: readonly BillLine[];
  readonly total: Totals;
  /** Items that were used and have no price. */
  readonly unknown: readonly PriceItem[];
}

export interface Totals {
  readonly lambda: Pico;
  readonly fargate: Pico;
  /** What belongs to neither: the front door, the network, data. */
  readonly shared: Pico;
  readonly all: Pico;
}

/** Lines with nothing in them are left out; the order stays. */
export function rate(
  quantities: readonly Quantity[],
  book: PriceBook,
  allowances: readonly Allowance[] = [],
): Bill {
  const used = quantities.filter(({ amount }) => amount > 0n);
  const free = freeAmounts(used, allowances);
  const charged = chargesOf(used, free, book);
  const lines = used.map((quantity, index): BillLine => {
    const { item, part, service, compute, amount, per, note } = quantity;
    const first = book.price(item)?.[0];
    return {
      item,
      part,
      service,
      compute,
      quantity: Number(amount) / Number(per),
      free: Number(free[index] ?? 0n) / Number(per),
      unit: CATALOGUE[item].unit,
      pico: charged[index],
      source: first?.source,
      date: first?.date,
      confidence: first?.confidence,
      note,
    };
  });
  const sum = (of: (line: BillLine) => boolean): Pico =>
    lines.reduce((total, line) => (of(line) ? total + (line.pico ?? 0n) : total), 0n);
  return {
    region: book.region,
    lines,
    total: {
      lambda: sum(({ compute }) => compute === 'lambda'),
      fargate: sum(({ compute }) => compute === 'fargate'),
      shared: sum(({ compute }) => compute === undefined),
      all: sum(() => true),
    },
    unknown: [...new Set(lines.filter(({ pico }) => pico === undefined).map(({ item }) => item))],
  };
}

/** Of each quantity, the amount that is free, in the order of the lines. */
function freeAmounts(used: readonly Quantity[], allowances: readonly Allowance[]): bigint[] {
  const free = used.map(() => 0n);
  for (const { items, units } of allowances) {
    let left = { amount: units, per: 1n };
    for (const [index, { item, amount, per }] of used.entries()) {
      if (!items.has(item)) continue;
      const room = (left.amount * per) / left.per;
      const taken = room < amount ? room : amount;
      free[index] = taken;
      left = { amount: left.amount * per - taken * left.per, per: left.per * per };
    }
  }
  return free;
}

function chargesOf(
  used: readonly Quantity[],
  free: readonly bigint[],
  book: PriceBook,
): (Pico | undefined)[] {
  const charged: (Pico | undefined)[] = used.map(() => undefined);
  for (const group of groups(used)) {
    const price = book.price(group.item);
    if (price === undefined) continue;
    const common = group.indexes.reduce((all, index) => lcm(all, used[index]?.per ?? 1n), 1n);
    let reached = 0n;
    let charge = 0n;
    for (const index of group.indexes) {
      const { amount, per } = used[index] as Quantity;
      reached += (amount - (free[index] ?? 0n)) * (common / per);
      const upTo = chargeUpTo(price, reached, common, group.percent);
      charged[index] = upTo - charge;
      charge = upTo;
    }
  }
  return charged;
}

interface Group {
  readonly item: PriceItem;
  readonly percent: bigint;
  readonly indexes: number[];
}

/** Lines of one item at one part of its price. */
function groups(used: readonly Quantity[]): Iterable<Group> {
  const found = new Map<string, Group>();
  for (const [index, { item, percent = 100n }] of used.entries()) {
    const key = `${item} ${percent}`;
    const group = found.get(key) ?? { item, percent, indexes: [] };
    group.indexes.push(index);
    found.set(key, group);
  }
  return found.values();
}

/**
 * What the first `amount` ÷ `per` units of a month cost, to the pico-dollar. Above the last tier
 * known its price goes on: tiers only get cheaper, so this is the most it can be.
 */
function chargeUpTo(price: Price, amount: bigint, per: bigint, percent: bigint): Pico {
  let sum = 0n;
  for (const [index, tier] of price.entries()) {
    const begin = BigInt(tier.from) * per;
    if (amount <= begin) break;
    const next = price[index + 1];
    const end = next === undefined ? amount : BigInt(next.from) * per;
    sum += tier.pico * ((amount < end ? amount : end) - begin);
  }
  const whole = per * 100n;
  return (2n * sum * percent + whole) / (2n * whole);
}

function lcm(a: bigint, b: bigint): bigint {
  if (a % b === 0n) return a;
  let [x, y] = [a, b];
  while (y > 0n) [x, y] = [y, x % y];
  return (a / x) * b;
}
