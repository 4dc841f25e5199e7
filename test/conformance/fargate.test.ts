// What ECS does with tasks, whether they are processes or containers.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TaskEvent } from '../../src/model/event.ts';
import type { TestApp } from '../support/app.ts';
import { WAYS } from '../support/ways.ts';

const yaml = (settings: string, command = 'node changes.mjs') => `
app: alike
services:
  api:
    source: FIXTURES
    command: ${command}
    health: { path: /health, interval: 5s, timeout: 2s, unhealthy: 2 }
    environment: { VERSION: one, MODE: well }
    fargate: { cpu: 1024, memory: 2048, stopTimeout: 2s, ${settings} }
`;

const ONE = 'tasks: { min: 1, max: 1 }';
const TWO = 'tasks: { min: 2, max: 2 }';

const NOTHING_NAMED = { services: [], force: false };

const fargateOf = (app: TestApp) => app.session.engine.status().services[0]?.fargate;

const healthy = (app: TestApp) => () => fargateOf(app)?.healthy;

const firstTask = (app: TestApp) => fargateOf(app)?.tasks[0]?.id ?? '';

const faultsOf = (app: TestApp) => app.of('fault').map(({ fault }) => fault.code);

const statesOf = (app: TestApp, id: string) =>
  app
    .of('task')
    .filter((event) => event.id === id)
    .map(({ state }) => state);

const stoppedTask = (app: TestApp, test: (event: TaskEvent) => boolean = () => true) =>
  app.until('task', (event) => event.state === 'STOPPED' && test(event));

