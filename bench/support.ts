// What the benchmarks share: starting things, loading them with wrk, telling medians.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const PROGRAMS = join(ROOT, 'bench', 'programs');
export const PEERS = join(ROOT, '.cache', 'bench');

const run = promisify(execFile);

export interface Server {
  readonly pid: number;
  readonly url: string;
  /** What it has printed. */
  output(): string;
  /** Resolves when it has printed `text`. */
  printed(text: string): Promise<void>;
  stop(): Promise<void>;
}

const started = new Map<ChildProcess, () => Promise<void>>();
process.on('exit', () => {
  for (const child of started.keys()) child.kill('SIGKILL');
});

/** An engine that is killed leaves its programs behind, so what still runs is asked to stop. */
export async function stopAll(): Promise<void> {
  await Promise.all([...started.values()].map((stop) => stop()));
}

const folders: string[] = [];
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed at the end. */
export function benchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fulcrum-bench-'));
  folders.push(folder);
  return folder;
}

/** Of the output of a process so many characters are kept. */
const MAX_OUTPUT = 1e6;

/** Starts a process; waits until it has printed `ready`, or does not wait without it. */
export async function startServer(
  command: readonly string[],
  url: string,
  {
    ready = '',
    cwd = ROOT,
    env = {},
  }: { ready?: string; cwd?: string; env?: Record<string, string> },
): Promise<Server> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const waiting = new Set<() => void>();
  const take = (chunk: Buffer): void => {
    if (output.length < MAX_OUTPUT) output += String(chunk);
    for (const look of waiting) look();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const printed = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!output.includes(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      child.once('error', reject);
      void ended.then(() => reject(new Error(`${command.join(' ')} ended:\n${output}`)));
    });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    started.delete(child);
  };
  started.set(child, stop);
  await printed(ready);
  return { pid: child.pid ?? 0, url, output: () => output, printed, stop };
}

/** One service of the program `hello`; `more` follows the service. */
export function helloApp(compute: string, more = ''): string {
  return programApp('hello', compute, more);
}

/** One service of a program of the benchmarks; `more` follows the service. */
export function programApp(program: string, compute: string, more = ''): string {
  return `
app: bench
account: { lambdaConcurrency: 100000 }
services:
  api:
    source: ${PROGRAMS}
    command: node ${program}.mjs
    ${compute}
${more}`;
}

/** A program of the benchmarks by itself, on a port of its own. */
export async function startProgram(program: string): Promise<Server> {
  const port = await freePort();
  const command = [process.execPath, join(PROGRAMS, `${program}.mjs`)];
  const env = { PORT: String(port) };
  return startServer(command, `http://127.0.0.1:${port}/`, { ready: 'listening', env });
}

/** A task that is never short of anything, so that what is measured is the front door. */
export const AMPLE_TASK =
  'fargate: { cpu: 4096, memory: 8192, tasks: { min: 1, max: 1 }, concurrency: 1000 }';

export interface Fulcrum extends Server {
  /** Of the app. */
  readonly folder: string;
  /** Environments of the first service or function. */
  environments(): Promise<Environments>;
  /** Resolves when that many environments stand idle and no other is there. */
  idle(count: number): Promise<void>;
}

export interface Environments {
  readonly idle: number;
  readonly busy: number;
  readonly starting: number;
}

