import { describe, expect, it } from 'vitest';
import { begin, ROUND, seenOf } from '../../../test/support/placement.ts';
import { lambdaOnly } from './lambda-only.ts';
import { staticBest } from './static-best.ts';
import { staticPeak } from './static-peak.ts';

const foresight = { peakRate: 123, bestStatic: 4 };
const busy = seenOf({ requests: 1000, concurrency: 100 });

describe('Lambda only', () => {
  it('offers tasks nothing and wants none', () => {
    const memory = begin(lambdaOnly, ROUND);
    expect(lambdaOnly.decide(memory, busy, ROUND, 0)).toBe(0);
    expect(lambdaOnly.offered?.(memory, ROUND)).toBe(0);
  });
});

describe('fleets that never change', () => {
  it('for the peak: 123 requests a second at 10 a task are 13 tasks, at most those allowed', () => {
    const memory = begin(staticPeak, ROUND, foresight);
    expect(staticPeak.decide(memory, busy, ROUND, 0)).toBe(13);
    expect(staticPeak.decide(memory, seenOf({}), ROUND, 1)).toBe(13);
    expect(staticPeak.decide(memory, seenOf({}), { ...ROUND, maxTasks: 7 }, 2)).toBe(7);
    expect(staticPeak.overflow).toBe(false);
  });

  it('the best: what is known afterwards, with overflow', () => {
    const memory = begin(staticBest, ROUND, foresight);
    expect(staticBest.decide(memory, busy, ROUND, 0)).toBe(4);
    expect(staticBest.decide(memory, seenOf({}), ROUND, 1)).toBe(4);
    expect(staticBest.overflow).toBe(true);
  });

  it('cannot begin without foresight', () => {
    expect(() => begin(staticPeak, ROUND)).toThrow('static-peak needs foresight');
    expect(() => begin(staticBest, ROUND)).toThrow('static-best needs foresight');
  });
});
