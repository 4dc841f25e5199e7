// The kind of front door an app asks for, and its metrics.

import type { Clock, Rng } from '../../base/ports.ts';
import type { App } from '../../model/app.ts';
import type { MetricStore } from '../control/metric-store.ts';
import { AlbDoor } from './alb-door.ts';
import { apiMetrics } from './api-metrics.ts';
import type { DoorKind } from './door-kind.ts';
import { type DoorMetrics, doorMetrics } from './door-metrics.ts';
import { HttpApiDoor } from './http-api-door.ts';

export function kindOf(app: App, clock: Clock, rng: Rng): DoorKind {
  const { entry } = app;
  return entry.type === 'alb' ? new AlbDoor(app, entry) : new HttpApiDoor(app, entry, clock, rng);
}

export function metricsOf({ name, zones, entry }: App, store: MetricStore): DoorMetrics {
  if (entry.type !== 'alb') return apiMetrics(store, name);
  return doorMetrics(store, name, zones[0] ?? '');
}
