import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { erlangC, lambdaKinds, normalBelow, percentileMs, taskKinds } from './latency.ts';

const LAMBDA = { waitingMs: 60, cpuMs: 40, memoryMiB: 1769, coldShare: 0, initMs: 500 };
const TASK = {
  waitingMs: 100,
  cpuMs: 0,
  vcpu: 1,
  perSecond: 50,
  tasks: 1,
  concurrency: 10,
  overflows: false,
};

describe('the latency model', () => {
  it('has Erlang’s C of the tables', () => {
    // One server: the load itself. Two servers at 1 erlang: 1/3. Ten at 8: 0.4092.
    expect(erlangC(1, 0.7)).toBeCloseTo(0.7, 12);
    expect(erlangC(2, 1)).toBeCloseTo(1 / 3, 12);
    expect(erlangC(10, 8)).toBeCloseTo(0.4092, 4);
    expect(erlangC(1000, 900)).toBeGreaterThan(0);
    expect(erlangC(3, 3)).toBe(1);
  });

  it('has the normal distribution', () => {
    expect(normalBelow(0)).toBeCloseTo(0.5, 7);
    expect(normalBelow(1.959964)).toBeCloseTo(0.975, 6);
    expect(normalBelow(-2.326348)).toBeCloseTo(0.01, 6);
  });

  it('spreads durations as it says', () => {
    const kinds = lambdaKinds(1, LAMBDA);
    expect(percentileMs(kinds, 0.5) / 100).toBeCloseTo(0.894, 2);
    expect(percentileMs(kinds, 0.99) / 100).toBeCloseTo(2.68, 2);
  });

  it('stretches processor time by memory, and waiting not', () => {
    const mean = (memoryMiB: number) => lambdaKinds(1, { ...LAMBDA, memoryMiB })[0]?.serviceMs;
    expect(mean(1769)).toBe(100);
    expect(mean(10_240)).toBe(100);
    expect(mean(512)).toBeCloseTo(60 + (40 * 1769) / 512, 9);
  });

  it('has cold starts at the p99 when there are over 1 %', () => {
    const p99 = (coldShare: number) => percentileMs(lambdaKinds(1, { ...LAMBDA, coldShare }), 0.99);
    expect(p99(0.001)).toBeLessThan(300);
    expect(p99(0.02)).toBeGreaterThan(500);
  });

  it('has requests wait for slots: as M/M/1 does with one', () => {
    // 100 ms at 5 a second are half a slot; half of them wait, 200 ms on the average.
    const [kind] = taskKinds(1, { ...TASK, concurrency: 1, perSecond: 5 });
    expect(kind?.waits.part).toBeCloseTo(0.5, 12);
    expect(kind?.waits.meanMs).toBeCloseTo(200, 9);
  });

  it('has tasks that are overloaded, by slots or by processor', () => {
    expect(percentileMs(taskKinds(1, { ...TASK, perSecond: 101 }), 0.99)).toBe(Infinity);
    expect(percentileMs(taskKinds(1, { ...TASK, cpuMs: 20 }), 0.99)).toBe(Infinity);
    expect(
      percentileMs(taskKinds(1, { ...TASK, perSecond: 101, overflows: true }), 0.99),
    ).toBeLessThan(300);
  });

  it('is not faster with more load, less memory or smaller tasks', () => {
    const load = fc.record({
      perSecond: fc.integer({ min: 1, max: 200 }),
      more: fc.integer({ min: 0, max: 50 }),
      cpuMs: fc.integer({ min: 0, max: 20 }),
      vcpu: fc.constantFrom(0.25, 0.5, 1, 2, 4),
      tasks: fc.integer({ min: 1, max: 5 }),
      percentile: fc.constantFrom(0.5, 0.9, 0.99),
    });
    fc.assert(
      fc.property(load, ({ perSecond, more, percentile, ...rest }) => {
        const at = (rate: number, vcpu: number = rest.vcpu) =>
          percentileMs(taskKinds(1, { ...TASK, ...rest, vcpu, perSecond: rate }), percentile);
        expect(at(perSecond + more)).toBeGreaterThanOrEqual(at(perSecond) * 0.999);
        expect(at(perSecond, rest.vcpu * 2)).toBeLessThanOrEqual(at(perSecond) * 1.001);
      }),
    );
  });
});
