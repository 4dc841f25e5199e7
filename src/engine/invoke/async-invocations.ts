// Invocations that nobody waits for: accepts events, tries each when its rules say so, and sends the
// record of what became of it to its destination. The rules are in `fleet/async-event.ts`.

import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../../base/fault.ts';
import type { Release } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import {
  type AsyncEvent,
  attempted,
  due,
  unreachable,
  type WaitingEvent,
} from '../../fleet/async-event.ts';
import type { FunctionInvocation, InvocationOutcome } from '../lambda/invocation.ts';
import { emitFault } from '../program.ts';
import { type ApiError, serviceFailed } from './api-error.ts';
import { type AsyncParts, count, tellEnd } from './async-end.ts';
import { answerOf, type EventEnd } from './async-record.ts';
import { type AsyncStore, type NewEvent, openAsyncStore, type StoredEvent } from './async-store.ts';
import type { Found, InvokableFunction } from './function-book.ts';
import { errorOf } from './invoke-call.ts';

/** An event as it came, before it has a place in the store. */
export type AcceptedEvent = Omit<NewEvent, 'function' | 'acceptedAt' | 'depth'>;

/** After a failure of the disk. */
const BROKEN_WAIT_MS = 5000;

/** Events under way at once: what an account runs. */
const MAX_UNDER_WAY = 1000;

export class AsyncInvocations {
  readonly #parts: AsyncParts;
  #store: AsyncStore | undefined;
  #underWay = 0;
  #pumping = false;
  #state: 'open' | 'draining' | 'closed' = 'open';
  #drained: (() => void) | undefined;
  #wake: Release = () => {};

  constructor(parts: AsyncParts) {
    this.#parts = parts;
  }

