// What the price book says: of which items, in which regions, with which doubts.

import { closest } from '../base/closest.ts';
import { Fault } from '../base/fault.ts';
import { FREE_ITEMS, type FreeItem } from '../cost/free-tier.ts';
import { CATALOGUE, PRICE_ITEMS, type PriceItem } from '../cost/prices/catalogue.ts';
import type { OfferKey } from '../cost/prices/catalogue-item.ts';
import { itemsOf, itemWords, nearItems } from '../cost/prices/find-item.ts';
import { type PriceBook, priceBook, pricedRegions } from '../cost/prices/price-book.ts';
import { type PriceData, type PriceSource, rowCount } from '../cost/prices/price-data.ts';
import { KNOWN_REGIONS, nearestRegions, placeOf } from '../cost/prices/regions.ts';
import { isOld, priceWarnings } from '../cost/prices/warnings.ts';
import { type AppChoice, placeOf as placeOfApp, readApp } from './find-app.ts';
import type { Machine } from './machine.ts';
import { type PriceChoice, pricesInUse } from './price-file.ts';

export interface PricesOptions extends AppChoice, PriceChoice {
  readonly cwd: string;
  /** Names of items, or words that they have. None: all items. */
  readonly words: readonly string[];
  /** Empty: that of the app, else us-east-1. "all": every one of the book. */
  readonly regions: readonly string[];
}

/** What `fulcrum prices --json` prints. */
export interface PriceList {
  readonly schemaVersion: 1;
  readonly book: PriceBookAbout;
  readonly regions: readonly { readonly region: string; readonly place: string }[];
  readonly items: readonly ListedItem[];
  /** What is free of these items each month, for the whole account. */
  readonly free: readonly ListedFree[];
  readonly warnings: readonly RegionWarnings[];
}

export interface PriceBookAbout {
  readonly from: PriceSource['from'];
  /** Of refreshed prices. */
  readonly file: string | null;
  /** The day it was put together. */
  readonly asOf: string;
  /** Prices in it, each tier one. */
  readonly prices: number;
  readonly regions: number;
}

export interface ListedFree {
  readonly name: string;
  /** `always`; `legacy`: accounts opened before 2025-07-15, in their first 12 months; `credit`. */
  readonly mode: FreeItem['mode'] | 'credit';
  /** Of all of them together. */
  readonly items: readonly PriceItem[];
  readonly quantity: number;
  /** With its conditions. */
  readonly unit: string;
  readonly source: string;
  readonly date: string;
  readonly confidence: string;
}

export interface RegionWarnings {
  readonly region: string;
  readonly warnings: readonly string[];
}

export interface ListedItem {
  readonly item: PriceItem;
  readonly service: string;
  readonly unit: string;
  readonly what: string;
  /** How a quantity comes about. */
  readonly rule: string | null;
  /** Its row in AWS's price list; null: not known for certain. */
  readonly offer: OfferKey | null;
  /** By region; an empty list: no price is known. */
  readonly prices: Readonly<Record<string, readonly ListedTier[]>>;
}

export interface ListedTier {
  /** Units of the month from which on it holds. */
  readonly from: number;
  /** Null: no end is known. */
  readonly to: number | null;
  /** A decimal, exactly. */
  readonly usd: string;
  readonly source: string;
  /** The day it was read. */
  readonly date: string;
  readonly confidence: string;
  /** More than 90 days ago. */
  readonly old: boolean;
  readonly conflict: boolean;
  readonly note: string | null;
  readonly sku: string | null;
}

export const DEFAULT_REGION = 'us-east-1';

/**
 * Throws PRICES_ITEM_UNKNOWN, PRICES_REGION_UNKNOWN, PRICES_FILE_NOT_FOUND, PRICES_FILE_INVALID, and
 * what reading the app throws.
 */
export function listPrices(machine: Machine, options: PricesOptions): PriceList {
  const source = pricesInUse(machine, options);
  const items = matching(options.words);
  const regions = regionsOf(machine, options, pricedRegions(source.data));
  const today = todayOf(machine);
  const books = regions.map((region) => priceBook(region, source.data));
  return {
    schemaVersion: 1,
    book: aboutOf(source),
    regions: regions.map((region) => ({ region, place: placeOf(region) })),
    items: items.map((item) => listed(item, books, source.data, today)),
    free: freeOf(items, source.data),
    warnings: books
      .map((book) => ({ region: book.region, warnings: priceWarnings(book, items, today) }))
      .filter(({ warnings }) => warnings.length > 0),
  };
}

/** What `fulcrum prices explain --json` prints. */
export interface ExplainedPrice extends Omit<PriceList, 'items'> {
  /** With its prices in every region of the book. */
  readonly item: ListedItem;
  readonly everywhere: PriceList['regions'];
}

/**
 * One item, with its prices in every region of the book; `regions` are those asked for. Throws as
 * `listPrices` does, and PRICES_ITEM_AMBIGUOUS.
 */
