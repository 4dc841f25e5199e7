import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goesToTask, isProbe, type LatencyAsk, latencyTest, sayLatency } from './latency-test.ts';
import {
  ENOUGH_TIMES,
  expectedMs,
  learnTime,
  loadClass,
  probe,
  probed,
  type ServiceTimes,
  startTimes,
} from './service-times.ts';
import { carries, learnCapacity, startCapacity, takes } from './task-capacity.ts';

const TARGET = { targetMs: 1000, ceiling: 20 };

function timesOf(durationMs: number, inFlight = 1, now = 0): ServiceTimes {
  const times = startTimes();
  for (let count = 0; count < ENOUGH_TIMES; count += 1) {
    learnTime(times, { durationMs, inFlight, targetMs: TARGET.targetMs }, now);
  }
  return times;
}

const ask = (changes: Partial<LatencyAsk>): LatencyAsk => ({
  targetMs: TARGET.targetMs,
  tasks: 1,
  inFlight: 0,
  takes: 4,
  onTask: startTimes(),
  onLambda: startTimes(),
  ...changes,
});

describe('the latency test', () => {
  it('lets a request in to a free slot while nothing speaks against it', () => {
    const free = ask({ inFlight: 3, onTask: timesOf(200) });
    expect(latencyTest(free, 0)).toBe('within');
    expect(sayLatency(free, 'within')).toBe(
      'Fargate has a free slot (3 of 4 in use), and a task takes 200 ms of 1.0 s',
    );
    const full = ask({ tasks: 2, inFlight: 8 });
    expect(latencyTest(full, 0)).toBe('full');
    expect(sayLatency(full, 'full')).toBe('all 8 slots of 2 tasks are in use');
  });

  it('sends it to Lambda when a task would be late, and says by how much', () => {
    const late = ask({ onTask: timesOf(1400), onLambda: timesOf(300) });
    expect(latencyTest(late, 100)).toBe('slow');
    expect(sayLatency(late, 'slow')).toBe(
      'a task takes up to 1.4 s with 1 at a time, over the target of 1.0 s',
    );
  });

  it('keeps it on the task that is paid when Lambda would be late too', () => {
    const both = ask({ onTask: timesOf(1400), onLambda: timesOf(1200) });
    expect(latencyTest(both, 100)).toBe('both');
    expect(sayLatency(both, 'both')).toContain('and Lambda up to 1.2 s');
    expect(latencyTest({ ...both, targetMs: undefined }, 100)).toBe('within');
  });

  it('learns a route from one request, then from two, until it knows enough', () => {
    const onTask = startTimes();
    const one = ask({ onTask, takes: 20 });
    expect(latencyTest(one, 0)).toBe('first');
    expect(sayLatency(one, 'first')).toBe('it shows whether a task meets 1.0 s with 1 at a time');
    probe(onTask, 1, 0);
    expect(latencyTest(one, 0)).toBe('unknown');
    expect(sayLatency(one, 'unknown')).toBe(
      'one request shows first whether a task meets 1.0 s with 1 at a time',
    );
    probed(onTask);
    learnTime(onTask, { durationMs: 200, inFlight: 1, targetMs: 1000 }, 1);
    probe(onTask, 1, 1);
    expect(latencyTest(one, 1)).toBe('first');
    probe(onTask, 2, 1);
    expect(latencyTest(one, 1)).toBe('unknown');
    for (let count = 1; count < ENOUGH_TIMES; count += 1) {
      learnTime(onTask, { durationMs: 200, inFlight: 1, targetMs: 1000 }, 2);
    }
    expect(latencyTest(one, 2)).toBe('within');
  });

  it('closes a route from the first answer that is late, and is not told so by Lambda', () => {
    const onTask = startTimes();
    const late = ask({ onTask, onLambda: timesOf(300) });
    learnTime(onTask, { durationMs: 1200, inFlight: 1, targetMs: 1000 }, 0);
    expect(latencyTest(late, 1)).toBe('slow');
  });

  it('tries a slow route again with one request, after twice as long each time (T3)', () => {
    const onTask = timesOf(1400);
    const late = ask({ onTask, onLambda: timesOf(300) });
    let now = 0;
    for (const seconds of [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]) {
      expect(latencyTest(late, now + seconds * 1000 - 1)).toBe('slow');
      now += seconds * 1000;
      expect(latencyTest(late, now)).toBe('try');
      probe(onTask, 1, now);
      expect(latencyTest(late, now + 1)).toBe('slow');
      probed(onTask);
      learnTime(onTask, { durationMs: 1300, inFlight: 1, targetMs: 1000 }, now);
    }
    expect(onTask.probes).toBe(11);
    now += 3_600_000;
    probe(onTask, 1, now);
    probed(onTask);
    learnTime(onTask, { durationMs: 200, inFlight: 1, targetMs: 1000 }, now);
    expect(latencyTest(late, now + 1)).toBe('first');
  });

  it('raises the load one request at a time where twice as many may take twice as long', () => {
    const onTask = timesOf(400);
    const two = ask({ onTask, inFlight: 1, takes: 20 });
    expect(latencyTest(two, 1)).toBe('within');
    const three = ask({ onTask, inFlight: 2, takes: 20 });
    expect(latencyTest(three, 1)).toBe('first');
    probe(onTask, 3, 1);
    expect(latencyTest(three, 1)).toBe('unknown');
    probed(onTask);
    learnTime(onTask, { durationMs: 410, inFlight: 3, targetMs: 1000 }, 2);
    expect(latencyTest(ask({ onTask, inFlight: 5, takes: 20 }), 2)).toBe('within');
    // One that is late by its load takes it back.
    learnTime(onTask, { durationMs: 1100, inFlight: 3, targetMs: 1000 }, 3);
    expect(latencyTest(three, 3)).toBe('slow');
    expect(latencyTest(two, 3)).toBe('within');
  });

  it('keeps what Lambda is late with too on tasks that are as fast, and on no others', () => {
    const wide = (factor: number) => {
      const times = startTimes();
      for (let count = 0; count < 400; count += 1) {
        const durationMs = factor * (count % 8 === 7 ? 1600 : 500);
        learnTime(times, { durationMs, inFlight: 1, targetMs: 1000 }, 0);
      }
      return times;
    };
    expect(latencyTest(ask({ onTask: wide(1), onLambda: wide(1) }), 1)).toBe('both');
    expect(latencyTest(ask({ onTask: wide(1.5), onLambda: wide(1) }), 1)).toBe('slow');
  });

  it('is not slow at a lower load because a higher one is', () => {
    const onTask = timesOf(300, 1);
    for (let count = 0; count < ENOUGH_TIMES; count += 1) {
      learnTime(onTask, { durationMs: 1600, inFlight: 4, targetMs: 1000 }, 0);
    }
    expect(latencyTest(ask({ onTask, inFlight: 0 }), 1)).toBe('within');
    expect(latencyTest(ask({ onTask, inFlight: 3 }), 1)).toBe('slow');
  });

  it('does not flap at the target (T2)', () => {
    const onTask = timesOf(1100);
    for (let count = 0; count < 50; count += 1) {
      learnTime(onTask, { durationMs: 950, inFlight: 1, targetMs: 1000 }, 2 + count);
      expect(latencyTest(ask({ onTask, onLambda: timesOf(300) }), 60)).toBe('slow');
    }
    for (let count = 0; count < 50; count += 1) {
      learnTime(onTask, { durationMs: 800, inFlight: 1, targetMs: 1000 }, 60 + count);
    }
    expect(latencyTest(ask({ onTask }), 111)).toBe('within');
  });

  it('never lets more in than the tasks take (P1)', () => {
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }),
        (inFlight, tasks, each, targetMs) => {
          const one = ask({ inFlight, tasks, takes: each, targetMs, onTask: timesOf(700) });
          expect(goesToTask(latencyTest(one, 1))).toBe(inFlight < tasks * each);
        },
      ),
    );
  });
});

