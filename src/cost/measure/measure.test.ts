import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carriedBy, MAX_LOAD, stretched } from './computed.ts';
import { type Measurement, profileOf } from './measurement.ts';
import { orderOf, parseRequest } from './requests.ts';
import { bestOf, firstOver, nextLoad, type Tried } from './search.ts';
import { distributionOf, meanSpread, percentileOf, spreadOf, verdictOf } from './statistics.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('statistics', () => {
  it('takes percentiles by rank', () => {
    expect(percentileOf(upTo(100), 95)).toBe(95);
    expect(percentileOf([7], 99)).toBe(7);
    expect(percentileOf([], 50)).toBe(0);
    expect(distributionOf([3, 1, 2])).toEqual({ mean: 2, p50: 2, p95: 3, p99: 3, count: 3 });
  });

  it('is sure of a percentile only with enough samples', () => {
    const fast = (count: number) => Array.from({ length: count }, () => 1);
    expect(verdictOf(fast(20), 95, 2)).toBe('unclear');
    expect(verdictOf(fast(200), 95, 2)).toBe('within');
    expect(verdictOf(fast(200), 95, 0.5)).toBe('over');
    // As many over as the percentile allows: nobody can tell.
    expect(verdictOf([...fast(190), ...Array.from({ length: 10 }, () => 9)], 95, 2)).toBe(
      'unclear',
    );
  });

  it('has the mean within its interval', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }),
        (all) => {
          const { smallest, likely, largest } = meanSpread(all);
          expect(smallest).toBeLessThanOrEqual(likely);
          expect(likely).toBeLessThanOrEqual(largest);
          expect(smallest).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  it('weighs observations', () => {
    const observed = [
      { value: 1, weight: 3 },
      { value: 5, weight: 1 },
    ];
    expect(spreadOf(observed)).toEqual({ smallest: 1, likely: 2, largest: 5 });
    expect(spreadOf([])).toEqual({ smallest: 0, likely: 0, largest: 0 });
  });
});

describe('the search', () => {
  const settings = { first: 1, bound: 1024, tolerance: 0.1, whole: true };

  const run = (limit: number, of = settings): { tried: Tried[]; steps: number } => {
    const tried: Tried[] = [];
    for (let steps = 0; ; steps += 1) {
      const load = nextLoad(tried, of);
      if (load === undefined) return { tried, steps };
      tried.push({ load, within: load <= limit });
    }
  };

  it('finds the largest load within, in few tries (M1, M2)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (limit) => {
        const { tried, steps } = run(limit);
        const best = bestOf(tried) ?? 0;
        expect(best).toBeLessThanOrEqual(limit);
        expect(steps).toBeLessThanOrEqual(24);
        if (limit >= 1024) expect(best).toBe(1024);
        else expect(limit).toBeLessThan(Math.max(best * 1.1, best + 1) + 1e-9);
      }),
    );
  });

  it('never tries what a try has refuted', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (answers) => {
        const tried: Tried[] = [];
        for (const within of answers) {
          const load = nextLoad(tried, settings);
          if (load === undefined) return;
          expect(load).toBeLessThan(firstOver(tried) ?? settings.bound + 1);
          expect(load).toBeGreaterThan(bestOf(tried) ?? 0);
          tried.push({ load, within });
        }
      }),
    );
  });

  it('ends with nothing where the smallest is too much', () => {
    expect(bestOf(run(0).tried)).toBeUndefined();
    const rates = { first: 40, bound: 80, tolerance: 0.1, whole: false };
    expect(bestOf(run(1, rates).tried)).toBeUndefined();
    expect(bestOf(run(57, rates).tried)).toBeGreaterThan(50);
  });
});

