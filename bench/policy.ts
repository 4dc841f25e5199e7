// What placement costs, as a ratio to what could not have been undercut: every trace and kind of
// made-up traffic, three programs, two delays, nine mean loads, every policy. Windows of half a day, unless
// `policy=DAYS` says otherwise; of a longer trace two: the one most like the whole and the least even.
// FULCRUM_BENCH_TRACES names a folder of more traces. All of it goes to .cache/bench/policy.csv.

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ComparedPolicy } from '../src/sim/result.ts';
import { LOADS, PROGRAMS, STARTS, traces } from './policy-cases.ts';
import type { PolicyCase, Task } from './policy-worker.ts';
import { PEERS, report } from './support.ts';

const OURS = 'level-counter';
const SECONDS_PER_DAY = 86_400;
/** At most so many times the lower bound, by the delay of a start in seconds. */
const GOALS: Readonly<Record<number, number>> = { 35: 1.05, 120: 1.1 };
/** At most so many times the cheaper of Lambda alone and the best fleet that never changes. */
const FIXED_GOAL = 1.01;

export async function policyBench(days = 0.5): Promise<void> {
  const began = performance.now();
  const windowSeconds = days * SECONDS_PER_DAY;
  const all = await traces(windowSeconds);
  console.log('\n## Placement: cost ÷ lower bound\n');
  for (const { name, part } of all) console.log(`${name}: ${part}`);
  const wide = (text: string) => text.padStart(8);
  console.log(
    `\n${'mean requests/s'.padEnd(62)} ${LOADS.map((load) => wide(`${load} `)).join('')}`,
  );
  const cases = await measured(all.length, windowSeconds);
  mkdirSync(PEERS, { recursive: true });
  writeFileSync(join(PEERS, 'policy.csv'), csvOf(cases));
  printPolicies(cases);
  printGoals(cases);
  console.log(`\n${cases.length} cases in ${((performance.now() - began) / 1000).toFixed(0)} s`);
}

/** All cases, in threads; those of a trace and a program are printed as soon as it is their turn. */
async function measured(count: number, windowSeconds: number): Promise<readonly PolicyCase[]> {
  const tasks = Array.from({ length: count }, (_, trace) =>
    PROGRAMS.map((_program, program): Task => [trace, program]),
  ).flat();
  const done: (readonly PolicyCase[] | undefined)[] = tasks.map(() => undefined);
  let [next, printed] = [0, 0];
  const answered = (index: number, cases: readonly PolicyCase[]): void => {
    done[index] = cases;
    for (let turn = done[printed]; turn !== undefined; turn = done[printed]) {
      printRows(turn);
      printed += 1;
    }
  };
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./policy-worker.ts', import.meta.url), {
        workerData: { windowSeconds },
      });
      let mine = -1;
      worker.on('error', reject);
      worker.on('message', (cases: readonly PolicyCase[] | 'ready') => {
        if (cases !== 'ready') answered(mine, cases);
        mine = next;
        next += 1;
        if (mine < tasks.length) worker.postMessage(tasks[mine]);
        else void worker.terminate().then(() => resolve());
      });
    });
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return done.flatMap((cases) => cases ?? []);
}

const ours = ({ policies }: PolicyCase): ComparedPolicy | undefined =>
  policies.find(({ name }) => name === OURS);

/** Ours by load, and below it the cheaper of the two that never change. "!": a goal is missed. */
function printRows(cases: readonly PolicyCase[]): void {
  const { trace, program } = cases[0] ?? { trace: '', program: '' };
  for (const { startSeconds } of STARTS) {
    const row = cases.filter((one) => one.startSeconds === startSeconds);
    const ratios = row.map((one) => {
      const ratio = ours(one)?.ratio ?? Number.NaN;
      return `${ratio.toFixed(3)}${isMet(one) ? ' ' : '!'}`;
    });
    const head = `${trace} ${program} ${startSeconds} s`.padEnd(62);
    console.log(`${head} ${ratios.map((text) => text.padStart(8)).join('')}`);
    if (startSeconds !== STARTS[0]?.startSeconds) continue;
    const fixed = row.map((one) => Math.min(one.lambdaOnly, one.bestStatic).toFixed(3));
    const label = '  cheaper of Lambda alone and the best fixed fleet'.padEnd(62);
    console.log(`${label} ${fixed.map((text) => `${text} `.padStart(8)).join('')}`);
  }
}

