// What every rule makes its quantities with.

import type { Compute } from '../../model/app.ts';
import type { Amount } from '../amount.ts';
import type { PriceItem } from '../prices/catalogue.ts';
import type { Part, Quantity } from '../quantity.ts';

/** Bytes of a GB where AWS bills by the GB: its tiers of 10 TB begin at 10,240 GB. */
export const BYTES_PER_GB = 1024 ** 3;

/** Whose line of the bill it is. Nothing: the whole app, on neither compute. */
export interface Owner {
  readonly service?: string | undefined;
  readonly compute?: Compute | undefined;
}

export interface LineParts {
  readonly owner?: Owner | undefined;
  readonly percent?: bigint | undefined;
  readonly note?: string | undefined;
  readonly withoutFreeTier?: boolean | undefined;
}

/** A line without an amount stays: `rate` leaves it out. */
export function line(
  part: Part,
  item: PriceItem,
  { amount, per }: Amount,
  { owner, percent, note, withoutFreeTier }: LineParts = {},
): Quantity {
  return {
    item,
    amount,
    per,
    part,
    service: owner?.service,
    compute: owner?.compute,
    percent,
    note,
    withoutFreeTier: withoutFreeTier === true || undefined,
  };
}
