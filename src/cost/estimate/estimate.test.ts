// What holds of every estimate, whatever the app and its traffic.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FLAT,
  figure,
  NO_ENTRY,
  type Sketch,
  sketchService,
  sketchSetUp,
} from '../../../test/support/set-up.ts';
import { numberOf } from '../amount.ts';
import type { Mix } from '../compare/comparison.ts';
import { freeTierOf } from '../free-tier.ts';
import { meter } from '../meter.ts';
import { usdOf } from '../money.ts';
import { priceBook } from '../prices/price-book.ts';
import { quantitiesOf } from '../quantities.ts';
import type { Quantity } from '../quantity.ts';
import { rateFast } from '../rate-fast.ts';
import { rate } from '../rating.ts';
import { billOf, type Estimate, estimate } from './estimate.ts';
import { type End, type FigureName, REQUEST_FIGURES } from './figures.ts';
import { excess, levelsOf } from './load.ts';
import type {
  FargateEntry,
  FargateSetUp,
  Figure,
  LambdaEntry,
  ServiceSetUp,
  SetUp,
} from './set-up.ts';
import type { Workload } from './workload.ts';

const BOOK = priceBook('eu-west-2');
const RUNS = { numRuns: 150 };

/** In London, with nothing in front unless it is said. */
const london = (sketch: Sketch) => sketchSetUp({ entry: NO_ENTRY, ...sketch });

const behind = (lambda: LambdaEntry, fargate: FargateEntry) => ({ entry: { lambda, fargate } });

function made(setUp: SetUp, workload: Workload, mix: Mix, at: End = 'expected', free = false) {
  const allowances = freeTierOf(free ? 'always' : 'none');
  return estimate(setUp, workload, mix, at, { book: BOOK, allowances });
}

function pico(one: Estimate, free = false): bigint {
  return billOf(one, BOOK, freeTierOf(free ? 'always' : 'none')).total.all;
}

const shape = fc.oneof(
  fc.constant(FLAT),
  fc
    .array(fc.integer({ min: 0, max: 20 }), { minLength: 2, maxLength: 30 })
    .filter((steps) => steps.some((step) => step > 0))
    .chain((steps) =>
      fc.constantFrom(1000, 20_000, 60_000, 3_600_000).map((stepMs) => {
        const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
        return { stepMs, steps: steps.map((step) => step / mean), name: 'any' };
      }),
    ),
);

const workload = fc.record({
  requestsPerMonth: fc.oneof(
    fc.integer({ min: 0, max: 1000 }),
    fc.integer({ min: 0, max: 3_000_000_000 }),
  ),
  shape,
  peak: fc.oneof(fc.constant(1), fc.double({ min: 1, max: 20, noNaN: true })),
});

const app = fc
  .record({
    entry: fc.constantFrom<SetUp['entry']>(
      { lambda: 'alb', fargate: 'alb' },
      { lambda: 'http-api', fargate: 'http-api' },
      { lambda: 'rest-api', fargate: 'rest-api' },
      NO_ENTRY,
    ),
    cpuMs: fc.constantFrom(0, 1, 10, 60),
    concurrency: fc.constantFrom(undefined, 1, 10),
    minTasks: fc.integer({ min: 0, max: 3 }),
    autoscaling: fc.boolean(),
    provisioned: fc.constantFrom(0, 0, 2),
    lambdaMs: fc.constantFrom(0.4, 7, 200, 3000),
    coldShare: fc.constantFrom(0, 0.05, 1),
    spotShare: fc.constantFrom(0, 0.5, 1),
    publicTasks: fc.boolean(),
    logBytes: fc.constantFrom(0, 500),
    natFor: fc.constantFrom('none', 'lambda', 'fargate', 'both'),
    proxy: fc.boolean(),
  })
  .map((one): SetUp => {
    const { entry, cpuMs, minTasks, autoscaling, spotShare, publicTasks, lambdaMs } = one;
    const setUp = london({
      entry,
      cpuMs,
      lambdaMs,
      fargateMs: 200,
      concurrency: one.concurrency,
      coldShare: one.coldShare,
      network: { publicTasks },
      lambda: { provisioned: one.provisioned },
      fargate: { minTasks, autoscaling, spotShare },
      requests: { initMs: figure(400), logBytes: figure(one.logBytes) },
    });
    const proxy: Quantity = {
      item: 'rdsProxy.vcpuHour',
      amount: 1460n,
      per: 1n,
      part: 'data',
      service: 'db',
      compute: undefined,
    };
    const needs = (compute: string) => Number(one.natFor === 'both' || one.natFor === compute);
    return {
      ...setUp,
      network: {
        ...setUp.network,
        natGateways: { lambda: needs('lambda'), fargate: needs('fargate') },
        natBytes: figure(2000),
      },
      resources: one.proxy ? [{ name: 'proxy', on: 'lambda', quantities: [proxy] }] : [],
    };
  });

