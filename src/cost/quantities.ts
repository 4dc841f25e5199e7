// Usage that was metered → quantities of what is billed.

import { MS_PER_HOUR } from '../base/units.ts';
import { CPU_UNITS_PER_VCPU } from '../model/aws-limits.ts';
import { SPOT_PRICE_PERCENT } from './assumptions.ts';
import type { Quantity } from './quantity.ts';
import type { DoorUsage, FargateUsage, LambdaUsage, Usage } from './usage.ts';

const MB_MS_PER_GB_SECOND = 1024n * 1000n;
const MS_PER_HOUR_WHOLE = BigInt(MS_PER_HOUR);

export function quantitiesOf({ services, door }: Usage): readonly Quantity[] {
  return [
    ...services.flatMap(({ service, lambda, fargate }) => [
      ...(lambda === undefined ? [] : lambdaQuantities(service, lambda)),
      ...(fargate === undefined ? [] : fargateQuantities(service, fargate)),
    ]),
    ...(door === undefined ? [] : doorQuantities(door)),
  ];
}

export function lambdaQuantities(
  service: string | undefined,
  usage: LambdaUsage,
): readonly Quantity[] {
  const { architecture } = usage;
  const line = (item: Quantity['item'], amount: number, per: bigint, note?: string): Quantity => ({
    ...{ item, amount: BigInt(amount), per, part: 'compute', service, compute: 'lambda', note },
  });
  return [
    line('lambda.request', usage.requests, 1n),
    line(`lambda.${architecture}.gbSecond`, usage.mbMs, MB_MS_PER_GB_SECOND),
    line(
      `lambda.${architecture}.provisionedDurationGbSecond`,
      usage.provisionedDurationMbMs,
      MB_MS_PER_GB_SECOND,
      'in provisioned environments',
    ),
    line(
      `lambda.${architecture}.provisionedConcurrencyGbSecond`,
      usage.provisionedMbMs,
      MB_MS_PER_GB_SECOND,
      'kept provisioned',
    ),
    line(
      'lambda.ephemeralStorageGbSecond',
      usage.ephemeralMbMs,
      MB_MS_PER_GB_SECOND,
      '/tmp over 512 MB',
    ),
  ];
}

export function fargateQuantities(
  service: string | undefined,
  usage: FargateUsage,
): readonly Quantity[] {
  const { architecture } = usage;
  const part = { part: 'compute', service, compute: 'fargate' } as const;
  const vcpu = { item: `fargate.${architecture}.vcpuHour`, ...part } as const;
  const gb = { item: `fargate.${architecture}.gbHour`, ...part } as const;
  const vcpuPer = BigInt(CPU_UNITS_PER_VCPU) * MS_PER_HOUR_WHOLE;
  const gbPer = 1024n * MS_PER_HOUR_WHOLE;
  const spot = {
    percent: SPOT_PRICE_PERCENT,
    note: `Spot, assumed at ${SPOT_PRICE_PERCENT} % of the on-demand price`,
  };
  return [
    { ...vcpu, amount: BigInt(usage.unitMs), per: vcpuPer },
    { ...gb, amount: BigInt(usage.mibMs), per: gbPer },
    { ...vcpu, ...spot, amount: BigInt(usage.spotUnitMs), per: vcpuPer },
    { ...gb, ...spot, amount: BigInt(usage.spotMibMs), per: gbPer },
  ];
}

export function doorQuantities(usage: DoorUsage): readonly Quantity[] {
  const line = (item: Quantity['item'], amount: number, per: bigint): Quantity => ({
    ...{ item, amount: BigInt(amount), per, part: 'entry', service: undefined },
    compute: undefined,
  });
  if (usage.kind === 'http-api') return [line('apigateway.httpRequest', usage.requests, 1n)];
  return [
    line('alb.hour', usage.hourMs, MS_PER_HOUR_WHOLE),
    line('alb.lcuHour', usage.microLcuHours, 1_000_000n),
    line('ipv4.addressHour', usage.addressMs, MS_PER_HOUR_WHOLE),
  ];
}
