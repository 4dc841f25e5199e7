// The numbered invariants of `message-queue.ts`, on any course of calls.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_VISIBILITY_MS,
  MessageQueue,
  type MessageState,
  type QueueRules,
  type Receipt,
} from './message-queue.ts';

const RULES: QueueRules = {
  visibilityMs: 30_000,
  delayMs: 0,
  retentionMs: 3_600_000,
  deadAfter: undefined,
  fifo: false,
};

const calls = {
  send: fc.record({
    kind: fc.constant('send' as const),
    delayMs: fc.integer({ min: 0, max: 900 }),
    group: fc.constantFrom('a', 'b', undefined),
  }),
  receive: fc.record({
    kind: fc.constant('receive' as const),
    most: fc.integer({ min: 1, max: 10 }),
    visibilityMs: fc.integer({ min: 0, max: 500 }),
  }),
  remove: fc.record({ kind: fc.constant('remove' as const), pick: fc.nat() }),
  hide: fc.record({
    kind: fc.constant('hide' as const),
    pick: fc.nat(),
    ms: fc.integer({ min: 0, max: 900 }),
  }),
  wait: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 400 }) }),
  restart: fc.constant({ kind: 'restart' as const }),
};

const call = fc.oneof(
  { weight: 4, arbitrary: calls.send },
  { weight: 5, arbitrary: calls.receive },
  { weight: 3, arbitrary: calls.remove },
  { weight: 2, arbitrary: calls.hide },
  { weight: 4, arbitrary: calls.wait },
  { weight: 1, arbitrary: calls.restart },
);

type Call = typeof call extends fc.Arbitrary<infer one> ? one : never;

/** What an onlooker knows of a message that is in the queue. */
interface Seen {
  readonly seq: number;
  readonly group: string | undefined;
  readonly sentAt: number;
  hiddenUntil: number;
  receives: number;
}

/** Calls a queue, keeps its own account of what must be so, and compares. */
class Onlooker {
  readonly #rules: QueueRules;
  readonly #maxInFlight: number;
  readonly #kept = new Map<number, Seen>();
  readonly #states = new Map<number, MessageState>();
  readonly #out = new Set<number>();
  readonly #receipts: Receipt[] = [];
  #queue: MessageQueue;
  #now = 1_000_000;
  #seq = 0;

  constructor(rules: QueueRules, maxInFlight: number) {
    this.#rules = rules;
    this.#maxInFlight = maxInFlight;
    this.#queue = new MessageQueue(rules, maxInFlight);
  }

  play(one: Call): void {
    switch (one.kind) {
      case 'wait':
        this.#now += one.ms;
        break;
      case 'send':
        this.#send(one.delayMs, one.group);
        break;
      case 'receive':
        this.#receive(one.most, one.visibilityMs);
        break;
      case 'remove':
        this.#remove(this.#receipts[one.pick % Math.max(1, this.#receipts.length)]);
        break;
      case 'hide':
        this.#hide(this.#receipts[one.pick % Math.max(1, this.#receipts.length)], one.ms);
        break;
      case 'restart':
        this.#queue = new MessageQueue(this.#rules, this.#maxInFlight);
        for (const [id, state] of this.#states) {
          this.#states.set(id, this.#queue.restore({ ...state }));
        }
    }
    this.#compare();
  }

