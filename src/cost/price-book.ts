// The price book: what a unit costs in a region, with its date, source and how sure it is. Unknown
// is unknown, never 0.

import type { Architecture } from '../model/app.ts';
import { type Pico, picoOf } from './money.ts';
import { PRICE_DATA } from './price-data.ts';

export type PriceItem =
  | 'lambda.request'
  | `lambda.${Architecture}.gbSecond`
  | `lambda.${Architecture}.provisionedGbSecond`
  | `lambda.${Architecture}.provisionedDurationGbSecond`
  | 'lambda.ephemeralGbSecond'
  | `fargate.${Architecture}.vcpuHour`
  | `fargate.${Architecture}.gbHour`
  | 'httpApi.request'
  | 'alb.hour'
  | 'alb.lcuHour'
  | 'ipv4.addressHour';

export interface Price {
  readonly pico: Pico;
  readonly date: string;
  readonly confidence: 'A' | 'B' | 'C' | 'D';
}

export interface PriceBook {
  readonly region: string;
  price(item: PriceItem): Price | undefined;
}

/**
 * Part of the on-demand price that Fargate Spot costs. Spot is not in the price list and floats;
 * 61 to 70 % less was observed. An assumption, not a quote.
 */
export const SPOT_PRICE_PERCENT = 35n;

/** Addresses a load balancer has at least: one in each of two zones. */
export const ALB_ADDRESSES = 2;

/** A region that the book does not have gives a book in which nothing has a price. */
export function priceBook(region: string): PriceBook {
  const rows = PRICE_DATA[region] ?? {};
  return {
    region,
    price(item) {
      const row = rows[item];
      if (row === undefined) return undefined;
      const [usd, date, confidence] = row;
      return { pico: picoOf(usd), date, confidence };
    },
  };
}

export function pricedRegions(): readonly string[] {
  return Object.keys(PRICE_DATA);
}
