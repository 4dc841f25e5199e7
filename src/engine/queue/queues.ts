// All queues of an app: the rules of `fleet/message-queue.ts` for each, kept in the store, and
// whoever waits for a message. What a call says was done is written down before it returns.

import type { Clock, Release, Rng } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import {
  MessageQueue,
  type MessageState,
  type QueueCounts,
  type QueueRules,
  type Receipt,
} from '../../fleet/message-queue.ts';
import type { QueueSettings } from '../../model/app.ts';
import type {
  Content,
  QueueAttributes,
  QueueStore,
  SentMessage,
  StoredQueue,
} from './queue-store.ts';
import { noSuchQueue, SqsError } from './sqs-error.ts';

export interface QueuesParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly store: QueueStore;
  /** Name on AWS of a queue of `fulcrum.yml`. */
  readonly awsName: (name: string, fifo: boolean) => string;
  readonly declared: readonly QueueSettings[];
}

export interface NewMessage {
  readonly body: string;
  readonly attributes: Content['attributes'];
  readonly group: string | undefined;
  /** Of a message to a FIFO queue, always; else undefined. */
  readonly dedup: string | undefined;
  readonly trace: string | undefined;
  /** Undefined: what the queue says. */
  readonly delayMs: Millis | undefined;
}

export interface Ask {
  readonly most: number;
  /** Undefined: what the queue says. */
  readonly visibilityMs: Millis | undefined;
  readonly waitMs: Millis;
  /** Whoever asks has gone away. */
  readonly signal: AbortSignal;
}

export interface Delivery {
  readonly state: MessageState;
  readonly content: Content;
}

interface Waiter {
  readonly ask: Ask;
  settle(deliveries: readonly Delivery[]): void;
  fail(error: unknown): void;
}

interface OpenQueue {
  stored: StoredQueue;
  readonly messages: MessageQueue;
  readonly waiters: Set<Waiter>;
  /** Runs when the next hidden message becomes visible; only while somebody waits. */
  stopTimer: Release | undefined;
  purgedAt: Millis | undefined;
}

/** A FIFO queue knows a message again for this long. [SQS:using-messagededuplicationid-property] */
const DEDUP_MS = 300_000;

/** A second purge is refused for this long. [SQS:PurgeQueue] */
const PURGE_PAUSE_MS = 60_000;

export class Queues {
  readonly #parts: QueuesParts;
  readonly #open = new Map<string, OpenQueue>();

