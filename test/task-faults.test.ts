// Tasks that end, fail and are made to fail: what ECS says of it, and what it does.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TaskEvent } from '../src/model/event.ts';
import { enginesOf, startApp, type TestApp } from './support/app.ts';
import { runCli } from './support/cli.ts';

const yaml = (settings: string, { command = 'node changes.mjs', more = '' } = {}) => `
app: faults
${more}
services:
  api:
    source: FIXTURES
    command: ${command}
    health: { path: /health, interval: 5s, timeout: 2s, unhealthy: 2 }
    fargate: { cpu: 1024, memory: 2048, stopTimeout: 2s, ${settings} }
`;

const ONE = 'tasks: { min: 1, max: 1 }';

const fargateOf = (app: TestApp) => app.session.engine.status().services[0]?.fargate;

const healthy = (app: TestApp) => () => fargateOf(app)?.healthy;

const stoppedTask = (app: TestApp, test: (event: TaskEvent) => boolean = () => true) =>
  app.until('task', (event) => event.state === 'STOPPED' && test(event));

const firstTask = (app: TestApp) => fargateOf(app)?.tasks[0]?.id ?? '';

describe('a task', () => {
  it('has a folder for its temporary files, which is gone when it has ended', async () => {
    const app = await startApp(yaml(ONE));
    const { TMPDIR } = (await (await fetch(app.url)).json()) as { TMPDIR: string };
    expect(existsSync(TMPDIR)).toBe(true);
    app.session.engine.fail({ kind: 'task', task: firstTask(app), how: 'kill' });
    await stoppedTask(app);
    await expect.poll(() => existsSync(TMPDIR)).toBe(false);
  });

  it('takes as long to start as it is told to', async () => {
    const app = await startApp(
      yaml('tasks: { min: 0, max: 1 }', { more: 'local: { taskStart: 1s }' }),
    );
    await fetch(app.url);
    const { at: began, id } = await app.until('task', ({ state }) => state === 'PENDING');
    await expect.poll(() => fargateOf(app)?.pending).toBe(1);
    const { at } = await app.until('task', (event) => event.id === id && event.state === 'RUNNING');
    expect(at - began).toBeGreaterThan(950);
  });
});

