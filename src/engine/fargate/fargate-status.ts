// A service on Fargate as `fulcrum status` shows it.

import type { ContainerHealth, RolloutState, TargetHealth, TaskStatus } from '../../model/ecs.ts';
import type { FargateTrack } from './fargate-track.ts';
import type { TaskCounts } from './task-metrics.ts';
import type { History } from './teller.ts';

export interface FargateStatus extends TaskCounts, History {
  /** The primary one first. */
  readonly deployments: readonly DeploymentStatus[];
  /** Tasks that have not stopped. */
  readonly tasks: readonly RunningTaskStatus[];
}

export interface DeploymentStatus {
  readonly id: string;
  readonly revision: number;
  readonly status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE';
  readonly rollout: RolloutState;
  readonly rolloutReason: string;
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  readonly failed: number;
}

export interface RunningTaskStatus {
  readonly id: string;
  readonly revision: number;
  readonly state: TaskStatus;
  readonly zone: string;
  readonly spot: boolean;
  /** What its own check says; undefined when it has none. */
  readonly container: ContainerHealth | undefined;
  /** What the load balancer says of it, once it is registered. */
  readonly target: TargetHealth | undefined;
  readonly inFlight: number;
  /** Why it is being stopped. */
  readonly stoppedReason: string | undefined;
}

export function fargateStatus(track: FargateTrack): FargateStatus {
  const targets = new Map(track.targets().map((target) => [target.id, target]));
  const counts = track.counts();
  const sick = track.tasks().filter(({ id, container }) => {
    return container === 'UNHEALTHY' && targets.get(id)?.health.state === 'healthy';
  }).length;
  return {
    ...counts,
    healthy: counts.healthy - sick,
    unhealthy: counts.unhealthy + sick,
    ...track.history(),
    deployments: track
      .deployments()
      .map(({ id, revision, status, rollout, rolloutReason, ...counts }) => {
        const { desired, running, pending, failed } = counts;
        const numbers = { desired, running, pending, failed };
        return { id, revision, status, rollout, rolloutReason, ...numbers };
      }),
    tasks: track.tasks().map((task) => {
      const target = targets.get(task.id);
      const checked = track.program(task.revision)?.settings.healthCheck !== undefined;
      return {
        id: task.id,
        revision: task.revision,
        state: task.status,
        zone: task.zone,
        spot: task.spot,
        container: checked ? task.container : undefined,
        target: target?.health,
        inFlight: target?.inFlight ?? 0,
        stoppedReason: task.stop?.reason,
      };
    }),
  };
}
