// The event simulator: events a second, memory against the length of a trace, beside SimFaaS on the
// same scenario, and beside measurements of AWS Lambda.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { seededRng } from '../src/base/rng.ts';
import { arrivalsOf, exactArrivals } from '../src/sim/event/arrivals.ts';
import { exponential } from '../src/sim/event/chance.ts';
import { simulateEvents } from '../src/sim/event/simulate-events.ts';
import { LAMBDA_IDLE_SECONDS } from '../src/sim/start-up.ts';
import { constantDemand } from '../test/support/demand.ts';
import { LAMBDA_RUNS, measuredRun } from '../test/support/lambda-measurements.ts';
import { always, eventProfile, fixedTasks } from '../test/support/sim.ts';
import { type Case, HYBRID, LAMBDA, QUEUE, settingsOf } from './programs/simulate-event-cases.ts';
import { median, PROGRAMS, ROOT, type Row, report, spreadOf } from './support.ts';

const run = promisify(execFile);

const ROUNDS = 5;
const SECONDS = 1000;
const GOAL_EVENTS = 1e6;
const SHORT_SECONDS = 1000;
const LONGER = 10;
const GOAL_GROWTH = 1.1;

export async function simulateEventBench(rounds = ROUNDS): Promise<void> {
  report(
    'Event simulator, events a second of one core',
    [LAMBDA, HYBRID, QUEUE].map((of) => speed(of, rounds)),
  );
  report('Event simulator, memory', await memory());
  await besideSimFaas(rounds);
  besideLambda();
}

function speed(of: Case, rounds: number): Row {
  const speeds: number[] = [];
  let requests = 0;
  for (let round = 0; round <= rounds; round += 1) {
    const before = process.cpuUsage();
    const result = simulateEvents(settingsOf(of, SECONDS, round));
    const { user, system } = process.cpuUsage(before);
    requests = result.requests;
    // The first one is compiled.
    if (round > 0) speeds.push((result.events / (user + system)) * 1e6);
  }
  const { low, middle, high } = spreadOf(speeds);
  const millions = (value: number) => (value / 1e6).toFixed(2);
  return {
    what: `${of.what}, ${(requests / 1e6).toFixed(1)} M requests`,
    value: `${millions(middle)} M/s (${millions(low)} to ${millions(high)})`,
    goal: { text: '≥ 1 M/s', met: middle >= GOAL_EVENTS },
  };
}

interface Memory {
  readonly requests: number;
  readonly residentMb: number;
  readonly peakMb: number;
}

async function memory(): Promise<readonly Row[]> {
  const of = async (seconds: number): Promise<Memory> => {
    const script = join(PROGRAMS, 'simulate-event-memory.ts');
    const { stdout } = await run(process.execPath, ['--expose-gc', script, String(seconds)]);
    return JSON.parse(stdout) as Memory;
  };
  const short = await of(SHORT_SECONDS);
  const long = await of(SHORT_SECONDS * LONGER);
  const row = ({ requests, residentMb, peakMb }: Memory): Row => ({
    what: `${(requests / 1e6).toFixed(0)} M requests`,
    value: `${residentMb.toFixed(0)} MB at the end, ${peakMb.toFixed(0)} MB at its peak`,
  });
  const growth = long.peakMb / short.peakMb;
  const goal = { text: `≤ ${GOAL_GROWTH}`, met: growth <= GOAL_GROWTH };
  return [row(short), row(long), { what: 'ratio of the peaks', value: growth.toFixed(2), goal }];
}

interface Scenario {
  readonly rate: number;
  readonly service: number;
  readonly expiry: number;
  readonly seconds: number;
}

/** Of the second kind the load in flight is some twenty times as large. */
const SCENARIOS: readonly Scenario[] = [
  { rate: 0.9, service: 2, expiry: 600, seconds: 100_000 },
  { rate: 20, service: 2, expiry: 60, seconds: 3000 },
];

interface Found {
  readonly cpuSeconds: number;
  readonly requests: number;
  readonly cold: number;
  readonly instances: number;
}

async function besideSimFaas(rounds: number): Promise<void> {
  const python = join(ROOT, '.cache', 'simfaas', 'venv', 'bin', 'python');
  if (!existsSync(python)) {
    report('Beside SimFaaS', [{ what: 'left out', value: 'it could not be installed here' }]);
    return;
  }
  for (const scenario of SCENARIOS) {
    const { rate, service, expiry, seconds } = scenario;
    const ours: Found[] = [];
    const theirs: Found[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const one = ourRuns(scenario, round);
      const figures = [rate, service, expiry, seconds, round].map(String);
      const { stdout } = await run(python, [join(PROGRAMS, 'run-simfaas.py'), ...figures]);
      if (round === 0) continue;
      ours.push(one);
      theirs.push(JSON.parse(stdout) as Found);
    }
    const title = `Beside SimFaaS: ${rate}/s of ${service} s, idle ones end after ${expiry} s, ${seconds} s`;
    report(title, compared(ours, theirs));
  }
}

