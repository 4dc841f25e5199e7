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
      const known = books.get(region) ?? remembering(read(region));
      books.set(region, known);
      return known;
    },
  };
}

/** A book that looks each price up once: a search asks for the same few thousands of times. */
function remembering(book: PriceBook): PriceBook {
  const prices = new Map<string, ReturnType<PriceBook['price']>>();
  return {
    ...book,
    price(item) {
      if (!prices.has(item)) prices.set(item, book.price(item));
      return prices.get(item);
    },
  };
}
