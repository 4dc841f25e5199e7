// When a task is worth its price.
//
// A task costs the same whether it works or not; Lambda costs only while it works. The two are equal
// when so many Lambda environments would be busy all the time:
//
//   break-even = (task $ per second) ÷ (memory GB × Lambda $ per GB-second)
//
// Example, us-east-1, x86: 0.25 vCPU and 0.5 GB cost $0.00000343 a second; 512 MB of Lambda
// $0.00000833; so 0.41 requests in flight, all the time. The fee per request is left out: it needs
// the duration, and only lowers the figure.

import type { LambdaSettings } from '../model/app.ts';
import { CPU_UNITS_PER_VCPU } from '../model/aws-limits.ts';
import type { FargateSettings } from '../model/fargate.ts';
import { SPOT_PRICE_PERCENT } from './assumptions.ts';
import { usdOf } from './money.ts';
import type { PriceBook } from './prices/price-book.ts';

/** Requests in flight; undefined when a price is not known. */
export function breakEvenConcurrency(
  lambda: LambdaSettings,
  fargate: FargateSettings,
  book: PriceBook,
): number | undefined {
  const task = taskUsdPerSecond(fargate, book);
  const gbSecond = book.price(`lambda.${lambda.architecture}.gbSecond`);
  if (task === undefined || gbSecond === undefined) return undefined;
  return task / ((lambda.memoryMiB / 1024) * usdOf(gbSecond[0].pico));
}

/** What one task costs a second, at the mix of Spot asked for; undefined without a price. */
export function taskUsdPerSecond(fargate: FargateSettings, book: PriceBook): number | undefined {
  const vcpuHour = book.price(`fargate.${fargate.architecture}.vcpuHour`);
  const gbHour = book.price(`fargate.${fargate.architecture}.gbHour`);
  if (vcpuHour === undefined || gbHour === undefined) return undefined;
  const perHour =
    (fargate.cpuUnits / CPU_UNITS_PER_VCPU) * usdOf(vcpuHour[0].pico) +
    (fargate.memoryMiB / 1024) * usdOf(gbHour[0].pico);
  const mix = 1 - fargate.spotShare * (1 - Number(SPOT_PRICE_PERCENT) / 100);
  return (perHour * mix) / 3600;
}
