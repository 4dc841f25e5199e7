// What is seen of a service on Fargate once a second, and put into its metrics.

import type { Millis } from '../../base/units.ts';
import type { App, Service } from '../../model/app.ts';
import { awsNames } from '../../model/metric.ts';
import type { FargateTrack } from '../fargate/fargate-track.ts';
import type { TaskUse } from '../fargate/task-use.ts';
import type { LoadGauge, LoadReading } from './load-gauge.ts';
import type { MetricHandle, MetricStore } from './metric-store.ts';
import { Utilization } from './utilization.ts';

export interface Seen {
  readonly use: TaskUse;
  readonly load: LoadReading;
}

export interface ServiceWatchParts {
  readonly app: App;
  readonly service: Service;
  readonly track: FargateTrack;
  readonly load: LoadGauge;
  readonly store: MetricStore;
}

export class ServiceWatch {
  readonly #parts: ServiceWatchParts;
  readonly #utilization: Utilization;
  readonly #perTarget: MetricHandle | undefined;

  constructor(parts: ServiceWatchParts) {
    this.#parts = parts;
    const { app, service, store } = parts;
    const names = awsNames(app.name);
    const dimensions = { ClusterName: names.cluster, ServiceName: service.name };
    this.#utilization = new Utilization(store, dimensions);
    this.#perTarget =
      app.entry.type === 'alb'
        ? store.handle('AWS/ApplicationELB', 'RequestCountPerTarget', {
            LoadBalancer: names.loadBalancer,
            TargetGroup: names.targetGroup(service.name, 'fargate'),
          })
        : undefined;
  }

  observe(now: Millis): Seen {
    const { app, track, load: gauge } = this.#parts;
    const use = track.measure();
    const load = gauge.read(now);
    this.#utilization.note(use);
    // A minute without a request is a real zero, else nothing could scale in on it.
    // [AAS:target-tracking-scaling-policy-overview]
    const counted = app.local.assume.requestsWithoutTargets === 'counted';
    this.#perTarget?.add(counted ? load.refused : 0);
    return { use, load };
  }
}
