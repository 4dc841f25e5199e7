// The life of the messages of one queue, as SQS keeps it: delayed, visible, in flight, gone. It
// knows nothing of bodies, stores or sockets; whoever holds it writes down what each call changed.
//
//   1. A message that was sent is in the queue until it is removed, expires, is purged, or is handed
//      over as dead. Nothing else takes it out.
//   2. A message that was received is not received again before its visibility has ended.
//   3. A message that is out never comes back by itself.
//   4. With `deadAfter` a message is received exactly that many times; the attempt after that hands
//      it over as dead and does not deliver it.
//   5. A delayed message is not received before its delay has ended.
//   6. Of the visible messages those of the group with the fewest in flight come first, and of these
//      the one sent first. Without a group a message is a group of its own. (A "fair queue")
//   7. A message older than the retention is never received.
//   8. At most `maxInFlight` messages are in flight.
//   9. Only the receipt of the latest receive changes or removes a message.
//  10. In a FIFO queue a group of which something is in flight gives nothing else, and what a group
//      gives comes in the order of sending.

import type { Millis } from '../base/units.ts';
import { Heap } from './heap.ts';

export interface QueueRules {
  /** A message is hidden for this long after it was received. */
  readonly visibilityMs: Millis;
  /** A new message is hidden for this long. */
  readonly delayMs: Millis;
  /** A message is kept for this long after it was sent. */
  readonly retentionMs: Millis;
  /** Receives after which a message is dead; undefined: never. */
  readonly deadAfter: number | undefined;
  readonly fifo: boolean;
}

/** Messages of a standard queue that may be in flight. [SQS:quotas-messages] */
export const MAX_IN_FLIGHT = 120_000;

/** A message may stay in flight for this long after one receive. [SQS:quotas-messages] */
export const MAX_VISIBILITY_MS = 12 * 3_600_000;

/** Entries for nothing that a heap may always hold. */
const MIN_TIDY = 16;

/** What is known of a message besides its content. */
export interface MessageState {
  /** Number in the order of sending; unique over all queues. */
  readonly seq: number;
  readonly group: string | undefined;
  readonly sentAt: Millis;
  /** It can be received from then on. */
  readonly visibleAt: Millis;
  /** Over all queues it was in. */
  readonly receives: number;
  readonly receivesHere: number;
  readonly firstReceivedAt: Millis | undefined;
  readonly receivedAt: Millis | undefined;
}

/** Names one receive of one message. */
export interface Receipt {
  readonly seq: number;
  /** What `receives` was right after it. */
  readonly receives: number;
}

export interface Sent {
  readonly seq: number;
  readonly group?: string | undefined;
  /** Default: what the queue says. */
  readonly delayMs?: Millis;
}

export interface Received {
  readonly delivered: readonly MessageState[];
  /** Out of this queue; they belong into the one for dead letters. */
  readonly dead: readonly MessageState[];
  /** Out for good: older than the retention. */
  readonly expired: readonly number[];
  /** Something is visible and was not delivered because too much is in flight. */
  readonly overLimit: boolean;
}

export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Age of the oldest message, or undefined when there is none. */
  readonly oldestMs: Millis | undefined;
}

interface Entry {
  readonly seq: number;
  readonly group: string | undefined;
  readonly sentAt: Millis;
  visibleAt: Millis;
  receives: number;
  receivesHere: number;
  firstReceivedAt: Millis | undefined;
  receivedAt: Millis | undefined;
  place: 'waiting' | 'visible' | 'out';
}

interface Group {
  readonly visible: Heap<Entry>;
  inFlight: number;
  /** Messages, wherever they are. */
  size: number;
}

/** An entry that waits, and until when it did when it was put here. */
interface Wait {
  readonly at: Millis;
  readonly entry: Entry;
}

export class MessageQueue {
  readonly #maxInFlight: number;
  readonly #entries = new Map<number, Entry>();
  readonly #groups = new Map<string | undefined, Group>();
  readonly #waiting = new Heap<Wait>((a, b) => a.at < b.at);
  readonly #byAge = new Heap<Entry>((a, b) => a.sentAt < b.sentAt);
  #rules: QueueRules;
  #waitingFirst = 0;
  #inFlight = 0;

