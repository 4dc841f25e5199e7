import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AsyncEvent,
  type AsyncRules,
  type AttemptEnd,
  acceptedEvent,
  attempted,
  due,
} from './async-event.ts';

const rules = fc.record({
  retries: fc.integer({ min: 0, max: 2 }),
  maxAgeMs: fc.integer({ min: 60_000, max: 21_600_000 }),
});

interface Lived {
  readonly attempts: readonly Millis[];
  readonly failures: number;
  readonly end: AsyncEvent;
  readonly endedAt: Millis;
}

type Millis = number;

/** Tries whenever the rules say so; each attempt takes `tookMs`. */
function live(one: AsyncRules, ends: readonly AttemptEnd[], tookMs: Millis): Lived {
  let now = 1000;
  let event: AsyncEvent = acceptedEvent(now);
  const attempts: Millis[] = [];
  let failures = 0;
  for (let step = 0; event.state === 'waiting' && step < 10_000; step += 1) {
    now = Math.max(now, event.at);
    event = due(event, one, now);
    if (event.state === 'over') break;
    attempts.push(now);
    const end = ends[attempts.length - 1] ?? 'throttled';
    if (end === 'failed') failures += 1;
    now += tookMs;
    event = attempted(event, end, one, now);
  }
  return { attempts, failures, end: event, endedAt: now };
}

const lives = fc.record({
  one: rules,
  ends: fc.array(fc.constantFrom<AttemptEnd>('succeeded', 'failed', 'throttled'), {
    maxLength: 12,
  }),
  took: fc.integer({ min: 0, max: 900_000 }),
});

describe('an asynchronous event', () => {
  it('fails at most retries + 1 times (V1), and throttles use up none (V4)', () => {
    fc.assert(
      fc.property(lives, ({ one, ends, took }) => {
        const { failures, end } = live(one, ends, took);
        expect(failures).toBeLessThanOrEqual(one.retries + 1);
        if (end.state === 'over' && end.condition === 'RetriesExhausted') {
          expect(failures).toBe(one.retries + 1);
        }
      }),
    );
  });

  it('is not tried when too old, and always ends in time (V2, V3)', () => {
    fc.assert(
      fc.property(lives, ({ one, ends, took }) => {
        const { attempts, end, endedAt } = live(one, ends, took);
        for (const at of attempts) expect(at - 1000).toBeLessThan(one.maxAgeMs);
        expect(end.state).toBe('over');
        expect(endedAt - 1000).toBeLessThanOrEqual(one.maxAgeMs + took);
      }),
    );
  });

  it('waits one minute, then two', () => {
    const one = { retries: 2, maxAgeMs: 21_600_000 };
    const { attempts, end } = live(one, ['failed', 'failed', 'failed'], 0);
    expect(attempts.map((at) => at - 1000)).toEqual([0, 60_000, 180_000]);
    expect(end).toEqual({ state: 'over', condition: 'RetriesExhausted' });
  });

  it('waits from one second to five minutes after throttles, up to its age', () => {
    const { attempts, end } = live({ retries: 2, maxAgeMs: 21_600_000 }, [], 0);
    const waits = attempts.slice(1).map((at, index) => (at - (attempts[index] ?? 0)) / 1000);
    expect(waits.slice(0, 11)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    expect(end).toEqual({ state: 'over', condition: 'EventAgeExceeded' });
  });
});
