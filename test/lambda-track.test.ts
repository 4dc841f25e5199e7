// A service on Lambda: real environments, their limits, and what goes wrong in them.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AppOptions, startApp, type TestApp } from './support/app.ts';
import { gateOf } from './support/gate.ts';
import { rawClient, rawRequest } from './support/raw-client.ts';

const lambda = (settings = '{ memory: 512, timeout: 10s }', command = 'node program.mjs') => `
app: fn
services:
  api:
    source: FIXTURES
    command: ${command}
    health: /health
    lambda: ${settings}
local: { environmentIdle: 2s }
`;

const start = (settings?: string, command?: string, options?: AppOptions) =>
  startApp(lambda(settings, command), options);

async function who(app: TestApp): Promise<{ pid: number; ticks: number }> {
  return (await (await fetch(`${app.url}/who`)).json()) as { pid: number; ticks: number };
}

const platformLines = (app: TestApp) =>
  app
    .of('log')
    .filter(({ source }) => source === 'platform')
    .map(({ line }) => line);

describe('environments', () => {
  it('are started on demand and used again, the last one first', async () => {
    const app = await start();
    expect(app.of('environment')).toEqual([]);
    const first = await who(app);
    expect((await who(app)).pid).toBe(first.pid);
    expect(app.of('request').map(({ cold }) => cold)).toEqual([true, false]);
    expect(app.of('environment').map(({ state }) => state)).toEqual(['starting', 'ready']);
  });

  it('serve one request at a time', async () => {
    const app = await start();
    const gate = gateOf(app);
    const asked = Array.from({ length: 4 }, () => fetch(`${app.url}${gate.path}`));
    const ready = () => app.of('environment').filter(({ state }) => state === 'ready').length;
    await expect.poll(ready).toBe(4);
    gate.open();
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(app.of('request').map(({ instance }) => instance)).size).toBe(4);
    expect(app.of('log').filter(({ line }) => line === 'two at once')).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('stand still between requests', async () => {
    const app = await start();
    const { pid } = await who(app);
    const isStopped = () => /^\d+ \(.*\) T /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    await expect.poll(isStopped).toBe(true);
    expect(await who(app)).toMatchObject({ pid });
    await expect.poll(isStopped).toBe(true);
  });

  it('are ended when idle', async () => {
    const app = await start();
    await who(app);
    const ended = await app.until('environment', ({ state }) => state === 'stopped');
    expect(ended.why).toBe('idle for 2.0 s');
  });

  it('have the variables of Lambda and only those of this machine that are meant for them', async () => {
    process.env['FULCRUM_TEST_LEAK'] = 'leak';
    const app = await start();
    delete process.env['FULCRUM_TEST_LEAK'];
    const env = (await (await fetch(`${app.url}/env`)).json()) as Record<string, string>;
    expect(env).toMatchObject({
      AWS_LAMBDA_FUNCTION_NAME: 'fn-api',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/fn-api',
      AWS_REGION: 'us-east-1',
      TZ: ':UTC',
    });
    expect(env['FULCRUM_TEST_LEAK']).toBeUndefined();
    expect(env['TMPDIR']).toContain(app.folder);
  });

  it('are initialised ahead when provisioned, and more load goes to others', async () => {
    const app = await start('{ memory: 512, provisioned: 1 }');
    expect(app.of('environment').map(({ state, why }) => `${state}: ${why}`)).toEqual([
      'starting: provisioned',
      'ready: it answers',
    ]);
    const gate = gateOf(app);
    const first = fetch(`${app.url}${gate.path}`);
    await app.until('log', ({ line }) => line.startsWith('START'));
    await fetch(`${app.url}/who`);
    gate.open();
    await first;
    expect(app.of('request').map(({ path, cold }) => [path, cold])).toEqual([
      ['/who', true],
      ['/until', false],
    ]);
    const env = (await (await fetch(`${app.url}/env`)).json()) as Record<string, string>;
    expect(['provisioned-concurrency', 'on-demand']).toContain(
      env['AWS_LAMBDA_INITIALIZATION_TYPE'],
    );
  });

  it('wait for room when the machine is full, and nobody is refused', async () => {
    const app = await startApp(
      `${lambda()}`.replace('environmentIdle: 2s', 'environmentIdle: 60s, maxEnvironments: 2'),
    );
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => fetch(`${app.url}/slow?ms=20`)),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(app.of('environment').filter(({ state }) => state === 'ready').length).toBe(2);
  });
});