describe('a service on Fargate alone that may go to zero', () => {
  const of = (requestsPerMonth: number, over: Partial<FargateSetUp> = {}) =>
    made(
      london({
        cpuMs: 1,
        requests: { fargateMs: figure(1_800_000) },
        fargate: { autoscaling: true, minTasks: 0, idleMs: 600_000, ...over },
        service: { lambda: undefined },
      }),
      { requestsPerMonth, shape: FLAT, peak: 1 },
      'fargate',
    );
  const hours = (requests: number, over?: Partial<FargateSetUp>) =>
    of(requests, over).tasks.mean * 730;

  it('runs for each request and for its idle time, when requests are rare', () => {
    expect(hours(1)).toBeCloseTo(2 / 3, 3);
    expect(hours(1, { idleMs: 0 })).toBeCloseTo(1 / 2, 3);
    expect(of(1).tasks.peak).toBe(1);
  });

  it('shares its time between requests that fall together, and runs on when there are many', () => {
    const sum = 600 * (2 / 3);
    expect(hours(600)).toBeLessThan(sum);
    expect(hours(600) / 730).toBeCloseTo(1 - Math.exp(-sum / 730), 6);
    expect(of(1e6).tasks.mean).toBeCloseTo(1, 9);
    expect(of(600, { minTasks: 1 }).tasks.mean).toBe(1);
  });
});

describe('an app of which each program runs on one compute', () => {
  const setUp = london({ ...behind('alb', 'alb') });
  const [api] = setUp.services as [ServiceSetUp];
  const split = {
    ...setUp,
    services: [
      { ...api, name: 'quick', share: 0.5, fargate: undefined },
      { ...api, name: 'heavy', share: 0.5, lambda: undefined },
    ],
  };

  it('is priced as it is, and not on one compute alone', () => {
    const traffic = { requestsPerMonth: 1e6, shape: FLAT, peak: 1 };
    const of = (mix: Mix) => made(split, traffic, mix);
    expect(of('hybrid').notApplicable).toBeUndefined();
    expect(of('hybrid').lambdaShare).toBe(0.5);
    expect(of('lambda').notApplicable).toBe('"heavy" has no settings on Lambda');
    expect(of('fargate').notApplicable).toBe('"quick" has no settings on Fargate');
  });
});

