// What placement compares: the price of a second of a task and of a request on Lambda, and how long a
// request takes before one has been seen.

import type { Millis } from '../../base/units.ts';
import { ASSUMED } from '../../cost/estimate/assumed.ts';
import type { PriceBook } from '../../cost/prices/price-book.ts';
import { lambdaRequestUsd, taskUsdPerSecond, unitUsdOf } from '../../cost/unit-prices.ts';
import type { App, LambdaSettings } from '../../model/app.ts';
import type { FargateSettings } from '../../model/fargate.ts';

export interface PlacementPrices {
  readonly taskUsdPerSecond: number;
  /** Of one request that is billed for so long, its fee with it. */
  lambdaUsd(billedMs: Millis): number;
}

/** Where a price is not known: those of us-east-1. */
const UNKNOWN = { usdPerGbSecond: 0.0000166667, usdPerRequest: 0.0000002 } as const;

/**
 * Then a task is as dear as half a Lambda environment that is always busy: near what it is for the
 * smallest task in every region whose prices are known.
 */
const UNKNOWN_TASK_ENVIRONMENTS = 0.5;

export function placementPrices(
  lambda: LambdaSettings,
  fargate: FargateSettings,
  book: PriceBook,
  publicTasks: boolean,
): PlacementPrices {
  const usd = unitUsdOf(book);
  const gb = lambda.memoryMiB / 1024;
  const found = {
    usdPerGbSecond: usd(`lambda.${lambda.architecture}.gbSecond`),
    usdPerRequest: usd('lambda.request'),
    task: taskUsdPerSecond(fargate, publicTasks, usd),
  };
  const known = Object.values(found).every((price) => !Number.isNaN(price));
  const { task, ...prices } = known
    ? found
    : { ...UNKNOWN, task: UNKNOWN_TASK_ENVIRONMENTS * gb * UNKNOWN.usdPerGbSecond };
  return {
    taskUsdPerSecond: task,
    lambdaUsd: (billedMs) => lambdaRequestUsd(lambda.memoryMiB, billedMs, prices),
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
