// The front door to a Fargate task, beside nginx and HAProxy in front of the very same process.

import { otherPaths, startHaproxy, startNginx } from './peers.ts';
import {
  AMPLE_TASK,
  compareRounds,
  has,
  helloApp,
  type Load,
  medianOf,
  type Row,
  report,
  type Server,
  spreadOf,
  startFulcrum,
  startProgram,
} from './support.ts';

const ROUNDS = 5;
const PEERS = ['nginx', 'HAProxy'] as const;
const MEGABYTE = 1_000_000;
const RULES = 100;

/** So often beside a load one answer is compared with what it must be. */
const CHECK_EVERY_MS = 50;

type Rounds = Readonly<Record<string, readonly Load[]>>;

export async function doorBench(seconds: number): Promise<void> {
  const missing: string[] = [];
  for (const tool of ['wrk', 'nginx', 'haproxy']) if (!(await has(tool))) missing.push(tool);
  if (missing.length > 0) {
    report('Front door beside nginx and HAProxy', [
      { what: 'skipped', value: `needs ${missing.join(', ')}` },
    ]);
    return;
  }
  const doors = await startDoors(1);
  const targets = (path: string) =>
    Object.fromEntries(Object.entries(doors).map(([name, { url }]) => [name, at(url, path)]));
  const load = (path: string, connections: number) =>
    compareRounds(targets(path), { connections, seconds, rounds: ROUNDS, beside: checked });
  show('small JSON, 64 connections', await load('/', 64));
  show('small JSON, 512 connections', await load('/', 512));
  show('1 MB answers, 16 connections', await load(`/bytes?n=${MEGABYTE}`, 16));
  const many = await startDoors(RULES);
  // The two of a ratio follow each other.
  const pairs = Object.keys(doors).flatMap((name) => [
    [few(name), at(doors[name]?.url ?? '', '/')],
    [all(name), at(many[name]?.url ?? '', '/')],
  ]);
  const comparison = { connections: 64, seconds, rounds: ROUNDS, beside: checked };
  showRules(await compareRounds(Object.fromEntries(pairs), comparison));
  for (const server of [...Object.values(many), ...Object.values(doors)]) await server.stop();
}

const at = (url: string, path: string) => new URL(path, url).href;

const few = (name: string) => `${name}, 1 rule`;
const all = (name: string) => `${name}, ${RULES} rules`;

/** Fulcrum and its peers, all of them in front of the task that Fulcrum started. */
async function startDoors(rules: number): Promise<Readonly<Record<string, Server>>> {
  const routes = otherPaths(rules).map((path) => `  - { path: ${path}*, service: api }`);
  const table = ['routes:', ...routes, '  - { path: /*, service: api }', ''].join('\n');
  const fulcrum = await startFulcrum(helloApp(AMPLE_TASK, table));
  const port = /listening on (\d+)/.exec(fulcrum.output())?.[1];
  if (port === undefined) throw new Error(`the task does not say its port:\n${fulcrum.output()}`);
  const settings = { target: `http://127.0.0.1:${port}`, rules };
  const nginx = await startNginx(settings);
  return { Fulcrum: fulcrum, nginx, HAProxy: await startHaproxy(settings) };
}

/** What every door must answer with, asked of the program itself. */
let expected: Promise<Readonly<Record<string, Buffer>>> | undefined;

async function askProgram(): Promise<Readonly<Record<string, Buffer>>> {
  const program = await startProgram('hello');
  const paths = ['/', `/bytes?n=${MEGABYTE}`];
  const bodies = await Promise.all(paths.map((path) => bodyOf(at(program.url, path))));
  await program.stop();
  return Object.fromEntries(paths.map((path, index) => [path, bodies[index] ?? Buffer.alloc(0)]));
}

async function bodyOf(url: string): Promise<Buffer> {
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

/** Compares whole answers for as long as a load lasts: wrk itself looks at the status alone. */
function checked(url: string): () => Promise<void> {
  const { pathname, search } = new URL(url);
  let over = false;
  const checking = (async () => {
    expected ??= askProgram();
    const wanted = (await expected)[pathname + search];
    do {
      const body = await bodyOf(url);
      if (wanted?.equals(body) !== true) {
        throw new Error(`${url}: a body of ${body.length} bytes is not that of the program`);
      }
      await new Promise((resolve) => setTimeout(resolve, CHECK_EVERY_MS));
    } while (!over);
  })();
  // It is awaited when the load has ended.
  checking.catch(() => {});
  return () => {
    over = true;
    return checking;
  };
}

function show(title: string, rounds: Rounds): void {
  report(`Front door, ${title}`, [
    ...loadRows(rounds),
    ...PEERS.map((peer) => ({ what: `Fulcrum ÷ ${peer}`, value: ratio(rounds, 'Fulcrum', peer) })),
    ...PEERS.map((peer) => ({
      what: `p99 Fulcrum ÷ ${peer}`,
      value: ratio(rounds, 'Fulcrum', peer, (load) => load.p99Ms),
    })),
  ]);
}

function showRules(rounds: Rounds): void {
  report(`Front door, the last of ${RULES} rules, 64 connections`, [
    ...loadRows(rounds),
    ...['Fulcrum', ...PEERS].map((name) => ({
      what: `${name}, ${RULES} rules ÷ 1`,
      value: ratio(rounds, all(name), few(name)),
    })),
    ...PEERS.map((peer) => ({
      what: `Fulcrum ÷ ${peer}, ${RULES} rules`,
      value: ratio(rounds, all('Fulcrum'), all(peer)),
    })),
  ]);
}

function loadRows(rounds: Rounds): readonly Row[] {
  return Object.entries(rounds).map(([what, loads]) => {
    const load = medianOf(loads);
    const rate = load.requestsPerSecond.toFixed(0).padStart(6);
    return {
      what,
      value: `${rate} requests/s   p50 ${load.p50Ms.toFixed(2)} ms   p99 ${load.p99Ms.toFixed(2)} ms   errors ${load.errors}`,
    };
  });
}

/** Median and spread over the rounds: the two loads of a round follow each other. */
function ratio(
  rounds: Rounds,
  one: string,
  other: string,
  of: (load: Load) => number = (load) => load.requestsPerSecond,
): string {
  const others = rounds[other] ?? [];
  const ratios = (rounds[one] ?? []).map((load, index) => {
    const peer = others[index];
    return peer === undefined ? Number.NaN : of(load) / of(peer);
  });
  const { middle, low, high } = spreadOf(ratios);
  return `${middle.toFixed(2)}   ${low.toFixed(2)} to ${high.toFixed(2)} over ${ratios.length} rounds`;
}