describe('a hybrid', () => {
  it('never costs more than either compute alone behind the same entry', () => {
    fc.assert(
      fc.property(app, workload, fc.boolean(), (setUp, traffic, free) => {
        const of = (mix: Mix) => pico(made(setUp, traffic, mix, 'expected', free), free);
        const hybrid = of('hybrid');
        expect(hybrid <= of('lambda')).toBe(true);
        expect(hybrid <= of('fargate')).toBe(true);
      }),
      RUNS,
    );
  });

  it('uses both, and saves, where a base load has bursts on top', () => {
    const traffic = { requestsPerMonth: 60e6, shape: FLAT, peak: 4 };
    const setUp = london({ cpuMs: 10 });
    const both = made(setUp, traffic, 'hybrid');
    const alone = [pico(made(setUp, traffic, 'lambda')), pico(made(setUp, traffic, 'fargate'))];
    expect(both.lambdaShare).toBeGreaterThan(0.01);
    expect(both.tasks.mean).toBeGreaterThan(0.5);
    for (const one of alone) expect(Number(pico(both))).toBeLessThan(Number(one) * 0.95);
  });

  it('is as cheap as the best of all numbers of tasks', () => {
    const setUp = london({
      ...behind('http-api', 'http-api'),
      cpuMs: 30,
      fargate: { autoscaling: true, minTasks: 0 },
    });
    const steps = [0.4, 1.6];
    const traffic = { requestsPerMonth: 40e6, shape: { stepMs: 3.6e6, steps, name: 'x' }, peak: 3 };
    const found = made(setUp, traffic, 'hybrid');
    const [task, request] = [10.36 + 3.65, 1.86667e-6];
    const rps = traffic.requestsPerMonth / (730 * 3600);
    const costs = steps.map((load) => {
      const each = Array.from({ length: 60 }, (_, count) => {
        const onLambda = excess(load * rps, 3, count * 5);
        return count * (task / 2) + onLambda * request * 365 * 3600;
      });
      return Math.min(...each);
    });
    const compute = billOf(found, BOOK).lines.filter(({ part }) => part !== 'entry');
    const usd = compute.reduce((sum, line) => sum + usdOf(line.pico ?? 0n), 0);
    expect(usd).toBeCloseTo(
      costs.reduce((a, b) => a + b),
      1,
    );
  });

  it('has Lambda serve what the most tasks cannot, though tasks are far cheaper', () => {
    const setUp = london({
      cpuMs: 10,
      fargate: { maxTasks: 5, autoscaling: true },
      requests: { lambdaMs: figure(5000), fargateMs: figure(20) },
    });
    const traffic = { requestsPerMonth: 300e6, shape: FLAT, peak: 1 };
    const found = made(setUp, traffic, 'hybrid');
    expect(found.notApplicable).toBeUndefined();
    expect(found.tasks.peak).toBe(5);
    expect(found.lambdaShare).toBeCloseTo(1 - (5 * 15 * 730 * 3600) / 300e6, 9);
  });

  it('takes the entry of Fargate where a function has a URL of its own', () => {
    const setUp = london({ ...behind('function-url', 'alb') });
    const traffic = { requestsPerMonth: 1e6, shape: FLAT, peak: 1 };
    expect(made(setUp, traffic, 'lambda').entry).toBe('function-url');
    expect(made(setUp, traffic, 'hybrid').entry).toBe('alb');
  });
});

describe('more', () => {
  it('requests never cost less', () => {
    fc.assert(
      fc.property(
        app,
        workload,
        fc.integer({ min: 1, max: 50_000_000 }),
        (setUp, traffic, more) => {
          const after = { ...traffic, requestsPerMonth: traffic.requestsPerMonth + more };
          for (const mix of ['lambda', 'fargate'] as const) {
            expect(pico(made(setUp, traffic, mix)) <= pico(made(setUp, after, mix))).toBe(true);
          }
        },
      ),
      RUNS,
    );
  });

  it('memory on Lambda never costs less at the same duration', () => {
    fc.assert(
      fc.property(fc.integer({ min: 128, max: 10_000 }), workload, (memoryMiB, traffic) => {
        const of = (size: number) =>
          pico(made(london({ lambda: { memoryMiB: size } }), traffic, 'lambda'));
        expect(of(memoryMiB) <= of(memoryMiB + 1)).toBe(true);
      }),
      RUNS,
    );
  });
});

