// The service scheduler of ECS for one service (REPLICA): keeps as many tasks as are desired, of the
// revision that was deployed last, healthy and spread over the zones.
//
// It knows no process, no socket and no clock: what happens is told to it, and what is to be done comes
// back as commands. How tasks live is in `task-lives.ts`, how many start and stop in `plan.ts`, what
// deployments there are in `rollouts.ts`.
//
// Invariants
//   S1. The scheduler stops no healthy task if fewer than the minimum would be left.
//   S2. It starts no task if more than the maximum would run or be starting.
//   S3. Every task that was started ends once; no command names a task that has stopped.
//   S4. A task is told to stop only after its target is unused, unless it never had one, its zone is
//       gone or Spot takes it back.
//   S5. No task starts in a zone that is lost.
//   S6. Equal settings, calls and chance give equal commands.

import type { Millis } from '../../base/units.ts';
import type { ContainerEnd, ContainerHealth, TargetHealth, TaskStop } from '../../model/ecs.ts';
import { EventBatch } from './event-batch.ts';
import { type ServiceMessages, serviceMessages, stopReasons } from './messages.ts';
import { Reconciler } from './reconcile.ts';
import { Rollouts } from './rollouts.ts';
import type {
  Deployment,
  EcsTask,
  Revision,
  SchedulerCommand,
  SchedulerSettings,
  ServiceCounts,
  ServiceScheduler,
} from './scheduler.ts';
import { StartThrottle } from './start-throttle.ts';
import { failingCheck, isLive, isPending, looksHealthy, type TaskRecord } from './task.ts';
import { TaskLives } from './task-lives.ts';

export function serviceScheduler(settings: SchedulerSettings): ServiceScheduler {
  return new Scheduler(settings);
}

class Scheduler implements ServiceScheduler {
  readonly #settings: SchedulerSettings;
  readonly #say: ServiceMessages;
  readonly #events: EventBatch;
  readonly #lives: TaskLives;
  readonly #rollouts: Rollouts;
  readonly #throttle = new StartThrottle();
  readonly #lost = new Set<string>();
  readonly #reconciler: Reconciler;
  #counts: ServiceCounts | undefined;

