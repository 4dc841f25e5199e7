import { describe, expect, it } from 'vitest';
import { begin, ROUND, stay } from '../../../test/support/placement.ts';
import { knativeKpa } from './knative-kpa.ts';

/** A task that carries 10 a second of 0.1 s has one in flight, 70 % of 1.43, and that is the target. */
const ONE = ROUND;

describe('the autoscaler of Knative', () => {
  // autoscaler_test.go, TestAutoscalerUnpanicAfterSlowIncrease: 10 ready, 11 over the minute and 25
  // over the last six seconds give 25, and panic. 54 s of 85/9 and 6 s of 25 are 11 on the average.
  it('panics: 10 pods with 11 and 25 in flight become 25', () => {
    const memory = begin(knativeKpa, ONE);
    expect(stay(knativeKpa, memory, ONE, 54, { ready: 10, concurrency: 85 / 9 })).toBe(10);
    // (54 × 85/9 + 2 × 25) ÷ 56 = 10; over 6 s (4 × 85/9 + 2 × 25) ÷ 6 = 14.6, not twice as many.
    expect(stay(knativeKpa, memory, ONE, 2, { ready: 10, concurrency: 25 })).toBe(10);
    // (2 × 85/9 + 4 × 25) ÷ 6 = 19.8 → 20, twice as many as are ready.
    expect(stay(knativeKpa, memory, ONE, 2, { ready: 10, concurrency: 25 })).toBe(20);
    expect(stay(knativeKpa, memory, ONE, 2, { ready: 10, concurrency: 25 })).toBe(25);
  });

  it('removes nothing in panic, ends it after a minute, then halves at most', () => {
    const memory = begin(knativeKpa, ONE);
    // 10 ready and 25 in flight: panic at once.
    expect(stay(knativeKpa, memory, ONE, 2, { ready: 10, concurrency: 25 })).toBe(25);
    expect(stay(knativeKpa, memory, ONE, 60, { ready: 25, concurrency: 5 })).toBe(25);
    expect(stay(knativeKpa, memory, ONE, 2, { ready: 25, concurrency: 5 })).toBe(12);
    expect(stay(knativeKpa, memory, ONE, 2, { ready: 12, concurrency: 5 })).toBe(6);
    expect(stay(knativeKpa, memory, ONE, 2, { ready: 6, concurrency: 5 })).toBe(5);
  });

  it('goes to zero when a minute had nothing, after a grace of 30 s', () => {
    const memory = begin(knativeKpa, ONE);
    expect(stay(knativeKpa, memory, ONE, 10, { ready: 1, concurrency: 1 })).toBe(1);
    expect(stay(knativeKpa, memory, ONE, 60 + 28, { ready: 1 })).toBe(1);
    expect(stay(knativeKpa, memory, ONE, 2, { ready: 1 })).toBe(0);
    expect(stay(knativeKpa, memory, ONE, 2, { concurrency: 1 })).toBe(1);
  });

  it('decides every two seconds, from zero by the requests there are', () => {
    const memory = begin(knativeKpa, ONE);
    expect(stay(knativeKpa, memory, ONE, 1, { concurrency: 3 })).toBe(0);
    expect(stay(knativeKpa, memory, ONE, 1, { concurrency: 3 })).toBe(3);
    expect(knativeKpa.why(memory, ONE).text).toBe(
      '3 tasks: in panic, 3.00 in flight over 60 s, 3.00 over 6 s, 1.00 a task',
    );
  });
});
