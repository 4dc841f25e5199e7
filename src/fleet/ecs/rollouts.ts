// The deployments of a service: which is the primary one, which are on their way out, and what it
// goes back to when one fails.
//
// Invariants
//   R1. From the first deployment on there is exactly one primary one.
//   R2. A deployment fails or completes once, and only while it is the primary one.
//   R3. A rollback goes to the revision of the last deployment that completed. It takes over the
//       tasks of that revision that still run, and if it fails too nothing follows it.

import type { Millis } from '../../base/units.ts';
import { deploymentId, RollingDeployment } from './deployment.ts';
import { rolloutReasons, type ServiceMessages } from './messages.ts';
import type { Revision, SchedulerSettings } from './scheduler.ts';
import { isLive } from './task.ts';
import type { TaskLives } from './task-lives.ts';

export type Failure =
  | { readonly kind: 'tasks' }
  | { readonly kind: 'alarm'; readonly names: readonly string[] };

export class Rollouts {
  readonly #settings: SchedulerSettings;
  readonly #lives: TaskLives;
  readonly #say: ServiceMessages;
  #primary: RollingDeployment | undefined;
  /** The newest first; gone when their last task has stopped. */
  #others: RollingDeployment[] = [];
  #lastCompleted: RollingDeployment | undefined;
  #inAlarm: ReadonlySet<string> = new Set();

  constructor(settings: SchedulerSettings, lives: TaskLives, say: ServiceMessages) {
    this.#settings = settings;
    this.#lives = lives;
    this.#say = say;
  }

  get primary(): RollingDeployment | undefined {
    return this.#primary;
  }

  get others(): readonly RollingDeployment[] {
    return this.#others;
  }

  deploy(revision: Revision, desired: number, now: Millis): void {
    const next = this.#begin(revision, undefined, now);
    this.#lives.say({ type: 'rollout', deployment: next.view(desired) });
  }

  /** True: an alarm failed the primary deployment. */
  alarms(inAlarm: ReadonlySet<string>, desired: number, now: Millis): boolean {
    this.#inAlarm = inAlarm;
    const names = this.#primary?.alarming(inAlarm) ?? [];
    if (names.length === 0) return false;
    this.#fail({ kind: 'alarm', names }, desired, now);
    return true;
  }

  /** True: too many tasks of the primary deployment have failed. */
  checkBreaker(desired: number, now: Millis): boolean {
    if (this.#primary?.hasTripped(desired) !== true) return false;
    this.#fail({ kind: 'tasks' }, desired, now);
    return true;
  }

  /** All its tasks are healthy and no other is left: it completes once its alarms have been watched. */
  ready(primary: RollingDeployment, desired: number, now: Millis): void {
    if (!primary.inProgress) return;
    primary.bakesSince ??= now;
    const bakes = (primary.settings.deployment.alarms?.names.length ?? 0) > 0;
    if (bakes && now - primary.bakesSince < primary.revision.alarmBakeMs) return;
    primary.complete();
    this.#lastCompleted = primary;
    this.#event(this.#say.completed(primary.id));
    this.#lives.say({ type: 'rollout', deployment: primary.view(desired) });
  }

  /** Those without a task are over. */
  dropEmpty(): void {
    if (this.#others.every(hasTasks)) return;
    for (const other of this.#others) if (!hasTasks(other)) other.status = 'INACTIVE';
    this.#others = this.#others.filter(hasTasks);
  }

  #begin(revision: Revision, rollbackReason: string | undefined, now: Millis): RollingDeployment {
    const id = deploymentId(this.#settings.rng);
    const next = new RollingDeployment(revision, id, now, {
      isRollback: rollbackReason !== undefined,
      reason: rollbackReason ?? rolloutReasons.inProgress(id),
      inAlarm: new Set(this.#inAlarm),
    });
    if (this.#primary !== undefined) {
      this.#primary.status = 'ACTIVE';
      this.#others.unshift(this.#primary);
    }
    this.#primary = next;
    return next;
  }

  #fail(failure: Failure, desired: number, now: Millis): void {
    const failed = this.#primary;
    if (failed === undefined) return;
    const { circuitBreaker, alarms } = failed.settings.deployment;
    const isAlarm = failure.kind === 'alarm';
    failed.rollout = 'FAILED';
    failed.reason = isAlarm
      ? rolloutReasons.failedAlarm(failure.names)
      : rolloutReasons.failedTasks();
    this.#event(this.#say.failed(failed.id, isAlarm ? 'alarm detected' : 'tasks failed to start'));
    this.#dropWaiting(failed);
    this.#lives.say({ type: 'rollout', deployment: failed.view(desired) });

    const goesBack = isAlarm ? alarms?.rollback : circuitBreaker?.rollback;
    const target = this.#lastCompleted;
    if (goesBack !== true || target === undefined || failed.isRollback) return;
    const reason = isAlarm
      ? rolloutReasons.rollingBackAlarm(target.id)
      : rolloutReasons.rollingBackTasks(target.id);
    const next = this.#begin(target.revision, reason, now);
    this.#adopt(next);
    this.#event(this.#say.rollingBack(target.id));
    this.#lives.say({ type: 'rollout', deployment: next.view(desired) });
  }

  /** A deployment that failed launches nothing more, so what waits for a token is not wanted. */
  #dropWaiting(failed: RollingDeployment): void {
    for (const task of [...this.#lives.all()]) {
      if (task.of === failed && task.status === 'PROVISIONING') {
        this.#lives.leave(task, { code: 'ServiceSchedulerInitiated', reason: failed.reason });
      }
    }
  }

  #adopt(next: RollingDeployment): void {
    for (const task of this.#lives.all()) {
      if (task.revision !== next.revision.number || !isLive(task)) continue;
      task.of = next;
      task.deployment = next.id;
      if (task.startedAt !== undefined) next.hasRun = true;
    }
  }

  #event(message: string): void {
    this.#lives.say({ type: 'event', message });
  }
}

const hasTasks = ({ tally }: RollingDeployment): boolean => tally.live + tally.leaving > 0;
