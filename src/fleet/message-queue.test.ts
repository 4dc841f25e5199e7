// The numbered invariants of `message-queue.ts`, on any course of calls.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_VISIBILITY_MS,
  MessageQueue,
  type MessageState,
  type Receipt,
} from './message-queue.ts';

const RULES = { visibilityMs: 30_000, delayMs: 0, retentionMs: 3_600_000, deadAfter: undefined };

type Call =
  | { readonly kind: 'send'; readonly delayMs: number }
  | { readonly kind: 'receive'; readonly most: number; readonly visibilityMs: number }
  | { readonly kind: 'remove'; readonly pick: number }
  | { readonly kind: 'hide'; readonly pick: number; readonly ms: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'restart' };

const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      delayMs: fc.integer({ min: 0, max: 900 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('receive' as const),
      most: fc.integer({ min: 1, max: 10 }),
      visibilityMs: fc.integer({ min: 0, max: 500 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), pick: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('hide' as const),
      pick: fc.nat(),
      ms: fc.integer({ min: 0, max: 900 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.integer({ min: 0, max: 400 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

/** What an onlooker knows of a message that is in the queue. */
interface Seen {
  readonly sentAt: number;
  hiddenUntil: number;
  receives: number;
}

describe('any course of calls', () => {
  it('keeps the invariants', () => {
    const options = fc.record({
      calls: fc.array(call, { maxLength: 120, size: 'max' }),
      deadAfter: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      maxInFlight: fc.integer({ min: 1, max: 8 }),
      retentionMs: fc.constantFrom(800, 3_600_000),
    });
    fc.assert(
      fc.property(options, ({ calls, deadAfter, maxInFlight, retentionMs }) => {
        const rules = { ...RULES, deadAfter, retentionMs };
        let queue = new MessageQueue(rules, maxInFlight);
        const kept = new Map<number, Seen>();
        const states = new Map<number, MessageState>();
        const out = new Set<number>();
        const receipts: Receipt[] = [];
        let now = 1_000_000;
        let seq = 0;
        const leave = (id: number): void => {
          expect(kept.delete(id), 'what leaves was in (1)').toBe(true);
          states.delete(id);
          out.add(id);
        };
        for (const one of calls) {
          switch (one.kind) {
            case 'wait':
              now += one.ms;
              break;
            case 'send':
              seq += 1;
              states.set(seq, queue.send(now, seq, one.delayMs));
              kept.set(seq, { sentAt: now, hiddenUntil: now + one.delayMs, receives: 0 });
              break;
            case 'receive': {
              const got = queue.receive(now, one.most, one.visibilityMs);
              for (const id of got.expired) {
                expect((kept.get(id)?.sentAt ?? 0) + retentionMs).toBeLessThanOrEqual(now);
                leave(id);
              }
              for (const { seq: id } of got.dead) {
                expect(kept.get(id)?.receives, 'dead after exactly so many (4)').toBe(deadAfter);
                leave(id);
              }
              expect(got.delivered.length).toBeLessThanOrEqual(one.most);
              const order = got.delivered.map((message) => message.seq);
              expect(order, 'oldest first (6)').toEqual([...order].sort((a, b) => a - b));
              for (const message of got.delivered) {
                const seen = kept.get(message.seq);
                expect(out.has(message.seq), 'out is out (3)').toBe(false);
                if (seen === undefined) throw new Error('a message from nowhere');
                expect(seen.hiddenUntil, 'hidden is hidden (2, 5)').toBeLessThanOrEqual(now);
                expect(seen.sentAt + retentionMs, 'not too old (7)').toBeGreaterThan(now);
                seen.receives += 1;
                expect(seen.receives, '(4)').toBeLessThanOrEqual(deadAfter ?? Infinity);
                expect(message.receives).toBe(seen.receives);
                seen.hiddenUntil = now + one.visibilityMs;
                receipts.push({ seq: message.seq, receives: message.receives });
              }
              if (got.delivered.length < one.most && !got.overLimit) {
                const left = [...kept.values()].filter(({ hiddenUntil }) => hiddenUntil <= now);
                const justNow = one.visibilityMs === 0 ? got.delivered.length : 0;
                expect(left.length - justNow, 'all that is visible is given (1)').toBe(0);
              }
              break;
            }
            case 'remove': {
              const receipt = receipts[one.pick % Math.max(1, receipts.length)];
              if (receipt === undefined) break;
              const latest = kept.get(receipt.seq)?.receives === receipt.receives;
              expect(queue.remove(receipt), '(9)').toBe(latest ? 'removed' : 'stale');
              if (latest) leave(receipt.seq);
              break;
            }
            case 'hide': {
              const receipt = receipts[one.pick % Math.max(1, receipts.length)];
              if (receipt === undefined) break;
              const seen = kept.get(receipt.seq);
              const answer = queue.hide(now, receipt, one.ms);
              if (seen?.receives !== receipt.receives) expect(answer, '(9)').toBe('stale');
              else if (seen.hiddenUntil <= now) expect(answer).toBe('notInFlight');
              else seen.hiddenUntil = now + one.ms;
              break;
            }
            case 'restart': {
              const again = new MessageQueue(rules, maxInFlight);
              for (const [id, state] of states) states.set(id, again.restore({ ...state }));
              queue = again;
              break;
            }
          }
          const counts = queue.counts(now);
          expect(counts.visible + counts.inFlight + counts.delayed, 'none lost (1)').toBe(
            kept.size,
          );
          const hidden = [...kept.values()].filter(({ hiddenUntil }) => hiddenUntil > now);
          expect(counts.inFlight, '(8)').toBeLessThanOrEqual(maxInFlight);
          expect(counts.inFlight + counts.delayed).toBe(hidden.length);
          expect(queue.nextVisibleAt()).toBe(
            hidden.length === 0 ? undefined : Math.min(...hidden.map((one) => one.hiddenUntil)),
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('one queue', () => {
  it('changes the visibility for at most twelve hours after the receive', () => {
    const queue = new MessageQueue(RULES);
    queue.send(0, 1);
    const [message] = queue.receive(0, 1, MAX_VISIBILITY_MS).delivered;
    const receipt = { seq: 1, receives: message?.receives ?? 0 };
    expect(queue.hide(1, receipt, MAX_VISIBILITY_MS)).toBe('tooLong');
    expect(queue.hide(1, receipt, MAX_VISIBILITY_MS - 1)).toMatchObject({ seq: 1 });
  });

  it('hands a dead message over with its age and its count, and counts anew', () => {
    const source = new MessageQueue({ ...RULES, deadAfter: 1 });
    const target = new MessageQueue({ ...RULES, deadAfter: 1 });
    source.send(0, 1);
    source.receive(10, 1, 5);
    const [dead] = source.receive(20, 1).dead;
    if (dead === undefined) throw new Error('not handed over');
    target.adopt(20, dead);
    expect(target.counts(20)).toMatchObject({ visible: 1, oldestMs: 20 });
    const [message] = target.receive(20, 1).delivered;
    expect(message).toMatchObject({ sentAt: 0, receives: 2, receivesHere: 1, firstReceivedAt: 10 });
  });
});
