// Half an hour of steady load on `fulcrum dev` as a user starts it: every answer is checked, and
// nothing may grow that should not. Under load, memory and sockets follow what is in flight, which
// follows what else the machine does; so what is held is compared at rest, after a load of some
// minutes that warms it up and after the long one. Fails on a wrong answer, on what is held for longer,
// and on anything that is left when it has stopped.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { enginesOf } from '../test/support/engine-processes.ts';
import { Census, type Sample } from './soak-census.ts';
import { type SoakCounts, SoakLoad } from './soak-load.ts';
import { benchFolder, type Fulcrum, PROGRAMS, type Row, report, startFulcrum } from './support.ts';

const MINUTES = 30;
const PER_SECOND = 200;

/** So many requests in flight are one task's. */
const ONE_TASK = 30;

/** Now and then more slow requests come than one task carries, so that it scales out and in. */
const SURGE = { everyMs: 120_000, requests: 2 * ONE_TASK, lastMs: 20_000 };

/** Environments and tasks come and go several times within half an hour. */
const YAML = `
app: soak
services:
  api:
    source: ${PROGRAMS}
    command: node mixed.mjs
    lambda: { memory: 1769 }
    fargate:
      { cpu: 1024, memory: 2048, tasks: { min: 1, max: 3 }, concurrency: ${ONE_TASK}, scale: { window: 20s }, drain: 10s }
routes:
  - { path: /lambda/*, service: api, compute: lambda }
  - { path: /*, service: api, compute: fargate }
local: { environmentIdle: 1m, maxEnvironments: 8 }
`;

const SAMPLES = 180;
const ROWS = 15;

/** The load before the first rest, as a part of the long one. */
const WARM_UP = 1 / 6;

/** By then every environment is idle for too long, and one task is left. */
const REST_MS = 80_000;

/** A start is no steady state: of a shorter load growth is shown and not judged. */
const JUDGED_MINUTES = 10;

/** Growth that is no leak: so much of the mean, or so little that it says nothing. */
const MAY_GROW = { part: 0.1, residentMb: 10, heapMb: 5, files: 10 };

export async function soakBench(minutes = MINUTES): Promise<void> {
  const { fulcrum, census } = await start();
  const warm = await loadFor(minutes * WARM_UP, fulcrum, census);
  const before = await atRest(census);
  const long = await loadFor(minutes, fulcrum, census);
  const after = await atRest(census);
  await fulcrum.stop();
  const left = await leftAfterAWhile(census);
  table([...warm.samples, before, ...long.samples, after]);
  const rows = [
    ...answerRows(long.counts),
    goalRow('wrong answers while it warmed up', wrongOf(warm.counts), 'none'),
    ...growthRows(before, after, minutes),
    ...underLoadRows(long.samples),
    goalRow('left after the stop', left.length === 0 ? 'nothing' : left.join(', '), 'nothing'),
  ];
  report(`Soak of ${minutes} minutes, ${PER_SECOND} requests a second`, rows);
  if (rows.some(({ goal }) => goal?.met === false)) process.exitCode = 1;
}

interface Loaded {
  readonly samples: readonly Sample[];
  readonly counts: SoakCounts;
}

async function loadFor(minutes: number, { url }: Fulcrum, census: Census): Promise<Loaded> {
  const load = new SoakLoad(url);
  load.start(PER_SECOND);
  const samples = await watch(minutes * 60_000, census, load);
  await load.stop();
  return { samples, counts: load.counts() };
}

async function atRest(census: Census): Promise<Sample> {
  await sleep(REST_MS);
  return census.take();
}

async function start(): Promise<{ readonly fulcrum: Fulcrum; readonly census: Census }> {
  const scratch = benchFolder();
  const temporary = join(scratch, 'tmp');
  const heapFile = join(scratch, 'heap');
  mkdirSync(temporary);
  const fulcrum = await startFulcrum(YAML, [], {
    node: ['--import', join(PROGRAMS, 'report-heap.mjs')],
    env: { TMPDIR: temporary, SOAK_HEAP_FILE: heapFile },
  });
  const { pid, folder } = fulcrum;
  const [engine = ''] = enginesOf(folder);
  return { fulcrum, census: new Census({ pid, engine, folder, temporary, heapFile }) };
}