function isMet(one: PolicyCase): boolean {
  const ratio = ours(one)?.ratio ?? Number.NaN;
  return meetsBound(one, ratio) && meetsFixed(one, ratio);
}

const meetsBound = ({ startSeconds }: PolicyCase, ratio: number): boolean =>
  ratio <= (GOALS[startSeconds] ?? 0);

const meetsFixed = ({ lambdaOnly, bestStatic }: PolicyCase, ratio: number): boolean =>
  ratio <= FIXED_GOAL * Math.min(lambdaOnly, bestStatic);

function csvOf(cases: readonly PolicyCase[]): string {
  const names = cases[0]?.policies.map(({ name }) => name) ?? [];
  const head = ['trace', 'program', 'startSeconds', 'load', 'lowerUsd', 'upperUsd'];
  const rows = cases.map((one) => [
    ...[one.trace, one.program, one.startSeconds, one.load, one.lowerUsd, one.upperUsd],
    ...one.policies.flatMap(({ ratio, requests, overTarget, misplaced }) => [
      ...[ratio.toFixed(5), (overTarget / requests).toExponential(2)],
      (misplaced / requests).toExponential(2),
    ]),
  ]);
  const columns = names.flatMap((name) => [name, `${name} over`, `${name} over by placement`]);
  return [[...head, ...columns], ...rows].map((row) => `${row.join(',')}\n`).join('');
}

function printPolicies(cases: readonly PolicyCase[]): void {
  for (const { startSeconds } of STARTS) {
    const some = cases.filter((one) => one.startSeconds === startSeconds);
    const rows = (cases[0]?.policies ?? []).map(({ name }, index) => {
      const found = some.flatMap(({ policies }) => policies[index] ?? []);
      const ratios = found.map(({ ratio }) => ratio).sort((a, b) => a - b);
      const at = (part: number) => ratios[Math.floor(part * (ratios.length - 1))] ?? Number.NaN;
      const late = found.map((one) => one.misplaced / one.requests);
      return {
        what: name,
        value: [
          `median ${at(0.5).toFixed(3)}`,
          `95 of 100 ${at(0.95).toFixed(3)}`,
          `worst ${at(1).toFixed(3)}`,
          `late by placement ${(100 * Math.max(...late)).toPrecision(2)} % at worst`,
        ].join('  '),
      };
    });
    report(
      `Placement, starts of ${startSeconds} s: cost ÷ lower bound of ${some.length} cases`,
      rows,
    );
  }
}

function printGoals(cases: readonly PolicyCase[]): void {
  const rows = STARTS.map(({ startSeconds }) => {
    const some = cases.filter((one) => one.startSeconds === startSeconds);
    const missed = some.filter((one) => !meetsBound(one, ours(one)?.ratio ?? Number.NaN));
    const [worst] = [...some].sort((a, b) => (ours(b)?.ratio ?? 0) - (ours(a)?.ratio ?? 0));
    return {
      what: `cost ÷ lower bound, starts of ${startSeconds} s`,
      value: `${missed.length} of ${some.length} over; worst ${worst === undefined ? '' : say(worst)}`,
      goal: { text: `≤ ${GOALS[startSeconds]}`, met: missed.length === 0 },
    };
  });
  const toFixed = (one: PolicyCase): number =>
    (ours(one)?.ratio ?? Number.NaN) / Math.min(one.lambdaOnly, one.bestStatic);
  const over = cases.filter((one) => !meetsFixed(one, ours(one)?.ratio ?? Number.NaN));
  const [worst] = [...cases].sort((a, b) => toFixed(b) - toFixed(a));
  const late = cases.reduce((sum, one) => sum + (ours(one)?.misplaced ?? 0), 0);
  report(`Placement: goals of ${OURS}`, [
    ...rows,
    {
      what: 'cost ÷ the cheaper of Lambda alone and the best fixed fleet',
      value: `${over.length} of ${cases.length} over; worst ${worst === undefined ? '' : `${toFixed(worst).toFixed(3)}: ${say(worst)}`}`,
      goal: { text: `≤ ${FIXED_GOAL}`, met: over.length === 0 },
    },
    {
      what: 'requests over the target because of placement',
      value: late.toFixed(0),
      goal: { text: '0', met: late === 0 },
    },
  ]);
}

function say(one: PolicyCase): string {
  const { trace, program, load, startSeconds } = one;
  const ratio = ours(one)?.ratio ?? Number.NaN;
  return `${ratio.toFixed(3)} (${trace}, ${program}, ${load}/s, ${startSeconds} s)`;
}
