// A service on Fargate: tasks of real processes, their health, their ends.

import { describe, expect, it } from 'vitest';
import { readProcess } from '../src/host/process-table.ts';
import { startApp, type TestApp } from './support/app.ts';
import { gateOf } from './support/gate.ts';
import { rawClient } from './support/raw-client.ts';

const fargate = (
  settings = 'tasks: { min: 1, max: 2 }',
  { command = 'node program.mjs', health = '/health' } = {},
) => `
app: ctr
services:
  api:
    source: FIXTURES
    command: ${command}
    health: ${health}
    fargate: { cpu: 1024, memory: 2048, stopTimeout: 2s, ${settings} }
`;

const QUICK_HEALTH = '{ path: /health, interval: 5s, timeout: 2s, unhealthy: 2 }';

const counts = (app: TestApp) => app.session.engine.status().services[0]?.fargate;

async function pidOf(app: TestApp): Promise<number> {
  return ((await (await fetch(`${app.url}/who`)).json()) as { pid: number }).pid;
}

describe('tasks', () => {
  it('run at their minimum before the app says it is ready, and share the requests', async () => {
    const app = await startApp(fargate('tasks: { min: 2, max: 2 }'));
    await expect.poll(() => counts(app)?.healthy).toBe(2);
    const pids = new Set([await pidOf(app), await pidOf(app), await pidOf(app)]);
    expect(pids.size).toBe(2);
  });

  it('have the variables of Fargate', async () => {
    const app = await startApp(fargate());
    const env = (await (await fetch(`${app.url}/env`)).json()) as Record<string, string>;
    expect(env).toMatchObject({ AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE', AWS_REGION: 'us-east-1' });
    expect(env['AWS_LAMBDA_FUNCTION_NAME']).toBeUndefined();
  });

  it('can ask about themselves', async () => {
    const app = await startApp(fargate());
    const env = (await (await fetch(`${app.url}/env`)).json()) as Record<string, string>;
    const uri = env['ECS_CONTAINER_METADATA_URI_V4'] ?? '';
    const [task] = app.session.engine.status().services[0]?.fargate?.tasks ?? [];
    const container = {
      Name: 'api',
      KnownStatus: 'RUNNING',
      LogOptions: { 'awslogs-group': '/ecs/ctr/api', 'awslogs-stream': `ecs/api/${task?.id}` },
    };
    expect(await (await fetch(uri)).json()).toMatchObject(container);
    expect(await (await fetch(`${uri}/task`)).json()).toMatchObject({
      TaskARN: `arn:aws:ecs:us-east-1:000000000000:task/ctr/${task?.id}`,
      Family: 'ctr-api',
      Revision: '1',
      Limits: { CPU: 1, Memory: 2048 },
      AvailabilityZone: task?.zone,
      LaunchType: 'FARGATE',
      EphemeralStorageMetrics: { Utilized: 0, Reserved: 20_480 },
      Containers: [container],
    });
    expect((await fetch(`${uri}/stats`)).status).toBe(404);
    expect((await fetch(uri, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
  });

  it('are asked for their health as by a load balancer', async () => {
    const app = await startApp(fargate(undefined, { health: '/headers' }));
    const [task] = app.of('health').filter(({ state }) => state === 'healthy');
    expect(task?.why).toBe('its first health check passed');
  });

  it('that fail their health checks are replaced, first started then stopped', async () => {
    const app = await startApp(fargate('tasks: { min: 1, max: 1 }', { health: QUICK_HEALTH }));
    const sick = await pidOf(app);
    await fetch(`${app.url}/unhealthy`);
    const event = await app.until('health', ({ state }) => state === 'unhealthy');
    expect(event.why).toBe('GET /health: status 500');
    await app.until('task', ({ id, state }) => state === 'STOPPED' && id === event.id);
    expect(await pidOf(app)).not.toBe(sick);
    const states = app.events
      .filter((one) => one.type === 'task' || one.type === 'health')
      .map(({ id, state }) => `${id === event.id ? 'old' : 'new'} ${state}`);
    expect(states).toContain('new healthy');
    expect(states.indexOf('new healthy')).toBeLessThan(states.indexOf('old STOPPING'));
  });

  it('that exit at start are said with their last lines, and tried again after a while', async () => {
    const app = await startApp(fargate('tasks: { min: 1, max: 1 }', { command: 'node exits.mjs' }));
    const { fault } = await app.until('fault');
    expect(fault.code).toBe('APP_EXITED_EARLY');
    expect(fault.message).toContain('| no database');
    expect((await fetch(app.url)).status).toBe(503);
    await expect.poll(() => app.of('fault').length).toBeGreaterThan(1);
  });

  it('are served past their slots when the route names fargate: a load balancer has no slots', async () => {
    const app = await startApp(fargate('tasks: { min: 1, max: 1 }, concurrency: 2'));
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => fetch(`${app.url}/slow?ms=100`)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  });
});

describe('stopping', () => {
  it('asks first, and lets the program end by itself', async () => {
    const app = await startApp(fargate());
    await app.stop();
    expect(app.of('log').map(({ line }) => line)).toContain('asked to stop');
  });

  it('kills what ignores it, with everything it has started', async () => {
    const app = await startApp(
      fargate(undefined, { command: 'node ignores-sigterm.mjs', health: '/' }),
    );
    const { pid, child } = (await (await fetch(app.url)).json()) as { pid: number; child: number };
    await app.stop();
    expect(app.of('log').map(({ line }) => line)).toContain('I stay');
    expect([readProcess(pid), readProcess(child)]).toEqual([undefined, undefined]);
  });

  it('finishes what is under way before it stops', async () => {
    const app = await startApp(fargate());
    const gate = gateOf(app);
    const answer = fetch(`${app.url}${gate.path}`);
    await expect.poll(() => counts(app)?.slotsInUse).toBe(1);
    const stopped = app.stop();
    await app.until('stopping');
    gate.open();
    expect((await answer).status).toBe(200);
    await stopped;
  });

  it('takes what a program has forked with it', async () => {
    const app = await startApp(fargate());
    const { child } = (await (await fetch(`${app.url}/fork`)).json()) as { child: number };
    expect(readProcess(child)).toBeDefined();
    await app.stop();
    expect(readProcess(child)).toBeUndefined();
  });
});

describe('scaling', () => {
  it('sleeps at zero, answers 503, wakes for what only Fargate can serve, and sleeps again', async () => {
    const app = await startApp(
      fargate('tasks: { min: 0, max: 1 }, idle: 2s, scale: { window: 1s }'),
    );
    expect(app.of('task')).toEqual([]);
    const asleep = await fetch(`${app.url}/who`);
    expect(asleep.status).toBe(503);
    expect(asleep.headers.get('x-fulcrum-reason')).toContain('Fargate sleeps at zero');
    const woken = await app.until('scale');
    expect(woken).toMatchObject({ from: 0, to: 1 });
    await app.until('health', ({ state }) => state === 'healthy');
    expect((await fetch(`${app.url}/who`)).status).toBe(200);
    const sleeping = await app.until('scale', ({ to }) => to === 0);
    expect(sleeping.reason).toBe('no request for 2.0 s');
    await app.until('task', ({ state }) => state === 'STOPPED');
  });

  it('adds tasks for demand beyond the slots of one', async () => {
    const app = await startApp(
      fargate('tasks: { min: 1, max: 3 }, concurrency: 4, scale: { window: 1s }'),
    );
    const clients = Array.from({ length: 10 }, async () => {
      while (counts(app)?.healthy !== 3) await fetch(`${app.url}/slow?ms=400`);
    });
    await Promise.all(clients);
    expect(app.of('scale').some(({ to }) => to === 3)).toBe(true);
  });

  it('drains a task that leaves', async () => {
    const app = await startApp(
      fargate('tasks: { min: 0, max: 1 }, idle: 3s, scale: { window: 1s }'),
    );
    await fetch(app.url);
    await app.until('health', ({ state }) => state === 'healthy');
    const client = await rawClient(app.port);
    client.write('GET /slow?ms=300 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 200/);
    await app.until('task', ({ state }) => state === 'STOPPED');
    expect(app.of('fault')).toEqual([]);
  });
});