describe('a smaller processor', () => {
  const target = { ms: 200, percentile: 95 };

  it('carries less the more a request takes of it', () => {
    const at = (cpuMs: number) => carriedBy(0.25, { cpuMs, waitMs: 0 }, target);
    // 4 ms on a quarter are 16: of 62.5 a second at most, those of 1 − 3.0 × 16 ÷ 200.
    expect(at(4)?.perSecond).toBeCloseTo(62.5 * (1 - (Math.log(20) * 16) / 200), 6);
    expect(at(60)).toBeUndefined();
    expect(at(0.1)?.perSecond).toBeCloseTo(2500 * MAX_LOAD, 6);
  });

  it('has those in flight that only wait', () => {
    const waiting = carriedBy(0.25, { cpuMs: 0.5, waitMs: 50 }, target);
    expect(waiting?.perSecond).toBeCloseTo(450, 6);
    expect(waiting?.inFlight).toBe(Math.floor(450 * (0.05 + 0.02)));
  });

  it('makes computing longer and waiting not', () => {
    expect(stretched(53, 3, 0.25)).toBe(62);
    expect(stretched(53, 3, 2)).toBe(53);
  });
});

describe('a request', () => {
  it('is read with its weight and method, or without', () => {
    expect(parseRequest('3 post /orders?x=1')).toEqual({
      method: 'POST',
      path: '/orders?x=1',
      weight: 3,
    });
    expect(parseRequest('/')).toEqual({ method: 'GET', path: '/', weight: 1 });
    for (const wrong of [
      '',
      'GET',
      'orders',
      'GET /a b',
      '0 GET /',
      '1001 /',
      'GET /a#b',
      'GET http://x/',
    ]) {
      expect(parseRequest(wrong), wrong).toBeUndefined();
    }
  });

  it('comes as often as its weight says, evenly', () => {
    expect(orderOf([2, 1])).toEqual([0, 1, 0]);
    expect(orderOf([30, 10])).toHaveLength(4);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        (weights) => {
          const order = orderOf(weights);
          const sum = weights.reduce((all, one) => all + one, 0);
          weights.forEach((weight, index) => {
            const times = order.filter((one) => one === index).length;
            expect(times * sum).toBe(weight * order.length);
          });
        },
      ),
    );
  });
});

describe('what a bill takes', () => {
  const sure = (value: number) => ({ smallest: value, likely: value, largest: value });
  const ms = { mean: 10, p50: 9, p95: 20, p99: 30, count: 100 };
  const measurement: Measurement = {
    app: 'shop',
    service: 'api',
    stage: null,
    measuredAt: '2026-11-21T12:00:00.000Z',
    version: '1.0.0',
    machine: { processor: 'p', cores: 2, platform: 'linux' },
    of: { settings: 's', sources: 's' },
    requests: [{ request: 'GET /', weight: 1 }],
    healthOnly: false,
    cpuMs: { smallest: 2, likely: 3, largest: 4 },
    requestBytes: sure(100),
    responseBytes: sure(1000),
    logBytes: sure(0),
    memory: { residentMiB: 50, peakMiB: 60 },
    answers: { '200': 100 },
    task: {
      vcpu: 0.25,
      memoryMiB: 512,
      method: 'limited',
      target: { ms: 200, percentile: 95 },
      aloneMs: ms,
      loadedMs: { ...ms, mean: 80 },
      perSecond: sure(40),
      inFlight: { smallest: 8, likely: 10, largest: 12 },
      limitedBy: 'target',
      steps: [],
    },
    lambda: null,
    warnings: [],
  };

  it('is each figure with its range and day', () => {
    const from = 'measured on 2026-11-21';
    const profile = profileOf(measurement);
    expect(profile.cpuMs).toEqual({ low: 2, expected: 3, high: 4, from });
    expect(profile.fargateMs).toEqual({ low: 10, expected: 10, high: 80, from });
    expect(profile.concurrency).toEqual({ low: 8, expected: 10, high: 12, from });
    expect(profile).not.toHaveProperty('lambdaMs');
    expect(profile).not.toHaveProperty('coldShare');
  });

  it('is no limit where only the sender was one', () => {
    const task = measurement.task && { ...measurement.task, limitedBy: 'sender' as const };
    expect(profileOf({ ...measurement, task })).not.toHaveProperty('concurrency');
  });
});