describe('the ends of a figure', () => {
  const wide = (low: number, expected: number, high: number): Figure => ({
    low,
    expected,
    high,
    from: 'given',
  });
  const WIDE: Readonly<Record<string, Figure>> = {
    lambdaMs: wide(50, 100, 200),
    fargateMs: wide(50, 100, 200),
    cpuMs: wide(5, 10, 40),
    concurrency: wide(1, 4, 50),
    requestBytes: wide(100, 1000, 2e6),
    responseBytes: wide(100, 1000, 2e6),
    perConnection: wide(1, 2, 10),
    coldShare: wide(0, 0.01, 0.5),
    initMs: wide(100, 500, 5000),
    logBytes: wide(0, 200, 5000),
    invocationLogBytes: wide(0, 400, 5000),
  };
  const traffic = { requestsPerMonth: 300e6, shape: FLAT, peak: 2 };
  const base = london({
    ...behind('alb', 'alb'),
    cpuMs: 1,
    requests: {
      coldShare: figure(0.01),
      initMs: figure(500),
      requestBytes: figure(100),
      concurrency: figure(4),
    },
  });

  it.each(REQUEST_FIGURES)(
    '%s: what is called low costs less, and high more',
    (name: FigureName) => {
      const [service] = base.services;
      if (service === undefined) throw new Error('no service');
      const requests = { ...service.requests, [name]: WIDE[name] };
      const setUp = { ...base, services: [{ ...service, requests }] };
      const of = (at: End) =>
        pico(made(setUp, traffic, 'lambda', at)) + pico(made(setUp, traffic, 'fargate', at));
      expect(of('low') < of('high')).toBe(true);
      expect(of('low') <= of('expected')).toBe(true);
      expect(of('expected') <= of('high')).toBe(true);
    },
  );
});

describe('LCU-hours of a load balancer', () => {
  const lcus = (one: Sketch, mix: Mix, rules = 1) => {
    const setUp = london({ ...behind('alb', 'alb'), ...one });
    const traffic = { requestsPerMonth: 730 * 3600 * 100, shape: FLAT, peak: 1 };
    const balancer = { ...setUp.loadBalancer, rules };
    const made100 = made({ ...setUp, loadBalancer: balancer }, traffic, mix);
    const line = made100.quantities.find(({ item }) => item === 'alb.lcuHour');
    return line === undefined ? 0 : numberOf(line) / 730;
  };
  const small = { requestBytes: figure(100), responseBytes: figure(0) };

  it('are the largest of four dimensions, at 100 requests a second', () => {
    expect(lcus({ requests: small }, 'fargate')).toBeCloseTo(100 / 25, 9);
    const bytes = { ...small, requestBytes: figure(100_000) };
    expect(lcus({ requests: bytes }, 'fargate')).toBeCloseTo(36, 9);
    expect(lcus({ requests: bytes }, 'lambda')).toBeCloseTo(36 / 0.4, 9);
    expect(lcus({ requests: small }, 'fargate', 110)).toBeCloseTo(10, 9);
    const kept = { ...small, perConnection: figure(100), fargateMs: figure(3000) };
    // One new connection a second lives for 300 s of requests and 60 s of nothing.
    expect(lcus({ requests: kept }, 'fargate')).toBeCloseTo(360 / 3000, 9);
  });
});

describe('the meter and the estimate', () => {
  it('give the same quantities for the same invocations and tasks', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 4 }),
        (count, ms, tasks) => {
          const setUp = london({
            fargate: { minTasks: tasks },
            network: { publicTasks: false },
            requests: { lambdaMs: figure(ms - 0.5) },
          });
          const traffic = { requestsPerMonth: count, shape: FLAT, peak: 1 };
          const settings = setUp.services[0];
          const run = meter(
            [{ key: 'api', name: 'api', ...settings } as unknown as Parameters<typeof meter>[0][0]],
            0,
            undefined,
          );
          for (let index = 0; index < count; index += 1) {
            run.invoked('api', { durationMs: ms - 0.5, initMs: 0, provisioned: false });
          }
          for (let id = 0; id < tasks; id += 1) run.taskStarted('api', String(id), false, 0);
          const used = quantitiesOf(run.usage(730 * 3_600_000));
          const estimated = [
            ...made(setUp, traffic, 'lambda').quantities,
            ...made(setUp, traffic, 'fargate').quantities,
          ];
          expect(billed(estimated)).toEqual(billed(used));
        },
      ),
      { numRuns: 60 },
    );
  });

  const billed = (quantities: readonly Quantity[]) =>
    quantities
      .filter(({ amount }) => amount > 0n)
      .map(({ item, amount, per, service, compute }) => ({ item, amount, per, service, compute }));
});

