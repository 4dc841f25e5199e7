// How long the answers about cost take to work out: processor time, which a busy machine changes less
// than the time on the clock beside it. First once as it is when a command begins, then warm.

import { breakEvenOf } from '../src/cost/compare/break-even.ts';
import { cheapest } from '../src/cost/compare/cheapest.ts';
import type { Question } from '../src/cost/compare/compare.ts';
import { pricingOf } from '../src/cost/compare/pricing.ts';
import { sweep } from '../src/cost/compare/sweep.ts';
import { answer } from '../src/cost/compare/what-if.ts';
import { sure } from '../src/cost/estimate/figures.ts';
import type { Figure, SetUp } from '../src/cost/estimate/set-up.ts';
import { priceBook, pricedRegions } from '../src/cost/prices/price-book.ts';
import { BUNDLED_PRICES, type PriceData } from '../src/cost/prices/price-data.ts';
import { report } from './support.ts';

const ROUNDS = 15;
/** Until the code is compiled: a comparison is short. */
const WARM_UP = 40;
const COMPARISON_GOAL_MS = 20;
const SWEEP_GOAL_MS = 1000;

export async function costBench(rounds: number = ROUNDS): Promise<void> {
  const flat = question([1]);
  const day = question(Array.from({ length: 24 }, (_, hour) => 1 + Math.sin(hour / 4) / 2));
  const pricing = pricingOf('always');
  const steady = { setUp: day.setUp, workload: day.workload, freeTier: day.freeTier };
  const first = once(() => answer(day));
  const comparison = measure(rounds, () => answer(day), WARM_UP);
  const swept = measure(rounds, () => sweep(steady));
  const whole = wholeBook();
  const every = () =>
    sweep(
      steady,
      {},
      pricingOf('always', {}, (of) => priceBook(of, whole)),
    );
  const unknown = every().rows.filter(({ breakEven }) => breakEven === null).length;
  const sweptWhole = measure(rounds, every);
  report('Cost, worked out', [
    time('the first comparison, over 24 different hours', first),
    time(
      'a comparison of three mixes with its break-even, flat traffic',
      measure(rounds, () => answer(flat)),
    ),
    {
      ...time('the same over 24 different hours', comparison),
      goal: under(COMPARISON_GOAL_MS, comparison),
    },
    time(
      'a break-even alone',
      measure(rounds, () => breakEvenOf(day.setUp, day.workload, pricing)),
    ),
    {
      ...time('a sweep over 23 regions, 4 entries, 2 architectures', swept),
      goal: under(SWEEP_GOAL_MS, swept),
    },
    {
      ...time(`the same with every price known (${unknown} rows without a break-even)`, sweptWhole),
      goal: under(SWEEP_GOAL_MS, sweptWhole),
    },
    time(
      'the cheapest way within 500 ms',
      measure(rounds, () => cheapest(steady, { targetMs: 500, percentile: 0.95 })),
    ),
  ]);
}

interface Measured {
  readonly processorMs: number;
  readonly clockMs: number;
}

/** Medians, after rounds that are not counted. */
function measure(rounds: number, work: () => unknown, warmUp = 3): Measured {
  const measured = Array.from({ length: rounds + warmUp }, () => once(work)).slice(warmUp);
  const median = (of: (one: Measured) => number) =>
    measured.map(of).sort((a, b) => a - b)[Math.floor(measured.length / 2)] ?? Number.NaN;
  return {
    processorMs: median(({ processorMs }) => processorMs),
    clockMs: median(({ clockMs }) => clockMs),
  };
}

function once(work: () => unknown): Measured {
  const used = process.cpuUsage();
  const began = performance.now();
  work();
  const clockMs = performance.now() - began;
  const { user, system } = process.cpuUsage(used);
  return { processorMs: (user + system) / 1000, clockMs };
}

/** The book with the gaps of each region filled with the prices of Virginia: made up, to have work. */
function wholeBook(): PriceData {
  const { prices } = BUNDLED_PRICES;
  const filled = pricedRegions().map((region) => [
    region,
    { ...prices['us-east-1'], ...prices[region] },
  ]);
  return { ...BUNDLED_PRICES, prices: { ...prices, ...Object.fromEntries(filled) } };
}

function time(what: string, { processorMs, clockMs }: Measured) {
  return {
    what,
    value: `${processorMs.toFixed(1)} ms of processor, ${clockMs.toFixed(1)} ms passed`,
  };
}

function under(goalMs: number, { processorMs }: Measured) {
  return { text: `< ${goalMs} ms of processor`, met: processorMs < goalMs };
}

const about = (expected: number): Figure => ({
  low: expected * 0.8,
  expected,
  high: expected * 1.3,
  from: 'given',
});

/** A service that has everything: logs, cold starts, a database, data sent out. */
function question(steps: readonly number[]): Question {
  return {
    app: 'bench',
    setUp: setUp(),
    freeTier: 'always',
    today: '2026-11-21',
    book: priceBook('us-east-1'),
    workload: {
      requestsPerMonth: 15_000_000,
      shape: { stepMs: 3_600_000, steps, name: 'bench' },
      peak: 2,
    },
  };
}

function setUp(): SetUp {
  const architecture = 'x86_64';
  return {
    region: 'us-east-1',
    entry: { lambda: 'http-api', fargate: 'alb' },
    loadBalancer: { addresses: 2, rules: 3, idleTimeoutMs: 60_000 },
    services: [
      {
        name: 'api',
        lambda: { memoryMiB: 512, ephemeralMiB: 512, provisioned: 0, architecture },
        fargate: {
          cpuUnits: 256,
          memoryMiB: 512,
          ephemeralGiB: 20,
          architecture,
          spotShare: 0,
          minTasks: 1,
          maxTasks: undefined,
          idleMs: 600_000,
          autoscaling: true,
          targetUtilization: 0.6,
        },
        share: 1,
        trigger: { kind: 'entry' },
        requests: {
          lambdaMs: about(200),
          fargateMs: about(200),
          cpuMs: about(10),
          concurrency: about(20),
          requestBytes: about(2000),
          responseBytes: about(12_000),
          perConnection: about(2),
          coldShare: about(0.01),
          initMs: about(500),
          logBytes: about(200),
          invocationLogBytes: about(400),
        },
      },
    ],
    network: {
      natGateways: { lambda: 0, fargate: 0 },
      natBytes: sure(0, 'given'),
      publicTasks: true,
      crossZoneBytes: sure(0, 'given'),
    },
    logs: { retentionDays: 30, storedShare: about(0.2) },
    cdn: undefined,
    resources: [],
    spotPricePercent: { low: 30, expected: 35, high: 40, from: 'assumed' },
    lambdaConcurrency: 1000,
  };
}
