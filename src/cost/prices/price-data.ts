// The price book as it lies in a file: prices by region and item, the sources they name, and what is
// free. The bundled one is `price-data.json`; a refreshed one has the same form.

import { isPriceItem } from './catalogue.ts';
import bundled from './price-data.json' with { type: 'json' };

export interface PriceRow {
  /** A plain decimal, as "0.0000166667". */
  readonly usd: string;
  /** Units of the month before this tier begins. Default 0. */
  readonly from?: number | undefined;
  /** Units at which it ends; null or absent: it has no known end. */
  readonly to?: number | null | undefined;
  /** Index into `sources`. */
  readonly source: number;
  /** The day it was read, as 2026-08-31. */
  readonly date: string;
  readonly confidence: string;
  readonly note?: string | undefined;
  /** Another source says another figure; the note says which. */
  readonly conflict?: boolean | undefined;
  /** Of AWS's price list. */
  readonly sku?: string | undefined;
}

export interface AllowanceRow {
  readonly quantity: number;
  readonly unit: string;
  readonly source: number;
  readonly date: string;
  readonly confidence: string;
}

export interface PriceData {
  readonly schemaVersion: 1;
  /** The day it was put together. */
  readonly asOf: string;
  readonly sources: readonly string[];
  /** By region, "global" for what costs the same everywhere, then by item. */
  readonly prices: Readonly<Record<string, Readonly<Record<string, readonly PriceRow[]>>>>;
  readonly allowances: Readonly<Record<string, AllowanceRow>>;
}

export const BUNDLED_PRICES: PriceData = bundled as unknown as PriceData;

/** A price book and where it is from. */
export interface PriceSource {
  readonly data: PriceData;
  /** `refreshed`: some of it was read from AWS's price list on this machine. */
  readonly from: 'bundled' | 'refreshed';
  /** Of a refreshed one. */
  readonly file: string | undefined;
}

/** Prices in it, tiers counted each. */
export function rowCount(data: PriceData): number {
  return Object.values(data.prices)
    .flatMap((items) => Object.values(items))
    .reduce((sum, rows) => sum + rows.length, 0);
}

const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const PRICE = /^\d+(\.\d{1,12})?$/;

/** What breaks the rules of a price book, in sentences; none when it keeps them. */
export function dataProblems(data: PriceData): readonly string[] {
  const problems = DAY.test(data.asOf) ? [] : [`asOf is no day: ${data.asOf}`];
  for (const [region, items] of Object.entries(data.prices)) {
    for (const [item, rows] of Object.entries(items)) {
      const where = `${region} ${item}`;
      if (!isPriceItem(item)) problems.push(`${where}: there is no such item`);
      problems.push(...rowsProblems(rows, data.sources).map((say) => `${where}: ${say}`));
    }
  }
  for (const [name, row] of Object.entries(data.allowances)) {
    problems.push(...originProblems(row, data.sources).map((say) => `${name}: ${say}`));
    if (!(row.quantity > 0)) problems.push(`${name}: the quantity is ${row.quantity}`);
  }
  return problems;
}

function rowsProblems(rows: readonly PriceRow[], sources: readonly string[]): readonly string[] {
  const problems = rows.length === 0 ? ['it has no price'] : [];
  let end: number | null = 0;
  for (const row of rows) {
    const { usd, from = 0, to = null } = row;
    if (!PRICE.test(usd)) problems.push(`"${usd}" is no decimal of 12 places at most`);
    if (from !== end) problems.push(`a tier begins at ${from}, and the one before ends at ${end}`);
    if (to !== null && to <= from) problems.push(`a tier ends at ${to}, and begins at ${from}`);
    problems.push(...originProblems(row, sources));
    end = to;
  }
  return problems;
}

function originProblems(
  { source, date, confidence }: Pick<PriceRow, 'source' | 'date' | 'confidence'>,
  sources: readonly string[],
): readonly string[] {
  return [
    ...(sources[source] === undefined ? [`source ${source} is not in the list`] : []),
    ...(DAY.test(date) ? [] : [`"${date}" is no day`]),
    ...(/^[A-D]$/.test(confidence) ? [] : [`confidence "${confidence}" is none of A to D`]),
  ];
}
