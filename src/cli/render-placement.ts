// The placement of a service, as `fulcrum status` and `fulcrum explain` show it.

import { sayDuration, sayUsd } from '../base/units.ts';
import type { EngineStatus } from '../ops/status.ts';
import type { Paint } from './terminal.ts';

type Scaling = NonNullable<EngineStatus['services'][number]['fargate']>['scaling'];
export type Placement = NonNullable<Scaling['placement']>;

/** The first says the policy and what it makes of what comes. */
export function placementLines(
  { policy, now, learned, next, routes }: Placement,
  paint: Paint,
): readonly string[] {
  const { takes, carries, taskRate, taskMs, startSeconds } = learned;
  const less = takes < carries ? ` (so far it is given ${takes})` : '';
  const isRanked = new Set(routes.map(({ place }) => place)).size > 1;
  const told = routes.filter(({ slow }) => isRanked || slow !== undefined);
  return [
    `${policy}: ${now.text}`,
    `a task carries ${carries} at a time${less}, ${taskRate.toFixed(1)} requests/s of ${sayDuration(taskMs)}, and starts in ${sayDuration(startSeconds * 1000)}`,
    `one more: ${next.start}`,
    `one fewer: ${next.stop}`,
    ...told.map((route) => paint('dim', sayRank(route))),
  ];
}

function sayRank(route: Placement['routes'][number]): string {
  const { place, requestsPerSecond, usdPerSlotHour, reserve, slow, probes } = route;
  const saves =
    usdPerSlotHour === undefined
      ? 'what a slot saves is not known yet'
      : `a slot saves ${sayUsd(usdPerSlotHour)} an hour`;
  const leaves =
    reserve === 0
      ? ''
      : `, leaves ${reserve} ${reserve === 1 ? 'slot' : 'slots'} free for those above it`;
  const late =
    slow === undefined
      ? ''
      : `, ${slow} (${probes} ${probes === 1 ? 'request has' : 'requests have'} shown what tasks take)`;
  return `route ${route.route} is number ${place}: ${saves}, ${requestsPerSecond.toFixed(1)} requests/s${leaves}${late}`;
}
