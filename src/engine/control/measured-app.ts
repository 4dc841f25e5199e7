// What `GET /v1/traffic` answers: the traffic since the start, and what each service took of it. And
// what the meter learns from the events of the engine.

import type { Millis } from '../../base/units.ts';
import { setUpOf } from '../../cost/estimate/set-up-of.ts';
import { type Meter, meter } from '../../cost/meter.ts';
import type { MeasuredTraffic } from '../../cost/traffic-meter.ts';
import { type App, codesOf } from '../../model/app.ts';
import type { EngineEvent } from '../../model/event.ts';

export interface MeasuredApp extends Omit<MeasuredTraffic, 'traffic'> {
  readonly schemaVersion: 1;
  readonly app: string;
  readonly region: string;
  readonly uptimeMs: Millis;
  readonly traffic: {
    readonly intervalMs: Millis;
    /** Wall time. */
    readonly startMs: Millis;
    readonly counts: readonly number[];
    readonly requests: MeasuredTraffic['traffic']['requests'];
  };
}

/** An app that routes nothing needs no front door on AWS. */
export function meterOf(app: App, startedAt: Millis): Meter {
  const functions = app.functions
    .flatMap(codesOf)
    .map(({ name, key, lambda }) => ({ name, key, lambda, fargate: undefined }));
  const door = app.routes.length === 0 ? undefined : app.entry.type;
  const { publicTasks } = setUpOf(app).network;
  const services = app.services.map((service) => ({ ...service, publicTasks }));
  return meter([...services, ...functions], startedAt, door);
}

export interface MeasuredWhere {
  readonly name: string;
  readonly region: string;
  readonly uptimeMs: Millis;
  readonly startedWall: Millis;
}

export function measuredApp(measured: MeasuredTraffic, where: MeasuredWhere): MeasuredApp {
  const { traffic, profiles, perConnection } = measured;
  const { intervalMs, counts, requests } = traffic;
  return {
    schemaVersion: 1,
    app: where.name,
    region: where.region,
    uptimeMs: where.uptimeMs,
    traffic: {
      intervalMs,
      startMs: where.startedWall,
      counts: counts.map((count) => count ?? 0),
      requests,
    },
    profiles,
    perConnection,
  };
}

/** What no call of the meter tells: logs, and what comes past the front door. */
export function meterEvent(meter: Meter, event: EngineEvent, now: Millis): void {
  switch (event.type) {
    case 'log': {
      const { service, compute, source, line } = event;
      meter.logged({ service, compute, source, bytes: Buffer.byteLength(line) });
      return;
    }
    case 'batch':
      meter.came(event.function, event.messages, true, now);
      return;
    case 'invocation':
      if (event.version !== undefined && event.how !== 'DryRun') {
        meter.came(event.function, 1, false, now);
      }
  }
}
