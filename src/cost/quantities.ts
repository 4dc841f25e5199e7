// Usage that was metered → quantities of what is billed, by the rules in `rules/`.

import { MS_PER_HOUR } from '../base/units.ts';
import { divided, exact } from './amount.ts';
import type { Quantity } from './quantity.ts';
import { meteredFargate } from './rules/fargate.ts';
import { meteredLambda } from './rules/lambda.ts';
import { line } from './rules/line.ts';
import type { DoorUsage, Usage } from './usage.ts';

export function quantitiesOf({ services, door }: Usage): readonly Quantity[] {
  return [
    ...services.flatMap(({ service, lambda, fargate }) => [
      ...(lambda === undefined ? [] : meteredLambda(lambda, service)),
      ...(fargate === undefined ? [] : meteredFargate(fargate, service)),
    ]),
    ...(door === undefined ? [] : meteredDoor(door)),
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
