// So much of one item: what billing rules make of usage, before any price.

import type { Compute } from '../model/app.ts';
import type { PriceItem } from './prices/catalogue.ts';

/** What a line of a bill is for: the key people group by. */
export type Part = 'compute' | 'entry' | 'network' | 'logs' | 'data' | 'other';

export interface Quantity {
  readonly item: PriceItem;
  /** `amount` ÷ `per` units of the item. Whole, not negative. */
  readonly amount: bigint;
  /** Over 0. */
  readonly per: bigint;
  readonly part: Part;
  /** The service or function it is used by; undefined: the whole app. */
  readonly service: string | undefined;
  /** Undefined for what belongs to neither, such as the front door. */
  readonly compute: Compute | undefined;
  /** Its charge as a part of the list price, as with Spot. Undefined: all of it. */
  readonly percent?: bigint | undefined;
  /** No free tier covers it, though it covers its item. */
  readonly withoutFreeTier?: true | undefined;
  /** What is assumed, for people. */
  readonly note?: string | undefined;
}
