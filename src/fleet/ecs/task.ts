// A task as the scheduler keeps it, and when it counts as healthy.

import type { Millis } from '../../base/units.ts';
import { ECS_HEALTHY_WITHOUT_CHECK_MS } from '../../model/aws-limits.ts';
import type { RollingDeployment } from './deployment.ts';
import type { EcsTask } from './scheduler.ts';

type Mutable<of> = { -readonly [key in keyof of]: of[key] };

export interface TaskRecord extends Mutable<EcsTask> {
  of: RollingDeployment;
  /** It counts as healthy, as last judged. */
  healthy: boolean;
  /** Which check it fails, as last judged. It still runs. */
  failing: 'target' | 'container' | undefined;
  /** It was started to bring the zones into balance and was not healthy yet. */
  balances: boolean;
}

const PENDING: ReadonlySet<string> = new Set(['PROVISIONING', 'PENDING', 'ACTIVATING']);

/** PROVISIONING to ACTIVATING. */
export const isPending = (task: EcsTask): boolean => PENDING.has(task.status);

/** It has not been told to leave. */
export const isLive = (task: EcsTask): boolean => task.status === 'RUNNING' || isPending(task);

/**
 * With a load balancer its target must be healthy, with a check of its own the container; with both,
 * both. With neither it takes 40 s. [BOTO ecs DeploymentConfiguration.minimumHealthyPercent]
 */
export function looksHealthy(task: TaskRecord, hasTargetGroup: boolean, now: Millis): boolean {
  if (task.startedAt === undefined) return false;
  const hasCheck = task.of.settings.healthCheck !== undefined;
  if (!hasCheck && !hasTargetGroup) return now - task.startedAt >= ECS_HEALTHY_WITHOUT_CHECK_MS;
  const target = !hasTargetGroup || task.target?.state === 'healthy';
  return target && (!hasCheck || task.container === 'HEALTHY');
}

/** What is known against it once the grace period is over. */
export function failingCheck(task: TaskRecord, now: Millis): TaskRecord['failing'] {
  if (task.startedAt === undefined || now - task.startedAt < task.of.settings.graceMs) return;
  if (task.target?.state === 'unhealthy') return 'target';
  return task.container === 'UNHEALTHY' ? 'container' : undefined;
}

/** Who leaves first: what has come least far, then what is worst off. */
const rankOf = (task: TaskRecord): number => {
  if (task.status === 'PROVISIONING') return 0;
  if (task.status === 'PENDING') return 1;
  if (task.status === 'ACTIVATING') return 2;
  if (task.failing !== undefined) return 3;
  return task.healthy ? 5 : 4;
};
const RANKS = 6;

/**
 * The first `count` to leave. Among equals it is one of the zone that has most, and of that zone the
 * newest. `tasks` are in the order they were started.
 */
export function leavingFirst(tasks: readonly TaskRecord[], count: number): readonly TaskRecord[] {
  const inZone = new Map<string, number>();
  const ranks: Map<string, TaskRecord[]>[] = Array.from({ length: RANKS }, () => new Map());
  for (const task of tasks) {
    inZone.set(task.zone, (inZone.get(task.zone) ?? 0) + 1);
    const zones = ranks[rankOf(task)];
    const some = zones?.get(task.zone);
    if (some === undefined) zones?.set(task.zone, [task]);
    else some.push(task);
  }
  const leaving: TaskRecord[] = [];
  for (const zones of ranks) {
    while (leaving.length < count) {
      const zone = fullest(zones, inZone);
      const task = zone === undefined ? undefined : zones.get(zone)?.pop();
      if (zone === undefined || task === undefined) break;
      inZone.set(zone, (inZone.get(zone) ?? 0) - 1);
      leaving.push(task);
    }
  }
  return leaving;
}

function fullest(
  zones: ReadonlyMap<string, readonly TaskRecord[]>,
  inZone: ReadonlyMap<string, number>,
): string | undefined {
  let best: string | undefined;
  let most = -1;
  for (const [zone, tasks] of zones) {
    const count = inZone.get(zone) ?? 0;
    if (tasks.length > 0 && count > most) {
      best = zone;
      most = count;
    }
  }
  return best;
}
