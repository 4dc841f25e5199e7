// Collects what one call did to tasks, and says it in as many events as ECS would.

import type { ServiceMessages } from './messages.ts';

export class EventBatch {
  readonly #say: ServiceMessages;
  readonly #group: string | undefined;
  #started: string[] = [];
  #startedInstead: string[] = [];
  readonly #startedToBalance = new Map<string, string[]>();
  #stopped: string[] = [];
  readonly #stoppedToBalance = new Map<string, string[]>();
  #stoppedPending = 0;
  #registered = 0;
  #deregistered = 0;
  readonly #draining = new Map<string, number>();

  constructor(say: ServiceMessages, group: string | undefined) {
    this.#say = say;
    this.#group = group;
  }

  started(id: string, kind: 'wanted' | 'instead' | { readonly balances: string }): void {
    if (kind === 'wanted') this.#started.push(id);
    else if (kind === 'instead') this.#startedInstead.push(id);
    else add(this.#startedToBalance, kind.balances, id);
  }

  /** A running task leaves by the scheduler's wish. */
  stopped(id: string, balances: string | undefined): void {
    if (balances === undefined) this.#stopped.push(id);
    else add(this.#stoppedToBalance, balances, id);
  }

  stoppedPending(): void {
    this.#stoppedPending += 1;
  }

  registered(): void {
    this.#registered += 1;
  }

  deregistered(deployment: string): void {
    this.#deregistered += 1;
    this.#draining.set(deployment, (this.#draining.get(deployment) ?? 0) + 1);
  }

  /** The messages so far, and none of them again. */
  take(): readonly string[] {
    const say = this.#say;
    const messages = [...say.started(this.#started), ...say.startedInstead(this.#startedInstead)];
    for (const [zone, ids] of this.#startedToBalance)
      messages.push(...say.startedToBalance(zone, ids));
    messages.push(...say.stopped(this.#stopped));
    for (const [zone, ids] of this.#stoppedToBalance)
      messages.push(...say.stoppedToBalance(zone, ids));
    if (this.#stoppedPending > 0) messages.push(say.stoppedPending(this.#stoppedPending));
    if (this.#group !== undefined) {
      if (this.#registered > 0) messages.push(say.registered(this.#registered, this.#group));
      if (this.#deregistered > 0) messages.push(say.deregistered(this.#deregistered, this.#group));
    }
    for (const [deployment, count] of this.#draining)
      messages.push(say.draining(count, deployment));
    this.#clear();
    return messages;
  }

  #clear(): void {
    this.#started = [];
    this.#startedInstead = [];
    this.#startedToBalance.clear();
    this.#stopped = [];
    this.#stoppedToBalance.clear();
    this.#stoppedPending = 0;
    this.#registered = 0;
    this.#deregistered = 0;
    this.#draining.clear();
  }
}

function add(lists: Map<string, string[]>, key: string, id: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [id]);
  else list.push(id);
}