function change(app: TestApp, from: string, to: string): void {
  const file = join(app.folder, 'fulcrum.yml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
}

async function versionOf(url: string): Promise<string> {
  return ((await (await fetch(url)).json()) as { version: string }).version;
}

/** Asks one after the other until told to stop; the versions that answered, in turn. */
function asker(url: string) {
  const versions: string[] = [];
  let stop = false;
  const over = (async () => {
    while (!stop) versions.push(await versionOf(url));
  })();
  return {
    versions,
    async end() {
      stop = true;
      await over;
    },
  };
}

describe.each(WAYS)('tasks as $name', (way) => {
  it('that crash are taken out, replaced, and the rest goes on', async (context) => {
    const app = await way.start(context, yaml(TWO, 'node program.mjs'));
    await expect.poll(healthy(app)).toBe(2);
    expect((await fetch(`${app.url}/crash`)).status).toBe(502);
    const { id, stop, end } = await stoppedTask(app);
    expect({ stop, end }).toMatchObject({
      stop: { code: 'EssentialContainerExited', reason: 'Essential container in task exited' },
      end: { exitCode: 7 },
    });
    expect(faultsOf(app)).toEqual(['APP_CRASHED']);
    expect((await fetch(`${app.url}/who`)).status).toBe(200);
    await expect.poll(healthy(app)).toBe(2);
    expect(app.of('task').filter(({ state }) => state === 'PENDING')).toHaveLength(3);
    expect(statesOf(app, id).slice(0, 4)).toEqual([
      'PROVISIONING',
      'PENDING',
      'ACTIVATING',
      'RUNNING',
    ]);
  });

  it('that are killed have ended with 137, and are replaced', async (context) => {
    const app = await way.start(context, yaml(ONE));
    const id = firstTask(app);
    expect(app.session.engine.fail({ kind: 'task', task: id, how: 'kill' })).toEqual([
      `api: task ${id.slice(0, 8)} got SIGKILL`,
    ]);
    expect(await stoppedTask(app)).toMatchObject({
      id,
      stop: { code: 'EssentialContainerExited', reason: 'Essential container in task exited' },
      end: { exitCode: 137 },
    });
    expect(faultsOf(app)).toEqual(['APP_CRASHED']);
    await expect.poll(healthy(app)).toBe(1);
  });

  it('that are stopped by hand drain, end and are replaced', async (context) => {
    const app = await way.start(context, yaml(ONE));
    const id = firstTask(app);
    const slow = fetch(`${app.url}/?ms=600`);
    await expect.poll(() => fargateOf(app)?.slotsInUse).toBe(1);
    app.session.engine.fail({ kind: 'task', task: id, how: 'stop' });
    const stopped = await stoppedTask(app);
    expect(stopped).toMatchObject({ stop: { code: 'UserInitiated' }, end: { exitCode: 0 } });
    expect((await slow).status).toBe(200);
    expect(app.of('log').map(({ line }) => line)).toContain('version one was asked to stop');
    expect(statesOf(app, id).slice(4)).toEqual([
      'DEACTIVATING',
      'STOPPING',
      'DEPROVISIONING',
      'STOPPED',
    ]);
    await expect.poll(healthy(app)).toBe(1);
    expect(app.of('fault')).toEqual([]);
  });

  it('that ignore SIGTERM are killed after their stop timeout', async (context) => {
    const command = 'node ignores-sigterm.mjs';
    const app = await way.start(context, yaml(ONE, command).replace('path: /health', 'path: /'));
    app.session.engine.fail({ kind: 'task', task: firstTask(app), how: 'stop' });
    expect((await stoppedTask(app)).end).toEqual({ exitCode: 137, reason: undefined });
    expect(app.of('log').map(({ line }) => line)).toContain('I stay');
  });

  it('that hang fail their checks, are replaced, and get SIGKILL at last', async (context) => {
    const app = await way.start(context, yaml(ONE));
    const id = firstTask(app);
    app.session.engine.fail({ kind: 'task', task: id, how: 'hang' });
    const sick = await app.until('health', ({ state }) => state === 'unhealthy');
    expect(sick).toMatchObject({
      id,
      reason: 'Target.Timeout',
      why: 'GET /health: no answer within 2000 ms',
    });
    expect(await stoppedTask(app, (event) => event.id === id)).toMatchObject({
      stop: {
        code: 'ServiceSchedulerInitiated',
        reason: expect.stringMatching(
          /^Task failed ELB health checks in \(target-group arn:aws:elasticloadbalancing:/,
        ),
      },
      end: { exitCode: 137 },
    });
    expect(app.of('log').map(({ line }) => line)).not.toContain('version one was asked to stop');
    await expect.poll(healthy(app)).toBe(1);
  });

  it('that go over their memory end with the reason of ECS', async (context) => {
    const text = yaml(ONE, 'node program.mjs');
    const app = await way.start(
      context,
      text.replace('cpu: 1024, memory: 2048', 'cpu: 256, memory: 512'),
    );
    const answer = await fetch(`${app.url}/hold?mb=900`);
    expect([200, 502]).toContain(answer.status);
    expect((await stoppedTask(app)).end).toEqual({
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
    });
    expect(app.of('fault')[0]?.fault.message).toBe(
      'api: a copy on fargate went over its 512 MB of memory and was killed.',
    );
    await expect.poll(healthy(app)).toBe(1);
  });

  it('that never listen are ended, said, and tried again', async (context) => {
    const app = await way.start(context, yaml(ONE, 'node listens-elsewhere.mjs'));
    const { fault } = await app.until('fault');
    expect(fault.code).toBe('APP_NOT_LISTENING');
    expect(fault.message).toMatch(
      /did not answer on port \d+ within 10000 ms; it listens on \d+ instead\./,
    );
    await app.until('task', ({ state }) => state === 'STOPPED');
  });

  it('whose program is not there never run, and are tried ever more slowly', async (context) => {
    const app = await way.start(context, yaml(ONE, 'no-such-program --port'));
    const { id, end } = await stoppedTask(app);
    expect(end?.reason).toMatch(/^CannotStartContainerError: .*no-such-program/);
    expect(statesOf(app, id)).not.toContain('RUNNING');
    expect(app.of('fault')[0]?.fault).toMatchObject({
      code: 'APP_CANNOT_START',
      message: expect.stringContaining('no-such-program'),
    });
    await app.until('service', ({ message }) =>
      message.endsWith('is unable to consistently start tasks successfully.'),
    );
  });

  it('are HEALTHY by their own check, and replaced when they are UNHEALTHY', async (context) => {
    const check = `'test ! -e "\${TMPDIR:-/tmp}/sick" || { echo too sick; exit 1; }'`;
    const settings = `${ONE}, healthCheck: { command: ${check}, interval: 5s, timeout: 2s, retries: 1 }`;
    const app = await way.start(context, yaml(settings));
    const well = await app.until('health', ({ of }) => of === 'container');
    expect(well).toMatchObject({ state: 'HEALTHY', why: 'its check passed' });
    await fetch(`${app.url}/sick`);
    const sick = await app.until('health', ({ state }) => state === 'UNHEALTHY');
    expect(sick.why).toBe('its check ended with exit code 1: too sick');
    expect(await stoppedTask(app)).toMatchObject({
      id: sick.id,
      stop: { reason: 'Task failed container health checks' },
    });
    await expect.poll(healthy(app)).toBe(1);
  });
});

describe.each(WAYS)('a rolling deployment of $name', (way) => {
  it('replaces the tasks without a failed request, old ones after new ones', async (context) => {
    const app = await way.start(context, yaml(TWO));
    await expect.poll(healthy(app)).toBe(2);
    const clients = [asker(app.url), asker(`${app.url}/?ms=20`)];
    change(app, 'VERSION: one', 'VERSION: two');
    const answer = await app.session.engine.redeploy(NOTHING_NAMED);
    expect(answer).toMatchObject({ started: [{ service: 'api', revision: 2 }], notes: [] });
    await app.until('deployment', ({ revision, state }) => revision === 2 && state === 'COMPLETED');
    for (const client of clients) await client.end();
    expect(await versionOf(app.url)).toBe('two');
    for (const { versions } of clients) expect(versions[0]).toBe('one');
    expect(app.of('request').filter(({ status }) => status !== 200)).toEqual([]);
    const steps = app.events.flatMap((event) => {
      if (event.type === 'task') return `${event.track} ${event.state}`;
      return event.type === 'health' && event.state === 'healthy' ? 'target healthy' : [];
    });
    const first = steps.indexOf('api@1/fargate DEACTIVATING');
    expect(steps.slice(0, first).filter((step) => step === 'target healthy')).toHaveLength(3);
  });

  it('whose tasks end at once fails, and goes back', async (context) => {
    const app = await way.start(context, yaml(TWO));
    await expect.poll(healthy(app)).toBe(2);
    change(app, 'VERSION: one, MODE: well', 'VERSION: two, MODE: exits');
    const { started } = await app.session.engine.redeploy(NOTHING_NAMED);
    const failed = await app.until('deployment', ({ state }) => state === 'FAILED');
    expect(failed).toMatchObject({ id: started[0]?.deployment, revision: 2, failed: 3 });
    await app.until(
      'deployment',
      ({ revision, state, at }) => revision === 1 && state === 'COMPLETED' && at >= failed.at,
    );
    expect(await versionOf(app.url)).toBe('one');
    expect(faultsOf(app)).toContain('APP_EXITED_EARLY');
    const [stopped] = (fargateOf(app)?.stopped ?? []).filter(({ revision }) => revision === 2);
    expect(stopped).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      exitCode: 3,
      lastLines: ['version two cannot work'],
    });
  });
});
