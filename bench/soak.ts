// Half an hour of steady load on `fulcrum dev` as a user starts it: every answer is checked, and
// nothing may grow that should not. Fails on a wrong answer, on memory or files that grow, and on
// anything that is left when it has stopped.

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

/** A start is no steady state: memory is judged over the last two thirds, of this long at least. */
const JUDGED_FROM = 1 / 3;
const JUDGED_MINUTES = 10;

/** Growth that is no leak: so much of the mean, or so little that it says nothing. */
const MAY_GROW = { part: 0.1, residentMb: 10, heapMb: 5, files: 10 };

export async function soakBench(minutes = MINUTES): Promise<void> {
  const { fulcrum, census } = await start();
  const load = new SoakLoad(fulcrum.url);
  load.start(PER_SECOND);
  const samples = await watch(minutes * 60_000, census, load);
  await load.stop();
  await fulcrum.stop();
  const left = await leftAfterAWhile(census);
  table(samples);
  const rows = [
    ...answerRows(load.counts()),
    ...growthRows(samples, minutes),
    goalRow('left after the stop', left.length === 0 ? 'nothing' : left.join(', '), 'nothing'),
  ];
  report(`Soak of ${minutes} minutes, ${PER_SECOND} requests a second`, rows);
  if (rows.some(({ goal }) => goal?.met === false)) process.exitCode = 1;
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
  const wrongs = [...wrong].map(([what, times]) => `${times} × ${what}`);
  const closes = [...closed].map(([code, times]) => `${times} with ${code}`);
  return [
    { what: 'requests', value: String(sent) },
    ...Object.entries(good).map(([kind, times]) => ({ what: `  ${kind}`, value: String(times) })),
    { what: 'WebSockets closed by a task', value: closes.join(', ') || 'none' },
    goalRow('wrong answers', wrongs.join('; ') || 'none', 'none'),
  ];
}

const goalRow = (what: string, value: string, wanted: string): Row => ({
  what,
  value,
  goal: { text: wanted, met: value === wanted },
});

function growthRows(samples: readonly Sample[], minutes: number): readonly Row[] {
  const steady = samples.slice(Math.floor(samples.length * JUDGED_FROM));
  const grown = (
    what: string,
    of: (sample: Sample) => number,
    unit: string,
    little: number,
  ): Row => {
    const { grew, mean } = trend(steady.map((sample) => [sample.atMs, of(sample)]));
    const value = `${mean.toFixed(1)}${unit} on average, ${grew < 0 ? '' : '+'}${grew.toFixed(1)}${unit} by the trend`;
    if (minutes < JUDGED_MINUTES) return { what, value: `${value}; too short to judge` };
    const met = grew <= Math.max(little, mean * MAY_GROW.part);
    return { what, value, goal: { text: `+10 % or +${little}${unit} at most`, met } };
  };
  const programs = steady.map(({ processes }) => processes);
  return [
    grown('resident memory', ({ residentMb }) => residentMb, ' MB', MAY_GROW.residentMb),
    grown('heap after collections', ({ heapMb }) => heapMb, ' MB', MAY_GROW.heapMb),
    grown('open files', ({ files }) => files, '', MAY_GROW.files),
    grown('sockets', ({ sockets }) => sockets, '', MAY_GROW.files),
    grown('half closed sockets', ({ halfClosed }) => halfClosed, '', MAY_GROW.files),
    grown('temporary files', ({ temporaries }) => temporaries, '', MAY_GROW.files),
    grown('programs', ({ processes }) => processes, '', MAY_GROW.files),
    {
      what: 'programs, from and to',
      value: `${Math.min(...programs)} to ${Math.max(...programs)}`,
    },
  ];
}

/** The straight line through the points by least squares: what it rises from the first to the last. */
function trend(points: readonly (readonly [x: number, y: number])[]) {
  const count = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const mean = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - mean), 0);
  const below = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const span = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0);
  return { grew: below === 0 ? 0 : (above / below) * span, mean };
}