/** `fulcrum dev` for an app; resolves when it is ready. */
export async function startFulcrum(
  yaml: string,
  more: readonly string[] = [],
  { node = [], env = {} }: { node?: readonly string[]; env?: Record<string, string> } = {},
): Promise<Fulcrum> {
  const folder = benchFolder();
  writeFileSync(join(folder, 'fulcrum.yml'), yaml);
  const port = await freePort();
  const bin = join(ROOT, 'bin', 'fulcrum.js');
  const command = [
    process.execPath,
    '--max-semi-space-size=16',
    ...node,
    bin,
    'dev',
    '--port',
    String(port),
    ...more,
  ];
  // The human view prints at most twenty request lines a second; nobody reads them here.
  const server = await startServer(command, `http://127.0.0.1:${port}`, {
    ready: more.includes('--json') ? '"type":"ready"' : 'Ctrl-C stops',
    cwd: folder,
    env,
  });
  const environments = async (): Promise<Environments> => {
    const { stdout } = await run(process.execPath, [bin, 'status', '--json'], { cwd: folder });
    const status = JSON.parse(stdout) as { services: { lambda: Environments }[] };
    return status.services[0]?.lambda ?? { idle: 0, busy: 0, starting: 0 };
  };
  return {
    ...server,
    folder,
    environments,
    async idle(count) {
      for (;;) {
        const { idle, busy, starting } = await environments();
        if (idle === count && busy + starting === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
  };
}

/** serverless-offline under osls, the open fork of the Serverless Framework, with the handler `hello`. */
export async function startOffline(): Promise<Server & { readonly invokeUrl: string }> {
  const folder = benchFolder();
  const [port, lambdaPort] = [await freePort(), await freePort()];
  cpSync(join(PROGRAMS, 'handler.cjs'), join(folder, 'handler.cjs'));
  symlinkSync(join(PEERS, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(
    join(folder, 'serverless.yml'),
    `service: bench
provider: { name: aws, runtime: nodejs20.x, region: us-east-1 }
plugins: [serverless-offline]
functions:
  hello: { handler: handler.hello, events: [{ httpApi: GET /hello }] }
custom: { serverless-offline: { httpPort: ${port}, lambdaPort: ${lambdaPort} } }
`,
  );
  const bin = join(PEERS, 'node_modules', '.bin', 'osls');
  const server = await startServer(
    [process.execPath, bin, 'offline'],
    `http://127.0.0.1:${port}/hello`,
    { ready: 'Server ready', cwd: folder },
  );
  const invokeUrl = `http://127.0.0.1:${lambdaPort}/2015-03-31/functions/bench-dev-hello/invocations`;
  return { ...server, invokeUrl };
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

export interface Load {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
}

export interface Comparison {
  readonly connections: number;
  readonly seconds: number;
  readonly rounds: number;
  /** A script for wrk; without it GET is sent. */
  readonly script?: string;
  /** Begins something that goes on beside each load; what it returns ends that, and may fail. */
  readonly beside?: (url: string) => () => Promise<void>;
}

/** One run of wrk from its own process. */
export async function wrk(
  url: string,
  { connections, seconds, script }: Omit<Comparison, 'rounds'>,
): Promise<Load> {
  const { stdout } = await run('wrk', [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--latency',
    ...(script === undefined ? [] : ['-s', script]),
    url,
  ]);
  const latency = (part: string): number => {
    const match = new RegExp(`${part}%\\s+([\\d.]+)(us|ms|s)`).exec(stdout);
    const factor = { us: 0.001, ms: 1, s: 1000 }[match?.[2] ?? 'ms'] ?? 1;
    return Number(match?.[1]) * factor;
  };
  const non = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1];
  const socket = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(
    stdout,
  );
  const socketErrors = (socket?.slice(1) ?? []).reduce((sum, text) => sum + Number(text), 0);
  return {
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p50Ms: latency('50'),
    p99Ms: latency('99'),
    errors: Number(non ?? 0) + socketErrors,
  };
}

/**
 * Loads each target in turn, `rounds` times over, so that whatever the machine does besides hits
 * all of them. The first round warms up and is not counted.
 */
export async function compareRounds(
  targets: Readonly<Record<string, string>>,
  comparison: Comparison,
): Promise<Readonly<Record<string, readonly Load[]>>> {
  const runs = new Map<string, Load[]>(Object.keys(targets).map((name) => [name, []]));
  for (let round = 0; round <= comparison.rounds; round += 1) {
    for (const [name, url] of Object.entries(targets)) {
      const end = comparison.beside?.(url);
      const load = await wrk(url, comparison);
      await end?.();
      if (round > 0) runs.get(name)?.push(load);
    }
  }
  return Object.fromEntries(runs);
}

/** As `compareRounds`; the median of each figure. */
export async function compare(
  targets: Readonly<Record<string, string>>,
  comparison: Comparison,
): Promise<Readonly<Record<string, Load>>> {
  const rounds = await compareRounds(targets, comparison);
  return Object.fromEntries(Object.entries(rounds).map(([name, loads]) => [name, medianOf(loads)]));
}

/** The errors are summed up. */
export function medianOf(loads: readonly Load[]): Load {
  return {
    requestsPerSecond: median(loads.map((load) => load.requestsPerSecond)),
    p50Ms: median(loads.map((load) => load.p50Ms)),
    p99Ms: median(loads.map((load) => load.p99Ms)),
    errors: loads.reduce((sum, load) => sum + load.errors, 0),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

export interface Spread {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { low: Math.min(...values), middle: median(values), high: Math.max(...values) };
}

/** Resident memory of a process in MB. */
export function residentMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}

export async function has(tool: string): Promise<boolean> {
  return run('/bin/sh', ['-c', `command -v ${tool}`]).then(
    () => true,
    () => false,
  );
}

export interface Row {
  readonly what: string;
  readonly value: string;
  /** What was asked for, and whether it was reached; undefined for a figure that only informs. */
  readonly goal?: { readonly text: string; readonly met: boolean };
}

export function report(title: string, rows: readonly Row[]): void {
  console.log(`\n## ${title}\n`);
  const width = Math.max(...rows.map(({ what }) => what.length));
  for (const { what, value, goal } of rows) {
    const verdict =
      goal === undefined ? '' : `   goal ${goal.text}: ${goal.met ? 'met' : 'MISSED'}`;
    console.log(`${what.padEnd(width)}  ${value}${verdict}`);
  }
}

/** Writes a file of a benchmark in a folder of its own. */
export function scratch(name: string, text: string): string {
  const file = join(benchFolder(), name);
  writeFileSync(file, text);
  return file;
}