async function watch(forMs: number, census: Census, load: SoakLoad): Promise<readonly Sample[]> {
  const everyMs = Math.max(1000, forMs / SAMPLES);
  const began = performance.now();
  const samples: Sample[] = [];
  let surges = 0;
  for (let next = everyMs; next <= forMs; next += everyMs) {
    await sleep(Math.max(0, began + next - performance.now()));
    samples.push(census.take());
    // The first surge comes early, so that a short soak has one too.
    if (next < surges * SURGE.everyMs + 5000) continue;
    surges += 1;
    load.surge(SURGE.requests, SURGE.lastMs);
  }
  return samples;
}

/** The kernel closes the last sockets by itself, in a moment. */
async function leftAfterAWhile(census: Census): Promise<readonly string[]> {
  for (let tries = 0; ; tries += 1) {
    const left = census.leftovers();
    if (left.length === 0 || tries === 50) return left;
    await sleep(200);
  }
}

function table(samples: readonly Sample[]): void {
  console.log('\n  minute  resident MB  heap MB  programs  files  sockets  half closed  temporary');
  const step = Math.max(1, Math.floor(samples.length / ROWS));
  for (const [index, sample] of samples.entries()) {
    if (index % step !== 0 && index !== samples.length - 1) continue;
    const { atMs, residentMb, heapMb, processes, files, sockets, halfClosed, temporaries } = sample;
    const cells: readonly (readonly [text: string, width: number])[] = [
      [(atMs / 60_000).toFixed(1), 8],
      [residentMb.toFixed(1), 13],
      [heapMb.toFixed(1), 9],
      [String(processes), 10],
      [String(files), 7],
      [String(sockets), 9],
      [String(halfClosed), 13],
      [String(temporaries), 11],
    ];
    console.log(cells.map(([text, width]) => text.padStart(width)).join(''));
  }
}

function answerRows({ sent, good, wrong, closed }: SoakCounts): readonly Row[] {
  const closes = [...closed].map(([code, times]) => `${times} with ${code}`);
  return [
    { what: 'requests', value: String(sent) },
    ...Object.entries(good).map(([kind, times]) => ({ what: `  ${kind}`, value: String(times) })),
    { what: 'WebSockets closed by a task', value: closes.join(', ') || 'none' },
    goalRow('wrong answers', wrongOf({ wrong }), 'none'),
  ];
}

function wrongOf({ wrong }: Pick<SoakCounts, 'wrong'>): string {
  return [...wrong].map(([what, times]) => `${times} × ${what}`).join('; ') || 'none';
}

const goalRow = (what: string, value: string, wanted: string): Row => ({
  what,
  value,
  goal: { text: wanted, met: value === wanted },
});

function growthRows(before: Sample, after: Sample, minutes: number): readonly Row[] {
  const grown = (
    what: string,
    of: (sample: Sample) => number,
    unit: string,
    little: number,
  ): Row => {
    const grew = of(after) - of(before);
    const value = `${of(before).toFixed(1)}${unit}, then ${of(after).toFixed(1)}${unit}`;
    if (minutes < JUDGED_MINUTES) return { what, value: `${value}; too short to judge` };
    const met = grew <= Math.max(little, of(before) * MAY_GROW.part);
    return { what, value, goal: { text: `+10 % or +${little}${unit} at most`, met } };
  };
  return [
    grown('resident memory at rest', ({ residentMb }) => residentMb, ' MB', MAY_GROW.residentMb),
    grown('heap after collections', ({ heapMb }) => heapMb, ' MB', MAY_GROW.heapMb),
    grown('open files at rest', ({ files }) => files, '', MAY_GROW.files),
    grown('sockets at rest', ({ sockets }) => sockets, '', MAY_GROW.files),
    grown('half closed sockets', ({ halfClosed }) => halfClosed, '', MAY_GROW.files),
    grown('temporary files at rest', ({ temporaries }) => temporaries, '', MAY_GROW.files),
    grown('programs at rest', ({ processes }) => processes, '', MAY_GROW.files),
  ];
}

function underLoadRows(samples: readonly Sample[]): readonly Row[] {
  const range = (what: string, of: (sample: Sample) => number, unit = ''): Row => {
    const values = samples.map(of);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return {
      what: `${what} under load`,
      value: `${least.toFixed(0)} to ${most.toFixed(0)}${unit}`,
    };
  };
  return [
    range('resident memory', ({ residentMb }) => residentMb, ' MB'),
    range('sockets', ({ sockets }) => sockets),
    range('programs', ({ processes }) => processes),
  ];
}
