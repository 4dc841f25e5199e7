// A price book with new prices in it, and what has changed.

import { picoOf } from '../money.ts';
import { CATALOGUE, PRICE_ITEMS, type PriceItem } from './catalogue.ts';
import type { OfferPrices, OfferTier } from './offer.ts';
import type { PriceData, PriceRow } from './price-data.ts';

/** A price that changes by more than this factor is another unit, or a mistake. */
const MAX_CHANGE = 4n;

/** What was read of one service in one region. */
export interface ReadOffer extends OfferPrices {
  readonly region: string;
  /** Code of the offer: "AWSLambda". */
  readonly code: string;
  /** Its version; undefined where AWS has no offer of the service in the region. */
  readonly version: string | undefined;
  /** What was looked for. */
  readonly items: readonly PriceItem[];
}

export interface Refreshed {
  readonly data: PriceData;
  readonly changes: readonly PriceChange[];
  /** Items read, their price the same as before. */
  readonly same: number;
  readonly kept: readonly KeptPrice[];
}

export interface PriceChange {
  readonly region: string;
  readonly item: PriceItem;
  /** USD of the first tier; undefined: it had no price. */
  readonly before: string | undefined;
  readonly after: string;
}

export interface KeptPrice {
  readonly region: string;
  readonly item: PriceItem;
  readonly why: string;
}

/** `base` with what was read on the day `today`. What was not found stays as it is. */
export function refreshed(base: PriceData, read: readonly ReadOffer[], today: string): Refreshed {
  const prices: Record<string, Record<string, readonly PriceRow[]>> = { ...base.prices };
  const sources = [...base.sources];
  const changes: PriceChange[] = [];
  const kept: KeptPrice[] = [];
  let same = 0;
  for (const offer of read) {
    const { region } = offer;
    const source = indexIn(sources, `AWS Price List ${offer.code} offer ${offer.version}`);
    const items: Record<string, readonly PriceRow[]> = { ...prices[region] };
    for (const item of offer.items) {
      const before = items[item];
      const tiers = newTiers(item, offer, before);
      if (typeof tiers === 'string') {
        kept.push({ region, item, why: tiers });
        continue;
      }
      items[item] = tiers.map((tier) => ({ ...tier, source, date: today, confidence: 'A' }));
      if (before !== undefined && ladder(before) === ladder(tiers)) same += 1;
      else changes.push({ region, item, before: before?.[0]?.usd, after: tiers[0]?.usd ?? '' });
    }
    if (Object.keys(items).length > 0) prices[region] = items;
  }
  return { data: compact({ ...base, asOf: today, sources, prices }), changes, same, kept };
}

/**
 * Of each price the newer one: what was refreshed on this machine, or what came with a later version
 * of Fulcrum. Undefined when nothing of `refreshed` is newer.
 */
export function newerOf(bundled: PriceData, refreshed: PriceData): PriceData | undefined {
  const prices: Record<string, Record<string, readonly PriceRow[]>> = { ...bundled.prices };
  const shift = bundled.sources.length;
  let taken = 0;
  for (const [region, items] of Object.entries(refreshed.prices)) {
    for (const [item, rows] of Object.entries(items)) {
      if (newestOf(rows) <= newestOf(prices[region]?.[item] ?? [])) continue;
      const moved = rows.map((row) => ({ ...row, source: row.source + shift }));
      prices[region] = { ...prices[region], [item]: moved };
      taken += 1;
    }
  }
  if (taken === 0) return undefined;
  const asOf = refreshed.asOf > bundled.asOf ? refreshed.asOf : bundled.asOf;
  const sources = [...bundled.sources, ...refreshed.sources];
  return compact({ ...bundled, asOf, sources, prices });
}

/** The day of its newest tier, "" without any. */
function newestOf(rows: readonly PriceRow[]): string {
  return rows.reduce((newest, { date }) => (date > newest ? date : newest), '');
}

/** Or why they are not taken. */
function newTiers(
  item: PriceItem,
  { found, doubts, code, version }: ReadOffer,
  before: readonly PriceRow[] | undefined,
): readonly OfferTier[] | string {
  const tiers = found.get(item);
  if (tiers === undefined) {
    if (version === undefined) return `AWS has no ${code} there`;
    return doubts.get(item) ?? `${code} has no row for it`;
  }
  const [old] = before ?? [];
  const [first] = tiers;
  if (old !== undefined && first !== undefined && jumps(old.usd, first.usd)) {
    return `$${first.usd} instead of $${old.usd} is no change of a price: look at it by hand`;
  }
  return tiers;
}

function jumps(before: string, after: string): boolean {
  const [a, b] = [picoOf(before), picoOf(after)];
  return a > 0n && (b > a * MAX_CHANGE || a > b * MAX_CHANGE);
}

/** What of tiers is a price, and not where it is from. */
function ladder(rows: readonly (PriceRow | OfferTier)[]): string {
  return rows.map(({ usd, from = 0, to = null }) => `${usd} ${from} ${to}`).join('\n');
}

function indexIn(sources: string[], source: string): number {
  const at = sources.indexOf(source);
  return at === -1 ? sources.push(source) - 1 : at;
}

/** Without the sources that nothing names any more. */
function compact(data: PriceData): PriceData {
  const rows = Object.values(data.prices).flatMap((items) => Object.values(items).flat());
  const used = [
    ...new Set([...rows, ...Object.values(data.allowances)].map(({ source }) => source)),
  ].sort((a, b) => a - b);
  const moved = new Map(used.map((from, to) => [from, to]));
  const renumber = <row extends { readonly source: number }>(row: row): row => ({
    ...row,
    source: moved.get(row.source) ?? row.source,
  });
  return {
    ...data,
    sources: used.map((index) => data.sources[index] ?? ''),
    prices: mapValues(data.prices, (items) => mapValues(items, (of) => of.map(renumber))),
    allowances: mapValues(data.allowances, renumber),
  };
}

function mapValues<from, to>(
  record: Readonly<Record<string, from>>,
  change: (value: from) => to,
): Record<string, to> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

/** Offers that have these items, each with those it has. */
export function offersOf(items: readonly PriceItem[]): ReadonlyMap<string, readonly PriceItem[]> {
  const offers = new Map<string, PriceItem[]>();
  for (const item of items) {
    const code = CATALOGUE[item].offer?.code;
    if (code === undefined) continue;
    offers.set(code, [...(offers.get(code) ?? []), item]);
  }
  // The one that takes minutes is the last.
  return new Map([...offers].sort(([a], [b]) => Number(a === LARGEST) - Number(b === LARGEST)));
}

const LARGEST = 'AmazonEC2';

/** Of these, the ones that no refresh reads: their row in the price list is not known. */
export function notRefreshable(items: readonly PriceItem[] = PRICE_ITEMS): readonly PriceItem[] {
  return items.filter((item) => CATALOGUE[item].offer === undefined);
}
