// How fast the clairvoyant optimum is worked out: seconds of the trace × levels (tasks at its peak) in
// a second of processor time, beside the plain double loop over levels and seconds in the same run.
// Then how near anybody can come to it who does not know the future.

import { seededRng } from '../src/base/rng.ts';
import type { PlacementTerms } from '../src/scaling/placement.ts';
import { type DemandSum, startUsd } from '../src/sim/optimum/levels.ts';
import { lowerSum } from '../src/sim/optimum/lower-bound.ts';
import { twoStates } from '../src/sim/optimum/modulated.ts';
import { onlineBound } from '../src/sim/optimum/online-bound.ts';
import { optimumSum } from '../src/sim/optimum/optimum.ts';
import { upperSum } from '../src/sim/optimum/upper-bound.ts';
import { PoissonSampler } from '../src/sim/poisson.ts';
import { modulatedTrace } from '../test/support/modulated-demand.ts';
import { median, type Row, report } from './support.ts';

const ROUNDS = 5;
const STEPS = 1_000_000;
/** The peer gets a part of the trace, as it is slower. */
const PEER_SECONDS = 200_000;
const GOAL = 50e6;

/** 512 MiB for 100 ms on Lambda, 0.25 vCPU and 0.5 GiB that carry 15 requests a second: α = 0.22. */
const TERMS: PlacementTerms = {
  taskUsdPerSecond: 0.0123425 / 3600,
  lambdaUsdPerRequest: 0.5 * 0.1 * 1.66667e-5 + 2e-7,
  taskRate: 15,
  taskSeconds: 0.1,
  startSeconds: 35,
  billedStartSeconds: 25,
  drainSeconds: 0,
  minimumSeconds: 60,
  minTasks: 0,
  maxTasks: Number.POSITIVE_INFINITY,
  thresholdSeconds: 60,
};

interface Trace {
  readonly what: string;
  readonly stepSeconds: number;
  readonly counts: Float64Array;
}

/** `optimum=3` measures three times. */
export async function optimumBench(rounds: number = ROUNDS): Promise<void> {
  for (const trace of traces()) report(`The optimum: ${trace.what}`, rowsOf(trace, rounds));
  report('Nobody comes nearer to the clairvoyant', nearest());
}

function traces(): readonly Trace[] {
  const of = (what: string, stepSeconds: number, count: (step: number) => number): Trace => ({
    what,
    stepSeconds,
    counts: Float64Array.from({ length: STEPS }, (_, step) => count(step)),
  });
  return [
    of('the same 1000 requests each second', 1, () => 1000),
    of('noisy seconds, 200 requests', 1, noisy(200)),
    of('noisy seconds, 20 requests', 1, noisy(20)),
    of('noisy minutes, 1000 requests a second', 60, noisy(60_000)),
  ];
}

/** A day's wave, a drift that is pulled back to the mean, and the noise of arrivals. */
function noisy(mean: number): (step: number) => number {
  const rng = seededRng(1, `noisy ${mean}`);
  const arrivals = new PoissonSampler(rng);
  let drift = 1;
  return (step) => {
    drift += 0.01 * (1 - drift) + 0.05 * (rng.next() - 0.5);
    const wave = 1 + 0.6 * Math.sin((2 * Math.PI * step) / 86_400);
    const rate = Math.max(0, mean * wave * drift);
    return rate > 1000 ? rate * (1 + 0.1 * (rng.next() - 0.5)) : arrivals.draw(rate);
  };
}

