// The price book: what a unit costs in a region, with its date, source and how sure it is. Unknown
// is unknown, never 0.

import { type Pico, picoOf } from '../money.ts';
import type { PriceItem } from './catalogue.ts';
import { BUNDLED_PRICES, type PriceData, type PriceRow } from './price-data.ts';

/** A = AWS price list; B = one dated secondary source or a bill; C = inferred; D = recollection. */
export type Confidence = 'A' | 'B' | 'C' | 'D';

/** The price of a unit from so many units a month on. */
export interface PriceTier {
  /** Units of the month before this tier begins. */
  readonly from: number;
  /** Units at which it ends; undefined when it has no known end. */
  readonly to: number | undefined;
  readonly pico: Pico;
  readonly source: string;
  /** The day it was read, as 2026-08-31. */
  readonly date: string;
  readonly confidence: Confidence;
  readonly note: string | undefined;
  /** Another source says another figure; the note says which. */
  readonly conflict: boolean;
  /** SKU of AWS's price list, where it is known. */
  readonly sku: string | undefined;
}

/** The tiers of one item, the first from 0. */
export type Price = readonly [PriceTier, ...PriceTier[]];

export interface PriceBook {
  readonly region: string;
  /** The day it was put together, as 2026-11-20. Each price has a date of its own. */
  readonly asOf: string;
  /** Prices that are the same everywhere are found in every region. */
  price(item: PriceItem): Price | undefined;
}

/**
 * `data`: the bundled prices, unless others are given. A region that they do not have gives a book in
 * which nothing has a price. Rows are read once: bills ask for the same few thousands of times.
 */
export function priceBook(region: string, data: PriceData = BUNDLED_PRICES): PriceBook {
  const known = data.prices[region];
  const read = new Map<PriceItem, Price | undefined>();
  const priceOf = (item: PriceItem): Price | undefined => {
    const rows = known && (known[item] ?? data.prices['global']?.[item]);
    const [first, ...rest] = (rows ?? []).map((row) => tierOf(row, data.sources));
    return first === undefined ? undefined : [first, ...rest];
  };
  return {
    region,
    asOf: data.asOf,
    price(item) {
      if (!read.has(item)) read.set(item, priceOf(item));
      return read.get(item);
    },
  };
}

function tierOf(row: PriceRow, sources: readonly string[]): PriceTier {
  const { usd, from, to, source, date, confidence, note, conflict, sku } = row;
  return {
    from: from ?? 0,
    to: to ?? undefined,
    pico: picoOf(usd),
    source: sources[source] ?? '',
    date,
    confidence: confidence as Confidence,
    note,
    conflict: conflict === true,
    sku,
  };
}

export function pricedRegions(data: PriceData = BUNDLED_PRICES): readonly string[] {
  return Object.keys(data.prices).filter((region) => region !== 'global');
}