  constructor(parts: QueuesParts) {
    this.#parts = parts;
    for (const stored of parts.store.queues()) this.#openStored(stored);
    parts.store.atomically(() => this.#declare(parts.declared));
    this.#refreshRules();
  }

  /** Names on AWS, in alphabetical order. */
  names(): readonly string[] {
    return [...this.#open.keys()].sort();
  }

  get(name: string): StoredQueue {
    return this.#queue(name).stored;
  }

  has(name: string): boolean {
    return this.#open.has(name);
  }

  counts(name: string): QueueCounts {
    const { messages } = this.#queue(name);
    const now = this.#now();
    this.#forget(messages.expire(now));
    return messages.counts(now);
  }

  /** Makes a queue, or sets one that is there. */
  put(
    name: string,
    attributes: QueueAttributes,
    { tags, declared }: { tags?: StoredQueue['tags']; declared?: boolean } = {},
  ): void {
    const before = this.#open.get(name);
    const now = this.#now();
    const stored: StoredQueue = {
      name,
      declared: declared ?? before?.stored.declared ?? false,
      createdAt: before?.stored.createdAt ?? now,
      modifiedAt: now,
      attributes,
      tags: tags ?? before?.stored.tags ?? {},
    };
    this.#parts.store.putQueue(stored);
    if (before === undefined) this.#openStored(stored);
    else before.stored = stored;
    this.#refreshRules();
  }

  drop(name: string): void {
    const queue = this.#queue(name);
    this.#parts.store.dropQueue(name);
    this.#open.delete(name);
    this.#refreshRules();
    dismiss(queue);
  }

  send(name: string, message: NewMessage): SentMessage {
    const queue = this.#queue(name);
    const { store, rng } = this.#parts;
    const now = this.#now();
    const { dedup, group } = message;
    const before = dedup === undefined ? undefined : store.recent(name, dedup, now - DEDUP_MS);
    if (before !== undefined) return before;
    const delayMs = message.delayMs ?? queue.messages.rules.delayMs;
    const id = rng.uuid();
    const seq = store.atomically(() => {
      const given = store.add(name, { ...message, id, deadIn: undefined }, now, now + delayMs);
      if (dedup !== undefined) {
        store.forget(name, now - DEDUP_MS);
        store.remember(name, dedup, { id, seq: given }, now);
      }
      return given;
    });
    queue.messages.send(now, { seq, group, delayMs });
    this.#wake(queue);
    return { id, seq };
  }

  /** Empty when nothing came within `waitMs`. */
  async receive(name: string, ask: Ask): Promise<readonly Delivery[]> {
    const queue = this.#queue(name);
    const found = this.#take(queue, ask);
    if (found.length > 0 || ask.waitMs === 0 || ask.signal.aborted) return found;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        queue.waiters.delete(waiter);
        stopClock();
        ask.signal.removeEventListener('abort', goAway);
      };
      const waiter: Waiter = {
        ask,
        settle(deliveries) {
          leave();
          resolve(deliveries);
        },
        fail(error) {
          leave();
          reject(error);
        },
      };
      const goAway = () => waiter.settle([]);
      const stopClock = this.#parts.clock.after(ask.waitMs, goAway);
      ask.signal.addEventListener('abort', goAway, { once: true });
      queue.waiters.add(waiter);
      this.#arm(queue);
    });
  }

  remove(name: string, receipt: Receipt): ReturnType<MessageQueue['remove']> {
    const queue = this.#queue(name);
    const done = queue.messages.remove(this.#now(), receipt);
    if (done === 'removed') {
      this.#parts.store.remove(receipt.seq);
      this.#wake(queue);
    }
    return done;
  }

  hide(name: string, receipt: Receipt, ms: Millis): ReturnType<MessageQueue['hide']> {
    const queue = this.#queue(name);
    const done = queue.messages.hide(this.#now(), receipt, ms);
    if (typeof done === 'string') return done;
    this.#parts.store.update(done);
    this.#wake(queue);
    return done;
  }

  purge(name: string): void {
    const queue = this.#queue(name);
    const now = this.#now();
    if (queue.purgedAt !== undefined && now - queue.purgedAt < PURGE_PAUSE_MS) {
      throw new SqsError(
        'PurgeQueueInProgress',
        `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`,
      );
    }
    queue.purgedAt = now;
    this.#parts.store.purge(name);
    queue.messages.purge();
  }

  /** Nobody waits any longer; what was accepted stays in the store. */
  close(): void {
    for (const queue of this.#open.values()) dismiss(queue);
    this.#parts.store.close();
  }

  #queue(name: string): OpenQueue {
    const queue = this.#open.get(name);
    if (queue === undefined) throw noSuchQueue();
    return queue;
  }

  /** Whole milliseconds, as the API says them. */
  #now(): Millis {
    return Math.floor(this.#parts.clock.now());
  }

  #openStored(stored: StoredQueue): void {
    const { attributes, name } = stored;
    const messages = new MessageQueue(rulesOf(attributes, undefined));
    for (const state of this.#parts.store.states(name)) messages.restore(state);
    this.#open.set(name, {
      stored,
      messages,
      waiters: new Set(),
      stopTimer: undefined,
      purgedAt: undefined,
    });
  }

  /** A queue that left `fulcrum.yml` goes when it is empty; else its messages are still there. */
  #declare(declared: readonly QueueSettings[]): void {
    const { awsName, store } = this.#parts;
    const wanted = new Set(declared.map(({ name, fifo }) => awsName(name, fifo)));
    for (const [name, { stored, messages }] of this.#open) {
      if (wanted.has(name) || !stored.declared) continue;
      const { visible, inFlight, delayed } = messages.counts(this.#now());
      if (visible + inFlight + delayed > 0) continue;
      store.dropQueue(name);
      this.#open.delete(name);
    }
    for (const one of declared) {
      this.put(awsName(one.name, one.fifo), attributesOf(one, awsName), { declared: true });
    }
  }

  /** A queue for dead letters that is not there takes nothing. */
  #refreshRules(): void {
    for (const { stored, messages } of this.#open.values()) {
      const redrive = stored.attributes.RedrivePolicy;
      const there = redrive !== undefined && this.#open.has(redrive.target);
      messages.change(rulesOf(stored.attributes, there ? redrive.maxReceiveCount : undefined));
    }
  }

  /** Receives what is visible now and writes down what that changed. */
  #take(queue: OpenQueue, { most, visibilityMs, waitMs }: Ask): readonly Delivery[] {
    const { store } = this.#parts;
    const now = this.#now();
    const { delivered, dead, expired, overLimit } = queue.messages.receive(now, most, visibilityMs);
    const { FifoQueue: fifo } = queue.stored.attributes;
    if (overLimit && delivered.length === 0 && waitMs === 0 && !fifo) {
      throw new SqsError('OverLimit', 'Too many messages in flight for this queue.');
    }
    if (delivered.length + dead.length + expired.length === 0) return [];
    const target = queue.stored.attributes.RedrivePolicy?.target ?? '';
    const graveyard = dead.length === 0 ? undefined : this.#queue(target);
    const deliveries = store.atomically(() => {
      for (const seq of expired) store.remove(seq);
      for (const message of dead) {
        store.move(message.seq, queue.stored.name, target);
        const moved = graveyard?.messages.adopt(now, message);
        if (moved !== undefined) store.update(moved);
      }
      return delivered.flatMap((state) => {
        store.update(state);
        const content = store.content(state.seq);
        return content === undefined ? [] : [{ state: { ...state }, content }];
      });
    });
    if (graveyard !== undefined) this.#wake(graveyard);
    return deliveries;
  }

  #forget(expired: readonly number[]): void {
    for (const seq of expired) this.#parts.store.remove(seq);
  }

  /** Serves who waits, in the order they came, and sets the timer for the next message. */
  #wake(queue: OpenQueue): void {
    for (const waiter of queue.waiters) {
      try {
        const found = this.#take(queue, waiter.ask);
        if (found.length === 0) break;
        waiter.settle(found);
      } catch (error) {
        // The disk is full, say: whoever waits is told, and not whoever came by.
        waiter.fail(error);
      }
    }
    this.#arm(queue);
  }

  #arm(queue: OpenQueue): void {
    queue.stopTimer?.();
    queue.stopTimer = undefined;
    const next = queue.messages.nextVisibleAt();
    if (queue.waiters.size === 0 || next === undefined) return;
    const { clock } = this.#parts;
    const inMs = Math.min(MAX_TIMER_MS, Math.max(1, Math.ceil(next - clock.now())));
    queue.stopTimer = clock.after(inMs, () => this.#wake(queue));
  }
}

