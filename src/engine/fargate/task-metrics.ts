// The metrics of the tasks of a service, once a second; `control/utilization.ts` has those of their
// processor and memory. [ECS:available-metrics],
// [CW:Container-Insights-enhanced-observability-metrics-ECS]

import type { ZoneCounts } from '../../fleet/balancer/target-group.ts';
import { CPU_UNITS_PER_VCPU } from '../../model/aws-limits.ts';
import { awsNames, type MetricName } from '../../model/metric.ts';
import type { MetricStore } from '../control/metric-store.ts';
import type { TaskUse } from './task-use.ts';

export interface TaskCounts {
  readonly desired: number;
  /** PROVISIONING to ACTIVATING. */
  readonly pending: number;
  readonly running: number;
  /** DEACTIVATING to DEPROVISIONING. */
  readonly leaving: number;
  /** Targets that the load balancer takes for healthy, and for unhealthy. */
  readonly healthy: number;
  readonly unhealthy: number;
  readonly failOpen: boolean;
  readonly slotsInUse: number;
  readonly slots: number;
  /** Healthy and unhealthy targets of each zone. */
  readonly zones: readonly ZoneCounts[];
}

export interface SeenTasks {
  readonly app: string;
  readonly service: string;
  readonly counts: TaskCounts;
  /** Deployments that have tasks, or are to have some. */
  readonly deployments: number;
  readonly use: TaskUse;
}

export function noteTasks(metrics: MetricStore, seen: SeenTasks): void {
  const { app, service, counts, deployments, use } = seen;
  const { desired, pending, running } = counts;
  const dimensions = { ClusterName: awsNames(app).cluster, ServiceName: service };
  const insight = (name: MetricName<'ECS/ContainerInsights'>, value: number) =>
    metrics.handle('ECS/ContainerInsights', name, dimensions).add(value);
  insight('DesiredTaskCount', desired);
  insight('RunningTaskCount', running);
  insight('PendingTaskCount', pending);
  insight('TaskCount', pending + running);
  insight('DeploymentCount', deployments);
  insight('CpuUtilized', use.cpuUnitsUsed);
  insight('MemoryUtilized', use.memoryMiBUsed);
  insight('EphemeralStorageUtilized', use.storageGiBUsed);
  insight('CpuReserved', use.cpuUnitsReserved / CPU_UNITS_PER_VCPU);
  insight('MemoryReserved', use.memoryMiBReserved);
  insight('EphemeralStorageReserved', use.storageGiBReserved);
  metrics.handle('AWS/ECS', 'LiveTaskCount', dimensions).add(running);
}
