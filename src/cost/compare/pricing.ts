// What turns quantities into money: the prices of each region, and what the account has for nothing.

import { type Allowance, type FreeTierMode, freeTierOf } from '../free-tier.ts';
import { type PriceBook, priceBook } from '../prices/price-book.ts';

export interface Pricing {
  readonly freeTier: FreeTierMode;
  readonly bookOf: (region: string) => PriceBook;
  readonly allowances: readonly Allowance[];
}

/**
 * `used`: of each allowance, what the rest of the account uses. Books are read once for each region,
 * and are those of the program unless others are given.
 */
export function pricingOf(
  freeTier: FreeTierMode,
  used: Readonly<Record<string, number>> = {},
  read: (region: string) => PriceBook = priceBook,
): Pricing {
  const books = new Map<string, PriceBook>();
  return {
    freeTier,
    allowances: freeTierOf(freeTier, used),
    bookOf(region) {
      const known = books.get(region) ?? read(region);
      books.set(region, known);
      return known;
    },
  };
}
