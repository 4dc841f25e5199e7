// What placement compares: the price of a second of a task and of a request on Lambda, and how long a
// request takes before one has been seen.

import type { Millis } from '../../base/units.ts';
import { ASSUMED } from '../../cost/estimate/assumed.ts';
import { type PriceBook, priceBook } from '../../cost/prices/price-book.ts';
import { lambdaRequestUsd, taskUsdPerSecond, unitUsdOf } from '../../cost/unit-prices.ts';
import type { App, LambdaSettings } from '../../model/app.ts';
import type { FargateSettings } from '../../model/fargate.ts';

export interface PlacementPrices {
  readonly taskUsdPerSecond: number;
  /** Of one request that is billed for so long, its fee with it. */
  lambdaUsd(billedMs: Millis): number;
}

/** Where a price of the region is not known, all are those of here. */
const FALLBACK_REGION = 'us-east-1';

export function placementPrices(
  lambda: LambdaSettings,
  fargate: FargateSettings,
  book: PriceBook,
  publicTasks: boolean,
): PlacementPrices {
  const found = pricesOf(lambda, fargate, book, publicTasks);
  const known = Object.values(found).every((price) => !Number.isNaN(price));
  const { task, ...prices } = known
    ? found
    : pricesOf(lambda, fargate, priceBook(FALLBACK_REGION), publicTasks);
  return {
    taskUsdPerSecond: task,
    lambdaUsd: (billedMs) => lambdaRequestUsd(lambda.memoryMiB, billedMs, prices),
  };
}

/** NaN: not known. */
function pricesOf(
  lambda: LambdaSettings,
  fargate: FargateSettings,
  book: PriceBook,
  publicTasks: boolean,
) {
  const usd = unitUsdOf(book);
  return {
    usdPerGbSecond: usd(`lambda.${lambda.architecture}.gbSecond`),
    usdPerRequest: usd('lambda.request'),
    task: taskUsdPerSecond(fargate, publicTasks, usd),
  };
}

/** What `cost` of fulcrum.yml says of the requests of a service, else what is assumed of all. */
export function expectedTimes({ cost }: App, service: string) {
  const own = cost.programs[service];
  const of = (key: 'lambdaMs' | 'fargateMs'): Millis =>
    (
      own?.[key] ??
      own?.durationMs ??
      cost.requests[key] ??
      cost.requests.durationMs ??
      ASSUMED[key]
    ).expected;
  return { lambdaMs: of('lambdaMs'), taskMs: of('fargateMs') };
}