  constructor(rules: QueueRules, maxInFlight: number = MAX_IN_FLIGHT) {
    this.#rules = rules;
    this.#maxInFlight = maxInFlight;
  }

  get rules(): QueueRules {
    return this.#rules;
  }

  /** New rules count for what happens from now on, the retention for what is here already. */
  change(rules: QueueRules): void {
    this.#rules = rules;
  }

  send(now: Millis, { seq, group, delayMs = this.#rules.delayMs }: Sent): MessageState {
    return this.restore({
      seq,
      group,
      sentAt: now,
      visibleAt: now + delayMs,
      receives: 0,
      receivesHere: 0,
      firstReceivedAt: undefined,
      receivedAt: undefined,
    });
  }

  /** Takes over what is dead in another queue. It keeps its age and its count over all queues. */
  adopt(now: Millis, message: MessageState): MessageState {
    return this.restore({ ...message, visibleAt: now, receivesHere: 0, receivedAt: undefined });
  }

  /** Puts a message back as it was when it was written down. */
  restore(message: MessageState): MessageState {
    const entry: Entry = { ...message, place: 'waiting' };
    this.#entries.set(entry.seq, entry);
    this.#byAge.push(entry);
    const group = this.#groupOf(entry);
    group.size += 1;
    if (entry.receivesHere > 0) this.#fly(group, 1);
    else this.#waitingFirst += 1;
    this.#waiting.push({ at: entry.visibleAt, entry });
    return entry;
  }

  receive(now: Millis, most: number, visibilityMs: Millis = this.#rules.visibilityMs): Received {
    const expired = this.expire(now);
    this.#ripen(now);
    const delivered: MessageState[] = [];
    const dead: MessageState[] = [];
    const { deadAfter = Number.POSITIVE_INFINITY } = this.#rules;
    const given = new Set<Group>();
    let overLimit = false;
    while (delivered.length < most) {
      const group = this.#next(given);
      const entry = group && firstOf(group);
      if (group === undefined || entry === undefined) break;
      if (entry.receivesHere >= deadAfter) {
        this.#takeOut(entry);
        dead.push(entry);
        continue;
      }
      overLimit = this.#inFlight >= this.#maxInFlight;
      if (overLimit) break;
      group.visible.pop();
      given.add(group);
      entry.receives += 1;
      entry.receivesHere += 1;
      entry.firstReceivedAt ??= now;
      entry.receivedAt = now;
      this.#fly(group, 1);
      this.#hide(entry, now + visibilityMs);
      delivered.push(entry);
    }
    return { delivered, dead, expired, overLimit };
  }

  /**
   * "stale": there was a later receive, or the message is out. "expired": in a FIFO queue its turn is
   * over, so that what comes after it may have been given already.
   */
  remove(now: Millis, receipt: Receipt): 'removed' | 'stale' | 'expired' {
    this.#ripen(now);
    const { fifo } = this.#rules;
    const entry = this.#entryOf(receipt);
    if (entry === undefined) return fifo && this.#entries.has(receipt.seq) ? 'expired' : 'stale';
    if (fifo && entry.place !== 'waiting') return 'expired';
    this.#takeOut(entry);
    return 'removed';
  }

  /** Hides a message in flight for `ms` from now on; with 0 it is visible at once. */
  hide(now: Millis, receipt: Receipt, ms: Millis): MessageState | HideRefusal {
    this.#ripen(now);
    const entry = this.#entryOf(receipt);
    if (entry === undefined) return 'stale';
    if (entry.place !== 'waiting') return 'notInFlight';
    if (now + ms - (entry.receivedAt ?? now) > MAX_VISIBILITY_MS) return 'tooLong';
    this.#hide(entry, now + ms);
    return entry;
  }

  /** Takes out what is older than the retention. */
  expire(now: Millis): readonly number[] {
    const expired: number[] = [];
    for (;;) {
      const oldest = this.#oldest();
      if (oldest === undefined || oldest.sentAt + this.#rules.retentionMs > now) return expired;
      this.#takeOut(oldest);
      expired.push(oldest.seq);
    }
  }

  /** Takes out everything. */
  purge(): void {
    for (const entry of [...this.#entries.values()]) this.#takeOut(entry);
  }

  /** When the next hidden message becomes visible, if any is hidden. */
  nextVisibleAt(): Millis | undefined {
    for (;;) {
      const next = this.#waiting.peek();
      if (next === undefined || isCurrent(next)) return next?.at;
      this.#waiting.pop();
    }
  }

  counts(now: Millis): QueueCounts {
    this.#ripen(now);
    const oldest = this.#oldest();
    return {
      visible: this.#entries.size - this.#inFlight - this.#waitingFirst,
      inFlight: this.#inFlight,
      delayed: this.#waitingFirst,
      oldestMs: oldest === undefined ? undefined : Math.max(0, now - oldest.sentAt),
    };
  }

  #entryOf({ seq, receives }: Receipt): Entry | undefined {
    const entry = this.#entries.get(seq);
    return entry?.receives === receives && entry.receivesHere > 0 ? entry : undefined;
  }

  #hide(entry: Entry, until: Millis): void {
    entry.visibleAt = until;
    entry.place = 'waiting';
    this.#waiting.push({ at: until, entry });
  }

  /** Makes visible what has waited long enough. */
  #ripen(now: Millis): void {
    for (;;) {
      const next = this.nextVisibleAt();
      if (next === undefined || next > now) return;
      const entry = this.#waiting.pop()?.entry;
      if (entry === undefined) return;
      this.#leaveWaiting(entry);
      entry.place = 'visible';
      this.#groupOf(entry).visible.push(entry);
    }
  }

  /** The group whose turn it is; `given` has given something in this receive. */
  #next(given: ReadonlySet<Group>): Group | undefined {
    let next: Group | undefined;
    let first: Entry | undefined;
    for (const group of this.#groups.values()) {
      const entry = firstOf(group);
      if (entry === undefined) continue;
      if (this.#rules.fifo && group.inFlight > 0) {
        // What a group has begun to give, it goes on with.
        if (given.has(group)) return group;
        continue;
      }
      const isFairer = next === undefined || this.#share(entry) < this.#share(first);
      const isAsFair = this.#share(entry) === this.#share(first);
      if (!isFairer && !(isAsFair && entry.seq < (first?.seq ?? 0))) continue;
      next = group;
      first = entry;
    }
    return next;
  }