describe('service times', () => {
  it('are kept by class of load', () => {
    expect([1, 2, 3, 4, 5, 8, 9, 16, 1e6].map(loadClass)).toEqual([0, 1, 2, 2, 3, 3, 4, 4, 14]);
    expect(expectedMs(timesOf(300, 2), 1)).toBeUndefined();
    expect(expectedMs(timesOf(300, 2), 9)).toBe(300);
  });

  it('expect what lies near what was seen (T1)', () => {
    const served = fc.array(fc.double({ min: 1, max: 1e5, noNaN: true }), {
      minLength: ENOUGH_TIMES,
      maxLength: 60,
    });
    fc.assert(
      fc.property(served, (durations) => {
        const times = startTimes();
        for (const durationMs of durations) {
          learnTime(times, { durationMs, inFlight: 1, targetMs: undefined }, 0);
        }
        const [least, most] = [Math.min(...durations), Math.max(...durations)];
        const expected = expectedMs(times, 1) ?? 0;
        expect(expected).toBeGreaterThanOrEqual(least * 0.999);
        expect(expected).toBeLessThanOrEqual((most + 4 * (most - least)) * 1.001);
      }),
    );
  });
});

/**
 * Requests at a time, on the average of the last rounds, at a task that has `cores` and shares them:
 * each round begins with as many as are let in.
 */
