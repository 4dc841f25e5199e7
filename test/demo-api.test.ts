// The demo API in three languages: one contract, each version on both computes.

import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, type TestContext } from 'vitest';
import { WebSocket } from 'ws';
import { realMachine } from '../src/host/machine.ts';
import { startApp, type TestApp } from './support/app.ts';

const root = fileURLToPath(new URL('../examples/demo-api', import.meta.url));
const run = promisify(execFile);

interface Version {
  readonly language: 'node' | 'go' | 'python';
  readonly command: string;
  readonly build?: string;
  /** Skips the test with the reason when the language is not there. */
  readonly needs: readonly [tool: string, flag: string];
}

const VERSIONS: readonly Version[] = [
  { language: 'node', command: 'node server.js', needs: ['node', '--version'] },
  {
    language: 'go',
    command: '../../../.cache/demo-api-go',
    build: 'go build -o ../../../.cache/demo-api-go .',
    needs: ['go', 'version'],
  },
  { language: 'python', command: 'python3 server.py', needs: ['python3', '--version'] },
];

const yaml = ({ language, command, build }: Version) => `
app: demo
services:
  api:
    source: ${join(root, language)}
    ${build === undefined ? '' : `build: ${build}`}
    command: ${command}
    health: /health
    environment: { DEMO_GREETING: hi }
    secrets: { DEMO_SECRET: ssm:/demo/secret }
    lambda: { memory: 1024, timeout: 10s }
    fargate: { cpu: 1024, memory: 2048, tasks: { min: 1, max: 1 }, stopTimeout: 5s }
routes:
  - { path: /lambda*, service: api, compute: lambda }
  - { path: /fargate*, service: api, compute: fargate }
  - { path: /*, service: api, compute: auto }
`;

async function start(version: Version, { skip }: TestContext): Promise<TestApp> {
  const [tool, flag] = version.needs;
  const said = await run(tool, [flag]).catch(() => undefined);
  if (said === undefined) return skip(`${tool} is not installed`);
  if (tool === 'go' && !isNewEnough(said.stdout))
    skip(`older than go.mod asks for: ${said.stdout}`);
  const { env } = realMachine();
  // Go builds nothing where it has no place for what it has built before.
  const places = mayWrite(env['HOME']) ? {} : { GOCACHE: resolve('.cache/go-build') };
  const machine = { env: { ...env, ...places } };
  return startApp(yaml(version), { dotenv: 'DEMO_SECRET=s3cret\n', machine });
}

function isNewEnough(version: string): boolean {
  const [, asked] = /^go 1\.(\d+)/m.exec(readFileSync(join(root, 'go/go.mod'), 'utf8')) ?? [];
  const [, there] = /go1\.(\d+)/.exec(version) ?? [];
  return Number(there) >= Number(asked);
}

function mayWrite(folder: string | undefined): boolean {
  try {
    accessSync(folder ?? '', constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

describe.each(VERSIONS)('the demo API in $language', (version) => {
  it('keeps the contract on both computes', async (context) => {
    const app = await start(version, context);
    for (const compute of ['lambda', 'fargate'] as const) {
      const get = (path: string) => fetch(`${app.url}/${compute}${path}`);
      expect(await json(await get('/health'))).toEqual({ status: 'ok', compute });
      const hello = await json(await get('/hello?x=1'));
      expect(hello).toMatchObject({ message: 'hello', compute, path: `/${compute}/hello` });
      expect(Object.keys(hello)).toEqual(['message', 'compute', 'instance', 'path', 'served']);
      expect(await json(await get('/cpu?ms=20'))).toEqual({ compute, busyMs: 20 });
      expect(await json(await get('/slow?ms=20'))).toEqual({ compute, waitedMs: 20 });
      expect(await (await get('/stream?chunks=3&everyMs=5')).text()).toBe(
        'chunk 1\nchunk 2\nchunk 3\n',
      );
      expect((await (await get('/large?bytes=500000')).arrayBuffer()).byteLength).toBe(500_000);
      expect(await json(await get('/env?name=DEMO_GREETING'))).toMatchObject({ value: 'hi' });
      expect(await json(await get('/env?name=DEMO_SECRET'))).toMatchObject({ value: 's3cret' });
      expect((await get('/status?code=418')).status).toBe(418);
      expect((await get('/nothing')).status).toBe(404);
      expect(await json(await get('/memory?mb=1'))).toEqual({ compute, heldMb: 1 });
      const echo = await fetch(`${app.url}/${compute}/echo`, {
        method: 'POST',
        body: 'né',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
      });
      expect([echo.headers.get('content-type'), await echo.text()]).toEqual([
        'text/plain; charset=utf-8',
        'né',
      ]);
      expect((await get('/crash')).status).toBe(502);
      await expect.poll(async () => (await get('/health')).status).toBe(200);
    }
  });

  it('sends large answers and WebSockets from Fargate, as Lambda cannot', async (context) => {
    const app = await start(version, context);
    expect((await fetch(`${app.url}/lambda/large?bytes=2000000`)).status).toBe(502);
    const large = await fetch(`${app.url}/fargate/large?bytes=2000000`);
    expect((await large.arrayBuffer()).byteLength).toBe(2_000_000);
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/ws`);
    const echoed = await new Promise((resolve, reject) => {
      socket.on('open', () => socket.send('over both hops'));
      socket.on('message', (data) => resolve(String(data)));
      socket.on('error', reject);
    });
    expect(echoed).toBe('over both hops');
    socket.close();
  });

  it('stops when it is asked to', async (context) => {
    const app = await start(version, context);
    await (await fetch(`${app.url}/fargate/hello`)).arrayBuffer();
    await app.stop();
    expect(app.of('task').at(-1)).toMatchObject({
      state: 'STOPPED',
      stop: { code: 'ServiceSchedulerInitiated' },
      end: { exitCode: 0 },
    });
  });
});
