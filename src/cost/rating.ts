// Turns usage into money, line by line, by the rules of AWS. A price that the book does not have
// makes its line unknown, not free.

import type { Compute } from '../model/app.ts';
import { CPU_UNITS_PER_VCPU } from '../model/aws-limits.ts';
import { charge, type Pico } from './money.ts';
import { type PriceBook, type PriceItem, SPOT_PRICE_PERCENT } from './price-book.ts';
import type { DoorUsage, FargateUsage, LambdaUsage, Usage } from './usage.ts';

export interface BillLine {
  readonly service: string | undefined;
  /** Undefined for what belongs to the front door. */
  readonly compute: Compute | undefined;
  readonly item: PriceItem;
  readonly quantity: number;
  readonly unit: string;
  /** Undefined when the book has no price for the item. */
  readonly pico: Pico | undefined;
  readonly note?: string;
}

export interface Bill {
  readonly region: string;
  readonly lines: readonly BillLine[];
  readonly total: Totals;
  /** Items that were used and have no price. */
  readonly unknown: readonly PriceItem[];
}

export interface Totals {
  readonly lambda: Pico;
  readonly fargate: Pico;
  readonly frontDoor: Pico;
  readonly all: Pico;
}

const MB_PER_GB = 1024n;
const MS_PER_S = 1000n;
const MS_PER_H = 3_600_000n;

export function rate(usage: Usage, book: PriceBook): Bill {
  const lines = [
    ...usage.services.flatMap(({ service, lambda, fargate }) => [
      ...(lambda === undefined ? [] : rateLambda(service, lambda, book)),
      ...(fargate === undefined ? [] : rateFargate(service, fargate, book)),
    ]),
    ...rateDoor(usage.door, book),
  ].filter(({ quantity }) => quantity > 0);
  const sum = (compute: Compute | undefined): Pico =>
    lines.reduce(
      (total, line) => (line.compute === compute ? total + (line.pico ?? 0n) : total),
      0n,
    );
  const [lambda, fargate, frontDoor] = [sum('lambda'), sum('fargate'), sum(undefined)];
  return {
    region: book.region,
    lines,
    total: { lambda, fargate, frontDoor, all: lambda + fargate + frontDoor },
    unknown: [...new Set(lines.filter(({ pico }) => pico === undefined).map(({ item }) => item))],
  };
}

function rateLambda(service: string, usage: LambdaUsage, book: PriceBook): readonly BillLine[] {
  const { architecture } = usage;
  const line = lineMaker(service, 'lambda', book);
  const gbSecond = MB_PER_GB * MS_PER_S;
  return [
    line('lambda.request', usage.requests, 1n, 'requests'),
    line(`lambda.${architecture}.gbSecond`, usage.mbMs, gbSecond, 'GB-seconds'),
    line(
      `lambda.${architecture}.provisionedDurationGbSecond`,
      usage.provisionedDurationMbMs,
      gbSecond,
      'GB-seconds in provisioned environments',
    ),
    line(
      `lambda.${architecture}.provisionedGbSecond`,
      usage.provisionedMbMs,
      gbSecond,
      'GB-seconds kept provisioned',
    ),
    line(
      'lambda.ephemeralGbSecond',
      usage.ephemeralMbMs,
      gbSecond,
      'GB-seconds of /tmp over 512 MB',
    ),
  ];
}

function rateFargate(service: string, usage: FargateUsage, book: PriceBook): readonly BillLine[] {
  const { architecture } = usage;
  const line = lineMaker(service, 'fargate', book);
  const vcpuHour = BigInt(CPU_UNITS_PER_VCPU) * MS_PER_H;
  const gbHour = MB_PER_GB * MS_PER_H;
  const spot = `Spot, assumed at ${SPOT_PRICE_PERCENT} % of the on-demand price`;
  return [
    line(`fargate.${architecture}.vcpuHour`, usage.unitMs, vcpuHour, 'vCPU-hours'),
    line(`fargate.${architecture}.gbHour`, usage.mibMs, gbHour, 'GB-hours'),
    atSpot(
      line(`fargate.${architecture}.vcpuHour`, usage.spotUnitMs, vcpuHour, 'vCPU-hours'),
      spot,
    ),
    atSpot(line(`fargate.${architecture}.gbHour`, usage.spotMibMs, gbHour, 'GB-hours'), spot),
  ];
}

function rateDoor(usage: DoorUsage | undefined, book: PriceBook): readonly BillLine[] {
  if (usage === undefined) return [];
  const line = lineMaker(undefined, undefined, book);
  if (usage.kind === 'http-api') return [line('httpApi.request', usage.requests, 1n, 'requests')];
  return [
    line('alb.hour', usage.hourMs, MS_PER_H, 'hours begun'),
    line('alb.lcuHour', usage.microLcuHours, 1_000_000n, 'LCU-hours'),
    line('ipv4.addressHour', usage.addressMs, MS_PER_H, 'address-hours'),
  ];
}

function lineMaker(service: string | undefined, compute: Compute | undefined, book: PriceBook) {
  return (item: PriceItem, quantity: number, per: bigint, unit: string): BillLine => {
    const price = book.price(item);
    const pico = price === undefined ? undefined : charge(price.pico, BigInt(quantity), per);
    return { service, compute, item, quantity: quantity / Number(per), unit, pico };
  };
}

function atSpot(line: BillLine, note: string): BillLine {
  const pico = line.pico === undefined ? undefined : charge(line.pico, SPOT_PRICE_PERCENT, 100n);
  return { ...line, pico, note };
}
