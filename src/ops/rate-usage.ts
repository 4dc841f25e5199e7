// What a usage costs: text in, charges out.

import { Fault } from '../base/fault.ts';
import type { RateProblem } from '../base/faults-rate.ts';
import { type FreeTierMode, freeTierOf } from '../cost/free-tier.ts';
import { readUsage, type UsageInput } from '../cost/input/usage-input.ts';
import { sayDecimal, usdOf } from '../cost/money.ts';
import type { PriceItem } from '../cost/prices/catalogue.ts';
import { type Confidence, priceBook, pricedRegions } from '../cost/prices/price-book.ts';
import type { PriceData } from '../cost/prices/price-data.ts';
import { priceWarnings } from '../cost/prices/warnings.ts';
import { type BillLine, rate, unitsOf } from '../cost/rating.ts';
import { parseUsages } from './json-usages.ts';

/** As `fulcrum prices rate --json` prints it. */
export interface RatedUsage {
  /** If the usage has one. */
  readonly name: string | null;
  readonly region: string;
  /** The day of the prices, as 2026-11-20. */
  readonly pricesAsOf: string;
  readonly freeTier: FreeTierMode;
  /** "lambda", or the item that was rated; several for one bill of several usages. */
  readonly services: readonly string[];
  /** Null when something has no known price. */
  readonly usd: number | null;
  /** The same without rounding, as "0.0000018667". */
  readonly usdExact: string | null;
  /** What is known of it: the sum of the lines with a price. */
  readonly knownUsd: number;
  readonly lines: readonly RatedLine[];
  /** Items, or words for what is none, without a known price. */
  readonly unknown: readonly string[];
  readonly warnings: readonly string[];
}

export interface RatedLine {
  readonly item: PriceItem;
  readonly quantity: number;
  /** Units of it that the free tier covers. */
  readonly free: number;
  readonly unit: string;
  readonly usd: number | null;
  readonly usdExact: string | null;
  readonly source: string | null;
  readonly date: string | null;
  readonly confidence: Confidence | null;
  readonly note: string | null;
}

export interface RatedUsages {
  readonly rated: readonly RatedUsage[];
  /** Several usages were given: print a list, even of one. */
  readonly isList: boolean;
}

export interface RateOptions {
  readonly prices: PriceData;
  /** As 2026-11-21: prices that are old by then are named. */
  readonly today: string;
  /** Of usages that name none. Default us-east-1. */
  readonly region?: string | undefined;
}

/**
 * Each usage in `text` is a bill of its own, in the same order. Nothing is rated unless all of them
 * can be read. Throws RATE_INPUT_EMPTY, RATE_INPUT_NOT_JSON, RATE_USAGE_INVALID.
 */
export function rateUsages(text: string, options: RateOptions): RatedUsages {
  const { values, isList } = parseUsages(text);
  const problems: RateProblem[] = [];
  const usages: UsageInput[] = [];
  for (const [index, value] of values.entries()) {
    const read = readUsage(value, pricedRegions(options.prices), options.region);
    if ('usage' in read) usages.push(read.usage);
    else {
      const usage = isList ? index + 1 : undefined;
      problems.push(...read.problems.map((problem) => ({ usage, ...problem })));
    }
  }
  if (problems.length > 0) throw new Fault('RATE_USAGE_INVALID', { problems });
  return { rated: usages.map((usage) => rateUsage(usage, options)), isList };
}

function rateUsage(usage: UsageInput, { prices, today, region }: RateOptions): RatedUsage {
  const book = priceBook(usage.region, prices);
  const bill = rate(usage.quantities, book, freeTierOf(usage.freeTier, usage.used));
  const unknown = [...usage.unknown, ...bill.unknown];
  const known = unknown.length === 0;
  return {
    name: usage.name ?? null,
    region: usage.region,
    pricesAsOf: book.asOf,
    freeTier: usage.freeTier,
    services: usage.services,
    usd: known ? usdOf(bill.total.all) : null,
    usdExact: known ? sayDecimal(bill.total.all) : null,
    knownUsd: usdOf(bill.total.all),
    lines: bill.lines.map(lineOf),
    unknown,
    warnings: [
      ...(usage.regionAssumed && region === undefined
        ? [`No region is given: ${usage.region}.`]
        : []),
      ...priceWarnings(
        book,
        bill.lines.map(({ item }) => item),
        today,
        unitsOf(bill.lines),
      ),
    ],
  };
}

function lineOf(line: BillLine): RatedLine {
  const { item, quantity, free, unit, pico } = line;
  return {
    item,
    quantity,
    free,
    unit,
    usd: pico === undefined ? null : usdOf(pico),
    usdExact: pico === undefined ? null : sayDecimal(pico),
    source: line.source ?? null,
    date: line.date ?? null,
    confidence: line.confidence ?? null,
    note: line.note ?? null,
  };
}
