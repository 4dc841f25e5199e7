// Usage that was metered → quantities of what is billed, by the rules in `rules/`.

import { MONTH_MS, MS_PER_HOUR } from '../base/units.ts';
import { divided, exact } from './amount.ts';
import type { Quantity } from './quantity.ts';
import { logQuantities } from './rules/cloudwatch.ts';
import { meteredFargate } from './rules/fargate.ts';
import { meteredLambda } from './rules/lambda.ts';
import { BYTES_PER_GB, line } from './rules/line.ts';
import type { DoorUsage, FargateUsage, SharedUsage, Usage } from './usage.ts';

export function quantitiesOf({ services, door, logs, shared }: Usage): readonly Quantity[] {
  return [
    ...services.flatMap(({ service, lambda, fargate }) => [
      ...(lambda === undefined ? [] : meteredLambda(lambda, service)),
      ...(fargate === undefined
        ? []
        : [...meteredFargate(fargate, service), ...meteredAddresses(fargate, service)]),
    ]),
    ...(door === undefined ? [] : meteredDoor(door)),
    ...(logs ?? []).flatMap(({ service, compute, events, bytes }) =>
      logQuantities({ events, bytes }, { service, compute }),
    ),
    ...(shared === undefined ? [] : meteredShared(shared)),
  ];
}

/** Of tasks that are reached, and reach out, at addresses of their own (M16). */
function meteredAddresses(
  { addressMs = 0 }: FargateUsage,
  service: string | undefined,
): readonly Quantity[] {
  const owner = { service, compute: 'fargate' } as const;
  const hours = divided(exact(addressMs), MS_PER_HOUR);
  return [line('network', 'ipv4.addressHour', hours, { owner, note: 'of the tasks' })];
}

function meteredShared(usage: SharedUsage): readonly Quantity[] {
  const { internetBytes, standardCalls, fifoCalls, alarmMs, highResolutionAlarmMs } = usage;
  const calls = (item: Quantity['item'], count: number): Quantity =>
    line('other', item, exact(count), { note: 'as they were called here' });
  const alarms = (item: Quantity['item'], ms: number): Quantity =>
    line('logs', item, divided(exact(ms), MONTH_MS));
  return [
    line('network', 'dataTransfer.internetOutGb', divided(exact(internetBytes), BYTES_PER_GB)),
    calls('sqs.standardRequest', standardCalls),
    calls('sqs.fifoRequest', fifoCalls),
    alarms('cloudwatch.alarmMonth', alarmMs),
    alarms('cloudwatch.alarmHighresMonth', highResolutionAlarmMs),
  ];
}

function meteredDoor(usage: DoorUsage): readonly Quantity[] {
  if (usage.kind === 'http-api') {
    return [line('entry', 'apigateway.httpRequest', exact(usage.requests))];
  }
  return [
    line('entry', 'alb.hour', divided(exact(usage.hourMs), MS_PER_HOUR)),
    line('entry', 'alb.lcuHour', divided(exact(usage.microLcuHours), 1e6)),
    line('entry', 'ipv4.addressHour', divided(exact(usage.addressMs), MS_PER_HOUR)),
  ];
}
