// The environments of one service on Lambda: who is started, who gets the next request, who is
// frozen, who is ended. It decides and returns commands; the engine and the simulator carry them
// out and tell it what came of them.
//
// Invariants
//   E1. An environment serves one request at a time.
//   E2. The environment used last is used next.
//   E3. A request waits only while every environment is busy or starting.
//   E4. Every request that arrived is assigned, failed or abandoned, exactly once.
//   E5. Provisioned environments are not ended for idleness, and are replaced when they end.
//   E6. What is retired takes no new request, but for one that already waits for its start.

import { type Millis, sayDuration } from '../base/units.ts';
import { Queue } from './queue.ts';

export type EnvironmentKind = 'on-demand' | 'provisioned';

export type Environment =
  | { readonly state: 'starting'; readonly id: string; readonly kind: EnvironmentKind }
  | { readonly state: 'busy'; readonly id: string; readonly kind: EnvironmentKind }
  | {
      readonly state: 'idle';
      readonly id: string;
      readonly kind: EnvironmentKind;
      readonly since: Millis;
      readonly frozen: boolean;
    };

export type EnvironmentCommand<request> =
  | { readonly type: 'start'; readonly id: string; readonly kind: EnvironmentKind }
  /** `cold`: the request had to wait for this environment to start. `frozen`: thaw it first. */
  | {
      readonly type: 'assign';
      readonly id: string;
      readonly request: request;
      readonly frozen: boolean;
      readonly cold: boolean;
    }
  | { readonly type: 'freeze'; readonly id: string }
  | { readonly type: 'end'; readonly id: string; readonly why: string }
  /** The environment the request waited for did not start. */
  | { readonly type: 'fail'; readonly request: request };

/** What the machine can carry, shared by the pools of all services. */
export interface Room {
  /** Environments that may still be added. */
  free: number;
  /** Environments that may still be starting at the same moment. */
  freeStarts: number;
}

export interface PoolSettings {
  readonly provisioned: number;
  readonly idleMs: Millis;
  /** An environment is frozen when it has had nothing to do for this long. */
  readonly freezeAfterMs: Millis;
  readonly room: Room;
  readonly nextId: () => string;
}

/** `request` is whatever the caller knows a request by; it comes back with the commands. */
export interface EnvironmentPool<request> {
  /** Starts the provisioned environments that are missing. */
  open(): EnvironmentCommand<request>[];
  /** A request that was admitted. */
  arrive(one: request): EnvironmentCommand<request>[];
  started(id: string, now: Millis): EnvironmentCommand<request>[];
  /** The process ended or never became ready. */
  ended(id: string): EnvironmentCommand<request>[];
  /** Its request was answered, and it is free in a moment: a request may wait for it. */
  answered(id: string, now: Millis): void;
  /** It takes the next request. */
  finished(id: string, now: Millis): EnvironmentCommand<request>[];
  /** A request that nobody wants any more; true if it was still waiting. */
  abandon(one: request): boolean;
  /** Freezes and ends what has been idle long enough. */
  sweep(now: Millis): EnvironmentCommand<request>[];
  /** Ends the idle environment used longest ago to make room for another service. */
  yieldOne(): EnvironmentCommand<request>[];
  /** Room has appeared: starts what is waited for. */
  kick(): EnvironmentCommand<request>[];
  /** Ends what is idle now, and the others when they have nothing to do: their program is old. */
  retire(why: string): EnvironmentCommand<request>[];
  counts(): PoolCounts;
  environments(): Iterable<Environment>;
}

export interface PoolCounts {
  readonly starting: number;
  readonly busy: number;
  readonly idle: number;
  readonly waiting: number;
  /** Idle and not frozen yet. */
  readonly thawed: number;
  readonly provisionedBusy: number;
}

/** A runtime asks for its next event right after its answer; one that does not is not waited for. */
const FINISHES_WITHIN_MS = 50;

export function environmentPool<request>(settings: PoolSettings): EnvironmentPool<request> {
  return new Pool<request>(settings);
}

