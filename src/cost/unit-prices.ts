// What placement compares in the engine and in a simulation: a second of a task with a request on
// Lambda. By the first tier of each item and without what is free: where a request is cheaper must not
// hang on the day of the month.
//
// Example, us-east-1, x86: a task of 0.25 vCPU and 0.5 GB costs $0.00000343 a second, and 512 MB of
// Lambda $0.00000833; so the task pays from 0.41 requests in flight on, the fee per request left out.

import { MS_PER_HOUR, MS_PER_SECOND } from '../base/units.ts';
import { CPU_UNITS_PER_VCPU, FARGATE_EPHEMERAL_GIB } from '../model/aws-limits.ts';
import type { FargateSettings } from '../model/fargate.ts';
import { SPOT_PRICE_PERCENT } from './assumptions.ts';
import { usdOf } from './money.ts';
import type { PriceItem } from './prices/catalogue.ts';
import type { PriceBook } from './prices/price-book.ts';

/** USD of one unit of an item. */
export type UnitUsd = (item: PriceItem) => number;

/** NaN for what has no price. */
export function unitUsdOf(book: PriceBook): UnitUsd {
  return (item) => {
    const price = book.price(item);
    return price === undefined ? Number.NaN : usdOf(price[0].pico);
  };
}

export type TaskSize = Pick<
  FargateSettings,
  'architecture' | 'cpuUnits' | 'memoryMiB' | 'ephemeralGiB' | 'spotShare'
>;

/**
 * USD of a second of one task: processor and memory at the mix of Spot asked for, storage beyond what
 * is free, and its address if it is public.
 */
export function taskUsdPerSecond(task: TaskSize, isPublic: boolean, usd: UnitUsd): number {
  const onDemand =
    (task.cpuUnits / CPU_UNITS_PER_VCPU) * usd(`fargate.${task.architecture}.vcpuHour`) +
    (task.memoryMiB / 1024) * usd(`fargate.${task.architecture}.gbHour`);
  const mix = 1 - task.spotShare * (1 - Number(SPOT_PRICE_PERCENT) / 100);
  const billedGiB = Math.max(0, task.ephemeralGiB - FARGATE_EPHEMERAL_GIB.default);
  const storage = billedGiB === 0 ? 0 : billedGiB * usd('fargate.ephemeralStorageGbHour');
  const address = isPublic ? usd('ipv4.addressHour') : 0;
  return ((onDemand * mix + storage + address) * MS_PER_SECOND) / MS_PER_HOUR;
}

/** USD of a request that is billed for so long on Lambda, its fee with it. */
export function lambdaRequestUsd(
  memoryMiB: number,
  billedMs: number,
  prices: { readonly usdPerGbSecond: number; readonly usdPerRequest: number },
): number {
  const gbSeconds = (memoryMiB / 1024) * (billedMs / MS_PER_SECOND);
  return gbSeconds * prices.usdPerGbSecond + prices.usdPerRequest;
}
