// Counts the tasks of a service in one pass.

import { emptyTally, type RollingDeployment, type Tally } from './deployment.ts';
import { isPending, type TaskRecord } from './task.ts';

export interface Census {
  /** Of the primary deployment, and of all the others. */
  readonly fresh: Tally;
  readonly old: Tally;
  /** Tasks of the primary deployment that have not been told to leave, by zone. */
  readonly zones: Map<string, number>;
  /** Of them: on Spot. */
  spots: number;
  /** Of them: above what is desired until they are healthy. */
  balancing: number;
  /** On their way out because they failed a check. */
  leavingUnhealthy: number;
}

/** Counts, and notes for every deployment how many tasks it has. */
export function takeCensus(
  tasks: Iterable<TaskRecord>,
  primary: RollingDeployment,
  others: readonly RollingDeployment[],
): Census {
  const census: Census = {
    fresh: Object.assign(primary.tally, emptyTally()),
    old: emptyTally(),
    zones: new Map(),
    spots: 0,
    balancing: 0,
    leavingUnhealthy: 0,
  };
  for (const other of others) Object.assign(other.tally, emptyTally());
  for (const task of tasks) count(census, task, primary);
  for (const { tally } of others) {
    census.old.live += tally.live;
    census.old.pending += tally.pending;
    census.old.healthy += tally.healthy;
    census.old.failing += tally.failing;
    census.old.leaving += tally.leaving;
  }
  return census;
}

function count(census: Census, task: TaskRecord, primary: RollingDeployment): void {
  const { tally } = task.of;
  const pending = isPending(task);
  if (!pending && task.status !== 'RUNNING') {
    tally.leaving += 1;
    if (task.failing !== undefined) census.leavingUnhealthy += 1;
    return;
  }
  tally.live += 1;
  if (pending) tally.pending += 1;
  if (task.healthy) tally.healthy += 1;
  if (task.failing !== undefined) tally.failing += 1;
  if (task.of !== primary) return;
  census.zones.set(task.zone, (census.zones.get(task.zone) ?? 0) + 1);
  if (task.spot) census.spots += 1;
  if (task.balances) census.balancing += 1;
}
