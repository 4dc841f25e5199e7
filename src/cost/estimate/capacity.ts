// What one task carries, and why not more.

import { CPU_UNITS_PER_VCPU } from '../../model/aws-limits.ts';
import type { RequestNumbers } from './figures.ts';
import type { FargateSetUp } from './set-up.ts';

export interface Capacity {
  /** Requests a second. Infinity: nothing limits it. */
  readonly perSecond: number;
  readonly limit: 'concurrency' | 'processor' | undefined;
}

/**
 * min(concurrency ÷ duration, target utilization × vCPU × 1000 ÷ cpuMs).
 *
 * Example: 20 in flight of 200 ms are 100 a second; 60 % of 0.25 vCPU at 10 ms each are 15.
 */
export function capacityOf(fargate: FargateSetUp, requests: RequestNumbers): Capacity {
  const bySlots = (requests.concurrency * 1000) / requests.fargateMs;
  const vcpu = fargate.cpuUnits / CPU_UNITS_PER_VCPU;
  const byProcessor = (fargate.targetUtilization * vcpu * 1000) / requests.cpuMs;
  const perSecond = Math.min(
    Number.isNaN(bySlots) ? Infinity : bySlots,
    Number.isNaN(byProcessor) ? Infinity : byProcessor,
  );
  if (perSecond === Infinity) return { perSecond, limit: undefined };
  return { perSecond, limit: bySlots < byProcessor ? 'concurrency' : 'processor' };
}
