// What a second of a task and a request on Lambda cost in a simulation, and where each price is from.

import { Fault } from '../base/fault.ts';
import type { FargateSetUp, LambdaSetUp } from '../cost/estimate/set-up.ts';
import type { PriceItem } from '../cost/prices/catalogue.ts';
import type { PriceBook } from '../cost/prices/price-book.ts';
import { taskUsdPerSecond, unitUsdOf } from '../cost/unit-prices.ts';

export interface UnitPrice {
  readonly usd: number;
  /** For people: what it is made of. */
  readonly source: string;
}

export interface UnitPrices {
  readonly lambdaGbSecond: UnitPrice;
  readonly lambdaRequest: UnitPrice;
  /** As of `taskUsdPerSecond`. */
  readonly taskSecond: UnitPrice;
}

/** Throws SIMULATE_PRICE_UNKNOWN. */
export function unitPrices(
  book: PriceBook,
  lambda: LambdaSetUp,
  fargate: FargateSetUp,
  isPublic: boolean,
): UnitPrices {
  const known = unitUsdOf(book);
  const usd = (item: PriceItem): number => {
    const price = known(item);
    if (!Number.isNaN(price)) return price;
    throw new Fault('SIMULATE_PRICE_UNKNOWN', { item, region: book.region });
  };
  const source = `prices of ${book.asOf}`;
  const parts = [
    fargate.spotShare > 0 ? `${Math.round(fargate.spotShare * 100)} % on Spot` : undefined,
    isPublic ? 'with its public address' : undefined,
  ].filter((part) => part !== undefined);
  return {
    lambdaGbSecond: { usd: usd(`lambda.${lambda.architecture}.gbSecond`), source },
    lambdaRequest: { usd: usd('lambda.request'), source },
    taskSecond: {
      usd: taskUsdPerSecond(fargate, isPublic, usd),
      source: [source, ...parts].join(', '),
    },
  };
}
