// How fast `fulcrum measure` can send, beside wrk, and whether what it says of the processor is what
// the program counts itself.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { upstream } from '../src/engine/http1/upstream.ts';
import { realMachine } from '../src/host/machine.ts';
import { closedLoad, type LoadParts } from '../src/ops/measure/load.ts';
import { prepare } from '../src/ops/measure/prepare.ts';
import { measure } from '../src/ops/measure.ts';
import {
  benchFolder,
  freePort,
  has,
  median,
  ROOT,
  type Row,
  report,
  type Server,
  startProgram,
  startServer,
  wrk,
} from './support.ts';

const ROUNDS = 5;
const CONNECTIONS = 32;
const FIXTURES = join(ROOT, 'test', 'fixtures');

export async function measureBench(seconds: number): Promise<void> {
  if (!(await has('wrk'))) {
    report('Measuring', [{ what: 'skipped', value: 'wrk is needed' }]);
    return;
  }
  const small = await startProgram('hello');
  const port = await freePort();
  const busy = await startServer(
    [process.execPath, join(FIXTURES, 'takes.mjs')],
    `http://127.0.0.1:${port}/burn?ms=4`,
    { env: { PORT: String(port) } },
  );
  const toSmall = await sideBySide(small, seconds);
  const toBusy = await sideBySide(busy, seconds);
  await small.stop();
  await busy.stop();
  const { said, own } = await processorTime(seconds);
  const off = said / own - 1;
  report('Measuring: sending beside wrk, 32 connections; processor time', [
    ...row('small answer', toSmall, 0.1),
    ...row('4 ms of processor a request', toBusy, 0.9),
    {
      what: 'processor time it says ÷ the program says',
      value: `${said.toFixed(3)} ms ÷ ${own.toFixed(3)} ms: ${(100 * off).toFixed(1)} %`,
      goal: { text: '± 5 %', met: Math.abs(off) <= 0.05 },
    },
  ]);
}

interface Both {
  readonly fulcrum: number;
  readonly wrk: number;
}

function row(what: string, { fulcrum, wrk: other }: Both, goal: number): readonly Row[] {
  const ratio = fulcrum / other;
  return [
    {
      what,
      value: `${fulcrum.toFixed(0)} requests/s, wrk ${other.toFixed(0)}: ${ratio.toFixed(2)}`,
      goal: { text: `≥ ${goal}`, met: ratio >= goal },
    },
  ];
}

/** In turn, so that whatever the machine does besides hits both. */
async function sideBySide({ url }: Server, seconds: number): Promise<Both> {
  const own: number[] = [];
  const other: number[] = [];
  const parts = sender(new URL(url));
  for (let round = 0; round <= ROUNDS; round += 1) {
    const maxMs = seconds * 1000;
    const until = { minMs: 0, maxMs, enough: () => false };
    const { perSecond } = await closedLoad(parts, CONNECTIONS, until);
    const { requestsPerSecond } = await wrk(url, { connections: CONNECTIONS, seconds });
    if (round === 0) continue;
    own.push(perSecond);
    other.push(requestsPerSecond);
  }
  parts.upstream.close();
  return { fulcrum: median(own), wrk: median(other) };
}

function sender({ port, pathname, search, host }: URL): LoadParts {
  const { clock, rng } = realMachine();
  const path = `${pathname}${search}`;
  const request = { method: 'GET', path, weight: 1, headers: {}, body: undefined };
  return {
    clock,
    rng,
    upstream: upstream({
      port: Number(port),
      clock,
      connectTimeoutMs: 10_000,
      maxHeadBytes: 65_536,
    }),
    requests: [prepare(request, host)],
    order: [0],
    timeoutMs: 30_000,
    usage: async () => ({ cpuMs: 0, memoryBytes: 0, peakMemoryBytes: 0, from: 'kernel' }),
    ownMs: () => 0,
    loggedBytes: () => 0,
    signal: new AbortController().signal,
  };
}

async function processorTime(seconds: number): Promise<{ said: number; own: number }> {
  const folder = mkdtempSync(join(benchFolder(), 'app-'));
  const counts = join(folder, 'counts');
  writeFileSync(
    join(folder, 'fulcrum.yml'),
    `app: bench
services:
  api:
    source: ${FIXTURES}
    command: node takes.mjs
    health: /health
    environment: { COUNTS: ${counts} }
    fargate: { cpu: 256, memory: 512 }
routes: [{ path: /*, service: api, compute: fargate }]
`,
  );
  const { measurements } = await measure(realMachine(), {
    cwd: folder,
    config: undefined,
    stage: undefined,
    services: [],
    requests: [{ method: 'GET', path: '/burn?ms=4', weight: 1, headers: {}, body: undefined }],
    target: { ms: 200, percentile: 95 },
    vcpu: undefined,
    timeMs: Math.max(10, 4 * seconds) * 1000,
    save: false,
    version: '',
    tell: () => {},
    signal: new AbortController().signal,
  });
  const { requests, cpuMs } = JSON.parse(readFileSync(counts, 'utf8')) as {
    requests: number;
    cpuMs: number;
  };
  return { said: measurements[0]?.cpuMs.likely ?? Number.NaN, own: cpuMs / requests };
}