/** Ours takes some milliseconds, so it is run so many times for each run of theirs. */
const OUR_RUNS = 20;

function ourRuns(scenario: Scenario, round: number): Found {
  const all = Array.from({ length: OUR_RUNS }, (_, run) =>
    ourRun(scenario, round * OUR_RUNS + run),
  );
  const sum = (of: (found: Found) => number) => all.reduce((total, found) => total + of(found), 0);
  return {
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
    requests: sum(({ requests }) => requests),
    cold: sum(({ cold }) => cold),
    instances: sum(({ instances }) => instances) / OUR_RUNS,
  };
}

function ourRun({ rate, service, expiry, seconds }: Scenario, seed: number): Found {
  const lambda = { duration: always(service * 1000), init: always(0), coldExtra: always(0) };
  const idleSeconds = [expiry, expiry] as const;
  const before = process.cpuUsage();
  const { requests, coldStarts, environments } = simulateEvents({
    arrivals: arrivalsOf(constantDemand(rate, seconds), seededRng(seed, 'arrivals'), 'poisson'),
    profile: eventProfile({ ...lambda, idleSeconds }, {}, { targetMs: 1e9 }),
    policy: fixedTasks(0),
    sizes: exponential,
    seed,
  });
  const { user, system } = process.cpuUsage(before);
  return {
    cpuSeconds: (user + system) / 1e6,
    requests,
    cold: coldStarts,
    instances: environments.mean,
  };
}

function compared(ours: readonly Found[], theirs: readonly Found[]): readonly Row[] {
  const rate = (found: Found) => found.requests / found.cpuSeconds;
  const ratios = ours.map((one, index) => rate(one) / rate(theirs[index] as Found));
  const { low, middle, high } = spreadOf(ratios);
  const thousands = (all: readonly Found[]) => `${(median(all.map(rate)) / 1000).toFixed(0)} k`;
  return [
    {
      what: 'requests a second of one core, ours and theirs',
      value: `${thousands(ours)}, ${thousands(theirs)}: ${middle.toFixed(0)} × (${low.toFixed(0)} to ${high.toFixed(0)})`,
    },
    agreement(
      'cold starts of a million requests',
      ours,
      theirs,
      ({ cold, requests }) => (cold / requests) * 1e6,
    ),
    agreement('mean instances', ours, theirs, ({ instances }) => instances),
  ];
}

function agreement(
  what: string,
  ours: readonly Found[],
  theirs: readonly Found[],
  of: (found: Found) => number,
): Row {
  const [our, their] = [meanOf(ours.map(of)), meanOf(theirs.map(of))];
  const apart = Math.abs(our.mean - their.mean) / Math.hypot(our.error, their.error);
  const say = ({ mean, error }: Mean) => `${mean.toPrecision(4)} ± ${error.toPrecision(2)}`;
  return {
    what,
    value: `${say(our)} and ${say(their)}, ${apart.toFixed(1)} standard errors apart`,
    goal: { text: '≤ 3', met: apart <= 3 },
  };
}

interface Mean {
  readonly mean: number;
  /** Standard error. */
  readonly error: number;
}

function meanOf(values: readonly number[]): Mean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (values.length - 1) / values.length) };
}

const SEEDS = 50;

/** Replays what was sent to AWS Lambda in 2020. */
function besideLambda(): void {
  for (const name of LAMBDA_RUNS) {
    const real = measuredRun(name);
    if (real === undefined) {
      report('Beside AWS Lambda', [{ what: 'left out', value: 'the measurements are not here' }]);
      return;
    }
    const cold = (idleSeconds: readonly [number, number]): string => {
      const starts = Array.from({ length: SEEDS }, (_, seed) => {
        const arrivals = exactArrivals(name, real.requests);
        const profile = eventProfile({ idleSeconds });
        return simulateEvents({ arrivals, profile, policy: fixedTasks(0), seed }).coldStarts;
      });
      const { low, high } = spreadOf(starts);
      const { mean } = meanOf(starts);
      const part = ((mean / real.requests.length) * 100).toFixed(2);
      return `${mean.toFixed(1)} (${low} to ${high}), ${part} %`;
    };
    const { requests, coldStarts, instances } = real;
    report(`Beside AWS Lambda: ${name}, ${requests.length} requests in 28 hours`, [
      {
        what: 'measured: cold starts, instances',
        value: `${coldStarts}, ${((coldStarts / requests.length) * 100).toFixed(2)} %; ${instances}`,
      },
      { what: 'ours, idle for 5 to 11 minutes (the default)', value: cold(LAMBDA_IDLE_SECONDS) },
      { what: 'ours, idle for 5 to 20 minutes', value: cold([300, 1200]) },
    ]);
  }
}