  #send(delayMs: number, name: string | undefined): void {
    this.#seq += 1;
    const seq = this.#seq;
    // A FIFO queue has no delay for one message, and no message without a group.
    const delay = this.#rules.fifo ? 0 : delayMs;
    const group = this.#rules.fifo ? (name ?? 'c') : name;
    this.#states.set(seq, this.#queue.send(this.#now, { seq, group, delayMs: delay }));
    const sentAt = this.#now;
    this.#kept.set(seq, { seq, group, sentAt, hiddenUntil: sentAt + delay, receives: 0 });
  }

  #receive(most: number, visibilityMs: number): void {
    const now = this.#now;
    const { deadAfter = Infinity, retentionMs, fifo } = this.#rules;
    const got = this.#queue.receive(now, most, visibilityMs);
    for (const id of got.expired) {
      expect((this.#kept.get(id)?.sentAt ?? 0) + retentionMs).toBeLessThanOrEqual(now);
      this.#leave(id);
    }
    for (const { seq } of got.dead) {
      expect(this.#kept.get(seq)?.receives, 'dead after exactly so many (4)').toBe(deadAfter);
      this.#leave(seq);
    }
    expect(got.delivered.length).toBeLessThanOrEqual(most);
    const given = new Set<Seen>();
    const flying = this.#flying();
    for (const message of got.delivered) {
      const seen = this.#kept.get(message.seq);
      expect(this.#out.has(message.seq), 'out is out (3)').toBe(false);
      if (seen === undefined) throw new Error('a message from nowhere');
      expect(seen.hiddenUntil, 'hidden is hidden (2, 5)').toBeLessThanOrEqual(now);
      expect(seen.sentAt + retentionMs, 'not too old (7)').toBeGreaterThan(now);
      const others = [...this.#kept.values()].filter(
        (one) => one !== seen && !given.has(one) && one.receives < deadAfter,
      );
      if (fifo) this.#checkFifo(seen, others, given);
      else this.#checkFair(seen, others, flying);
      seen.receives += 1;
      expect(seen.receives, '(4)').toBeLessThanOrEqual(deadAfter);
      expect(message.receives).toBe(seen.receives);
      flying.set(seen.group, (flying.get(seen.group) ?? 0) + 1);
      given.add(seen);
      this.#receipts.push({ seq: message.seq, receives: message.receives });
    }
    if (got.delivered.length < most && !got.overLimit) {
      const left = [...this.#kept.values()].filter(
        (one) => one.hiddenUntil <= now && !given.has(one),
      );
      const free = left.filter(({ group }) => !fifo || (flying.get(group) ?? 0) === 0);
      expect(free, 'all that may be given is given (1)').toEqual([]);
    }
    for (const seen of given) seen.hiddenUntil = now + visibilityMs;
  }

  #checkFair(seen: Seen, others: readonly Seen[], flying: ReadonlyMap<unknown, number>): void {
    const share = ({ group }: Seen) => (group === undefined ? 0 : (flying.get(group) ?? 0));
    const before = others.filter(
      (one) =>
        one.hiddenUntil <= this.#now &&
        (share(one) < share(seen) || (share(one) === share(seen) && one.seq < seen.seq)),
    );
    expect(before, 'nobody is passed over (6)').toEqual([]);
  }

  #checkFifo(seen: Seen, others: readonly Seen[], given: ReadonlySet<Seen>): void {
    const group = others.filter((one) => one.group === seen.group);
    expect(
      group.filter(({ seq }) => seq < seen.seq),
      'in order (10)',
    ).toEqual([]);
    const inFlight = [...this.#kept.values()].filter(
      (one) => one.group === seen.group && !given.has(one) && one.hiddenUntil > this.#now,
    );
    expect(inFlight, 'one receive at a time (10)').toEqual([]);
  }

  #remove(receipt: Receipt | undefined): void {
    if (receipt === undefined) return;
    const seen = this.#kept.get(receipt.seq);
    const latest = seen?.receives === receipt.receives;
    const answer = this.#queue.remove(this.#now, receipt);
    if (this.#rules.fifo && seen !== undefined && !(latest && seen.hiddenUntil > this.#now)) {
      expect(answer, '(9)').toBe('expired');
      return;
    }
    expect(answer, '(9)').toBe(latest ? 'removed' : 'stale');
    if (latest) this.#leave(receipt.seq);
  }

  #hide(receipt: Receipt | undefined, ms: number): void {
    if (receipt === undefined) return;
    const seen = this.#kept.get(receipt.seq);
    const answer = this.#queue.hide(this.#now, receipt, ms);
    if (seen?.receives !== receipt.receives) expect(answer, '(9)').toBe('stale');
    else if (seen.hiddenUntil <= this.#now) expect(answer).toBe('notInFlight');
    else seen.hiddenUntil = this.#now + ms;
  }

  #leave(id: number): void {
    expect(this.#kept.delete(id), 'what leaves was in (1)').toBe(true);
    this.#states.delete(id);
    this.#out.add(id);
  }

  /** In flight, by group. */
  #flying(): Map<string | undefined, number> {
    const flying = new Map<string | undefined, number>();
    for (const { group, hiddenUntil, receives } of this.#kept.values()) {
      if (hiddenUntil <= this.#now || receives === 0) continue;
      flying.set(group, (flying.get(group) ?? 0) + 1);
    }
    return flying;
  }

  #compare(): void {
    const counts = this.#queue.counts(this.#now);
    const all = counts.visible + counts.inFlight + counts.delayed;
    expect(all, 'none lost (1)').toBe(this.#kept.size);
    const hidden = [...this.#kept.values()].filter(({ hiddenUntil }) => hiddenUntil > this.#now);
    expect(counts.inFlight, '(8)').toBeLessThanOrEqual(this.#maxInFlight);
    expect(counts.inFlight + counts.delayed).toBe(hidden.length);
    expect(this.#queue.nextVisibleAt()).toBe(
      hidden.length === 0 ? undefined : Math.min(...hidden.map((one) => one.hiddenUntil)),
    );
  }
}

describe('any course of calls', () => {
  it.each([false, true])('keeps the invariants (fifo: %s)', (fifo) => {
    const course = fc.record({
      steps: fc.array(call, { maxLength: 120, size: 'max' }),
      deadAfter: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      maxInFlight: fc.integer({ min: 1, max: 8 }),
      retentionMs: fc.constantFrom(800, 3_600_000),
    });
    fc.assert(
      fc.property(course, ({ steps, deadAfter, maxInFlight, retentionMs }) => {
        const onlooker = new Onlooker({ ...RULES, deadAfter, retentionMs, fifo }, maxInFlight);
        for (const one of steps) onlooker.play(one);
      }),
      { numRuns: 300 },
    );
  });
});

describe('one queue', () => {
  it('changes the visibility for at most twelve hours after the receive', () => {
    const queue = new MessageQueue(RULES);
    queue.send(0, { seq: 1 });
    const [message] = queue.receive(0, 1, MAX_VISIBILITY_MS).delivered;
    const receipt = { seq: 1, receives: message?.receives ?? 0 };
    expect(queue.hide(1, receipt, MAX_VISIBILITY_MS)).toBe('tooLong');
    expect(queue.hide(1, receipt, MAX_VISIBILITY_MS - 1)).toMatchObject({ seq: 1 });
  });

  it('hands a dead message over with its age and its count, and counts anew', () => {
    const source = new MessageQueue({ ...RULES, deadAfter: 1 });
    const target = new MessageQueue({ ...RULES, deadAfter: 1 });
    source.send(0, { seq: 1 });
    source.receive(10, 1, 5);
    const [dead] = source.receive(20, 1).dead;
    if (dead === undefined) throw new Error('not handed over');
    target.adopt(20, dead);
    expect(target.counts(20)).toMatchObject({ visible: 1, oldestMs: 20 });
    const [message] = target.receive(20, 1).delivered;
    expect(message).toMatchObject({ sentAt: 0, receives: 2, receivesHere: 1, firstReceivedAt: 10 });
  });
});
