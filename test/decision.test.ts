// Where requests go when a service is on both computes.

import { describe, expect, it } from 'vitest';
import { startApp } from './support/app.ts';
import { gateOf } from './support/gate.ts';
import { rawClient } from './support/raw-client.ts';

const both = (
  lambda = '{ memory: 512 }',
  fargate = 'tasks: { min: 1, max: 1 }, concurrency: 1',
) => `
app: both
services:
  api:
    source: FIXTURES
    command: node program.mjs
    health: /health
    lambda: ${lambda}
    fargate: { cpu: 1024, memory: 2048, stopTimeout: 2s, ${fargate} }
routes:
  - { path: /lambda/*, service: api, compute: lambda }
  - { path: /fargate/*, service: api, compute: fargate }
  - { path: /*, service: api, compute: auto }
`;

const where = (response: Response) => response.headers.get('x-fulcrum-compute');
const why = (response: Response) => response.headers.get('x-fulcrum-reason');

describe('routes', () => {
  it('that name a compute are served there', async () => {
    const app = await startApp(both());
    expect(where(await fetch(`${app.url}/lambda/who`))).toBe('lambda');
    expect(where(await fetch(`${app.url}/fargate/who`))).toBe('fargate');
  });

  it('can be overruled in development', async () => {
    const app = await startApp(both());
    const force = (compute: string) =>
      fetch(`${app.url}/who`, { headers: { 'x-fulcrum-force': compute } });
    expect(where(await force('lambda'))).toBe('lambda');
    expect(where(await force('fargate'))).toBe('fargate');
    expect((await force('ec2')).status).toBe(400);
  });
});

describe('auto', () => {
  it('is Fargate while it has a free slot, else Lambda', async () => {
    const app = await startApp(both());
    const gate = gateOf(app);
    const first = fetch(`${app.url}${gate.path}`);
    await expect.poll(() => app.session.engine.status().services[0]?.fargate?.slotsInUse).toBe(1);
    const second = await fetch(`${app.url}/who`);
    gate.open();
    expect([where(await first), where(second)]).toEqual(['fargate', 'lambda']);
    expect(why(second)).toBe('auto: all 1 slots of 1 task are in use');
    expect(where(await fetch(`${app.url}/who`))).toBe('fargate');
  });

  it('is Lambda while Fargate sleeps', async () => {
    const app = await startApp(both(undefined, 'tasks: { min: 0, max: 1 }'));
    const response = await fetch(`${app.url}/who`);
    expect(where(response)).toBe('lambda');
    expect(why(response)).toBe('auto: Fargate sleeps at zero');
  });

  it('is Lambda while no task is healthy, without a failed request', async () => {
    const app = await startApp(both());
    expect((await fetch(`${app.url}/fargate/crash`)).status).toBe(502);
    await app.until('task', ({ state }) => state === 'STOPPED');
    const response = await fetch(`${app.url}/who`);
    expect(response.status).toBe(200);
  });

  it('is a busy task when Lambda throttles', async () => {
    const app = await startApp(both('{ memory: 512, reserved: 0 }'));
    const gate = gateOf(app);
    const asked = Array.from({ length: 3 }, () => fetch(`${app.url}${gate.path}`));
    await expect.poll(() => app.session.engine.status().services[0]?.fargate?.slotsInUse).toBe(3);
    gate.open();
    const answers = await Promise.all(asked);
    expect(answers.map(where)).toEqual(['fargate', 'fargate', 'fargate']);
    expect(answers.map(why)).toContain(
      'auto: Lambda throttles (ReservedFunctionConcurrentInvocationLimitExceeded), so a task beyond its slots takes it',
    );
  });

  it('is the error of the front door when neither can, and wakes Fargate', async () => {
    const app = await startApp(
      both('{ memory: 512, reserved: 0 }', 'tasks: { min: 0, max: 1 }, scale: { window: 1s }'),
    );
    expect((await fetch(`${app.url}/who`)).status).toBe(502);
    await app.until('health', ({ state }) => state === 'healthy');
    expect(where(await fetch(`${app.url}/who`))).toBe('fargate');
  });

  it('sends what Lambda cannot take to a task', async () => {
    const app = await startApp(both());
    const gate = gateOf(app);
    const busy = fetch(`${app.url}/fargate${gate.path}`);
    await expect.poll(() => app.session.engine.status().services[0]?.fargate?.slotsInUse).toBe(1);
    const large = await fetch(`${app.url}/sink`, { method: 'POST', body: Buffer.alloc(3_000_000) });
    expect(where(large)).toBe('fargate');
    expect(await large.json()).toMatchObject({ bytes: 3_000_000 });
    const client = await rawClient(app.port);
    client.write('GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 101/);
    client.close();
    gate.open();
    await busy;
  });

  it('moves a chunked body that grows too large from Lambda to a task, whole', async () => {
    const app = await startApp(both());
    const gate = gateOf(app);
    const busy = fetch(`${app.url}/fargate${gate.path}`);
    await expect.poll(() => app.session.engine.status().services[0]?.fargate?.slotsInUse).toBe(1);
    const body = new ReadableStream({
      start(controller) {
        for (let index = 0; index < 50; index += 1) controller.enqueue(Buffer.alloc(65_536));
        controller.close();
      },
    });
    const response = await fetch(`${app.url}/sink`, { method: 'POST', body, duplex: 'half' });
    expect(where(response)).toBe('fargate');
    expect(await response.json()).toMatchObject({ bytes: 50 * 65_536 });
    gate.open();
    await busy;
  });
});