describe('what Lambda writes', () => {
  it('is START, END and REPORT with INIT for the first request only', async () => {
    const app = await start();
    await who(app);
    await who(app);
    const lines = platformLines(app);
    const id = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(new RegExp(`^START RequestId: ${id} Version: 1$`));
    expect(lines[1]).toMatch(new RegExp(`^END RequestId: ${id}$`));
    expect(lines[2]).toMatch(
      new RegExp(
        `^REPORT RequestId: ${id}\\tDuration: [\\d.]+ ms\\tBilled Duration: \\d+ ms\\tMemory Size: 512 MB\\tMax Memory Used: [1-9]\\d* MB\\tInit Duration: [\\d.]+ ms$`,
      ),
    );
    expect(lines[5]).not.toContain('Init Duration');
  });

  it('bills whole milliseconds of INIT and duration together', async () => {
    const app = await start();
    await who(app);
    const report = platformLines(app)[2] ?? '';
    const figure = (name: string) => Number(new RegExp(`\\t${name}: ([\\d.]+)`).exec(report)?.[1]);
    const shown = figure('Duration') + figure('Init Duration');
    // Each of the two is shown to a hundredth of a millisecond, and may be half of one more or less.
    expect([shown - 0.01, shown + 0.01].map(Math.ceil)).toContain(figure('Billed Duration'));
  });

  it('goes to the group of the function, with what the program prints', async () => {
    const app = await start();
    await who(app);
    const printed = await app.until('log', ({ source }) => source === 'program');
    expect(printed).toMatchObject({ group: '/aws/lambda/fn-api', compute: 'lambda' });
    expect(printed.line).toMatch(/^listening on \d+$/);
    expect(printed.stream).toMatch(/^\d{4}\/\d\d\/\d\d\/\[1\][0-9a-f]{32}$/);
  });
});

