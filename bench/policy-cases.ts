// What placement is measured on: traces, made-up traffic, programs, delays, loads.

import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { usdOf } from '../src/cost/money.ts';
import type { PriceItem } from '../src/cost/prices/catalogue.ts';
import { priceBook } from '../src/cost/prices/price-book.ts';
import { realMachine } from '../src/host/machine.ts';
import { readTraffic } from '../src/ops/read-traffic.ts';
import { cutOf, typicalWindow } from '../src/sim/cut.ts';
import type { Demand } from '../src/sim/demand.ts';
import { surveyOf, toMean } from '../src/sim/demand-changes.ts';
import { demandOfTraffic } from '../src/sim/demand-of-traffic.ts';
import type { SimProfile } from '../src/sim/profile.ts';
import { demandOfSynthetic } from '../src/sim/synthetic.ts';
import { ROOT } from './support.ts';

const TRACES = resolve(ROOT, '../shared/data/traces');
/** A folder of traces of one's own, read in the same way. */
const OWN_TRACES = 'FULCRUM_BENCH_TRACES';

/** Each kind of made-up traffic, and those with the harshest settings. */
const SYNTHETIC = ['constant', 'poisson', 'diurnal', 'bursts', 'mmpp', 'flash', 'night'];
const SEED = 7;

export const LOADS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000];

/** From the decision until a task takes requests; what of it is billed is the same 25 s. Seconds. */
export const STARTS = [
  { startSeconds: 35, billedStartSeconds: 25 },
  { startSeconds: 120, billedStartSeconds: 25 },
];

/** What is placed: a trace at any mean load. */
export interface PlacedTrace {
  readonly name: string;
  /** What of it is simulated, in words. */
  readonly part: string;
  at(meanRate: number): Demand;
}

export async function traces(windowSeconds: number): Promise<readonly PlacedTrace[]> {
  const folders = [TRACES, process.env[OWN_TRACES]].filter(
    (folder): folder is string => folder !== undefined && existsSync(folder),
  );
  const found: PlacedTrace[] = [];
  for (const folder of folders) {
    for (const file of readdirSync(folder).sort()) {
      const read = await readTraffic(realMachine(), join(folder, file), { bySecond: true });
      const demand = demandOfTraffic(read, file.replace(/\.\w+$/, ''));
      found.push(...windows(demand, windowSeconds));
    }
  }
  return [...found, ...SYNTHETIC.map((kind) => synthetic(kind, windowSeconds))];
}

/** The window that is most like the whole, and the one that is least even. */
function windows(demand: Demand, seconds: number): readonly PlacedTrace[] {
  const { name, stepSeconds } = demand;
  const steps = Math.round(seconds / stepSeconds);
  if (steps >= demand.steps) return [placed(demand, name, `all ${demand.steps * stepSeconds} s`)];
  return (['typical', 'uneven'] as const).map((kind) => {
    const from = typicalWindow(demand, steps, kind);
    const part = `${steps * stepSeconds} s from ${from * stepSeconds} s on, ${kind}`;
    return placed(cutOf(demand, from, steps), `${name} (${kind})`, part);
  });
}

function placed(demand: Demand, name: string, part: string): PlacedTrace {
  const { meanRate } = surveyOf(demand);
  return {
    name,
    part: `${part}, mean ${meanRate.toFixed(3)}/s`,
    at: (rate) => toMean(demand, rate),
  };
}

function synthetic(kind: string, seconds: number): PlacedTrace {
  const options = { days: seconds / 86_400, seed: SEED };
  return {
    name: kind,
    part: `${seconds} s, seed ${SEED}`,
    at: (rate) => demandOfSynthetic(`${kind}:${rate}`, options),
  };
}

export interface Program {
  readonly name: string;
  readonly lambdaMiB: number;
  readonly ms: number;
  readonly vcpu: number;
  readonly taskRate: number;
}

/** Those of the design (2.6); requests a second are assumed, at 70 % of what a task can do. */
export const PROGRAMS: readonly Program[] = [
  { name: 'io', lambdaMiB: 512, ms: 100, vcpu: 0.25, taskRate: 15 },
  { name: 'mid', lambdaMiB: 1024, ms: 50, vcpu: 0.5, taskRate: 17.5 },
  { name: 'cpu', lambdaMiB: 1769, ms: 100, vcpu: 1, taskRate: 7 },
];

const REGION = 'us-east-1';
const book = priceBook(REGION);

function usd(item: PriceItem): number {
  const price = book.price(item);
  if (price === undefined) throw new Error(`${item} has no price`);
  return usdOf(price[0].pico);
}

/** No limit of the account: what is refused costs nothing, and would look cheap. */
const NO_LIMIT = 1e12;

export function profileOf(program: Program, start: (typeof STARTS)[number]): SimProfile {
  const { lambdaMiB, ms, vcpu, taskRate } = program;
  const duration = { medianMs: ms, sigma: 0 };
  const memoryGiB = 2 * vcpu;
  const usdPerHour =
    vcpu * usd('fargate.x86_64.vcpuHour') + memoryGiB * usd('fargate.x86_64.gbHour');
  return {
    region: REGION,
    architecture: 'x86_64',
    targetMs: 500,
    thresholdSeconds: 60,
    lambda: {
      memoryMiB: lambdaMiB,
      duration,
      // Node.js 24 as a zip file, and what the platform adds (design, 5.1).
      init: { medianMs: 145, sigma: 0.13 },
      coldExtra: { medianMs: 150, sigma: 0.45 },
      idleSeconds: [300, 660],
      accountConcurrency: NO_LIMIT,
      scalingPer10s: NO_LIMIT,
      usdPerGbSecond: usd('lambda.x86_64.gbSecond'),
      usdPerRequest: usd('lambda.request'),
    },
    fargate: {
      vcpu,
      memoryGiB,
      duration,
      concurrency: 10,
      taskRate,
      ...start,
      startSigma: 0,
      drainSeconds: 0,
      minimumSeconds: 60,
      taskUsdPerSecond: usdPerHour / 3600,
      minTasks: 0,
      maxTasks: 1e9,
    },
  };
}