it('counts tasks, deployments and storage as Container Insights does', async () => {
  const app = await startApp(yaml('tasks: { min: 2, max: 2 }', { command: 'node program.mjs' }));
  await expect.poll(healthy(app)).toBe(2);
  const [engine = ''] = enginesOf(app.folder);
  const token = readFileSync(join(app.folder, '.fulcrum', 'run', engine, 'token'), 'utf8');
  const latest = async () => {
    const asked = await fetch(`${app.admin}/v1/metrics`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const series = (await asked.json()) as readonly {
      readonly namespace: string;
      readonly name: string;
      readonly datapoints: readonly { readonly maximum: number }[];
    }[];
    return Object.fromEntries(
      series
        .filter(({ namespace }) => namespace === 'ECS/ContainerInsights')
        .map(({ name, datapoints }) => [name, datapoints.at(-1)?.maximum]),
    );
  };
  await expect
    .poll(latest, { timeout: 5000 })
    .toMatchObject({ TaskCount: 2, RunningTaskCount: 2, EphemeralStorageReserved: 40 });
  expect(await latest()).toMatchObject({ DesiredTaskCount: 2, DeploymentCount: 1 });
});

describe('Spot', () => {
  const SPOT = 'tasks: { min: 2, max: 2 }, spot: 100';

  it('warns with SIGTERM, takes the task back, and another one starts', async () => {
    const app = await startApp(yaml(SPOT));
    await expect.poll(healthy(app)).toBe(2);
    const id = firstTask(app);
    app.session.engine.fail({ kind: 'spot', task: id });
    expect(await stoppedTask(app)).toMatchObject({
      id,
      spot: true,
      stop: { code: 'SpotInterruption', reason: 'Your Spot Task was interrupted.' },
      end: { exitCode: 0 },
    });
    expect(app.of('log').some(({ line }) => line.endsWith('was asked to stop'))).toBe(true);
    await expect.poll(healthy(app)).toBe(2);
  });

  it('waits no longer than the warning lasts', async () => {
    const app = await startApp(
      yaml(`${ONE}, spot: 100`, {
        command: 'node ignores-sigterm.mjs',
        more: 'local: { spotWarning: 200ms }',
      })
        .replace('path: /health', 'path: /')
        .replace('stopTimeout: 2s', 'stopTimeout: 120s'),
    );
    app.session.engine.fail({ kind: 'spot', task: undefined });
    expect((await stoppedTask(app)).end).toMatchObject({ exitCode: 137 });
    app.session.engine.fail({ kind: 'task', task: firstTask(app), how: 'kill' });
  });

  it('takes tasks back at random when it is told to', async () => {
    const app = await startApp(yaml(SPOT, { more: 'local: { spotInterruption: 1s }' }));
    expect(await stoppedTask(app)).toMatchObject({ stop: { code: 'SpotInterruption' } });
  });
});

describe('a zone', () => {
  it('that is lost takes its tasks with it; others start elsewhere until it is back', async () => {
    const app = await startApp(yaml('tasks: { min: 3, max: 3 }', { more: 'zones: 3' }));
    await expect.poll(healthy(app)).toBe(3);
    const zonesOf = () => (fargateOf(app)?.tasks ?? []).map(({ zone }) => zone).sort();
    const zones = zonesOf();
    expect(new Set(zones).size).toBe(3);
    const [zone = ''] = zones;
    const { engine } = app.session;
    expect(engine.fail({ kind: 'zone', zone, back: false })).toEqual([
      `zone ${zone} is lost, with 1 task`,
    ]);
    expect(await stoppedTask(app)).toMatchObject({ zone, stop: { code: 'InfrastructureHealth' } });
    await expect.poll(healthy(app)).toBe(3);
    expect(zonesOf()).not.toContain(zone);
    expect(engine.fail({ kind: 'zone', zone, back: true })).toEqual([`zone ${zone} is back`]);
    await app.until('service', ({ message }) => message.includes('AZ Rebalance'));
    await expect.poll(zonesOf).toEqual(zones);
  });
});

describe('fulcrum fail', () => {
  it('does it, and says it', async () => {
    const app = await startApp(yaml(`${ONE}, spot: 100`));
    const cwd = app.folder;
    const id = firstTask(app).slice(0, 6);
    const killed = await runCli(['fail', 'task', id], { cwd });
    expect([killed.code, killed.out]).toEqual([0, expect.stringContaining('got SIGKILL')]);
    await stoppedTask(app);
    await expect.poll(healthy(app)).toBe(1);
    const spot = await runCli(['fail', 'spot', '--json'], { cwd });
    expect(JSON.parse(spot.out)).toMatchObject({
      ok: true,
      done: [expect.stringContaining('Spot')],
    });
    const status = await runCli(['status'], { cwd });
    expect(status.out).toMatch(/stopped \w{8}: EssentialContainerExited, .*, exit code 137/);
  });

  it('knows what is there when it is asked for something else', async () => {
    const app = await startApp(yaml(ONE));
    const cwd = app.folder;
    const id = firstTask(app).slice(0, 8);
    const wrong = `${id.slice(0, 7)}x`;
    expect(await runCli(['fail', 'task', wrong], { cwd })).toMatchObject({
      code: 5,
      err: expect.stringContaining(`Did you mean ${id}?`),
    });
    expect(await runCli(['fail', 'zone', 'us-east-1x'], { cwd })).toMatchObject({
      code: 5,
      err: expect.stringMatching(/no zone "us-east-1x"[\s\S]*Did you mean us-east-1a\?/),
    });
    expect(await runCli(['fail', 'spot'], { cwd })).toMatchObject({
      code: 5,
      err: expect.stringContaining('No task runs on Fargate Spot'),
    });
    expect(await runCli(['fail', 'taks', id], { cwd })).toMatchObject({
      code: 2,
      err: expect.stringContaining('Use "task"'),
    });
    expect(await runCli(['fail', 'zone'], { cwd })).toMatchObject({ code: 2 });
  });
});