describe('the limits of a load balancer in front of Lambda', () => {
  it('413 for a body over 1 MB, with a length or in chunks', async () => {
    const app = await start();
    const send = (bytes: number) =>
      fetch(`${app.url}/sink`, { method: 'POST', body: Buffer.alloc(bytes) });
    expect((await send(1024 * 1024)).status).toBe(200);
    expect((await send(1024 * 1024 + 1)).status).toBe(413);
    const body = new ReadableStream({
      start(controller) {
        for (let index = 0; index < 40; index += 1) controller.enqueue(Buffer.alloc(65_536));
        controller.close();
      },
    });
    expect((await fetch(`${app.url}/sink`, { method: 'POST', body, duplex: 'half' })).status).toBe(
      413,
    );
  });

  it('502 for an answer whose JSON is over 1 MB; base64 counts a third more', async () => {
    const app = await start();
    const get = (bytes: number, type: string) => fetch(`${app.url}/bytes?n=${bytes}&type=${type}`);
    expect((await get(1_000_000, 'text/plain')).status).toBe(200);
    expect((await get(1024 * 1024, 'text/plain')).status).toBe(502);
    expect((await get(700_000, 'image/png')).status).toBe(200);
    expect((await get(800_000, 'image/png')).status).toBe(502);
    expect((await get(50_000_000, 'image/png')).status).toBe(502);
    const fault = app.of('request').at(-1)?.fault;
    expect(fault?.code).toBe('LAMBDA_RESPONSE_TOO_LARGE');
    expect((await who(app)).pid).toBeGreaterThan(0);
  });

  it('no streaming: the answer comes whole', async () => {
    const app = await start();
    const client = await rawClient(app.port);
    client.write('GET /chunks?n=3&ms=50 HTTP/1.1\r\nHost: a\r\n\r\n');
    const first = await client.until('chunk 1');
    expect(first).toContain('chunk 3');
    expect(first).toMatch(/\r\nContent-Length: 24\r\n/);
    client.close();
  });

  it('400 for an upgrade', async () => {
    const app = await start();
    const answer = await rawRequest(
      app.port,
      'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    expect(app.of('request')[0]?.fault?.code).toBe('LAMBDA_UPGRADE');
  });
});

describe('when it goes wrong', () => {
  it('its temporary files outlive a crash and a timeout', async () => {
    const app = await start('{ memory: 512, timeout: 1s }');
    const folder = async () => {
      const answer = await fetch(`${app.url}/env`);
      return ((await answer.json()) as { TMPDIR: string }).TMPDIR;
    };
    const first = await folder();
    writeFileSync(join(first, 'kept'), 'still here');
    for (const path of ['/crash', '/slow?ms=60000']) {
      expect((await fetch(`${app.url}${path}`)).status).toBe(502);
      expect(await folder()).toBe(first);
      expect(readFileSync(join(first, 'kept'), 'utf8')).toBe('still here');
    }
    await app.stop();
    await expect.poll(() => existsSync(first)).toBe(false);
  });

  it('a request over the timeout is 502, and its environment is ended', async () => {
    const app = await start('{ memory: 512, timeout: 1s }');
    const { pid } = await who(app);
    const response = await fetch(`${app.url}/slow?ms=30000`);
    expect(response.status).toBe(502);
    expect(app.of('request').at(-1)?.fault?.message).toBe('Task timed out after 1.00 seconds.');
    expect(platformLines(app).at(-1)).toMatch(
      /Duration: 1000\.00 ms\tBilled Duration: 1000 ms.*\tStatus: timeout$/,
    );
    expect((await who(app)).pid).not.toBe(pid);
  });

  it('a crash is 502, and the next request gets a new environment', async () => {
    const app = await start();
    const { pid } = await who(app);
    expect((await fetch(`${app.url}/crash`)).status).toBe(502);
    expect(app.of('request').at(-1)?.fault?.message).toContain('exit code 7');
    expect(platformLines(app).at(-1)).toMatch(/\tStatus: error\tError Type: Runtime.ExitError$/);
    expect((await who(app)).pid).not.toBe(pid);
  });

  it('a program over its memory is killed: 502, and said', async () => {
    const app = await start('{ memory: 128, timeout: 20s }');
    await who(app);
    const response = await fetch(`${app.url}/hold?mb=400`);
    const held = response.status === 200 ? await fetch(`${app.url}/slow?ms=5000`) : response;
    expect(held.status).toBe(502);
    const fault = await app.until('fault', ({ fault: { code } }) => code === 'APP_OUT_OF_MEMORY');
    expect(fault.fault.message).toBe(
      'api: a copy on lambda went over its 128 MB of memory and was killed.',
    );
    expect((await who(app)).pid).toBeGreaterThan(0);
  });

  it('more than the reserved concurrency is throttled: 502, as a load balancer answers', async () => {
    const app = await start('{ memory: 512, reserved: 2 }');
    const gate = gateOf(app);
    const asked = Array.from({ length: 5 }, () => fetch(`${app.url}${gate.path}`));
    await expect.poll(() => app.of('request').length).toBe(3);
    gate.open();
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 502, 502, 502]);
    const throttled = app.of('request').filter(({ fault }) => fault?.code === 'LAMBDA_THROTTLED');
    expect(throttled).toHaveLength(3);
    expect(throttled[0]?.reason).toBe(
      'Lambda throttles (ReservedFunctionConcurrentInvocationLimitExceeded) (LambdaThrottling)',
    );
  });

  it('a program that exits at start is 502 with its last lines', async () => {
    const app = await start(undefined, 'node exits.mjs');
    expect((await fetch(app.url)).status).toBe(502);
    const { fault } = app.of('fault')[0] ?? {};
    expect(fault?.code).toBe('APP_EXITED_EARLY');
    expect(fault?.message).toContain('"node exits.mjs" ended with exit code 3 before it listened');
    expect(fault?.message).toContain('| no database');
  });

  it('a command that does not exist is said in the words of the shell', async () => {
    const app = await start(undefined, './no-such-program');
    expect((await fetch(app.url)).status).toBe(502);
    expect(app.of('fault')[0]?.fault.message).toMatch(/ended with exit code 127[\s\S]*not found/);
  });

  it('a program that listens late is waited for', async () => {
    const app = await start(undefined, 'node listens-late.mjs');
    const response = await fetch(app.url);
    expect(await response.text()).toBe('late');
    expect(app.of('environment').at(-1)?.initMs).toBeGreaterThan(1400);
  });

  it('a client that leaves does not stop the function, one that still waits is forgotten', async () => {
    const app = await startApp(
      lambda().replace('environmentIdle: 2s', 'environmentIdle: 60s, maxEnvironments: 1'),
    );
    const gate = gateOf(app);
    const leave = async () => {
      const client = await rawClient(app.port);
      client.write(`GET ${gate.path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      return client;
    };
    const runs = await leave();
    await app.until('environment', ({ state }) => state === 'ready');
    const waits = await leave();
    await expect.poll(() => app.session.engine.status().services[0]?.lambda?.waiting).toBe(1);
    waits.close();
    runs.close();
    await expect.poll(() => app.of('request').length).toBe(2);
    gate.open();
    await app.until('log', ({ line }) => line.startsWith('REPORT'));
    const { served } = (await (await fetch(`${app.url}/who`)).json()) as { served: number };
    expect(served).toBe(2);
    expect(
      app
        .of('request')
        .map(({ status }) => status)
        .sort(),
    ).toEqual([200, 460, 460]);
  });

  it('a wall clock that jumps changes nothing but the times that are shown', async () => {
    const app = await startApp(
      lambda('{ memory: 512, timeout: 30s }').replace(
        'environmentIdle: 2s',
        'environmentIdle: 60s',
      ),
    );
    const { pid } = await who(app);
    const { now } = Date;
    try {
      for (const jump of [86_400_000, -86_400_000]) {
        Date.now = () => now() + jump;
        expect((await fetch(`${app.url}/slow?ms=200`)).status).toBe(200);
        expect(await who(app)).toMatchObject({ pid });
        const slow = app
          .of('request')
          .find(({ path, at }) => path === '/slow' && Math.abs(at - now() - jump) < 60_000);
        expect(slow?.durationMs).toBeGreaterThan(190);
        expect(slow?.durationMs).toBeLessThan(30_000);
      }
    } finally {
      Date.now = now;
    }
    expect(app.session.engine.status().uptimeMs).toBeLessThan(60_000);
  });
});
