// What an account has for nothing.

import type { PriceItem } from './prices/catalogue.ts';

/** So many units a month that cost nothing, of these items together. */
export interface Allowance {
  readonly items: ReadonlySet<PriceItem>;
  /** Whole units of them. */
  readonly units: bigint;
}