  /** Finds what an earlier engine left. Throws ASYNC_STORE_BROKEN. */
  open(): void {
    if (existsSync(this.#parts.file)) this.#opened();
  }

  /** Goes on with what was found. */
  resume(): void {
    this.#pump();
  }

  /** Undefined when the event lies on disk, else why it does not. */
  accept(fn: InvokableFunction, event: AcceptedEvent): ApiError | undefined {
    if (this.#state === 'closed') return serviceFailed('The engine is stopping.');
    try {
      const store = this.#store ?? this.#opened();
      const acceptedAt = this.#parts.clock.now();
      store.add({ ...event, function: fn.name, acceptedAt, depth: 0 });
    } catch (error) {
      const { events, clock } = this.#parts;
      return serviceFailed(emitFault(events, clock, fn.name, this.#broken(error)).message);
    }
    count(this.#parts, fn, 'AsyncEventsReceived', 1);
    this.#pump();
    return undefined;
  }

  /** Begins no more attempts; resolves when those under way have ended. */
  drain(): Promise<void> {
    if (this.#state === 'open') this.#state = 'draining';
    this.#wake();
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  /** What is still under way is tried again by the next engine. */
  close(): void {
    this.#state = 'closed';
    this.#wake();
    this.#store?.close();
    this.#store = undefined;
  }

  #opened(): AsyncStore {
    mkdirSync(dirname(this.#parts.file), { recursive: true });
    this.#store = openAsyncStore(this.#parts.file);
    return this.#store;
  }

  /** Tries what is due, and sets the alarm for what is not. */
  #pump(): void {
    const store = this.#store;
    const { clock } = this.#parts;
    // An attempt that ends at once comes back here from within.
    if (store === undefined || this.#state !== 'open' || this.#pumping) return;
    this.#pumping = true;
    this.#wake();
    let at: Millis | undefined;
    try {
      this.#tryDue(store);
      at = this.#underWay < MAX_UNDER_WAY ? store.nextAt() : undefined;
    } catch (error) {
      // The disk is full or gone; it may come back.
      emitFault(this.#parts.events, clock, undefined, this.#broken(error));
      at = clock.now() + BROKEN_WAIT_MS;
    }
    this.#pumping = false;
    if (at === undefined) return;
    this.#wake = clock.after(Math.max(0, at - clock.now()), () => this.#pump());
  }

  #tryDue(store: AsyncStore): void {
    for (;;) {
      const room = MAX_UNDER_WAY - this.#underWay;
      const events = room === 0 ? [] : store.take(this.#parts.clock.now(), room);
      if (events.length === 0) return;
      this.#underWay += events.length;
      for (const event of events) this.#try(store, event);
    }
  }

  #broken(error: unknown): Fault {
    if (error instanceof Fault) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new Fault('ASYNC_STORE_BROKEN', { file: this.#parts.file, reason }, { cause: error });
  }

  #try(store: AsyncStore, event: StoredEvent): void {
    const { book, rng, clock, events } = this.#parts;
    const named = { name: event.function, region: undefined, qualifier: event.qualifier };
    const found = book.find(named, rng.next());
    if (found === undefined) {
      const facts = { function: event.function, qualifier: event.qualifier };
      emitFault(events, clock, event.function, new Fault('ASYNC_FUNCTION_GONE', facts));
      store.finish(event.id, undefined);
      this.#ended();
      return;
    }
    const { fn, target } = found;
    const now = clock.now();
    const state = fn.reserved === 0 ? unreachable() : due(stateOf(event), fn.async, now);
    if (state.state === 'over') {
      this.#next(store, { fn, event, state, runs: event.failures, answer: event.answer });
      return;
    }
    count(this.#parts, fn, 'AsyncEventAge', now - event.acceptedAt);
    if (target.throttled(now) !== undefined) {
      target.countThrottle();
      const next = attempted(state, 'throttled', fn.async, now);
      this.#emit(found, event, now, undefined);
      this.#next(store, { fn, event, state: next, runs: event.failures, answer: event.answer });
      return;
    }
    target.invoke(new AsyncAttempt(this, found, event, { arn: book.arn(named), now }));
  }

  /** An attempt has ended. */
  settled({ found, event, startedAt }: AsyncAttempt, outcome: InvocationOutcome): void {
    const store = this.#store;
    if (store === undefined) return;
    const { fn, target } = found;
    this.#emit(found, event, startedAt, outcome);
    const end = outcome.kind === 'answered' ? 'succeeded' : 'failed';
    const state = attempted(stateOf(event), end, fn.async, this.#parts.clock.now());
    const answer = answerOf(outcome, target.version);
    this.#next(store, { fn, event, state, runs: event.failures + 1, answer });
  }

  /** The event waits again, or is over. */
  #next(store: AsyncStore, { state, ...seen }: Seen): void {
    try {
      if (state.state === 'waiting') {
        const { at, failures, throttles } = state;
        store.putBack(seen.event.id, { at, failures, throttles, answer: seen.answer });
      } else {
        const record = tellEnd(this.#parts, { ...seen, condition: state.condition });
        store.finish(seen.event.id, record);
      }
    } catch (error) {
      // The event stays where it is, for the next engine.
      emitFault(this.#parts.events, this.#parts.clock, seen.fn.name, this.#broken(error));
    }
    this.#ended();
  }

  #ended(): void {
    this.#underWay -= 1;
    if (this.#underWay === 0) this.#drained?.();
    this.#pump();
  }

  #emit(
    { fn, target }: Found,
    event: StoredEvent,
    startedAt: Millis,
    outcome: InvocationOutcome | undefined,
  ): void {
    const { clock, events } = this.#parts;
    events.emit({
      type: 'invocation',
      at: clock.wall(),
      id: event.requestId,
      function: fn.name,
      version: target.version,
      how: 'Event',
      status: outcome === undefined ? 429 : 200,
      error: outcome === undefined ? 'TooManyRequestsException' : errorOf(outcome),
      attempt: event.failures + event.throttles + 1,
      instance: outcome?.environment,
      cold: outcome?.cold ?? false,
      durationMs: clock.now() - startedAt,
      fault: outcome?.kind === 'failed' ? outcome.fault.toJSON() : undefined,
    });
  }
}

/** What an attempt showed. */
interface Seen extends Omit<EventEnd, 'condition'> {
  readonly state: AsyncEvent;
}

function stateOf({ acceptedAt, at, failures, throttles }: StoredEvent): WaitingEvent {
  return { state: 'waiting', acceptedAt, at, failures, throttles };
}

/** One attempt at one event. */
class AsyncAttempt implements FunctionInvocation {
  readonly found: Found;
  readonly event: StoredEvent;
  readonly startedAt: Millis;
  readonly requestId: string;
  readonly payload: Buffer;
  readonly invokedArn: string;
  readonly traceId: string;
  readonly clientContext: string | undefined;
  readonly tenantId: string | undefined;
  readonly wantsLog = false;
  readonly streams = false;
  readonly #owner: AsyncInvocations;

  constructor(
    owner: AsyncInvocations,
    found: Found,
    event: StoredEvent,
    { arn, now }: { readonly arn: string; readonly now: Millis },
  ) {
    this.#owner = owner;
    this.found = found;
    this.event = event;
    this.startedAt = now;
    this.requestId = event.requestId;
    this.payload = event.payload;
    this.invokedArn = arn;
    this.traceId = event.traceId;
    this.clientContext = event.clientContext;
    this.tenantId = event.tenantId;
  }

  begin(): void {
    // Nobody reads along.
  }

  data(): boolean {
    return true;
  }

  settled(outcome: InvocationOutcome): void {
    this.#owner.settled(this, outcome);
  }
}