describe('the fast sum', () => {
  it('is what the bill says', () => {
    fc.assert(
      fc.property(app, workload, fc.boolean(), (setUp, traffic, free) => {
        const allowances = freeTierOf(free ? 'legacy' : 'none');
        for (const mix of ['lambda', 'fargate', 'hybrid'] as const) {
          const { quantities } = made(setUp, traffic, mix);
          const exactly = usdOf(rate(quantities, BOOK, allowances).total.all);
          const fast = rateFast(quantities, BOOK, allowances);
          expect(Math.abs(fast - exactly)).toBeLessThan(1e-9 * (1 + exactly));
        }
      }),
      RUNS,
    );
  });
});

describe('the load-duration curve', () => {
  it('has the mean, and what exceeds a capacity, of a sum over it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        fc.double({ min: 1, max: 8, noNaN: true }),
        fc.double({ min: 0, max: 900, noNaN: true }),
        (mean, peak, capacity) => {
          const many = 20_000;
          let sum = 0;
          for (let index = 0; index < many; index += 1) {
            const load = mean * peak * ((index + 0.5) / many) ** (peak - 1);
            sum += Math.max(0, load - capacity);
          }
          expect(excess(mean, peak, capacity)).toBeCloseTo(sum / many, 1);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('plans steps under a minute together', () => {
    const steps = Array.from({ length: 14 }, (_, index) => index / 6.5);
    const levels = levelsOf({ stepMs: 10_000, steps, name: 'x' });
    expect(levels.map(({ loads }) => loads.length)).toEqual([6, 8]);
    expect(levels.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(1, 12);
  });
});

describe('what an app cannot do', () => {
  const traffic = { requestsPerMonth: 300e6, shape: FLAT, peak: 2 };
  const why = (one: Sketch, mix: Mix) =>
    made(london({ cpuMs: 10, ...one }), traffic, mix).notApplicable;

  it('is said with its reason', () => {
    expect(why({ fargate: { maxTasks: 10 } }, 'fargate')).toBe(
      '"api" needs 16 tasks at its busiest, and may have 10',
    );
    expect(why({ fargate: { maxTasks: 10 } }, 'hybrid')).toBeUndefined();
    expect(why({ requests: { lambdaMs: figure(1_800_000) } }, 'lambda')).toMatch(/15 minutes/);
    expect(
      why({ ...behind('http-api', 'none'), requests: { lambdaMs: figure(31_000) } }, 'lambda'),
    ).toMatch(/waits 30 s/);
    expect(
      why({ ...behind('alb', 'none'), requests: { responseBytes: figure(2e6) } }, 'lambda'),
    ).toMatch(/1 MB/);
    expect(why({ service: { lambda: undefined } }, 'lambda')).toMatch(/no settings|on Lambda/);
    expect(why({ service: { fargate: undefined } }, 'hybrid')).toMatch(/both/);
  });
});

describe('several programs', () => {
  it('are priced where they can run, and the others beside them', () => {
    const setUp = london({ ...behind('function-url', 'alb') });
    const services = [
      sketchService('api', { service: { share: 0.7 } }),
      sketchService('chat', { service: { share: 0.3, lambda: undefined } }),
    ];
    const traffic = { requestsPerMonth: 1e6, shape: FLAT, peak: 1 };
    const found = made({ ...setUp, services }, traffic, 'lambda');
    expect(found.entry).toBe('alb');
    expect(found.lambdaShare).toBeCloseTo(0.7, 9);
    expect(found.why.join()).toMatch(/"chat" has no settings on Lambda/);
    const requests = found.quantities.find(({ item }) => item === 'lambda.request');
    expect(requests && numberOf(requests)).toBeCloseTo(700_000, 3);
  });
});
