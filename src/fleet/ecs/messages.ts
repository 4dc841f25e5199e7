// What ECS says of a service and its tasks, word for word.
//
// [docs] is wording of AWS's documentation: [ECS:service-event-messages-list],
// [ECS:service-rebalancing-event-messages-list], [ECS:deployment-circuit-breaker]. [capture] was seen in
// events of services on AWS in 2026 and is nowhere in the documentation. [own] is ours: AWS's words
// for it are not known. The documentation writes "service (name)", services on AWS say "(service name)".

/** Tasks that one call of ECS starts; an event names as many. [ECS:throttling] */
const TASKS_OF_EVENT = 10;

const tasksOf = (ids: readonly string[]): string => ids.map((id) => `(task ${id})`).join(' ');

/** One message for every ten of the list. */
function inTens(
  ids: readonly string[],
  say: (some: readonly string[]) => string,
): readonly string[] {
  const messages: string[] = [];
  for (let from = 0; from < ids.length; from += TASKS_OF_EVENT) {
    messages.push(say(ids.slice(from, from + TASKS_OF_EVENT)));
  }
  return messages;
}

/** Events of one service. */
export function serviceMessages(service: string) {
  const it = `(service ${service})`;
  return {
    ...taskMessages(it),
    ...zoneMessages(it),
    ...rolloutMessages(it),
    /** [capture] */
    draining: (count: number, deployment: string) =>
      `(service ${service}, taskSet ${deployment}) has begun draining connections on ${count} tasks.`,
  };
}

function taskMessages(it: string) {
  return {
    /** [capture] */
    started: (ids: readonly string[]) =>
      inTens(ids, (some) => `${it} has started ${some.length} tasks: ${tasksOf(some)}.`),
    /** [capture] */
    startedInstead: (ids: readonly string[]) =>
      inTens(
        ids,
        (some) =>
          `${it} has started ${some.length} tasks: ${tasksOf(some)}. Amazon ECS replaced ${some.length} tasks due to an unhealthy status.`,
      ),
    /** [capture] */
    stopped: (ids: readonly string[]) =>
      inTens(ids, (some) => `${it} has stopped ${some.length} running tasks: ${tasksOf(some)}.`),
    /** [capture] */
    stoppedPending: (count: number) => `${it} stopped ${count} pending tasks.`,
    /** [capture] */
    registered: (count: number, group: string) =>
      `${it} registered ${count} targets in (target-group ${group})`,
    /** [capture] */
    deregistered: (count: number, group: string) =>
      `${it} deregistered ${count} targets in (target-group ${group})`,
    /** [capture] */
    failedContainerCheck: (id: string) => `${it} (task ${id}) failed container health checks.`,
    /** [capture] */
    failedTargetCheck: (id: string, port: number | undefined, group: string, reason: string) =>
      `${it} (task ${id}) ${port === undefined ? '' : `(port ${port}) `}is unhealthy in (target-group ${group}) due to (reason ${reason}).`,
  };
}

function rolloutMessages(it: string) {
  return {
    /** [docs] */
    steady: () => `${it} has reached a steady state.`,
    /** [docs] */
    cannotStart: () => `${it} is unable to consistently start tasks successfully.`,
    /** [docs] */
    stuck: () =>
      `${it} was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.`,
    /** [docs] */
    noCapacity: () =>
      `${it} was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.`,
    /** [capture] */
    completed: (deployment: string) => `${it} (deployment ${deployment}) deployment completed.`,
    /** [capture] */
    failed: (deployment: string, why: 'tasks failed to start' | 'alarm detected') =>
      `${it} (deployment ${deployment}) deployment failed: ${why}.`,
    /** [capture] */
    rollingBack: (deployment: string) => `${it} rolling back to deployment ${deployment}.`,
  };
}

function zoneMessages(it: string) {
  return {
    /** [docs] and [capture] */
    notBalanced: (zones: ReadonlyMap<string, number>) =>
      `${it} is not AZ balanced with ${zonesOf(zones)}. AZ Rebalancing in progress.`,
    /** [docs] and [capture] */
    balanced: (zones: ReadonlyMap<string, number>) =>
      `${it} is AZ balanced with ${zonesOf(zones)}.`,
    /** [docs] */
    stoppedBalancing: () => `${it} stopped AZ Rebalancing.`,
    /** [docs] and [capture] */
    startedToBalance: (zone: string, ids: readonly string[]) =>
      inTens(
        ids,
        (some) =>
          `${it} has started ${some.length} tasks in ${zone} to AZ Rebalance: ${tasksOf(some)}.`,
      ),
    /** [docs] */
    stoppedToBalance: (zone: string, ids: readonly string[]) =>
      inTens(
        ids,
        (some) =>
          `${it} has stopped ${some.length} running tasks in ${zone} due to AZ rebalancing: ${tasksOf(some)}.`,
      ),
  };
}

export type ServiceMessages = ReturnType<typeof serviceMessages>;

function zonesOf(zones: ReadonlyMap<string, number>): string {
  return [...zones].map(([zone, count]) => `${count} tasks in ${zone}`).join(', ');
}

/** `stoppedReason` of a task. All but the last two are [capture]; see [ECS:stopped-task-error-codes]. */
export const stopReasons = {
  exited: () => 'Essential container in task exited',
  targetCheck: (group: string) => `Task failed ELB health checks in (target-group ${group})`,
  containerCheck: () => 'Task failed container health checks',
  scaling: (deployment: string) => `Scaling activity initiated by (deployment ${deployment})`,
  /** [ECS:fargate-capacity-providers] */
  spot: () => 'Your Spot Task was interrupted.',
  failedToStart: () => 'Task failed to start',
  /** [own] */
  zoneLost: (zone: string) => `The Availability Zone ${zone} is lost.`,
} as const;

/** `rolloutStateReason` of a deployment. [capture], the alarm's [own]. */
export const rolloutReasons = {
  inProgress: (deployment: string) => `ECS deployment ${deployment} in progress.`,
  completed: (deployment: string) => `ECS deployment ${deployment} completed.`,
  failedTasks: () => 'ECS deployment circuit breaker: tasks failed to start.',
  failedAlarm: (names: readonly string[]) =>
    `ECS deployment: alarm detected (${names.join(', ')}).`,
  rollingBackTasks: (deployment: string) =>
    `ECS deployment circuit breaker: rolling back to deploymentId ${deployment}.`,
  rollingBackAlarm: (deployment: string) =>
    `ECS deployment alarms: rolling back to deploymentId ${deployment}.`,
} as const;
