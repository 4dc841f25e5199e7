// The runtime interface emulator of AWS, one process for one function. It has one environment, serves
// one invocation at a time and listens at a loopback address of its own, so that any number run at once.

import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/app.ts';
import { processesWith } from './processes.ts';
import type { FunctionSetup, Invoked, InvokeOptions, LambdaUnderTest } from './under-test.ts';

const BINARY = resolve(
  `.cache/rie/aws-lambda-rie-${process.arch === 'arm64' ? 'arm64' : 'x86_64'}`,
);
const MARK = 'CONFORMANCE_RUN';

let started = 0;

export const rie: LambdaUnderTest = {
  name: 'RIE',
  missingClient: () => undefined,
  root: ({ folder }) => folder,
  api: /^127\.[\d.]+:\d+$/,
  hidden: undefined,
  missing() {
    if (process.platform !== 'linux') return 'the runtime interface emulator runs on Linux only';
    if (existsSync(BINARY)) return undefined;
    return 'the runtime interface emulator is not in .cache/rie ("make test" puts it there where Python 3 is)';
  },
  missingExtensions() {
    // It reads /opt/extensions, which only a mount namespace can give each test for itself.
    if (spawnSync('unshare', ['-rm', 'true']).status === 0) return undefined;
    return 'the runtime interface emulator needs a mount namespace ("unshare -rm") for extensions';
  },
  start,
};

async function start(setup: FunctionSetup) {
  started += 1;
  const address = `127.${100 + (started % 100)}.${(process.pid >> 8) & 255}.${process.pid & 255 || 1}`;
  const invokes = { host: address, port: await freePort(address) };
  const mark = `${MARK}=${process.pid}-${started}`;
  const tmp = temporaryFolder();
  const words = [
    BINARY,
    `--runtime-interface-emulator-address=${address}:${invokes.port}`,
    `--runtime-api-address=${address}:${await freePort(address)}`,
    ...setup.command,
    setup.handler,
  ];
  const [program = '', ...args] = [...withExtensions(setup), ...words];
  const child = spawn(program, args, {
    cwd: setup.folder,
    env: { ...variables(setup, tmp), [MARK]: mark.slice(MARK.length + 1) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
    for (const pid of processesWith(mark)) process.kill(pid, 'SIGKILL');
  };
  onTestFinished(stop);
  await listening(invokes, exited);
  return {
    invoke: (event: unknown, options?: InvokeOptions) => invoke(invokes, event, options),
    log: () => log,
    stop,
  };
}

function variables(setup: FunctionSetup, tmp: string) {
  const { folder, environment, handler, timeoutS, memoryMiB } = setup;
  return {
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
    TMPDIR: tmp,
    LAMBDA_TASK_ROOT: folder,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_LAMBDA_FUNCTION_NAME: 'conformance-fn',
    AWS_LAMBDA_FUNCTION_TIMEOUT: String(timeoutS ?? 30),
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMiB ?? 1024),
    AWS_LAMBDA_FUNCTION_HANDLER: handler,
    ...environment,
  };
}

/** The words that put the extensions at /opt/extensions, for this process and its children alone. */
function withExtensions({ extensions }: FunctionSetup): readonly string[] {
  if (extensions === undefined) return [];
  const opt = temporaryFolder();
  mkdirSync(join(opt, 'extensions'));
  for (const [name, file] of Object.entries(extensions)) {
    chmodSync(file, 0o755);
    symlinkSync(file, join(opt, 'extensions', name));
  }
  return ['unshare', '-rm', 'sh', '-c', `mount --bind '${opt}' /opt && exec "$0" "$@"`];
}

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Also free of what listens at every address of this machine. */
async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => {
    server.once('error', fail).listen({ host, port: 0 }, done);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function listening(place: Place, exited: Promise<void>): Promise<void> {
  let ended = false;
  void exited.then(() => {
    ended = true;
  });
  while (!ended) {
    const there = await new Promise<boolean>((done) => {
      const socket = connect(place).once('error', () => done(false));
      socket.once('connect', () => {
        // A port that nobody listens at yet may be the one that this end was given.
        const isItself = socket.localPort === place.port && socket.localAddress === place.host;
        socket.destroy();
        done(!isItself);
      });
    });
    if (there) return;
  }
  throw new Error('the runtime interface emulator ended before it listened');
}

async function invoke(
  { host, port }: Place,
  event: unknown,
  options: InvokeOptions = {},
): Promise<Invoked> {
  const headers: Record<string, string> = {};
  if (options.traceId !== undefined) headers['x-amzn-trace-id'] = options.traceId;
  if (options.clientContext !== undefined) {
    headers['x-amz-client-context'] = Buffer.from(options.clientContext).toString('base64');
  }
  const url = `http://${host}:${port}/2015-03-31/functions/function/invocations`;
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(event) });
  return {
    status: response.status,
    error: response.headers.get('x-amz-function-error') ?? undefined,
    payload: Buffer.from(await response.arrayBuffer()),
  };
}