function learned(cores: number, workMs: number): number {
  const memory = startCapacity();
  const onTask = startTimes();
  const [rounds, last] = [600, 300];
  let now = 0;
  let sum = 0;
  for (let round = 0; round < rounds; round += 1) {
    let inFlight = 0;
    while (inFlight < TARGET.ceiling) {
      const one = ask({ inFlight, takes: takes(memory, TARGET), onTask });
      const choice = latencyTest(one, now);
      if (!goesToTask(choice)) break;
      inFlight += 1;
      if (isProbe(choice)) probe(onTask, inFlight, now);
    }
    const durationMs = workMs * Math.max(1, inFlight / cores);
    now += durationMs + 10;
    if (round >= rounds - last) sum += inFlight;
    for (let count = 0; count < inFlight; count += 1) {
      const served = { durationMs, inFlight, targetMs: TARGET.targetMs };
      probed(onTask);
      learnTime(onTask, served, now);
      learnCapacity(memory, served, onTask, TARGET);
    }
  }
  return sum / last;
}

describe('learned capacity', () => {
  it('is found near what the task carries within the target', () => {
    // 100 ms of work for each, one core: ten at a time take 1000 ms.
    expect(learned(1, 100)).toBeGreaterThan(6);
    expect(learned(1, 100)).toBeLessThanOrEqual(10.5);
    // Waiting costs no processor: the ceiling.
    expect(learned(1000, 100)).toBe(20);
    // Two at a time are too many, but for a try in a minute; one is too slow by itself.
    expect(learned(1, 600)).toBeCloseTo(1, 0);
    expect(learned(1000, 1500)).toBeLessThan(0.1);
  });

  it('is not lowered by requests that are slow by themselves', () => {
    const memory = { limit: 12, slowStart: false, held: 0 };
    const times = timesOf(1500);
    learnCapacity(memory, { durationMs: 1600, inFlight: 9, targetMs: 1000 }, times, TARGET);
    expect(takes(memory, TARGET)).toBe(12);
    learnCapacity(memory, { durationMs: 2400, inFlight: 9, targetMs: 1000 }, times, TARGET);
    expect(takes(memory, TARGET)).toBe(8);
  });

  it('is lowered once for a round, and is believed to be the ceiling until then', () => {
    const memory = { limit: 16, slowStart: true, held: 0 };
    expect(carries(memory, TARGET)).toBe(20);
    const times = timesOf(100);
    for (let count = 0; count < 10; count += 1) {
      learnCapacity(memory, { durationMs: 1600, inFlight: 10, targetMs: 1000 }, times, TARGET);
    }
    expect(takes(memory, TARGET)).toBe(9);
    expect(carries(memory, TARGET)).toBe(9);
  });

  it('is from 1 to the ceiling, and the ceiling without a target (L1, L2, L3)', () => {
    const served = fc.record({
      durationMs: fc.integer({ min: 1, max: 5000 }),
      inFlight: fc.integer({ min: 1, max: 40 }),
    });
    const rules = fc.record({
      targetMs: fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }),
      ceiling: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(served, { maxLength: 200 }), rules, (all, { targetMs, ceiling }) => {
        const memory = startCapacity();
        const times = startTimes();
        for (const one of all) {
          learnTime(times, { ...one, targetMs }, 0);
          learnCapacity(memory, { ...one, targetMs }, times, { targetMs, ceiling });
          const taken = takes(memory, { targetMs, ceiling });
          expect(taken).toBeGreaterThanOrEqual(1);
          expect(taken).toBeLessThanOrEqual(ceiling);
          expect(carries(memory, { targetMs, ceiling })).toBeGreaterThanOrEqual(taken);
          if (targetMs === undefined) expect(taken).toBe(ceiling);
        }
      }),
    );
  });
});
