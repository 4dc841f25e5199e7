import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fargateSettings } from '../../test/support/fargate-settings.ts';
import type { FargateSettings } from '../model/fargate.ts';
import { demandPolicy } from './demand-policy.ts';
import type { Observation } from './policy.ts';

const settings = fargateSettings({
  scale: {
    cpuPercent: undefined,
    memoryPercent: undefined,
    requestsPerMinute: undefined,
    windowMs: 10_000,
  },
  idleMs: 60_000,
});

type Seen = Partial<Omit<Observation, 'settings' | 'desired'>>;

/** Plays what is seen second by second; what is wanted runs at once. */
function play(seconds: readonly Seen[], over: Partial<FargateSettings> = {}) {
  const used = { ...settings, ...over };
  let memory = demandPolicy.start(0);
  let desired = used.tasks.min;
  return seconds.map((seen, index) => {
    const observation: Observation = {
      settings: used,
      running: desired,
      desired,
      concurrency: 0,
      requests: seen.concurrency === undefined ? 0 : 1,
      refused: 0,
      cpuPercent: undefined,
      memoryPercent: undefined,
      ...seen,
    };
    const decision = demandPolicy.decide(observation, memory, (index + 1) * 1000);
    memory = decision.memory;
    desired = decision.desired;
    return decision;
  });
}

const times = (count: number, seen: Seen): Seen[] => Array.from({ length: count }, () => seen);
const counts = (decisions: ReturnType<typeof play>) => decisions.map(({ desired }) => desired);

describe('demand', () => {
  it('wakes a task however small, and says why', () => {
    expect(counts(play(times(5, { concurrency: 0.01 })))).toEqual([1, 1, 1, 1, 1]);
    const decisions = play(times(3, { concurrency: 3 }));
    expect(counts(decisions)).toEqual([1, 1, 1]);
    expect(decisions[0]?.reason).toBe('3.0 in flight at the most, 20 a task');
    const refused = play([{ refused: 1 }]);
    expect(refused[0]?.reason).toBe('1 requests found no task and only Fargate can serve them');
  });

  it('beyond the slots of a task wants the next', () => {
    expect(play(times(1, { concurrency: 20 }))[0]?.desired).toBe(1);
    expect(play(times(1, { concurrency: 20.1 }))[0]?.desired).toBe(2);
    expect(play(times(1, { concurrency: 500 }))[0]).toMatchObject({
      desired: 10,
      reason: expect.stringContaining('20 a task'),
    });
  });

  it('is the most of the window, and what was wanted in it is held', () => {
    const decisions = play([...times(10, { concurrency: 45 }), ...times(25, { concurrency: 5 })]);
    expect(counts(decisions).slice(0, 10)).toEqual(times(10, {}).map(() => 3));
    expect(decisions[15]?.desired).toBe(3);
    expect(decisions[34]?.desired).toBe(1);
  });

  it('that goes lets the last task stay for the idle time, and no longer', () => {
    const decisions = play([{ concurrency: 5 }, ...times(100, {})]);
    const asleepFrom = decisions.findIndex(({ desired }) => desired === 0);
    expect(asleepFrom).toBe(60);
    expect(decisions[60]?.reason).toBe('no request for 1 min');
  });

  it('of others lets the last task go though requests come', () => {
    const decisions = play([{ concurrency: 5 }, ...times(100, { requests: 1, concurrency: 0 })]);
    expect(decisions.at(-1)?.desired).toBe(0);
    expect(decisions.map(({ reason }) => reason)).toContain('no task was needed for 1 min');
  });
});

describe('targets', () => {
  const scale = { ...settings.scale, cpuPercent: 60 };

  it('add tasks in proportion when the mean is above', () => {
    const [decision] = play([{ cpuPercent: 90, running: 2, concurrency: 1 }], { scale });
    expect(decision).toMatchObject({ desired: 3, reason: 'processor at 90 for a target of 60' });
  });

  it('remove none while the mean is above nine tenths', () => {
    const decide = (cpuPercent: number) =>
      play([{ cpuPercent, running: 4, concurrency: 1 }], { scale })[0]?.desired;
    expect(decide(60)).toBe(4);
    expect(decide(55)).toBe(4);
    expect(decide(53)).toBe(4);
    expect(decide(40)).toBe(3);
  });

  it('count requests per task and minute', () => {
    const requests = { ...settings.scale, requestsPerMinute: 600 };
    const [decision] = play([{ requests: 30, running: 1, concurrency: 1 }], { scale: requests });
    expect(decision).toMatchObject({
      desired: 3,
      reason: 'requests per task and minute at 1800 for a target of 600',
    });
  });
});

describe('always', () => {
  const seen = fc.record({
    concurrency: fc.double({ min: 0, max: 300, noNaN: true }),
    requests: fc.nat(100),
    refused: fc.nat(2),
    cpuPercent: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
  });
  const bounds = fc
    .tuple(fc.nat(5), fc.nat(15))
    .map(([min, more]) => ({ min, max: Math.max(1, min + more) }));

  it('stays within its bounds (S1), and gives the same for the same (S4)', () => {
    fc.assert(
      fc.property(fc.array(seen, { maxLength: 60, size: 'max' }), bounds, (seconds, tasks) => {
        const once = play(seconds, { tasks });
        for (const { desired } of once) {
          expect(desired).toBeGreaterThanOrEqual(tasks.min);
          expect(desired).toBeLessThanOrEqual(tasks.max);
        }
        expect(play(seconds, { tasks })).toEqual(once);
      }),
    );
  });

  it('does not fall below the last window while requests come (S2)', () => {
    fc.assert(
      fc.property(fc.array(seen, { minLength: 1, maxLength: 60, size: 'max' }), (seconds) => {
        const busy = seconds.map((one) => ({ ...one, requests: one.requests + 1 }));
        const decisions = play(busy);
        decisions.forEach(({ desired }, index) => {
          const wanted = decisions[index]?.memory.samples.map((sample) => sample.wanted) ?? [];
          expect(desired).toBeGreaterThanOrEqual(Math.min(settings.tasks.max, Math.max(...wanted)));
        });
      }),
    );
  });

  it('is at the minimum after the idle time (S3)', () => {
    fc.assert(
      fc.property(fc.array(seen, { maxLength: 30, size: 'max' }), bounds, (seconds, tasks) => {
        const decisions = play([...seconds, ...times(61, {})], { tasks });
        expect(decisions.at(-1)?.desired).toBe(tasks.min);
      }),
    );
  });
});
