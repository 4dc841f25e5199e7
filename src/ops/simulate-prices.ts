// What a second of a task and a request on Lambda cost, from the price book. The first tier of each,
// without what is free: a simulation is of part of a month, and of one service of an account.

import { Fault } from '../base/fault.ts';
import { SPOT_PRICE_PERCENT } from '../cost/assumptions.ts';
import type { FargateSetUp, LambdaSetUp } from '../cost/estimate/set-up.ts';
import { usdOf } from '../cost/money.ts';
import type { PriceItem } from '../cost/prices/catalogue.ts';
import type { PriceBook } from '../cost/prices/price-book.ts';
import { CPU_UNITS_PER_VCPU, FARGATE_EPHEMERAL_GIB } from '../model/aws-limits.ts';

export interface UnitPrice {
  readonly usd: number;
  /** For people: what it is made of. */
  readonly source: string;
}

export interface UnitPrices {
  readonly lambdaGbSecond: UnitPrice;
  readonly lambdaRequest: UnitPrice;
  /** Of a task: processor, memory, storage beyond what is free, and its public address. */
  readonly taskSecond: UnitPrice;
}

/** Throws SIMULATE_PRICE_UNKNOWN. */
export function unitPrices(
  book: PriceBook,
  lambda: LambdaSetUp,
  fargate: FargateSetUp,
  isPublic: boolean,
): UnitPrices {
  const usd = (item: PriceItem): number => {
    const price = book.price(item);
    if (price === undefined) {
      throw new Fault('SIMULATE_PRICE_UNKNOWN', { item, region: book.region });
    }
    return usdOf(price[0].pico);
  };
  const source = `prices of ${book.asOf}`;
  const spot = 1 - fargate.spotShare * (1 - Number(SPOT_PRICE_PERCENT) / 100);
  const compute =
    (fargate.cpuUnits / CPU_UNITS_PER_VCPU) * usd(`fargate.${fargate.architecture}.vcpuHour`) +
    (fargate.memoryMiB / 1024) * usd(`fargate.${fargate.architecture}.gbHour`);
  const extraGb = Math.max(0, fargate.ephemeralGiB - FARGATE_EPHEMERAL_GIB.default);
  const storage = extraGb === 0 ? 0 : extraGb * usd('fargate.ephemeralStorageGbHour');
  const address = isPublic ? usd('ipv4.addressHour') : 0;
  const parts = [
    fargate.spotShare > 0 ? `${Math.round(fargate.spotShare * 100)} % on Spot` : undefined,
    isPublic ? 'with its public address' : undefined,
  ].filter((part) => part !== undefined);
  return {
    lambdaGbSecond: { usd: usd(`lambda.${lambda.architecture}.gbSecond`), source },
    lambdaRequest: { usd: usd('lambda.request'), source },
    taskSecond: {
      usd: (compute * spot + storage + address) / 3600,
      source: [source, ...parts].join(', '),
    },
  };
}
