// The metrics of the tasks of a service, once a second; `control/utilization.ts` has those of their
// processor and memory. [ECS:available-metrics]

import type { TaskCounts } from '../../fleet/task-pool.ts';
import type { Service } from '../../model/app.ts';
import { CPU_UNITS_PER_VCPU } from '../../model/aws-limits.ts';
import { awsNames, type MetricName } from '../../model/metric.ts';
import type { MetricStore } from '../control/metric-store.ts';
import type { FargateTrack } from './fargate-track.ts';

export interface SeenTasks {
  readonly app: string;
  readonly service: Service;
  readonly counts: TaskCounts;
  readonly use: ReturnType<FargateTrack['measure']>;
}

export function noteTasks(metrics: MetricStore, { app, service, counts, use }: SeenTasks): void {
  const running = counts.healthy + counts.unhealthy;
  const settings = service.fargate;
  const dimensions = { ClusterName: awsNames(app).cluster, ServiceName: service.name };
  const insight = (name: MetricName<'ECS/ContainerInsights'>, value: number) =>
    metrics.handle('ECS/ContainerInsights', name, dimensions).add(value);
  insight('DesiredTaskCount', counts.desired);
  insight('RunningTaskCount', running);
  insight('PendingTaskCount', counts.starting);
  insight('CpuUtilized', use.cpuUnitsUsed);
  insight('MemoryUtilized', use.memoryMiBUsed);
  insight('CpuReserved', (running * (settings?.cpuUnits ?? 0)) / CPU_UNITS_PER_VCPU);
  insight('MemoryReserved', running * (settings?.memoryMiB ?? 0));
  metrics.handle('AWS/ECS', 'LiveTaskCount', dimensions).add(running);
}
