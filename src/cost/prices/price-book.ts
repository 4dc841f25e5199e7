// The price book: what a unit costs in a region, with its date, source and how sure it is. Unknown
// is unknown, never 0.

import { type Pico, picoOf } from '../money.ts';
import type { PriceItem } from './catalogue.ts';
import data from './price-data.json' with { type: 'json' };

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
}

/** The tiers of one item, the first from 0. */
export type Price = readonly [PriceTier, ...PriceTier[]];

export interface PriceBook {
  readonly region: string;
  /** The day of its newest figure, as 2026-11-20. */
  readonly asOf: string;
  /** Prices that are the same everywhere are found in every region. */
  price(item: PriceItem): Price | undefined;
}

interface PriceRow {
  readonly usd: string;
  readonly from?: number;
  readonly to?: number | null;
  readonly source: number;
  readonly date: string;
  readonly confidence: string;
  readonly note?: string;
}

type PriceRows = Readonly<Record<string, Readonly<Record<string, readonly PriceRow[]>>>>;

/** A region that the book does not have gives a book in which nothing has a price. */
export function priceBook(region: string): PriceBook {
  const prices = data.prices as unknown as PriceRows;
  const known = prices[region];
  return {
    region,
    asOf: data.asOf,
    price(item) {
      if (known === undefined) return undefined;
      const [first, ...rest] = (known[item] ?? prices['global']?.[item] ?? []).map(tierOf);
      return first === undefined ? undefined : [first, ...rest];
    },
  };
}

function tierOf({ usd, from, to, source, date, confidence, note }: PriceRow): PriceTier {
  return {
    from: from ?? 0,
    to: to ?? undefined,
    pico: picoOf(usd),
    source: data.sources[source] ?? '',
    date,
    confidence: confidence as Confidence,
    note,
  };
}

export function pricedRegions(): readonly string[] {
  return Object.keys(data.prices).filter((region) => region !== 'global');
}
