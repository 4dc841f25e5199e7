// The tasks of one service on Fargate: how many are started and stopped to reach what is desired,
// which are in the pool of the load balancer, and who takes the next request.
//
// An unhealthy task stays, out of the pool, until enough others are healthy: it may come back after
// `healthyAfter` successes in a row, and whoever is then too many leaves.
//
// Invariants
//   T1. Only healthy tasks get requests; they get them in turn.
//   T2. A task that leaves is first out of the pool, then drains, then is stopped.
//   T3. What ends by itself is replaced: at once if it was ever healthy, else after a wait that
//       doubles with every failure in a row.
//   T4. Every task started is stopped or ends by itself, exactly once.

import type { Millis } from '../base/units.ts';
import { restartWait } from './restart-wait.ts';

export type TaskState = 'starting' | 'healthy' | 'unhealthy' | 'draining' | 'stopping';

export interface Task {
  readonly id: string;
  readonly spot: boolean;
  readonly startedAt: Millis;
  readonly state: TaskState;
  readonly inFlight: number;
  /** Health checks in a row that failed (while healthy) or succeeded (while unhealthy). */
  readonly streak: number;
  readonly wasHealthy: boolean;
  /** When draining ends at the latest. */
  readonly drainUntil: Millis;
}

export type TaskCommand =
  | { readonly type: 'start'; readonly id: string; readonly spot: boolean }
  /** Signal it and wait for its end; `ended` follows. */
  | { readonly type: 'stop'; readonly id: string; readonly why: string }
  /** The state of the task changed; nothing else to do. */
  | {
      readonly type: 'changed';
      readonly id: string;
      readonly state: TaskState;
      readonly why: string;
    };

export interface TaskPoolSettings {
  readonly concurrency: number;
  readonly drainMs: Millis;
  readonly spotShare: number;
  readonly healthyAfter: number;
  readonly unhealthyAfter: number;
  readonly nextId: () => string;
}

export interface TaskPool {
  /** Sets how many tasks there should be and moves towards it. */
  scale(desired: number, why: string, now: Millis): TaskCommand[];
  /** Moves towards what is desired; ends drains that are over. */
  tick(now: Millis): TaskCommand[];
  checked(id: string, ok: boolean, why: string, now: Millis): TaskCommand[];
  ended(id: string, now: Millis): TaskCommand[];
  /** The next healthy task with a free slot, or with `beyond` the least busy one. */
  acquire(beyond: boolean, sticky?: string | undefined): string | undefined;
  release(id: string): TaskCommand[];
  get(id: string): Task | undefined;
  tasks(): readonly Task[];
  counts(): TaskCounts;
}

export interface TaskCounts {
  readonly desired: number;
  readonly starting: number;
  readonly healthy: number;
  readonly unhealthy: number;
  readonly leaving: number;
  readonly slotsInUse: number;
  readonly slots: number;
}

export function taskPool(settings: TaskPoolSettings): TaskPool {
  return new Pool(settings);
}

class Pool implements TaskPool {
  readonly #settings: TaskPoolSettings;
  readonly #tasks = new Map<string, Task>();
  /** Healthy tasks, in the order they became so. */
  #serving: string[] = [];
  #turn = 0;
  #desired = 0;
  #slotsInUse = 0;
  #failuresInARow = 0;
  #notBefore: Millis = 0;

  constructor(settings: TaskPoolSettings) {
    this.#settings = settings;
  }

