// What placement compares: the price of a second of a task and of a request on Lambda, and how long a
// request takes before one has been seen.

import type { Millis } from '../../base/units.ts';
import { taskUsdPerSecond } from '../../cost/break-even.ts';
import { ASSUMED } from '../../cost/estimate/assumed.ts';
import { usdOf } from '../../cost/money.ts';
import type { PriceBook } from '../../cost/prices/price-book.ts';
import type { App, LambdaSettings } from '../../model/app.ts';
import type { FargateSettings } from '../../model/fargate.ts';

export interface PlacementPrices {
  readonly taskUsdPerSecond: number;
  /** Of one request that is billed for so long, its fee with it. */
  lambdaUsd(billedMs: Millis): number;
}

/**
 * Where a price is not known, those of us-east-1, and a task as dear as half a Lambda environment that
 * is always busy: near what it is for the smallest task in every region whose prices are known.
 */
const UNKNOWN = { gbSecond: 0.0000166667, request: 0.0000002, environments: 0.5 } as const;

export function placementPrices(
  lambda: LambdaSettings,
  fargate: FargateSettings,
  book: PriceBook,
  publicTasks: boolean,
): PlacementPrices {
  const gbSecondPrice = book.price(`lambda.${lambda.architecture}.gbSecond`);
  const requestPrice = book.price('lambda.request');
  const task = taskUsdPerSecond(fargate, book);
  const gb = lambda.memoryMiB / 1024;
  const known = gbSecondPrice !== undefined && requestPrice !== undefined && task !== undefined;
  const gbSecond = known ? usdOf(gbSecondPrice[0].pico) : UNKNOWN.gbSecond;
  const address = publicTasks ? book.price('ipv4.addressHour') : undefined;
  const addressUsd = address === undefined ? 0 : usdOf(address[0].pico) / SECONDS_PER_HOUR;
  const request = known ? usdOf(requestPrice[0].pico) : UNKNOWN.request;
  return {
    taskUsdPerSecond: (known ? task : UNKNOWN.environments * gb * UNKNOWN.gbSecond) + addressUsd,
    lambdaUsd: (billedMs) => (gb * gbSecond * billedMs) / 1000 + request,
  };
}

const SECONDS_PER_HOUR = 3600;

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
