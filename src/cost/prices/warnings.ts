// What there is to be careful about in prices that somebody relies on.

import { CATALOGUE, type PriceItem } from './catalogue.ts';
import type { Confidence, PriceBook, PriceTier } from './price-book.ts';

/** Days after which a price is called old. */
const OLD_AFTER_DAYS = 90;

/** Items that one warning names. */
const NAMED = 3;

interface Found {
  readonly item: PriceItem;
  readonly tier: PriceTier;
}

/**
 * One sentence for each kind of doubt, whatever the number of prices: old ones, inferred or
 * recollected ones, sources that disagree, tiers above the last that is known. Items without a price
 * are not mentioned. `today` is a day as 2026-11-21. Of an item, only tiers that its units of a month
 * reach count; where they are not given, all do.
 */
export function priceWarnings(
  book: PriceBook,
  items: Iterable<PriceItem>,
  today: string,
  units?: ReadonlyMap<PriceItem, number>,
): readonly string[] {
  const reach = (item: PriceItem): number => units?.get(item) ?? Infinity;
  const found = [...new Set(items)].flatMap((item) =>
    (book.price(item) ?? [])
      .filter(({ from }) => from === 0 || from < reach(item))
      .map((tier): Found => ({ item, tier })),
  );
  return [
    ...old(found, today),
    ...unsure(found, 'D', 'from memory, not verified'),
    ...unsure(found, 'C', 'inferred from other regions or a rule, not read'),
    ...disputed(found),
    ...openEnded(found, reach),
  ];
}

/** Whether a price read on `date` is old on the day `today`. */
export function isOld(date: string, today: string): boolean {
  return dayNumber(today) - dayNumber(date) > OLD_AFTER_DAYS;
}

function old(found: readonly Found[], today: string): readonly string[] {
  const those = found.filter(({ tier }) => isOld(tier.date, today));
  const [first, ...rest] = those.map(({ tier }) => tier.date).sort();
  if (first === undefined) return [];
  const since = rest.at(-1) ?? first;
  const when = since === first ? `of ${first}` : `of ${first} to ${since}`;
  return [
    `Older than ${OLD_AFTER_DAYS} days (${when}): ${named(those)}. "fulcrum prices --refresh" reads what AWS's price list has.`,
  ];
}

function unsure(found: readonly Found[], confidence: Confidence, why: string): readonly string[] {
  const those = found.filter(({ tier }) => tier.confidence === confidence);
  return those.length === 0 ? [] : [`Confidence ${confidence}, ${why}: ${named(those)}.`];
}

function disputed(found: readonly Found[]): readonly string[] {
  const those = found.filter(({ tier }) => tier.conflict);
  if (those.length === 0) return [];
  const [only] = those;
  const note = those.length === 1 && only?.tier.note !== undefined ? ` (${only.tier.note})` : '';
  return [`Sources disagree on: ${named(those)}${note}.`];
}

function openEnded(found: readonly Found[], reach: (item: PriceItem) => number): readonly string[] {
  const ends = new Map<PriceItem, number | undefined>();
  for (const { item, tier } of found) ends.set(item, tier.to);
  const those = [...ends].filter(([item, to]) => to !== undefined && to < reach(item));
  if (those.length === 0) return [];
  const shown = those.slice(0, NAMED).map(([item, to]) => {
    const { unit } = CATALOGUE[item];
    return `${item} above ${(to ?? 0).toLocaleString('en-US')} × ${unit} a month`;
  });
  return [
    `No price is known for: ${shown.join('; ')}${more(those.length)}. The last one known goes on.`,
  ];
}

function named(those: readonly Found[]): string {
  const items = [...new Set(those.map(({ item }) => item))];
  return `${items.slice(0, NAMED).join(', ')}${more(items.length)}`;
}

function more(count: number): string {
  return count <= NAMED ? '' : ` and ${count - NAMED} more`;
}

/** Days since 1970-01-01, in the calendar of today. */
function dayNumber(day: string): number {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  // Years that begin in March end with their leap day.
  const y = month > 2 ? year : year - 1;
  const monthDays = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5);
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return y * 365 + leapDays + monthDays + date - 719_469;
}
