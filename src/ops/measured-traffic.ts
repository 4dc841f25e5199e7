// What a running engine measured: its traffic, and figures of an estimate for each service.

import { sayTime } from '../base/calendar.ts';
import { Fault } from '../base/fault.ts';
import { type Millis, MONTH_MS, sayDuration } from '../base/units.ts';
import type { RequestProfile } from '../cost/estimate/set-up.ts';
import { measuredProfiles } from '../cost/measured.ts';
import type { ServiceProfile } from '../cost/profile-meter.ts';
import type { MeasuredApp } from '../engine/control/measured-app.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { askJson, runningEngine } from './admin-client.ts';
import type { AppChoice } from './find-app.ts';
import type { Machine } from './machine.ts';

export interface MeasuredWork {
  readonly traffic: Traffic;
  /** Since the start of the engine. */
  readonly requests: number;
  readonly uptimeMs: Millis;
  /** At this pace. */
  readonly requestsPerMonth: number;
  /** Where the figures are from, for people. */
  readonly from: string;
  /** As they were counted, with what a service had of all requests. */
  readonly services: readonly ServiceProfile[];
  /** By the name of the service, for `setUpOf`. Services that nothing came to are not in it. */
  readonly profiles: Readonly<Record<string, Partial<RequestProfile>>>;
}

/** Throws ENGINE_NOT_RUNNING, ENGINE_UNREACHABLE, TRAFFIC_NOTHING_SERVED. */
export async function readMeasuredTraffic(
  machine: Machine,
  choice: AppChoice,
): Promise<MeasuredWork> {
  const engine = await runningEngine(machine, choice);
  const measured = await askJson<MeasuredApp>(engine, '/v1/traffic');
  return workOf(measured);
}

/** Throws TRAFFIC_NOTHING_SERVED. */
function workOf(measured: MeasuredApp): MeasuredWork {
  const { app, traffic, uptimeMs, profiles: services, perConnection } = measured;
  const requests = services.reduce((sum, one) => sum + one.requests, 0);
  if (requests === 0) throw new Fault('TRAFFIC_NOTHING_SERVED', { app });
  const since = sayTime(traffic.startMs);
  const from = `measured from ${since} UTC for ${sayDuration(uptimeMs)}, ${requests.toLocaleString('en')} requests`;
  return {
    traffic,
    requests,
    uptimeMs,
    requestsPerMonth: (requests * MONTH_MS) / Math.max(1, uptimeMs),
    from,
    services,
    profiles: measuredProfiles({ profiles: services, perConnection, from }),
  };
}
