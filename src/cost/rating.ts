// Turns quantities into money, line by line. A price that the book does not have makes its line
// unknown, not free.
//
// Tiers and free quantities count over the whole bill, so lines of one item are rated together: a
// line costs what the sum up to and with it costs, less what it costs without it. Each of the two is
// rounded half up to a pico-dollar, so lines always add up to the charge of the whole.
//
// What is free goes to the items of an allowance in the order of the allowance, and to the lines of
// an item in the order of the bill; to dearer lines of one item before those at a part of its price.
// AWS uses it up in the order of time, which a bill does not have. So:
//
//   R1. Lines add up to the total, to the pico-dollar.
//   R2. The total does not depend on the order of the lines.
//   R3. More of anything never costs less, and nothing costs less than 0.
//   R4. A free tier never makes a bill dearer.

import type { Compute } from '../model/app.ts';
import { type Amount, isLess, minus, NONE, numberOf, plus } from './amount.ts';
import type { Allowance } from './free-tier.ts';
import type { Pico } from './money.ts';
import { CATALOGUE, type PriceItem } from './prices/catalogue.ts';
import type { Confidence, Price, PriceBook, PriceTier } from './prices/price-book.ts';
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

/** The units of each item in these lines. */
export function unitsOf(lines: readonly BillLine[]): ReadonlyMap<PriceItem, number> {
  const units = new Map<PriceItem, number>();
  for (const { item, quantity } of lines) units.set(item, (units.get(item) ?? 0) + quantity);
  return units;
}

/**
 * Lines with nothing in them are left out; the order stays. Throws RangeError for an amount below 0,
 * which no rule makes.
 */
export function rate(
  quantities: readonly Quantity[],
  book: PriceBook,
  allowances: readonly Allowance[] = [],
): Bill {
  const { used, free, charged } = charge(quantities, book, allowances);
  const lines = used.map((quantity, index): BillLine => {
    const { item, part, service, compute, note } = quantity;
    const first = book.price(item)?.[0];
    return {
      item,
      part,
      service,
      compute,
      quantity: numberOf(quantity),
      free: numberOf(free[index] ?? NONE),
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

/** The total of the bill alone, to the pico-dollar: for searches that ask thousands of times. */
export function totalOf(
  quantities: readonly Quantity[],
  book: PriceBook,
  allowances: readonly Allowance[] = [],
): Pico {
  const { charged } = charge(quantities, book, allowances);
  return charged.reduce<Pico>((total, pico = 0n) => total + pico, 0n);
}

/** Of each quantity that is not nothing, the part that is free and the charge of the rest. */
interface Charged {
  readonly used: readonly Quantity[];
  readonly free: readonly Amount[];
  readonly charged: readonly (Pico | undefined)[];
}

function charge(
  quantities: readonly Quantity[],
  book: PriceBook,
  allowances: readonly Allowance[],
): Charged {
  for (const { item, amount, per } of quantities) {
    if (amount < 0n || per <= 0n) throw new RangeError(`${item}: no quantity is ${amount}/${per}`);
  }
  const used = quantities.filter(({ amount }) => amount > 0n);
  const groups = groupsOf(used);
  const free = freeParts(used, groups, allowances);
  return { used, free, charged: chargesOf(used, free, groups, book) };
}

/** Of each quantity, the part that is free. */
function freeParts(
  used: readonly Quantity[],
  groups: readonly Group[],
  allowances: readonly Allowance[],
): readonly Amount[] {
  const free = used.map(() => NONE);
  for (const { items, units } of allowances) {
    let left = units;
    for (const index of coveredBy(items, used, groups)) {
      if (left.amount === 0n) break;
      const room = minus(used[index] as Quantity, free[index] as Amount);
      const taken = isLess(room, left) ? room : left;
      free[index] = plus(free[index] as Amount, taken);
      left = minus(left, taken);
    }
  }
  return free;
}

/** Lines that an allowance of these items covers, in the order in which it does. */
function coveredBy(
  items: ReadonlySet<PriceItem>,
  used: readonly Quantity[],
  groups: readonly Group[],
): readonly number[] {
  const covered = groups.filter(({ item }) => items.has(item));
  if (covered.length > 1) {
    const order = [...items];
    const place = ({ item }: Group) => order.indexOf(item);
    covered.sort((a, b) => place(a) - place(b) || Number(b.percent - a.percent));
  }
  return covered
    .flatMap(({ indexes }) => indexes)
    .filter((index) => used[index]?.withoutFreeTier !== true);
}

function chargesOf(
  used: readonly Quantity[],
  free: readonly Amount[],
  groups: readonly Group[],
  book: PriceBook,
): (Pico | undefined)[] {
  const charged: (Pico | undefined)[] = used.map(() => undefined);
  for (const { item, percent, indexes } of groups) {
    const price = book.price(item);
    if (price === undefined) continue;
    let reached = NONE;
    let charge = 0n;
    for (const index of indexes) {
      reached = plus(reached, minus(used[index] as Quantity, free[index] as Amount));
      const upTo = chargeUpTo(price, reached, percent);
      charged[index] = upTo - charge;
      charge = upTo;
    }
  }
  return charged;
}

/** All of the list price, in percent. */
const FULL = 100n;

interface Group {
  readonly item: PriceItem;
  readonly percent: bigint;
  readonly indexes: number[];
}

/** Lines of one item at one part of its price. No item is sold both in tiers and at a part. */
function groupsOf(used: readonly Quantity[]): readonly Group[] {
  const found: Group[] = [];
  for (const [index, { item, percent = FULL }] of used.entries()) {
    const group = found.find((one) => one.item === item && one.percent === percent);
    if (group === undefined) found.push({ item, percent, indexes: [index] });
    else group.indexes.push(index);
  }
  return found;
}

/**
 * What the first so many units of a month cost, to the pico-dollar. Above the last tier known its
 * price goes on: tiers only get cheaper, so this is the most it can be.
 */
export function chargeUpTo(price: Price, { amount, per }: Amount, percent: bigint = FULL): Pico {
  let sum = 0n;
  for (let index = 0; index < price.length; index += 1) {
    const tier = price[index] as PriceTier;
    const begin = BigInt(tier.from) * per;
    if (amount <= begin) break;
    const next = price[index + 1];
    const end = next === undefined ? amount : BigInt(next.from) * per;
    sum += tier.pico * ((amount < end ? amount : end) - begin);
  }
  const whole = per * FULL;
  return (2n * sum * percent + whole) / (2n * whole);
}
