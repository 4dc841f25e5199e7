// The lives of the tasks of one service: PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING,
// STOPPING, DEPROVISIONING, STOPPED. [ECS:task-lifecycle-explanation]
//
// Every change of a status is made here and becomes a command. Which tasks there are is decided
// elsewhere.
//
// Invariants
//   L1. `start` is commanded once for a task, and only with a token of the account.
//   L2. A registered task is deregistered before it is told to stop, and stopped when its target is
//       unused; only a Spot interruption does both at once, as the two minutes are counted already.
//   L3. `stop` is commanded at most once; `kill` may follow it.
//   L4. A task whose program was started is STOPPED when its program has ended, and not before.

import type { Millis } from '../../base/units.ts';
import type { ContainerEnd, TaskStatus, TaskStop } from '../../model/ecs.ts';
import type { RollingDeployment } from './deployment.ts';
import type { EventBatch } from './event-batch.ts';
import type { EcsTask, SchedulerCommand, SchedulerSettings } from './scheduler.ts';
import { isLive, isPending, type TaskRecord } from './task.ts';

/** Stopped tasks that can still be asked for. ECS keeps them for an hour or so. */
const KEPT_STOPPED = 100;

export interface NewTask {
  readonly of: RollingDeployment;
  readonly zone: string;
  readonly spot: boolean;
  readonly balances: boolean;
}

export class TaskLives {
  readonly #settings: SchedulerSettings;
  readonly #events: EventBatch;
  readonly #tasks = new Map<string, TaskRecord>();
  readonly #stopped = new Map<string, TaskRecord>();
  /** PROVISIONING, in the order they wait for a token: on-demand and Spot apart. */
  readonly #waiting = { onDemand: new Set<TaskRecord>(), spot: new Set<TaskRecord>() };
  #commands: SchedulerCommand[] = [];

  constructor(settings: SchedulerSettings, events: EventBatch) {
    this.#settings = settings;
    this.#events = events;
  }

  get(id: string): TaskRecord | undefined {
    return this.#tasks.get(id);
  }

  /** Tasks that have not stopped, in the order they were started. */
  all(): MapIterator<TaskRecord> {
    return this.#tasks.values();
  }

  get size(): number {
    return this.#tasks.size;
  }

  /** The last tasks that stopped, the newest last. */
  stopped(): ReadonlyMap<string, EcsTask> {
    return this.#stopped;
  }

  say(command: SchedulerCommand): void {
    this.#commands.push(command);
  }

  /** The commands so far, and none of them again. */
  take(): SchedulerCommand[] {
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }

  create(wish: NewTask, why: string, now: Millis): TaskRecord {
    const task: TaskRecord = {
      ...wish,
      id: this.#settings.rng.hex(32),
      deployment: wish.of.id,
      revision: wish.of.revision.number,
      status: 'PROVISIONING',
      container: 'UNKNOWN',
      target: undefined,
      createdAt: now,
      startedAt: undefined,
      wasHealthy: false,
      stop: undefined,
      end: undefined,
      healthy: false,
      failing: undefined,
    };
    this.#tasks.set(task.id, task);
    this.#queueOf(task).add(task);
    this.#enter(task, 'PROVISIONING', why);
    return task;
  }

  /** Starts what waits for a token, as far as there are tokens. */
  launch(now: Millis): void {
    for (const queue of [this.#waiting.onDemand, this.#waiting.spot]) {
      for (const task of queue) {
        if (!this.#settings.launches.take(task.spot, now)) break;
        queue.delete(task);
        this.#enter(task, 'PENDING', 'its capacity is asked for');
        this.#commands.push({ type: 'start', task });
      }
    }
  }

  activate(task: TaskRecord): void {
    if (task.status === 'PENDING') this.#enter(task, 'ACTIVATING', 'its program is started');
  }

  run(task: TaskRecord, now: Millis): void {
    task.startedAt = now;
    task.of.hasRun = true;
    this.#enter(task, 'RUNNING', 'its program runs');
    if (this.#settings.targetGroup === undefined) return;
    task.target = {
      state: 'initial',
      reason: 'Elb.RegistrationInProgress',
      description: 'Target registration is in progress',
    };
    this.#events.registered();
    this.#commands.push({ type: 'register', id: task.id });
  }

  /** It leaves in order. */
  leave(task: TaskRecord, stop: TaskStop): void {
    if (task.status === 'PROVISIONING') {
      this.#drop(task, stop);
      return;
    }
    task.stop = stop;
    if (task.target === undefined) this.#stop(task, stop.reason);
    else this.#deregister(task, stop.reason);
  }

  /** Its target is unused, or went away by itself. */
  unused(task: TaskRecord): void {
    task.target = undefined;
    if (task.status === 'DEACTIVATING') this.#stop(task, 'its target is unused');
  }

  /** Two minutes are left of it: it drains and ends at the same time. */
  interrupt(task: TaskRecord, stop: TaskStop): void {
    if (task.status === 'PROVISIONING') return;
    const wasLive = isLive(task);
    if (!wasLive && task.status !== 'DEACTIVATING') return;
    task.stop ??= stop;
    if (wasLive && task.target !== undefined) this.#deregister(task, stop.reason);
    this.#stop(task, stop.reason);
  }

  /** It is gone with all around it. */
  kill(task: TaskRecord, stop: TaskStop): void {
    if (task.status === 'PROVISIONING') {
      this.#drop(task, stop);
      return;
    }
    if (task.status === 'RUNNING' && task.target !== undefined) this.#deregister(task, stop.reason);
    task.stop ??= stop;
    if (task.status !== 'STOPPING') this.#enter(task, 'STOPPING', stop.reason);
    this.#commands.push({ type: 'kill', id: task.id });
  }

  /** Its program has ended. `stop` is why, if nobody stopped it. */
  end(task: TaskRecord, end: ContainerEnd | undefined, stop: TaskStop): void {
    if (task.status === 'RUNNING' && task.target !== undefined) this.#deregister(task, stop.reason);
    task.stop ??= stop;
    task.end = end;
    this.#enter(task, 'DEPROVISIONING', 'its program has ended');
    this.#forget(task);
  }

  #queueOf(task: EcsTask): Set<TaskRecord> {
    return task.spot ? this.#waiting.spot : this.#waiting.onDemand;
  }

  /** Nothing was started for it yet. */
  #drop(task: TaskRecord, stop: TaskStop): void {
    this.#queueOf(task).delete(task);
    task.stop = stop;
    this.#forget(task);
  }

  #forget(task: TaskRecord): void {
    this.#tasks.delete(task.id);
    this.#enter(task, 'STOPPED', task.stop?.reason ?? 'its program has ended');
    this.#stopped.set(task.id, task);
    if (this.#stopped.size <= KEPT_STOPPED) return;
    const [oldest = ''] = this.#stopped.keys();
    this.#stopped.delete(oldest);
  }

  #deregister(task: TaskRecord, why: string): void {
    this.#enter(task, 'DEACTIVATING', why);
    this.#events.deregistered(task.of.id);
    this.#commands.push({ type: 'deregister', id: task.id });
  }

  #stop(task: TaskRecord, why: string): void {
    this.#enter(task, 'STOPPING', why);
    this.#commands.push({ type: 'stop', id: task.id });
  }

  #enter(task: TaskRecord, status: TaskStatus, why: string): void {
    task.status = status;
    if (status !== 'RUNNING' && !isPending(task)) {
      task.healthy = false;
      task.balances = false;
    }
    this.#commands.push({ type: 'status', id: task.id, status, why });
  }
}