/** A timer takes no more; it is set again when it runs. */
const MAX_TIMER_MS = 2 ** 31 - 1;

function dismiss(queue: OpenQueue): void {
  queue.stopTimer?.();
  for (const waiter of [...queue.waiters]) waiter.settle([]);
}

function rulesOf(attributes: QueueAttributes, deadAfter: number | undefined): QueueRules {
  return {
    visibilityMs: attributes.VisibilityTimeout * 1000,
    delayMs: attributes.DelaySeconds * 1000,
    retentionMs: attributes.MessageRetentionPeriod * 1000,
    deadAfter,
    fifo: attributes.FifoQueue,
  };
}

function attributesOf(settings: QueueSettings, awsName: QueuesParts['awsName']): QueueAttributes {
  const { visibilityMs, delayMs, retentionMs, maxMessageBytes, deadLetter, fifo } = settings;
  return {
    FifoQueue: fifo,
    ContentBasedDeduplication: settings.contentDedup,
    VisibilityTimeout: visibilityMs / 1000,
    DelaySeconds: delayMs / 1000,
    MessageRetentionPeriod: retentionMs / 1000,
    MaximumMessageSize: maxMessageBytes,
    ReceiveMessageWaitTimeSeconds: 0,
    RedrivePolicy:
      deadLetter === undefined
        ? undefined
        : { target: awsName(deadLetter.queue, fifo), maxReceiveCount: deadLetter.after },
  };
}