class Pool<request> implements EnvironmentPool<request> {
  readonly #settings: PoolSettings;
  readonly #all = new Map<string, Environment>();
  /** Most recently used last. */
  readonly #idle: string[] = [];
  /** In the order of arrival. */
  readonly #waiting = new Queue<request>();
  /** Answered and not free yet, with the time of the answer. */
  readonly #finishing = new Map<string, Millis>();
  /** To be ended when they are free, with the reason. */
  readonly #retired = new Map<string, string>();
  #starting = 0;
  #busy = 0;
  #thawed = 0;
  #provisioned = 0;
  #provisionedBusy = 0;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
  }

  open(): EnvironmentCommand<request>[] {
    const commands: EnvironmentCommand<request>[] = [];
    while (this.#provisioned < this.#settings.provisioned) {
      const start = this.#start('provisioned');
      if (start === undefined) break;
      commands.push(start);
    }
    return commands;
  }

  arrive(one: request): EnvironmentCommand<request>[] {
    const id = this.#idle.pop();
    if (id !== undefined) return [this.#assign(id, one)];
    this.#waiting.push(one);
    return this.kick();
  }

  started(id: string, now: Millis): EnvironmentCommand<request>[] {
    const environment = this.#all.get(id);
    if (environment?.state !== 'starting') return [];
    this.#leaveStarting();
    const retired = this.#retired.get(id);
    if (retired !== undefined && this.#waiting.size === 0) {
      const idle = { id, kind: environment.kind, state: 'idle', since: now, frozen: true } as const;
      this.#all.set(id, idle);
      this.#idle.push(id);
      return [this.#end(idle, retired), ...this.open()];
    }
    const more = environment.kind === 'provisioned' ? this.open() : [];
    return [...this.#giveWork(id, environment.kind, now, true), ...this.kick(), ...more];
  }

  answered(id: string, now: Millis): void {
    if (this.#all.get(id)?.state === 'busy') this.#finishing.set(id, now);
  }

  finished(id: string, now: Millis): EnvironmentCommand<request>[] {
    const environment = this.#all.get(id);
    if (environment?.state !== 'busy') return [];
    const retired = this.#retired.get(id);
    if (retired !== undefined) {
      return [this.#end(environment, retired), ...this.open(), ...this.kick()];
    }
    this.#leaveBusy(environment.id, environment.kind);
    return this.#giveWork(id, environment.kind, now, false);
  }

  ended(id: string): EnvironmentCommand<request>[] {
    const environment = this.#all.get(id);
    if (environment === undefined) return [];
    this.#forget(environment);
    this.#settings.room.free += 1;
    const commands: EnvironmentCommand<request>[] = [];
    if (environment.state === 'starting') {
      const request = this.#waiting.shift();
      if (request !== undefined) commands.push({ type: 'fail', request });
      // A provisioned environment that cannot start is tried again by the next `open`.
      return [...commands, ...this.kick()];
    }
    return [...commands, ...this.open(), ...this.kick()];
  }

  abandon(one: request): boolean {
    return this.#waiting.remove(one);
  }

  sweep(now: Millis): EnvironmentCommand<request>[] {
    const late = this.#dropFinishing(now);
    return [...this.#freezeIdle(now), ...this.#endIdle(now), ...(late ? this.kick() : [])];
  }

  yieldOne(): EnvironmentCommand<request>[] {
    for (const id of this.#idle) {
      const environment = this.#all.get(id);
      if (environment?.state !== 'idle' || environment.kind === 'provisioned') continue;
      return [this.#end(environment, 'the machine is full and another service waits')];
    }
    return [];
  }

  kick(): EnvironmentCommand<request>[] {
    const commands: EnvironmentCommand<request>[] = [];
    while (this.#starting + this.#finishing.size < this.#waiting.size) {
      const start = this.#start('on-demand');
      if (start === undefined) break;
      commands.push(start);
    }
    return commands;
  }

  retire(why: string): EnvironmentCommand<request>[] {
    const ended: EnvironmentCommand<request>[] = [];
    for (const environment of [...this.#all.values()]) {
      if (environment.state === 'idle') ended.push(this.#end(environment, why));
      else this.#retired.set(environment.id, why);
    }
    return [...ended, ...this.open()];
  }

  counts(): PoolCounts {
    return {
      starting: this.#starting,
      busy: this.#busy,
      idle: this.#idle.length,
      waiting: this.#waiting.size,
      thawed: this.#thawed,
      provisionedBusy: this.#provisionedBusy,
    };
  }

  environments(): Iterable<Environment> {
    return this.#all.values();
  }

  /** What does not become free at once is not waited for. True if there was such a one. */
  #dropFinishing(now: Millis): boolean {
    let late = false;
    for (const [id, since] of this.#finishing) {
      if (now - since < FINISHES_WITHIN_MS) break;
      this.#finishing.delete(id);
      late = true;
    }
    return late;
  }

  /** The stack is in the order of last use, so those not frozen yet are on top. */
  #freezeIdle(now: Millis): EnvironmentCommand<request>[] {
    const commands: EnvironmentCommand<request>[] = [];
    for (let index = this.#idle.length - 1; index >= 0; index -= 1) {
      const id = this.#idle[index] ?? '';
      const environment = this.#all.get(id);
      if (environment?.state !== 'idle' || environment.frozen) break;
      if (now - environment.since < this.#settings.freezeAfterMs) continue;
      this.#all.set(id, { ...environment, frozen: true });
      this.#thawed -= 1;
      commands.push({ type: 'freeze', id });
    }
    return commands;
  }

  #endIdle(now: Millis): EnvironmentCommand<request>[] {
    const { idleMs } = this.#settings;
    const expired: Environment[] = [];
    for (const id of this.#idle) {
      const environment = this.#all.get(id);
      if (environment?.state !== 'idle' || now - environment.since < idleMs) break;
      if (environment.kind === 'on-demand') expired.push(environment);
    }
    return expired.map((environment) => this.#end(environment, `idle for ${sayDuration(idleMs)}`));
  }

  #start(kind: EnvironmentKind): EnvironmentCommand<request> | undefined {
    const { room, nextId } = this.#settings;
    if (room.free <= 0 || room.freeStarts <= 0) return undefined;
    room.free -= 1;
    room.freeStarts -= 1;
    this.#starting += 1;
    if (kind === 'provisioned') this.#provisioned += 1;
    const id = nextId();
    this.#all.set(id, { state: 'starting', id, kind });
    return { type: 'start', id, kind };
  }

  #giveWork(
    id: string,
    kind: EnvironmentKind,
    now: Millis,
    fresh: boolean,
  ): EnvironmentCommand<request>[] {
    const request = this.#waiting.shift();
    if (request !== undefined) {
      this.#all.set(id, { state: 'busy', id, kind });
      this.#enterBusy(kind);
      return [{ type: 'assign', id, request, frozen: false, cold: fresh }];
    }
    this.#all.set(id, { state: 'idle', id, kind, since: now, frozen: false });
    this.#idle.push(id);
    this.#thawed += 1;
    return [];
  }

  /** Gives an idle environment, already taken off the stack, to a request. */
  #assign(id: string, request: request): EnvironmentCommand<request> {
    const environment = this.#all.get(id);
    const frozen = environment?.state === 'idle' && environment.frozen;
    const kind = environment?.kind ?? 'on-demand';
    if (!frozen) this.#thawed -= 1;
    this.#all.set(id, { state: 'busy', id, kind });
    this.#enterBusy(kind);
    return { type: 'assign', id, request, frozen, cold: false };
  }

  #end(environment: Environment, why: string): EnvironmentCommand<request> {
    this.#forget(environment);
    this.#settings.room.free += 1;
    return { type: 'end', id: environment.id, why };
  }

  #forget(environment: Environment): void {
    this.#all.delete(environment.id);
    this.#retired.delete(environment.id);
    if (environment.kind === 'provisioned') this.#provisioned -= 1;
    if (environment.state === 'starting') this.#leaveStarting();
    else if (environment.state === 'busy') this.#leaveBusy(environment.id, environment.kind);
    else {
      this.#idle.splice(this.#idle.indexOf(environment.id), 1);
      if (!environment.frozen) this.#thawed -= 1;
    }
  }

  #leaveStarting(): void {
    this.#starting -= 1;
    this.#settings.room.freeStarts += 1;
  }

  #enterBusy(kind: EnvironmentKind): void {
    this.#busy += 1;
    if (kind === 'provisioned') this.#provisionedBusy += 1;
  }

  #leaveBusy(id: string, kind: EnvironmentKind): void {
    this.#finishing.delete(id);
    this.#busy -= 1;
    if (kind === 'provisioned') this.#provisionedBusy -= 1;
  }
}