function rowsOf({ counts, stepSeconds }: Trace, rounds: number): readonly Row[] {
  const peak = counts.reduce((most, count) => Math.max(most, count), 0) / stepSeconds;
  const levels = Math.ceil(peak / TERMS.taskRate);
  const peerSteps = Math.floor(PEER_SECONDS / stepSeconds);
  const part = counts.subarray(0, peerSteps);
  const rates = Float64Array.from({ length: peerSteps * stepSeconds }, (_, second) => {
    const count = part[Math.floor(second / stepSeconds)] as number;
    return count / stepSeconds;
  });
  const work = (values: Float64Array, sum: DemandSum<unknown>): unknown => {
    sum.take({ counts: values, length: values.length });
    return sum.result();
  };
  const kinds = {
    lower: () => work(counts, lowerSum(TERMS, stepSeconds)),
    upper: () => work(counts, upperSum(TERMS, stepSeconds)),
    all: () => work(counts, optimumSum(TERMS, stepSeconds)),
    plain: () => plainLower(rates, levels),
  };
  const speeds = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, run] of Object.entries(kinds)) {
      const seconds = name === 'plain' ? rates.length : counts.length * stepSeconds;
      const speed = (seconds * levels) / processorSeconds(run);
      if (round > 0) speeds.set(name, [...(speeds.get(name) ?? []), speed]);
    }
  }
  const speed = (name: string): number => median(speeds.get(name) ?? []);
  const off = Number(work(part, lowerSum(TERMS, stepSeconds))) / plainLower(rates, levels) - 1;
  const row = (what: string, name: string): Row => ({
    what,
    value: `${millions(speed(name))}, ${(speed(name) / speed('plain')).toFixed(1)} × the plain loop`,
    goal: { text: `≥ ${millions(GOAL)}`, met: speed(name) >= GOAL },
  });
  return [
    { what: 'levels', value: String(levels) },
    row('lower bound', 'lower'),
    row('upper bound', 'upper'),
    row('both, with the best fixed fleet', 'all'),
    { what: 'plain double loop', value: millions(speed('plain')) },
    { what: 'lower bound ÷ plain loop, less 1', value: off.toExponential(1) },
  ];
}

function millions(perSecond: number): string {
  return `${(perSecond / 1e6).toFixed(0)} million trace-seconds × levels a second`;
}

function processorSeconds(work: () => unknown): number {
  const used = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(used);
  return (user + system) / 1e6;
}

/** Two numbers for each level, each second. */
function plainLower(rates: Float64Array, levels: number): number {
  const { taskUsdPerSecond: p, lambdaUsdPerRequest: g, taskRate } = TERMS;
  const start = startUsd(TERMS);
  const off = new Float64Array(levels);
  const on = new Float64Array(levels).fill(start);
  for (const rate of rates) {
    for (let level = 0; level < levels; level += 1) {
      const x = Math.min(Math.max(rate - level * taskRate, 0), taskRate);
      const wasOff = off[level] as number;
      const wasOn = on[level] as number;
      off[level] = Math.min(wasOff, wasOn) + g * x;
      on[level] = Math.min(wasOn, wasOff + start) + p;
    }
  }
  return off.reduce((sum, usd, level) => sum + Math.min(usd, on[level] as number), 0);
}

/** Bursts of three times the mean for two minutes, a fifth of it for five: docs/design/optimum.md. */
function nearest(): readonly Row[] {
  const rows: Row[] = [];
  for (const mean of [1, 10, 100, 1000]) {
    for (const [startSeconds, billedStartSeconds] of [
      [35, 25],
      [120, 110],
    ] as const) {
      const terms = { ...TERMS, startSeconds, billedStartSeconds };
      const high = { rate: 3 * mean, dwellSeconds: 120 };
      const traffic = twoStates(high, { rate: mean / 5, dwellSeconds: 300 }, 'poisson');
      const { counts } = modulatedTrace(traffic, STEPS, seededRng(1, `mmpp ${mean}`));
      const sum = lowerSum(terms, 1);
      sum.take({ counts, length: STEPS });
      // Both beside Lambda alone: so a sample with more requests than the mean has does not matter.
      const requests = counts.reduce((all, count) => all + count, 0);
      const clairvoyant = sum.result() / (requests * terms.lambdaUsdPerRequest);
      const [any, one] = (['any', 'one'] as const).map((starts) => {
        const { usdPerSecond, lambdaOnlyUsdPerSecond } = onlineBound(traffic, terms, starts);
        return (usdPerSecond / lambdaOnlyUsdPerSecond / clairvoyant).toFixed(2);
      });
      const lambda = (1 / clairvoyant).toFixed(2);
      rows.push({
        what: `two-state bursts, ${mean} requests/s, tasks in ${startSeconds} s`,
        value: `${any} × at least, ${one} × with one start at a time, Lambda alone ${lambda} ×`,
      });
    }
  }
  return rows;
}