export function explainPrice(machine: Machine, options: PricesOptions): ExplainedPrice {
  const { items, ...list } = listPrices(machine, options);
  const [item, ...others] = items;
  if (item === undefined || others.length > 0) {
    throw new Fault('PRICES_ITEM_AMBIGUOUS', {
      item: options.words.join(' '),
      items: items.map((one) => one.item),
    });
  }
  const all = listPrices(machine, { ...options, regions: ['all'] });
  return { ...list, item: all.items[0] ?? item, everywhere: all.regions };
}

/** The day it is, in UTC, as 2026-11-21. */
export function todayOf(machine: Machine): string {
  return new Date(machine.clock.wall()).toISOString().slice(0, 10);
}

/** Items that these words name. Throws PRICES_ITEM_UNKNOWN. */
export function matching(words: readonly string[]): readonly PriceItem[] {
  const items = itemsOf(words);
  if (items.length > 0) return items;
  const item = words.join(' ');
  const word = words.map((one) => closest(one, itemWords())).find((one) => one !== undefined);
  const near = [...nearItems(undefined, item)];
  if (near.length === 0 && word !== undefined) near.push(...itemsOf([word]).slice(0, 3));
  throw new Fault('PRICES_ITEM_UNKNOWN', { item, near });
}

/** Also those that the book has no prices for yet. Throws PRICES_REGION_UNKNOWN. */
export function regionsToRefresh(machine: Machine, options: PricesOptions): readonly string[] {
  return regionsOf(machine, options, KNOWN_REGIONS);
}

/** Regions asked for: comma-separated, several, or "all". Throws PRICES_REGION_UNKNOWN. */
function regionsOf(
  machine: Machine,
  options: PricesOptions,
  known: readonly string[],
): readonly string[] {
  const named = options.regions.flatMap((text) => text.split(',')).map((text) => text.trim());
  if (named.some((name) => name.toLowerCase() === 'all')) return known;
  const wanted = named.length > 0 ? named : [regionOfApp(machine, options)];
  const regions = wanted.map((name) => known.find((one) => one === name.toLowerCase()));
  const stray = wanted.find((_, index) => regions[index] === undefined);
  if (stray !== undefined) {
    const near = nearestRegions(stray, known).map((one) => `${one}, ${placeOf(one)}`);
    throw new Fault('PRICES_REGION_UNKNOWN', { region: stray, near });
  }
  return [...new Set(regions.filter((region) => region !== undefined))];
}

/** Without a fulcrum.yml, and none named, that most prices are quoted of. */
function regionOfApp(machine: Machine, options: PricesOptions): string {
  const { file } = placeOfApp(machine, options);
  if (options.config === undefined && !machine.exists(file)) return DEFAULT_REGION;
  return readApp(machine, options).app.region;
}

/** What is free of these items, and, when they are all, the credit that is for anything. */
function freeOf(items: readonly PriceItem[], data: PriceData): readonly ListedFree[] {
  const known = FREE_ITEMS.filter((free) => free.items.some((item) => items.includes(item)));
  const credit = Object.entries(data.allowances).filter(
    ([name]) => items.length === PRICE_ITEMS.length && !FREE_ITEMS.some((one) => one.name === name),
  );
  return [
    ...known.map(({ units, ...free }) => ({
      ...free,
      quantity: data.allowances[free.name]?.quantity ?? units,
    })),
    ...credit.map(([name, { quantity, unit, source, date, confidence }]) => ({
      name,
      mode: 'credit' as const,
      items: [],
      quantity,
      unit,
      source: data.sources[source] ?? '',
      date,
      confidence,
    })),
  ];
}

function aboutOf({ data, from, file }: PriceSource): PriceBookAbout {
  return {
    from,
    file: file ?? null,
    asOf: data.asOf,
    prices: rowCount(data),
    regions: pricedRegions(data).length,
  };
}

function listed(
  item: PriceItem,
  books: readonly PriceBook[],
  data: PriceData,
  today: string,
): ListedItem {
  const { service, unit, what, rule, offer } = CATALOGUE[item];
  return {
    item,
    service,
    unit,
    what,
    rule: rule ?? null,
    offer: offer ?? null,
    prices: Object.fromEntries(
      books.map((book) => [book.region, tiersOf(item, book, data, today)]),
    ),
  };
}

function tiersOf(
  item: PriceItem,
  book: PriceBook,
  data: PriceData,
  today: string,
): readonly ListedTier[] {
  const rows = data.prices[book.region]?.[item] ?? data.prices['global']?.[item] ?? [];
  return (book.price(item) ?? []).map((tier, index) => ({
    from: tier.from,
    to: tier.to ?? null,
    usd: rows[index]?.usd ?? '',
    source: tier.source,
    date: tier.date,
    confidence: tier.confidence,
    old: isOld(tier.date, today),
    conflict: tier.conflict,
    note: tier.note ?? null,
    sku: tier.sku ?? null,
  }));
}
