// Functions through the Invoke API: beside serverless-offline and the runtime interface emulator with
// the same handler, and what Fulcrum adds to a start, to memory and to large payloads.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { join } from 'node:path';
import {
  compare,
  type Fulcrum,
  freePort,
  type Load,
  median,
  PROGRAMS,
  ROOT,
  type Row,
  report,
  residentMb,
  type Server,
  startFulcrum,
  startOffline,
  startServer,
} from './support.ts';

const CLIENT = join(ROOT, '.cache', 'functions', 'node', 'node_modules', '.bin', 'aws-lambda-ric');
const EMULATOR = join(
  ROOT,
  '.cache',
  'rie',
  `aws-lambda-rie-${process.arch === 'arm64' ? 'arm64' : 'x86_64'}`,
);
const POST = join(PROGRAMS, 'post.lua');
const AT_LEAST = 5;

export async function functionsBench(seconds: number): Promise<void> {
  await warm(seconds);
  await coldStarts();
  await payloads();
  await many();
}

interface FunctionApp {
  readonly command: string;
  readonly handler?: string;
  readonly settings: string;
  readonly local: string;
}

/** An app of one function and the URL at which it is invoked. */
async function startFunction(app: FunctionApp): Promise<Fulcrum> {
  const port = await freePort();
  const server = await startFulcrum(`
app: bench
account: { lambdaConcurrency: 100000 }
functions:
  hello:
    source: ${PROGRAMS}
    command: ${app.command}
    handler: ${app.handler ?? 'bootstrap'}
    lambda: ${app.settings}
local: { invokePort: ${port}, ${app.local} }
`);
  const url = `http://127.0.0.1:${port}/2015-03-31/functions/hello/invocations`;
  return { ...server, url };
}

async function warm(seconds: number): Promise<void> {
  if (!existsSync(CLIENT)) {
    report('Warm invocations', [
      {
        what: 'skipped',
        value: 'aws-lambda-ric is not in .cache/functions ("make test" builds it)',
      },
    ]);
    return;
  }
  const fulcrum = await startFunction({
    command: `${CLIENT} handler.hello`,
    handler: 'handler.hello',
    settings: '{ memory: 10240 }',
    local: 'environmentIdle: 10m, maxEnvironments: 4',
  });
  const offline = await startOffline();
  const emulator = existsSync(EMULATOR) ? await startEmulator() : undefined;
  const targets = {
    fulcrum: fulcrum.url,
    offline: offline.invokeUrl,
    ...(emulator !== undefined && { emulator: emulator.url }),
  };
  const one = await compare(targets, { connections: 1, seconds, rounds: 3, script: POST });
  // The emulator takes one invocation at a time.
  const { emulator: _one, ...several } = targets as Readonly<Record<string, string>>;
  const thirtyTwo = await compare(several, { connections: 32, seconds, rounds: 3, script: POST });
  report('Warm invocations', [
    ...rowsOf(one, 'at 1 connection'),
    ...rowsOf(thirtyTwo, 'at 32 connections'),
  ]);
  for (const server of [fulcrum, offline, emulator]) await server?.stop();
}

const NAMES: Readonly<Record<string, string>> = {
  fulcrum: 'Fulcrum',
  offline: 'serverless-offline',
  emulator: 'the emulator of AWS',
};

function rowsOf(loads: Readonly<Record<string, Load>>, when: string): readonly Row[] {
  const ours = loads['fulcrum']?.requestsPerSecond ?? Number.NaN;
  return Object.entries(loads).flatMap(([name, load]): readonly Row[] => {
    const { requestsPerSecond, p50Ms, p99Ms, errors } = load;
    const value = `${requestsPerSecond.toFixed(0).padStart(6)} invocations/s   p50 ${p50Ms.toFixed(3)} ms   p99 ${p99Ms.toFixed(2)} ms   errors ${errors}`;
    const row = { what: `${NAMES[name]}, ${when}`, value };
    if (name === 'fulcrum') return [row];
    const ratio = ours / requestsPerSecond;
    const goal = { text: `≥ ${AT_LEAST}`, met: ratio >= AT_LEAST };
    return [row, { what: `Fulcrum ÷ ${NAMES[name]}, ${when}`, value: ratio.toFixed(2), goal }];
  });
}

async function startEmulator(): Promise<Server> {
  const [port, apiPort] = [await freePort(), await freePort()];
  return startServer(
    [
      EMULATOR,
      `--runtime-interface-emulator-address=127.0.0.1:${port}`,
      `--runtime-api-address=127.0.0.1:${apiPort}`,
      CLIENT,
      'handler.hello',
    ],
    `http://127.0.0.1:${port}/2015-03-31/functions/function/invocations`,
    { ready: 'exec', cwd: PROGRAMS, env: { LAMBDA_TASK_ROOT: PROGRAMS } },
  );
}

