// The numbered invariants of `event-source.ts`.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Batch,
  failedOf,
  MAX_EVENT_BYTES,
  POLLERS,
  PollerScale,
  type PollOutcome,
  THROTTLE_WAIT_MS,
  throttleWaitMs,
} from './event-source.ts';

const outcome = fc.constantFrom<PollOutcome>('found', 'empty', 'failed', 'throttled');

describe('the number of pollers', () => {
  it('keeps its bounds and its pace, whatever happens', () => {
    const steps = fc.array(fc.record({ waitMs: fc.nat(20_000), outcome, allBusy: fc.boolean() }), {
      maxLength: 80,
      size: 'max',
    });
    fc.assert(
      fc.property(
        steps,
        fc.option(fc.integer({ min: 2, max: 1000 }), { nil: undefined }),
        (all, most) => {
          const scale = new PollerScale(most);
          let now = 0;
          for (const step of all) {
            now += step.waitMs;
            const before = scale.pollers;
            scale.note(now, step.outcome, step.allBusy);
            expect(scale.pollers, '(1)').toBeGreaterThanOrEqual(1);
            expect(scale.pollers, '(1)').toBeLessThanOrEqual(most ?? POLLERS.most);
            const mayGrow = step.outcome === 'found' && step.allBusy;
            const most2 = mayGrow ? (step.waitMs * POLLERS.perMinute) / 60_000 + 1 : 0;
            expect(scale.pollers - before, '(2, 3)').toBeLessThanOrEqual(most2);
          }
        },
      ),
    );
  });

  it('gains 300 in a busy minute, from 5 to 1250', () => {
    const scale = new PollerScale();
    for (let now = 0; now <= 60_000; now += 100) scale.note(now, 'found', true);
    expect(scale.pollers).toBe(305);
    for (let now = 60_000; now <= 600_000; now += 100) scale.note(now, 'found', true);
    expect(scale.pollers).toBe(POLLERS.most);
  });

  it('goes back to the first five when the queue is empty, and below when batches fail', () => {
    const scale = new PollerScale();
    for (let now = 0; now <= 2000; now += 100) scale.note(now, 'found', true);
    expect(scale.pollers).toBe(15);
    for (let poll = 0; poll < 30; poll += 1) scale.note(3000, 'empty', false);
    expect(scale.pollers).toBe(5);
    for (let poll = 0; poll < 9; poll += 1) scale.note(3000, 'failed', true);
    expect(scale.pollers).toBe(1);
  });

  it('waits longer between tries that are throttled', () => {
    expect([1, 2, 3, 4].map(throttleWaitMs)).toEqual([1000, 2000, 4000, 8000]);
    expect(throttleWaitMs(50)).toBe(THROTTLE_WAIT_MS.longest);
  });
});

describe('a batch', () => {
  it('keeps the order and both limits, and loses nothing', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 2_300_000 }), { maxLength: 60, size: 'max' });
    const most = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(sizes, most, fc.boolean(), (all, limit, early) => {
        const batch = new Batch<number>({ most: limit, windowMs: 1000 });
        const sent: number[][] = [];
        const flush = (): void => {
          const taken = [...batch.take(0)];
          expect(taken.length, '(4)').toBeLessThanOrEqual(limit);
          const bytes = 14 + taken.reduce((sum, at) => sum + (all[at] ?? 0) + 1, -1);
          if (taken.length > 1) expect(bytes, '(4)').toBeLessThanOrEqual(MAX_EVENT_BYTES);
          sent.push(taken);
        };
        for (let at = 0; at < all.length; ) {
          // As a poller does: as many at once as there is room for.
          const found = all.slice(at, at + batch.room);
          for (const bytes of found) {
            batch.add(0, at, bytes);
            at += 1;
          }
          if (batch.room === 0 || (early && at % 7 === 0)) flush();
        }
        while (batch.size > 0) flush();
        expect(sent.flat()).toEqual(all.map((_, at) => at));
      }),
    );
  });

  it('counts the frame and the commas of the event', () => {
    const half = (MAX_EVENT_BYTES - 14) / 2;
    for (const [more, size] of [
      [-1, 2],
      [0, 1],
    ] as const) {
      const batch = new Batch<string>({ most: 10, windowMs: 0 });
      batch.add(0, 'a', half);
      batch.add(0, 'b', half + more);
      expect(batch.take(0)).toHaveLength(size);
    }
  });

  it('goes out when it is full or its window has passed', () => {
    const batch = new Batch<string>({ most: 2, windowMs: 500 });
    expect(batch.isDue(1_000_000)).toBe(false);
    batch.add(100, 'a', 10);
    expect([batch.isDue(599), batch.isDue(600)]).toEqual([false, true]);
    batch.add(200, 'b', 10);
    expect([batch.isDue(200), batch.room]).toEqual([true, 0]);
    expect(batch.take(200)).toEqual(['a', 'b']);
    expect(batch.isDue(1_000_000)).toBe(false);
  });
});

describe('an answer', () => {
  const batch = ['a', 'b', 'c'];

  it.each([
    ['null', []],
    ['{}', []],
    ['{"batchItemFailures":null}', []],
    ['{"batchItemFailures":[]}', []],
    ['{"batchItemFailures":[{"itemIdentifier":"b"}]}', ['b']],
    ['{"batchItemFailures":[{"itemIdentifier":"c"},{"itemIdentifier":"a"}]}', ['c', 'a']],
    ['', batch],
    ['not json', batch],
    ['"text"', batch],
    ['{"batchItemFailures":"b"}', batch],
    ['{"batchItemFailures":[null]}', batch],
    ['{"batchItemFailures":[{"itemIdentifier":""}]}', batch],
    ['{"batchItemFailures":[{"itemIdentifier":null}]}', batch],
    ['{"batchItemFailures":[{"id":"b"}]}', batch],
    ['{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"x"}]}', batch],
  ])('of %s fails %j', (answer, failed) => {
    expect([...failedOf(answer, batch)]).toEqual(failed);
  });

  it('never fails what was not in the batch (5)', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (answer) => {
        for (const id of failedOf(answer, batch)) expect(batch).toContain(id);
      }),
    );
  });
});