  constructor(settings: SchedulerSettings) {
    this.#settings = settings;
    this.#say = serviceMessages(settings.service);
    this.#events = new EventBatch(this.#say, settings.targetGroup);
    this.#lives = new TaskLives(settings, this.#events);
    this.#rollouts = new Rollouts(settings, this.#lives, this.#say);
    this.#reconciler = new Reconciler({
      settings,
      say: this.#say,
      events: this.#events,
      lives: this.#lives,
      rollouts: this.#rollouts,
      throttle: this.#throttle,
      lost: this.#lost,
    });
  }

  deploy(revision: Revision, why: string, now: Millis): SchedulerCommand[] {
    this.#rollouts.deploy(revision, this.#reconciler.desired, now);
    this.#throttle.reset();
    this.#reconciler.stopBalancing();
    return this.#settled(why, now);
  }

  scale(desired: number, why: string, now: Millis): SchedulerCommand[] {
    const before = this.#reconciler.desired;
    if (desired === before) return [];
    if (before === 0) this.#throttle.healthy();
    this.#reconciler.desired = desired;
    this.#reconciler.stopBalancing();
    return this.#settled(why, now);
  }

  tick(now: Millis): SchedulerCommand[] {
    for (const task of this.#lives.all()) this.#judge(task, now);
    return this.#settled('fewer run than desired', now);
  }

  activating(id: string, _now: Millis): SchedulerCommand[] {
    const task = this.#lives.get(id);
    if (task === undefined) return [];
    this.#lives.activate(task);
    return this.#lives.take();
  }

  running(id: string, now: Millis): SchedulerCommand[] {
    const task = this.#lives.get(id);
    if (task === undefined || !isPending(task)) return [];
    this.#throttle.ran();
    this.#lives.run(task, now);
    return this.#settled('a task runs', now);
  }

  container(id: string, health: ContainerHealth, now: Millis): SchedulerCommand[] {
    const task = this.#lives.get(id);
    if (task === undefined || task.container === health) return [];
    task.container = health;
    return this.#judged(task, now);
  }

  target(id: string, health: TargetHealth, now: Millis): SchedulerCommand[] {
    const task = this.#lives.get(id);
    if (task?.target === undefined) return [];
    if (health.state === 'unused') this.#lives.unused(task);
    else task.target = health;
    return this.#judged(task, now);
  }

  ended(id: string, end: ContainerEnd | undefined, now: Millis): SchedulerCommand[] {
    const task = this.#lives.get(id);
    if (task === undefined || task.status === 'PROVISIONING') return [];
    if (isPending(task)) {
      task.of.countFailure(1);
      if (this.#throttle.failedToStart(now)) this.#event(this.#say.cannotStart());
      const reason = end?.reason ?? stopReasons.failedToStart();
      this.#lives.end(task, end, { code: 'TaskFailedToStart', reason });
    } else {
      if (task.status === 'RUNNING' && !task.wasHealthy) {
        if (this.#settings.crashFailsDeployment) task.of.countFailure(2);
        this.#throttle.crashed(now);
      }
      this.#lives.end(task, end, {
        code: 'EssentialContainerExited',
        reason: stopReasons.exited(),
      });
    }
    this.#checkBreaker(now);
    return this.#settled('it replaces one that ended', now);
  }

  stopTask(id: string, reason: string, now: Millis): SchedulerCommand[] {
    const task = this.#lives.get(id);
    if (task === undefined || !isLive(task)) return [];
    this.#lives.leave(task, { code: 'UserInitiated', reason });
    return this.#settled('it replaces one that was stopped', now);
  }

  interruptSpot(id: string | undefined, now: Millis): SchedulerCommand[] {
    const stop: TaskStop = { code: 'SpotInterruption', reason: stopReasons.spot() };
    for (const task of [...this.#lives.all()]) {
      if (task.spot && (id === undefined || task.id === id)) this.#lives.interrupt(task, stop);
    }
    return this.#settled('it replaces one that Spot took back', now);
  }

  loseZone(zone: string, now: Millis): SchedulerCommand[] {
    if (this.#lost.has(zone)) return [];
    this.#lost.add(zone);
    const stop: TaskStop = { code: 'InfrastructureHealth', reason: stopReasons.zoneLost(zone) };
    for (const task of [...this.#lives.all()]) {
      if (task.zone === zone) this.#lives.kill(task, stop);
    }
    if (this.#reconciler.usableZones().length === 0) this.#event(this.#say.noCapacity());
    return this.#settled('it replaces one of a zone that is lost', now);
  }

  restoreZone(zone: string, now: Millis): SchedulerCommand[] {
    if (!this.#lost.delete(zone)) return [];
    return this.#settled('a zone is back', now);
  }

  alarms(inAlarm: ReadonlySet<string>, now: Millis): SchedulerCommand[] {
    if (this.#rollouts.alarms(inAlarm, this.#reconciler.desired, now)) this.#throttle.reset();
    return this.#settled('an alarm failed the deployment', now);
  }

  get(id: string): EcsTask | undefined {
    return this.#lives.get(id) ?? this.#lives.stopped().get(id);
  }

  tasks(): readonly EcsTask[] {
    return [...this.#lives.all()];
  }

  stopped(): readonly EcsTask[] {
    return [...this.#lives.stopped().values()];
  }

  deployments(): readonly Deployment[] {
    const { primary, others } = this.#rollouts;
    if (primary === undefined) return [];
    this.#reconciler.census(primary);
    return [primary, ...others].map((one) => one.view(this.#reconciler.desired));
  }

  counts(): ServiceCounts {
    this.#counts ??= this.#count();
    return this.#counts;
  }

  #count(): ServiceCounts {
    let pending = 0;
    let running = 0;
    let healthy = 0;
    for (const task of this.#lives.all()) {
      if (isPending(task)) pending += 1;
      else if (task.status === 'RUNNING') running += 1;
      if (task.healthy) healthy += 1;
    }
    const leaving = this.#lives.size - pending - running;
    return { desired: this.#reconciler.desired, pending, running, healthy, leaving };
  }

  #event(message: string): void {
    this.#lives.say({ type: 'event', message });
  }

  #checkBreaker(now: Millis): void {
    if (this.#rollouts.checkBreaker(this.#reconciler.desired, now)) this.#throttle.reset();
  }

  #judged(task: TaskRecord, now: Millis): SchedulerCommand[] {
    this.#judge(task, now);
    return this.#settled('the health of a task changed', now);
  }

  /** Notes what its checks say of it now. */
  #judge(task: TaskRecord, now: Millis): void {
    if (task.status !== 'RUNNING') return;
    const failing = failingCheck(task, now);
    const begins = failing !== undefined && task.failing === undefined;
    task.failing = failing;
    task.healthy = failing === undefined && looksHealthy(task, this.#hasTargetGroup, now);
    if (task.healthy) {
      task.balances = false;
      if (!task.wasHealthy) {
        task.wasHealthy = true;
        task.of.countHealthy();
        this.#throttle.healthy();
      }
    }
    if (!begins) return;
    this.#event(this.#sayFailing(task));
    task.of.countFailure(2);
    this.#checkBreaker(now);
  }

  get #hasTargetGroup(): boolean {
    return this.#settings.targetGroup !== undefined;
  }

  #sayFailing(task: TaskRecord): string {
    const { targetGroup, port } = this.#settings;
    if (task.failing === 'container' || targetGroup === undefined) {
      return this.#say.failedContainerCheck(task.id);
    }
    const reason = task.target?.description ?? task.target?.reason ?? 'Health checks failed';
    return this.#say.failedTargetCheck(task.id, port, targetGroup, reason);
  }

  /** Moves towards what is desired and returns all that is to be done. */
  #settled(why: string, now: Millis): SchedulerCommand[] {
    this.#counts = undefined;
    const { primary } = this.#rollouts;
    if (primary !== undefined) this.#reconciler.settle(primary, why, now);
    const commands = this.#lives.take();
    for (const message of this.#events.take()) commands.push({ type: 'event', message });
    return commands;
  }
}