const COLD_STARTS = 15;

/** From the invocation to its answer, against the start of the same process without Fulcrum. */
async function coldStarts(): Promise<void> {
  const fulcrum = await startFunction({
    command: 'node runtime.mjs',
    settings: '{ memory: 10240 }',
    local: 'environmentIdle: 100ms',
  });
  const cold: number[] = [];
  const bare: number[] = [];
  for (let index = 0; index < COLD_STARTS; index += 1) {
    bare.push(await bareStart());
    await fulcrum.idle(0);
    const began = performance.now();
    await invoke(fulcrum.url, '{}');
    cold.push(performance.now() - began);
  }
  await fulcrum.stop();
  const added = median(cold) - median(bare);
  report('Cold starts', [
    { what: 'the process alone, to its first answer', value: `${median(bare).toFixed(1)} ms` },
    { what: 'a cold invocation', value: `${median(cold).toFixed(1)} ms` },
    { what: 'added', value: `${added.toFixed(1)} ms`, goal: { text: '≤ 5 ms', met: added <= 5 } },
  ]);
}

/** Starts the runtime against the smallest Runtime API there is. */
function bareStart(): Promise<number> {
  return new Promise((resolve) => {
    const began = performance.now();
    let child: ChildProcess | undefined;
    const server = createServer((asked, response) => {
      if (asked.method === 'GET' && child?.exitCode === null) {
        response.writeHead(200, { 'lambda-runtime-aws-request-id': 'done' });
        response.end('{}');
        return;
      }
      asked.resume().on('end', () => {
        resolve(performance.now() - began);
        child?.kill('SIGKILL');
        server.close();
        server.closeAllConnections();
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      child = spawn('/bin/sh', ['-c', 'exec node runtime.mjs'], {
        cwd: PROGRAMS,
        env: { ...process.env, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}` },
        stdio: 'ignore',
      });
    });
  });
}

const agent = new Agent({ keepAlive: true });

/** Resolves to the number of bytes of the answer. */
function invoke(url: string, body: string | Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': Buffer.byteLength(body) };
    const call = request(url, { agent, method: 'POST', headers }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(bytes);
        else reject(new Error(`status ${response.statusCode}`));
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}

const LARGE_BYTES = 6 * 1024 * 1024;
const LARGE_CALLS = 40;

/** 6 MB in and 6 MB out. */
async function payloads(): Promise<void> {
  const fulcrum = await startFunction({
    command: 'node runtime.mjs',
    settings: '{ memory: 10240 }',
    local: 'environmentIdle: 10m',
  });
  const body = Buffer.from(JSON.stringify('x'.repeat(LARGE_BYTES - 2)));
  for (let index = 0; index < 5; index += 1) await invoke(fulcrum.url, body);
  const began = performance.now();
  for (let index = 0; index < LARGE_CALLS; index += 1) await invoke(fulcrum.url, body);
  const seconds = (performance.now() - began) / 1000;
  const rate = (2 * LARGE_CALLS * LARGE_BYTES) / 1e6 / seconds;
  await fulcrum.stop();
  report('Payloads of 6 MB, there and back, one after another', [
    {
      what: 'throughput',
      value: `${rate.toFixed(0)} MB/s`,
      goal: { text: '≥ 300 MB/s', met: rate >= 300 },
    },
  ]);
}

const MANY = 1000;

/** A thousand environments of a shell and curl, all alive. */
async function many(): Promise<void> {
  const start = (provisioned: number) =>
    startFunction({
      command: './shell/bootstrap',
      settings: `{ memory: 128, provisioned: ${provisioned} }`,
      local: `maxEnvironments: ${MANY}`,
    });
  const few = await start(1);
  const fewMb = residentMb(few.pid);
  await few.stop();
  const began = performance.now();
  const fulcrum = await start(MANY);
  await fulcrum.idle(MANY);
  const seconds = (performance.now() - began) / 1000;
  const each = ((residentMb(fulcrum.pid) - fewMb) * 1024) / MANY;
  await fulcrum.stop();
  report('A thousand environments', [
    { what: 'all alive after', value: `${seconds.toFixed(1)} s` },
    {
      what: 'memory of the engine for each',
      value: `${each.toFixed(0)} KB`,
      goal: { text: '≤ 200 KB', met: each <= 200 },
    },
  ]);
}
