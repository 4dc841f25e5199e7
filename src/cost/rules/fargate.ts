// Fargate: what is billed of tasks.
//
// Rules [aws.amazon.com/fargate/pricing]:
//   M3. From the start of the image download until the task has ended, by the second, a minute at
//       least, on the vCPU and memory that are asked for. Draining and the stop timeout count.
//  M10. Storage over 20 GB, by the same time.
//  M11. Spot is metered alike; its price floats and is not in the price list, so it is a percent of
//       the price on demand that one sets. Storage is not cheaper.

import {
  type MiB,
  type Millis,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  MS_PER_SECOND,
} from '../../base/units.ts';
import type { Architecture } from '../../model/app.ts';
import { CPU_UNITS_PER_VCPU } from '../../model/aws-limits.ts';
import { type Amount, divided, exact, plus, times } from '../amount.ts';
import { SPOT_PRICE_PERCENT } from '../assumptions.ts';
import type { Quantity } from '../quantity.ts';
import type { FargateUsage } from '../usage.ts';
import { line } from './line.ts';

/** Storage that comes with a task for nothing. */
const FARGATE_FREE_EPHEMERAL_GIB = 20;

const FARGATE_LEAST_MS = MS_PER_MINUTE;

export interface FargateUse {
  readonly architecture: Architecture;
  /** Of a task. 1024 are one vCPU. */
  readonly cpuUnits: number;
  readonly memoryMiB: MiB;
  /** Default 20. */
  readonly ephemeralGiB?: number | undefined;
  readonly tasks: readonly Tasks[];
  /** Default 35. */
  readonly spotPricePercent?: number | undefined;
}

/** So many tasks that are alike; a mean need not be whole. */
export interface Tasks {
  readonly count: number;
  /** Of each, from the start of its image download to its end. */
  readonly ranMs: Millis;
  readonly spot?: boolean | undefined;
}

/** Whole seconds, a minute at least (M3), in milliseconds. */
export function billedTask(ranMs: Millis): number {
  return Math.max(FARGATE_LEAST_MS, Math.ceil(ranMs / MS_PER_SECOND) * MS_PER_SECOND);
}

export function fargateQuantities(use: FargateUse, service?: string): readonly Quantity[] {
  const { architecture, cpuUnits, memoryMiB, spotPricePercent = Number(SPOT_PRICE_PERCENT) } = use;
  const ms = (spot: boolean): Amount =>
    plus(
      ...use.tasks
        .filter((task) => (task.spot ?? false) === spot)
        .map(({ count, ranMs }) => times(count, billedTask(ranMs))),
    );
  const [onDemand, onSpot] = [ms(false), ms(true)];
  const overGiB = Math.max(
    0,
    (use.ephemeralGiB ?? FARGATE_FREE_EPHEMERAL_GIB) - FARGATE_FREE_EPHEMERAL_GIB,
  );
  return [
    ...lines(
      architecture,
      {
        unitMs: times(onDemand, cpuUnits),
        mibMs: times(onDemand, memoryMiB),
        spotUnitMs: times(onSpot, cpuUnits),
        spotMibMs: times(onSpot, memoryMiB),
      },
      spotPricePercent,
      service,
    ),
    line(
      'compute',
      'fargate.ephemeralStorageGbHour',
      divided(times(plus(onDemand, onSpot), overGiB), MS_PER_HOUR),
      { owner: { service, compute: 'fargate' }, note: 'storage over 20 GB' },
    ),
  ];
}

/** What was metered → quantities. */
export function meteredFargate(
  usage: FargateUsage,
  service?: string,
  spotPricePercent: number = Number(SPOT_PRICE_PERCENT),
): readonly Quantity[] {
  return lines(
    usage.architecture,
    {
      unitMs: exact(usage.unitMs),
      mibMs: exact(usage.mibMs),
      spotUnitMs: exact(usage.spotUnitMs),
      spotMibMs: exact(usage.spotMibMs),
    },
    spotPricePercent,
    service,
  );
}

function lines(
  architecture: Architecture,
  sums: Readonly<Record<'unitMs' | 'mibMs' | 'spotUnitMs' | 'spotMibMs', Amount>>,
  spotPricePercent: number,
  service: string | undefined,
): readonly Quantity[] {
  const owner = { service, compute: 'fargate' } as const;
  const spot = {
    owner,
    percent: BigInt(spotPricePercent),
    note: `Spot, assumed at ${spotPricePercent} % of the on-demand price`,
  };
  const vcpuHours = (unitMs: Amount): Amount => divided(unitMs, CPU_UNITS_PER_VCPU * MS_PER_HOUR);
  const gbHours = (mibMs: Amount): Amount => divided(mibMs, 1024 * MS_PER_HOUR);
  return [
    line('compute', `fargate.${architecture}.vcpuHour`, vcpuHours(sums.unitMs), { owner }),
    line('compute', `fargate.${architecture}.gbHour`, gbHours(sums.mibMs), { owner }),
    line('compute', `fargate.${architecture}.vcpuHour`, vcpuHours(sums.spotUnitMs), spot),
    line('compute', `fargate.${architecture}.gbHour`, gbHours(sums.spotMibMs), spot),
  ];
}