  scale(desired: number, why: string, now: Millis): TaskCommand[] {
    if (desired > this.#desired && this.#live().length === 0) this.#notBefore = 0;
    this.#desired = desired;
    return this.#reconcile(why, now);
  }

  tick(now: Millis): TaskCommand[] {
    const commands: TaskCommand[] = [];
    for (const task of this.#tasks.values()) {
      if (task.state === 'draining' && now >= task.drainUntil) {
        commands.push(this.#stop(task, 'the drain time is over'));
      }
    }
    return [...commands, ...this.#reconcile('fewer run than desired', now)];
  }

  checked(id: string, ok: boolean, why: string, now: Millis): TaskCommand[] {
    const task = this.#tasks.get(id);
    switch (task?.state) {
      case 'starting':
        return ok ? this.#enter(task, why, now) : [];
      case 'healthy':
        return this.#checkedHealthy(task, ok, why, now);
      case 'unhealthy': {
        const streak = ok ? task.streak + 1 : 0;
        if (streak >= this.#settings.healthyAfter) return this.#enter(task, why, now);
        this.#tasks.set(id, { ...task, streak });
        return [];
      }
      default:
        return [];
    }
  }

  ended(id: string, now: Millis): TaskCommand[] {
    const task = this.#tasks.get(id);
    if (task === undefined) return [];
    this.#tasks.delete(id);
    if (task.state === 'healthy') this.#outOfPool(task);
    if (task.state === 'starting') {
      this.#failuresInARow += 1;
      this.#notBefore = now + restartWait(this.#failuresInARow);
    }
    return this.#reconcile('it replaces one that ended', now);
  }

  acquire(beyond: boolean, sticky?: string | undefined): string | undefined {
    const wanted = sticky === undefined ? undefined : this.#tasks.get(sticky);
    if (wanted?.state === 'healthy' && (beyond || wanted.inFlight < this.#settings.concurrency)) {
      return this.#take(wanted);
    }
    const serving = this.#serving;
    let best: Task | undefined;
    for (let step = 0; step < serving.length; step += 1) {
      const index = (this.#turn + step) % serving.length;
      const task = this.#tasks.get(serving[index] ?? '');
      if (task === undefined) continue;
      if (task.inFlight < this.#settings.concurrency) {
        this.#turn = (index + 1) % serving.length;
        return this.#take(task);
      }
      if (beyond && (best === undefined || task.inFlight < best.inFlight)) best = task;
    }
    return best === undefined ? undefined : this.#take(best);
  }

  release(id: string): TaskCommand[] {
    const task = this.#tasks.get(id);
    if (task === undefined) return [];
    const inFlight = task.inFlight - 1;
    const next = { ...task, inFlight };
    this.#tasks.set(id, next);
    if (task.state === 'healthy') this.#slotsInUse -= 1;
    return task.state === 'draining' && inFlight === 0 ? [this.#stop(next, 'it has drained')] : [];
  }

  get(id: string): Task | undefined {
    return this.#tasks.get(id);
  }

  tasks(): readonly Task[] {
    return [...this.#tasks.values()];
  }

  counts(): TaskCounts {
    let starting = 0;
    let unhealthy = 0;
    let leaving = 0;
    for (const { state } of this.#tasks.values()) {
      if (state === 'starting') starting += 1;
      else if (state === 'unhealthy') unhealthy += 1;
      else if (state !== 'healthy') leaving += 1;
    }
    const healthy = this.#serving.length;
    return {
      desired: this.#desired,
      starting,
      healthy,
      unhealthy,
      leaving,
      slotsInUse: this.#slotsInUse,
      slots: healthy * this.#settings.concurrency,
    };
  }

  #take(task: Task): string {
    this.#tasks.set(task.id, { ...task, inFlight: task.inFlight + 1 });
    this.#slotsInUse += 1;
    return task.id;
  }

  #enter(task: Task, why: string, now: Millis): TaskCommand[] {
    this.#tasks.set(task.id, { ...task, state: 'healthy', streak: 0, wasHealthy: true });
    this.#serving.push(task.id);
    this.#slotsInUse += task.inFlight;
    this.#failuresInARow = 0;
    return [
      { type: 'changed', id: task.id, state: 'healthy', why },
      ...this.#reconcile('enough are healthy', now),
    ];
  }

  #checkedHealthy(task: Task, ok: boolean, why: string, now: Millis): TaskCommand[] {
    const streak = ok ? 0 : task.streak + 1;
    if (streak < this.#settings.unhealthyAfter) {
      if (streak !== task.streak) this.#tasks.set(task.id, { ...task, streak });
      return [];
    }
    this.#outOfPool(task);
    this.#tasks.set(task.id, { ...task, state: 'unhealthy', streak: 0 });
    return [
      { type: 'changed', id: task.id, state: 'unhealthy', why },
      ...this.#reconcile('it replaces an unhealthy one', now),
    ];
  }

  #outOfPool(task: Task): void {
    this.#serving = this.#serving.filter((other) => other !== task.id);
    this.#slotsInUse -= task.inFlight;
  }

  /** Tasks that count towards what is desired. */
  #live(): readonly Task[] {
    return [...this.#tasks.values()].filter(
      ({ state }) => state === 'starting' || state === 'healthy',
    );
  }

  #reconcile(why: string, now: Millis): TaskCommand[] {
    const replaced =
      this.#serving.length >= this.#desired
        ? [...this.#tasks.values()]
            .filter(({ state }) => state === 'unhealthy')
            .flatMap((task) => this.#leave(task, 'it failed its health checks', now))
        : [];
    return [...replaced, ...this.#moveTo(why, now)];
  }

  #moveTo(why: string, now: Millis): TaskCommand[] {
    const live = this.#live();
    const surplus = live.length - this.#desired;
    if (surplus > 0) {
      return leavingFirst(live)
        .slice(0, surplus)
        .flatMap((task) => this.#leave(task, why, now));
    }
    if (surplus === 0 || now < this.#notBefore) return [];
    // While starts fail, one at a time is enough to see whether it works again.
    if (this.#failuresInARow > 0 && live.some(({ state }) => state === 'starting')) return [];
    const missing = this.#failuresInARow > 0 ? 1 : -surplus;
    return Array.from({ length: missing }, () => this.#start(now));
  }

  #start(now: Millis): TaskCommand {
    const id = this.#settings.nextId();
    const spot = this.#isNextSpot();
    const task = { id, spot, startedAt: now, inFlight: 0, streak: 0, wasHealthy: false };
    this.#tasks.set(id, { ...task, state: 'starting', drainUntil: 0 });
    return { type: 'start', id, spot };
  }

  /** Keeps the part of Spot tasks nearest below the share asked for. */
  #isNextSpot(): boolean {
    const live = this.#live();
    const spots = live.filter(({ spot }) => spot).length;
    return spots + 1 <= this.#settings.spotShare * (live.length + 1) + 1e-9;
  }

  #leave(task: Task, why: string, now: Millis): TaskCommand[] {
    if (task.state === 'healthy') this.#outOfPool(task);
    if (task.inFlight === 0) return [this.#stop(task, why)];
    const drainUntil = now + this.#settings.drainMs;
    this.#tasks.set(task.id, { ...task, state: 'draining', drainUntil });
    return [{ type: 'changed', id: task.id, state: 'draining', why }];
  }

  #stop(task: Task, why: string): TaskCommand {
    this.#tasks.set(task.id, { ...task, state: 'stopping' });
    return { type: 'stop', id: task.id, why };
  }
}

/** Who leaves first: what is not healthy yet, then the least busy, then the newest. */
function leavingFirst(tasks: readonly Task[]): readonly Task[] {
  const rank = ({ state }: Task) => (state === 'starting' ? 0 : 1);
  return [...tasks].sort(
    (a, b) => rank(a) - rank(b) || a.inFlight - b.inFlight || b.startedAt - a.startedAt,
  );
}
