import { describe, expect, it } from 'vitest';
import { begin, ROUND, seenOf, stay } from '../../../test/support/placement.ts';
import { stepScaling } from './step-scaling.ts';
import { targetTracking, targetTrackingOverflow } from './target-tracking.ts';

/** So much of the processor, percent, at most 70: a task that carries its full rate is at 70. */
const at = (percent: number) => ({ utilization: percent / 70 });
/** More than that, when the tasks have to take all that comes. */
const above = (percent: number, ready: number) => ({
  ready,
  utilization: 1,
  requests: (percent / 70) * ready * ROUND.taskRate,
});

describe('target tracking at 60 percent', () => {
  it('adds after three minutes above: 1 × 100 ÷ 60 → 2, a minute later 2 × 90 ÷ 60 → 3', () => {
    const memory = begin(targetTracking, ROUND);
    const busy = above(150, 1);
    expect(stay(targetTracking, memory, ROUND, 179, busy)).toBe(1);
    expect(stay(targetTracking, memory, ROUND, 1, busy)).toBe(2);
    expect(stay(targetTracking, memory, ROUND, 60, above(90, 2))).toBe(3);
  });

  it('removes after fifteen minutes below 54 percent: 3 × 39 ÷ 60 → 2; 3 × 41 ÷ 60 stays 3', () => {
    for (const [percent, tasks] of [
      [39, 2],
      [41, 3],
      [55, 3],
    ] as const) {
      const memory = begin(targetTracking, ROUND);
      expect(stay(targetTracking, memory, ROUND, 180, above(90, 2))).toBe(3);
      const calm = { ready: 3, ...at(percent) };
      expect(stay(targetTracking, memory, ROUND, 15 * 60 - 1, calm)).toBe(3);
      expect(stay(targetTracking, memory, ROUND, 1, calm)).toBe(tasks);
    }
  });

  it('keeps one task, as none would have no processor use to be woken by', () => {
    const memory = begin(targetTracking, ROUND);
    expect(stay(targetTracking, memory, ROUND, 3600, { ready: 1, utilization: 0 })).toBe(1);
    expect(stay(targetTracking, memory, ROUND, 1, {})).toBe(1);
    expect(targetTracking.decide(memory, seenOf({}), { ...ROUND, maxTasks: 0 }, 0)).toBe(0);
  });

  it('counts a tick of three minutes as three datapoints', () => {
    const memory = begin(targetTracking, ROUND);
    const seen = seenOf({ span: 180, ready: 2, ...at(66) });
    expect(targetTracking.decide(memory, seen, ROUND, 0)).toBe(3);
  });

  it('is the same with overflow, but Lambda takes what would bring them above 70: 2 × 70 ÷ 60 → 3', () => {
    expect([targetTracking.overflow, targetTrackingOverflow.overflow]).toEqual([false, true]);
    const alone = begin(targetTracking, ROUND);
    const memory = begin(targetTrackingOverflow, ROUND);
    expect(stay(targetTracking, alone, ROUND, 180, above(200, 2))).toBe(4); // 2 × 100 ÷ 60
    expect(stay(targetTrackingOverflow, memory, ROUND, 180, above(200, 2))).toBe(3);
    expect(targetTrackingOverflow.why(memory, ROUND).text).toContain(
      'CPUUtilization at 70 for a target of 60, with 2 running',
    );
  });
});

describe('step scaling by the rules of system D', () => {
  it('adds one after a minute above 60 percent, the next after the cooldown of five', () => {
    const memory = begin(stepScaling, ROUND);
    expect(stay(stepScaling, memory, ROUND, 59, { ready: 1, ...at(61) })).toBe(1);
    expect(stay(stepScaling, memory, ROUND, 1, { ready: 1, ...at(61) })).toBe(2);
    expect(stay(stepScaling, memory, ROUND, 299, { ready: 2, ...at(70) })).toBe(2);
    expect(stay(stepScaling, memory, ROUND, 1, { ready: 2, ...at(70) })).toBe(3);
  });

  it('removes one after five minutes below, the next after the cooldown, never the last', () => {
    const memory = begin(stepScaling, ROUND);
    stay(stepScaling, memory, ROUND, 60, { ready: 1, ...at(70) });
    expect(stay(stepScaling, memory, ROUND, 300, { ready: 2, ...at(70) })).toBe(3);
    expect(stay(stepScaling, memory, ROUND, 299, { ready: 3, ...at(59) })).toBe(3);
    expect(stay(stepScaling, memory, ROUND, 1, { ready: 3, ...at(59) })).toBe(2);
    expect(stay(stepScaling, memory, ROUND, 299, { ready: 2, ...at(20) })).toBe(2);
    expect(stay(stepScaling, memory, ROUND, 1, { ready: 2, ...at(20) })).toBe(1);
    expect(stay(stepScaling, memory, ROUND, 3600, { ready: 1, utilization: 0 })).toBe(1);
  });

  it('does nothing at 60 percent itself', () => {
    const memory = begin(stepScaling, { ...ROUND, minTasks: 2 });
    expect(
      stay(stepScaling, memory, { ...ROUND, minTasks: 1 }, 3600, { ready: 2, ...at(60) }),
    ).toBe(2);
  });
});
