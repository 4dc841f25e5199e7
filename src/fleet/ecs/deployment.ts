// One deployment of a service: the tasks of one revision, how far it is, and what has failed.

import type { Rng } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { RolloutState } from '../../model/ecs.ts';
import type { FargateSettings } from '../../model/fargate.ts';
import { failureThreshold } from './circuit-breaker.ts';
import { rolloutReasons } from './messages.ts';
import type { Deployment, Revision } from './scheduler.ts';

/** Tasks of a deployment that have not been told to leave, and how they are. */
export interface Tally {
  live: number;
  /** Of the live ones: PROVISIONING to ACTIVATING. */
  pending: number;
  /** They count as healthy. */
  healthy: number;
  /** They run and fail their health checks. */
  failing: number;
  /** DEACTIVATING to DEPROVISIONING. */
  leaving: number;
}

export const emptyTally = (): Tally => ({
  live: 0,
  pending: 0,
  healthy: 0,
  failing: 0,
  leaving: 0,
});

export class RollingDeployment {
  readonly id: string;
  readonly revision: Revision;
  readonly createdAt: Millis;
  /** It goes back to what worked: if it fails as well, there is nothing to go back to. */
  readonly isRollback: boolean;
  /** Alarms that were in ALARM when it began: they say nothing of it. [ECS:deployment-alarm-failure] */
  readonly ignoredAlarms: ReadonlySet<string>;
  readonly tally: Tally = emptyTally();
  status: Deployment['status'] = 'PRIMARY';
  rollout: RolloutState = 'IN_PROGRESS';
  reason: string;
  /** As the circuit breaker counts them. */
  failed = 0;
  /** One of its tasks has been RUNNING: failures to start do not count any more. */
  hasRun = false;
  /** Since when all is as it should be: the alarms are watched for their bake time. */
  bakesSince: Millis | undefined;
  /** It was said that it cannot go on. */
  saidStuck = false;

  constructor(
    revision: Revision,
    id: string,
    now: Millis,
    start: { readonly isRollback: boolean; readonly reason: string; readonly inAlarm: Set<string> },
  ) {
    this.id = id;
    this.revision = revision;
    this.createdAt = now;
    this.isRollback = start.isRollback;
    this.reason = start.reason;
    this.ignoredAlarms = start.inAlarm;
  }

  get settings(): FargateSettings {
    return this.revision.settings;
  }

  get inProgress(): boolean {
    return this.rollout === 'IN_PROGRESS';
  }

  /** It failed and nothing took its place: it starts nothing more. */
  get stalled(): boolean {
    return this.rollout === 'FAILED';
  }

  /** A task of it failed. `stage` 1: it never ran; 2: it ran, and was not healthy. */
  countFailure(stage: 1 | 2): void {
    if (this.inProgress && (stage === 2 || !this.hasRun)) this.failed += 1;
  }

  countHealthy(): void {
    const breaker = this.settings.deployment.circuitBreaker;
    if (this.inProgress && breaker?.resetOnHealthyTask === true) this.failed = 0;
  }

  hasTripped(desired: number): boolean {
    const breaker = this.settings.deployment.circuitBreaker;
    return (
      this.inProgress && breaker !== undefined && this.failed >= failureThreshold(breaker, desired)
    );
  }

  /** Those of its alarms that fail it now. */
  alarming(inAlarm: ReadonlySet<string>): readonly string[] {
    if (!this.inProgress) return [];
    const names = this.settings.deployment.alarms?.names ?? [];
    return names.filter((name) => inAlarm.has(name) && !this.ignoredAlarms.has(name));
  }

  complete(): void {
    this.rollout = 'COMPLETED';
    this.reason = rolloutReasons.completed(this.id);
  }

  view(desired: number): Deployment {
    const { live, pending } = this.tally;
    return {
      id: this.id,
      revision: this.revision.number,
      status: this.status,
      rollout: this.rollout,
      rolloutReason: this.reason,
      createdAt: this.createdAt,
      desired: this.status === 'PRIMARY' ? desired : 0,
      running: live - pending,
      pending,
      failed: this.failed,
    };
  }
}

/** "ecs-svc/" and 19 digits. */
export function deploymentId(rng: Rng): string {
  let digits = '';
  while (digits.length < 19) digits += Math.floor(rng.next() * 10);
  return `ecs-svc/${digits}`;
}
