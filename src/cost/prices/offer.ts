// Prices out of an offer file of AWS's price list, row by row.
//
// A row is an item's only by exact usage type and exact operation, on demand, in USD and of the
// region: ARM, Windows, Outposts, reserved LCUs and regional NAT gateways look much alike. What is
// not certain is not taken, with the reason.

import { CATALOGUE, type PriceItem } from './catalogue.ts';
import type { PriceRow } from './price-data.ts';
import { usagePrefixes } from './regions.ts';

/** Columns of an offer that a price needs, as its header names them. */
export const OFFER_COLUMNS = {
  sku: 'SKU',
  term: 'TermType',
  from: 'StartingRange',
  to: 'EndingRange',
  usd: 'PricePerUnit',
  currency: 'Currency',
  usageType: 'usageType',
  operation: 'operation',
} as const;

/** Columns that say the region of a row; an offer has one of them, or none. */
export const REGION_COLUMNS = ['Region Code', 'From Region Code'] as const;

export type OfferRow = Readonly<Record<keyof typeof OFFER_COLUMNS, string>> & {
  /** Undefined: the offer does not say. */
  readonly region: string | undefined;
};

/** A tier of an item, as the offer has it. */
export type OfferTier = Pick<PriceRow, 'usd' | 'from' | 'to'> & { readonly sku: string };

export interface OfferPrices {
  readonly found: ReadonlyMap<PriceItem, readonly OfferTier[]>;
  /** Why an item was not taken although rows of it are there. */
  readonly doubts: ReadonlyMap<PriceItem, string>;
}

export interface OfferReader {
  /** Whether a row with these two is of any item. Cheap, for files of millions of rows. */
  wants(usageType: string, operation: string): boolean;
  take(row: OfferRow): void;
  result(): OfferPrices;
}

/** Reads these items of a region. Those whose row in the offer is not known are never found. */
export function offerReader(region: string, items: readonly PriceItem[]): OfferReader {
  const wanted = new Map<string, PriceItem>();
  for (const item of items) {
    const { offer } = CATALOGUE[item];
    if (offer === undefined) continue;
    for (const prefix of usagePrefixes(region)) {
      wanted.set(`${prefix}${offer.usageType}\n${offer.operation}`, item);
    }
  }
  const rows = new Map<PriceItem, OfferRow[]>();
  return {
    wants: (usageType, operation) => wanted.has(`${usageType}\n${operation}`),
    take(row) {
      const item = wanted.get(`${row.usageType}\n${row.operation}`);
      if (item === undefined || row.term !== 'OnDemand' || row.currency !== 'USD') return;
      if (row.region !== undefined && row.region !== region) return;
      const before = rows.get(item);
      if (before === undefined) rows.set(item, [row]);
      else before.push(row);
    },
    result() {
      const found = new Map<PriceItem, readonly OfferTier[]>();
      const doubts = new Map<PriceItem, string>();
      for (const [item, of] of rows) {
        const tiers = tiersOf(of);
        if (typeof tiers === 'string') doubts.set(item, tiers);
        else found.set(item, tiers);
      }
      return { found, doubts };
    },
  };
}

/** The tiers, or why they are not certain. */
function tiersOf(rows: readonly OfferRow[]): readonly OfferTier[] | string {
  const bySku = new Map<string, OfferRow[]>();
  for (const row of rows) bySku.set(row.sku, [...(bySku.get(row.sku) ?? []), row]);
  const ladders = [...bySku.values()].map(ladderOf);
  const [first, ...others] = ladders;
  if (first === undefined) return 'it has no rows';
  for (const ladder of ladders) if (typeof ladder === 'string') return ladder;
  if (others.some((other) => priced(other) !== priced(first))) {
    return `${ladders.length} products have its usage type, at different prices`;
  }
  return first;
}

/** What two products have to have in common to be one price. */
function priced(ladder: readonly OfferTier[] | string): string {
  return typeof ladder === 'string'
    ? ladder
    : ladder.map(({ usd, from, to }) => `${usd} ${from} ${to}`).join('\n');
}

function ladderOf(rows: readonly OfferRow[]): readonly OfferTier[] | string {
  const tiers = rows
    .map((row) => ({ row, from: boundOf(row.from), to: boundOf(row.to) }))
    .sort((a, b) => (a.from ?? 0) - (b.from ?? 0));
  let end: number | null = 0;
  for (const { row, from, to } of tiers) {
    const usd = decimalOf(row.usd);
    if (usd === undefined) return `its price is "${row.usd}", which is no plain decimal`;
    if (usd === '0') return 'a price of 0, where something is billed';
    if (from === undefined || to === undefined || from === null || from !== end) {
      return `its tiers do not follow each other: from "${row.from}" to "${row.to}"`;
    }
    end = to;
  }
  return tiers.map(({ row, from, to }) => {
    const price = { usd: decimalOf(row.usd) ?? row.usd, sku: row.sku };
    return tiers.length === 1 && to === null
      ? price
      : { ...price, from: from ?? 0, to: to ?? null };
  });
}

/** A whole number; null for "Inf"; undefined for anything else. */
function boundOf(text: string): number | null | undefined {
  if (text === 'Inf') return null;
  return /^\d{1,15}(\.0+)?$/.test(text) ? Number(text) : undefined;
}

/** "0.0450000000" is "0.045"; undefined for what is no decimal of 12 places at most. */
function decimalOf(text: string): string | undefined {
  const [, whole, fraction = ''] = /^0*(\d+)(?:\.(\d*?)0*)?$/.exec(text) ?? [];
  if (whole === undefined || fraction.length > 12) return undefined;
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
