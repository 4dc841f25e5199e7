// What an idle WebSocket costs Fulcrum, nginx and HAProxy in memory.
//
// One proxy at a time with a program of its own, so that no port of another run is in the way. The
// clients are processes of their own, each with a source address of its own: a pair of addresses
// has 28 thousand ports.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHaproxy, startNginx } from './peers.ts';
import {
  AMPLE_TASK,
  has,
  PROGRAMS,
  programApp,
  type Row,
  report,
  residentMb,
  type Server,
  startFulcrum,
  startProgram,
} from './support.ts';

const TUNNELS = 10_000;
const CLIENTS = 2;

/** What a proxy opens besides two sockets for each tunnel. */
const OTHER_FILES = 200;

/** Memory is looked at when nothing has moved for this long. */
const QUIET_MS = 5000;

const KB_PER_MB = 1024;

interface Proxy extends Server {
  /** Of all its processes, MB. */
  readonly memory: () => number;
}

export async function websocketsBench(asked = TUNNELS): Promise<void> {
  const count = Math.min(asked, Math.floor((openFiles() - OTHER_FILES) / 2));
  const starts: readonly (readonly [name: string, start: () => Promise<Proxy>])[] = [
    ['Fulcrum', () => fulcrum()],
    ['nginx', () => peer(startNginx, count)],
    ['HAProxy', () => peer(startHaproxy, count)],
  ];
  const rows: Row[] = [];
  for (const [name, start] of starts) {
    const needed = name.toLowerCase();
    const there = name === 'Fulcrum' || (await has(needed));
    rows.push({ what: name, value: there ? await idle(start, count) : `skipped: no ${needed}` });
  }
  const less = count < asked ? `: a process here may open ${openFiles()} files` : '';
  report(`${count} idle WebSockets of ${asked} wanted${less}`, rows);
}

/** Of one process on this machine. Node, nginx and HAProxy take all they may. */
function openFiles(): number {
  const [, hard] = /^Max open files\s+\d+\s+(\d+)/m.exec(readLimits()) ?? [];
  return Number(hard ?? 1024);
}

const readLimits = () => readFileSync('/proc/self/limits', 'utf8');

async function fulcrum(): Promise<Proxy> {
  const app = programApp('mixed', AMPLE_TASK, 'entry: { type: alb, idleTimeout: 4000s }\n');
  const server = await startFulcrum(app);
  return { ...server, memory: () => residentMb(server.pid) };
}

async function peer(start: typeof startNginx, connections: number): Promise<Proxy> {
  const program = await startProgram('mixed');
  const server = await start({ target: program.url, connections, tunnels: true });
  const pids = [server.pid, ...childrenOf(server.pid)];
  return {
    ...server,
    memory: () => pids.reduce((sum, pid) => sum + residentMb(pid), 0),
    stop: async () => {
      await server.stop();
      await program.stop();
    },
  };
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

async function idle(start: () => Promise<Proxy>, count: number): Promise<string> {
  const proxy = await start();
  // What the first tunnels bring with them is no price of one.
  await close(await open(proxy.url, 100));
  await quiet();
  const before = proxy.memory();
  const clients = await open(proxy.url, count);
  await quiet();
  const during = proxy.memory();
  const { checked, lost } = await echo(clients);
  await close(clients);
  await proxy.stop();
  if (checked !== count || lost > 0) {
    throw new Error(`${checked} of ${count} echoed, ${lost} were closed`);
  }
  const each = ((during - before) * KB_PER_MB) / count;
  return `${each.toFixed(1)} KB each   ${before.toFixed(0)} MB before, ${during.toFixed(0)} MB with them; all echoed`;
}

const quiet = () => new Promise((resolve) => setTimeout(resolve, QUIET_MS));

async function open(url: string, count: number): Promise<readonly ChildProcess[]> {
  const program = join(PROGRAMS, 'websocket-clients.mjs');
  const clients: ChildProcess[] = [];
  const opened: Promise<unknown>[] = [];
  for (let index = 0; index < CLIENTS; index += 1) {
    const share = Math.floor((count + index) / CLIENTS);
    const client = fork(program, [
      url.replace('http', 'ws'),
      String(share),
      `127.0.0.${index + 2}`,
    ]);
    clients.push(client);
    opened.push(told(client));
  }
  await Promise.all(opened);
  return clients;
}

/** The next thing it says; fails if it ends instead. */
async function told(client: ChildProcess): Promise<Record<string, number>> {
  const said = once(client, 'message').then(([message]) => message as Record<string, number>);
  const ended = once(client, 'exit').then(([code]) => {
    throw new Error(`a client ended with ${code}`);
  });
  ended.catch(() => {});
  return Promise.race([said, ended]);
}

async function echo(clients: readonly ChildProcess[]) {
  const answers = clients.map((client) => told(client));
  for (const client of clients) client.send('check');
  let checked = 0;
  let lost = 0;
  for (const answer of await Promise.all(answers)) {
    checked += answer['checked'] ?? 0;
    lost += answer['lost'] ?? 0;
  }
  return { checked, lost };
}

async function close(clients: readonly ChildProcess[]): Promise<void> {
  const ended = clients.map((client) => once(client, 'exit'));
  for (const client of clients) client.disconnect();
  await Promise.all(ended);
}
