import { describe, expect, it } from 'vitest';
import { begin, ROUND, stay } from '../../../test/support/placement.ts';
import { expertHedge } from './expert-hedge.ts';

describe('the hedge over strategies', () => {
  // 10 requests a second cost Lambda 10. A strategy that wants a task pays in the first second 10, for
  // β 2·(25+5) = 60 and for the start (10−2)·35 = 280, and 2 a second from then on. Its lead after t
  // seconds is 10t − (350 + 2(t−1)) = 8t − 348: more than β = 60 from the 52nd second.
  it('follows another when its lead exceeds β', () => {
    const memory = begin(expertHedge, ROUND);
    expect(stay(expertHedge, memory, ROUND, 1, { requests: 10 })).toBe(0);
    expect([memory.usd[0], memory.usd[1]]).toEqual([10, 350]);
    expect(stay(expertHedge, memory, ROUND, 50, { requests: 10 })).toBe(0);
    expect(stay(expertHedge, memory, ROUND, 1, { requests: 10 })).toBe(1);
    expect(expertHedge.why(memory, ROUND).text).toBe(
      '1 task by percentile 25 over 60 s × 0.75, $452.0000 so far; Lambda alone would have cost $520.0000',
    );
  });

  it('β·n: with 4 tasks the lead must be four times as large', () => {
    const memory = begin(expertHedge, ROUND);
    // 40 a second: 40t − (4·350 + 8(t−1)) = 32t − 1392 > 240, from t = 52 again; with 39 s it is not.
    expect(stay(expertHedge, memory, ROUND, 51, { requests: 40 })).toBe(0);
    expect(stay(expertHedge, memory, ROUND, 1, { requests: 40 })).toBeGreaterThanOrEqual(3);
  });

  it('stays with Lambda at a load that never pays', () => {
    const memory = begin(expertHedge, ROUND);
    expect(stay(expertHedge, memory, ROUND, 7200, { requests: 1 })).toBe(0);
  });

  it('comes back to Lambda when the load has gone', () => {
    const memory = begin(expertHedge, ROUND);
    expect(stay(expertHedge, memory, ROUND, 600, { requests: 10 })).toBe(1);
    expect(stay(expertHedge, memory, ROUND, 7200, {})).toBe(0);
  });
});
