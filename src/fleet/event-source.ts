// How Lambda reads a queue for a function: how many pollers, how large a batch, what of a batch has
// failed. [LDG:services-sqs-scaling], [LDG:services-sqs-errorhandling], [LDG:with-sqs], read in 2026.
//
//   1. There are never more pollers than the function's maximum, and never less than one.
//   2. The number grows by at most 300 a minute, and only while every poller has found messages.
//   3. A failure never raises the number, and no number of failures stops the reading.
//   4. A batch is never larger than its limit in messages, nor, beyond its first message, in bytes;
//      it keeps the order in which the messages came.
//   5. What an answer does not say clearly counts as a failure of the whole batch.

import type { Millis } from '../base/units.ts';

/** Pollers an event source begins with, gains in a minute, and has at most. */
export const POLLERS = { start: 5, perMinute: 300, most: 1250 } as const;

/** A wait between two tries of a throttled batch, first and longest. AWS does not say its own. */
export const THROTTLE_WAIT_MS = { first: 1000, longest: 60_000 } as const;

/** What a poll, or the invocation that came of it, says about the number of pollers. */
export type PollOutcome = 'found' | 'empty' | 'failed' | 'throttled';

/** How many pollers an event source has. */
export class PollerScale {
  readonly #most: number;
  #level: number;
  #grownAt: Millis | undefined;

  constructor(most: number = POLLERS.most) {
    this.#most = Math.min(most, POLLERS.most);
    this.#level = Math.min(POLLERS.start, this.#most);
  }

  get pollers(): number {
    return Math.floor(this.#level);
  }

  /** `allBusy`: no poller waits for messages. Growth is counted while that stays so. */
  note(now: Millis, outcome: PollOutcome, allBusy: boolean): void {
    if (outcome === 'failed' || outcome === 'throttled') {
      this.#grownAt = undefined;
      this.#level = Math.max(1, this.#level / 2);
      return;
    }
    if (!allBusy || outcome === 'empty') {
      this.#grownAt = undefined;
      // The pollers of the start stay; what came on top of them goes again.
      if (outcome === 'empty')
        this.#level = Math.max(Math.min(this.#level, this.#floor()), this.#level - 1);
      return;
    }
    const since = now - (this.#grownAt ?? now);
    this.#grownAt = now;
    this.#level = Math.min(this.#most, this.#level + (since * POLLERS.perMinute) / 60_000);
  }

  #floor(): number {
    return Math.min(POLLERS.start, this.#most);
  }
}

/** How long a throttled batch waits before try number `tries` + 1. */
export function throttleWaitMs(tries: number): Millis {
  return Math.min(THROTTLE_WAIT_MS.longest, THROTTLE_WAIT_MS.first * 2 ** Math.max(0, tries - 1));
}

/** Payload of an invocation that an event source makes. [LDG:gettingstarted-limits] */
export const MAX_EVENT_BYTES = 6 * 1024 * 1024;

/** `{"Records":[` and `]}`. */
const FRAME_BYTES = 14;

/** Messages one ReceiveMessage gives at most. [SQS:quotas-messages] */
export const MAX_RECEIVE = 10;

export interface BatchRules {
  /** Messages, 1 to 10 000. */
  readonly most: number;
  /** How long a batch is collected after its first message; 0 sends what one poll found. */
  readonly windowMs: Millis;
}

/** The batch a poller collects. */
export class Batch<message> {
  readonly #rules: BatchRules;
  #messages: message[] = [];
  #bytes = FRAME_BYTES;
  #openedAt: Millis | undefined;
  /** What did not fit any more begins the next batch. */
  #over: { readonly message: message; readonly bytes: number }[] = [];

  constructor(rules: BatchRules) {
    this.#rules = rules;
  }

  get size(): number {
    return this.#messages.length;
  }

  /** Messages the next poll may ask for; 0 when the batch is full. */
  get room(): number {
    if (this.#over.length > 0) return 0;
    return Math.min(MAX_RECEIVE, this.#rules.most - this.#messages.length);
  }

  /** `bytes` is the length of the record in the event. */
  add(now: Millis, message: message, bytes: number): void {
    this.#openedAt ??= now;
    const first = this.#messages.length === 0;
    const after = this.#bytes + bytes + (first ? 0 : 1);
    const full = this.#messages.length >= this.#rules.most || (!first && after > MAX_EVENT_BYTES);
    if (full || this.#over.length > 0) {
      this.#over.push({ message, bytes });
      return;
    }
    this.#messages.push(message);
    this.#bytes = after;
  }

  /** When the batch goes out although it is not full; undefined while it is empty. */
  get dueAt(): Millis | undefined {
    return this.#openedAt === undefined ? undefined : this.#openedAt + this.#rules.windowMs;
  }

  isDue(now: Millis): boolean {
    if (this.dueAt === undefined) return false;
    return this.room === 0 || now >= this.dueAt;
  }

  /** Gives what was collected and begins anew with what did not fit. */
  take(now: Millis): readonly message[] {
    const taken = this.#messages;
    const over = this.#over;
    this.#messages = [];
    this.#over = [];
    this.#bytes = FRAME_BYTES;
    this.#openedAt = undefined;
    for (const { message, bytes } of over) this.add(now, message, bytes);
    return taken;
  }
}

/**
 * Which messages of a batch have failed, by what the function answered. All of them, unless the
 * answer is one of those that AWS takes for a success or a list of known messages.
 */
export function failedOf(answer: string, batch: readonly string[]): ReadonlySet<string> {
  const all = new Set(batch);
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    return all;
  }
  if (value === null || typeof value !== 'object') return value === null ? new Set() : all;
  const failures = (value as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return all;
  const failed = new Set<string>();
  for (const failure of failures) {
    const id: unknown = failure?.itemIdentifier;
    if (typeof id !== 'string' || !all.has(id)) return all;
    failed.add(id);
  }
  return failed;
}