  /** In flight of the group of an entry; in a FIFO queue only the order counts. */
  #share(entry: Entry | undefined): number {
    if (entry?.group === undefined || this.#rules.fifo) return 0;
    return this.#groupOf(entry).inFlight;
  }

  #groupOf({ group: name }: Entry): Group {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = { visible: new Heap<Entry>((a, b) => a.seq < b.seq), inFlight: 0, size: 0 };
      this.#groups.set(name, group);
    }
    return group;
  }

  #fly(group: Group, by: 1 | -1): void {
    group.inFlight += by;
    this.#inFlight += by;
  }

  #oldest(): Entry | undefined {
    for (;;) {
      const oldest = this.#byAge.peek();
      if (oldest === undefined || oldest.place !== 'out') return oldest;
      this.#byAge.pop();
    }
  }

  #takeOut(entry: Entry): void {
    if (entry.place === 'waiting') this.#leaveWaiting(entry);
    entry.place = 'out';
    this.#entries.delete(entry.seq);
    const group = this.#groupOf(entry);
    group.size -= 1;
    if (group.size === 0) this.#groups.delete(entry.group);
    this.#tidy();
  }

  /** What is out leaves the heaps when its turn comes; before that when there is too much of it. */
  #tidy(): void {
    const most = 2 * this.#entries.size + MIN_TIDY;
    if (this.#byAge.size > most) this.#byAge.prune(({ place }) => place !== 'out');
    if (this.#waiting.size > most) this.#waiting.prune(isCurrent);
  }

  #leaveWaiting(entry: Entry): void {
    if (entry.receivesHere > 0) this.#fly(this.#groupOf(entry), -1);
    else this.#waitingFirst -= 1;
  }
}

export type HideRefusal = 'stale' | 'notInFlight' | 'tooLong';

/** The visible message of a group that was sent first. */
function firstOf({ visible }: Group): Entry | undefined {
  for (;;) {
    const first = visible.peek();
    if (first === undefined || first.place === 'visible') return first;
    visible.pop();
  }
}

function isCurrent({ at, entry }: Wait): boolean {
  return entry.place === 'waiting' && entry.visibleAt === at;
}
