// New revisions of a service on Fargate, deployed to an app that runs.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startApp, type TestApp } from './support/app.ts';
import { runCli, startCli } from './support/cli.ts';

const YAML = `
app: roll
services:
  api:
    source: FIXTURES
    command: node changes.mjs
    health: { path: /health, interval: 5s, timeout: 2s, unhealthy: 2 }
    environment: { VERSION: one, MODE: well }
    fargate: { cpu: 1024, memory: 2048, stopTimeout: 2s, tasks: { min: 2, max: 4 } }
`;

const NOTHING_NAMED = { services: [], force: false };

const fargateOf = (app: TestApp) => app.session.engine.status().services[0]?.fargate;

function change(app: TestApp, from: string, to: string): void {
  const file = join(app.folder, 'fulcrum.yml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
}

async function versionOf(url: string): Promise<string> {
  return ((await (await fetch(url)).json()) as { version: string }).version;
}

describe('a rolling deployment', () => {
  it('starts new tasks before it stops old ones, and stops them in order', async () => {
    const app = await startApp(YAML);
    await expect.poll(() => fargateOf(app)?.healthy).toBe(2);
    change(app, 'VERSION: one', 'VERSION: two');
    await app.session.engine.redeploy(NOTHING_NAMED);
    await app.until('deployment', ({ revision, state }) => revision === 2 && state === 'COMPLETED');
    const steps = app.events.flatMap((event) => {
      if (event.type === 'task') return `${event.track} ${event.state}`;
      return event.type === 'health' && event.state === 'healthy' ? `target healthy` : [];
    });
    const first = steps.indexOf('api@1/fargate DEACTIVATING');
    expect(steps.slice(0, first).filter((step) => step === 'target healthy')).toHaveLength(3);
    const [old] = app.of('task').filter(({ state }) => state === 'DEACTIVATING');
    const states = app.of('task').filter(({ id }) => id === old?.id);
    expect(states.map(({ state }) => state)).toEqual([
      'PROVISIONING',
      'PENDING',
      'ACTIVATING',
      'RUNNING',
      'DEACTIVATING',
      'STOPPING',
      'DEPROVISIONING',
      'STOPPED',
    ]);
    expect(states.at(-1)).toMatchObject({
      stop: {
        code: 'ServiceSchedulerInitiated',
        reason: expect.stringMatching(/^Scaling activity initiated by \(deployment ecs-svc\/\d+\)/),
      },
      end: { exitCode: 0 },
    });
    expect(app.of('service').map(({ message }) => message)).toContain(
      '(service api) has reached a steady state.',
    );
  });

  it('whose tasks are sick fails, and the others go on', async () => {
    const app = await startApp(
      YAML.replace(
        'stopTimeout: 2s',
        'stopTimeout: 2s, deployment: { circuitBreaker: { rollback: false, threshold: { type: count, value: 1 } } }',
      ),
    );
    await expect.poll(() => fargateOf(app)?.healthy).toBe(2);
    change(app, 'VERSION: one, MODE: well', 'VERSION: two, MODE: sick');
    await app.session.engine.redeploy(NOTHING_NAMED);
    const { why } = await app.until('deployment', ({ state }) => state === 'FAILED');
    expect(why).toBe('ECS deployment circuit breaker: tasks failed to start.');
    expect(await versionOf(app.url)).toBe('one');
    const { fault } = await app.until('fault');
    expect(fault).toMatchObject({ code: 'APP_UNHEALTHY', facts: { reason: 'status 500' } });
  });

  it('is only for what has changed, unless it is forced', async () => {
    const app = await startApp(YAML);
    const { engine } = app.session;
    expect(await engine.redeploy({ services: ['api'], force: false })).toEqual({
      started: [],
      unchanged: ['api'],
      notes: [],
    });
    change(app, 'app: roll', 'app: roll\nzones: 3');
    expect(await engine.redeploy({ services: ['api'], force: true })).toMatchObject({
      started: [{ service: 'api', revision: 2 }],
      notes: ['"zones"'],
    });
    await app.until('deployment', ({ revision, state }) => revision === 2 && state === 'COMPLETED');
  });

  it('changes nothing when fulcrum.yml is wrong or the service is not there', async () => {
    const app = await startApp(YAML);
    const { engine } = app.session;
    await expect(engine.redeploy({ services: ['apo'], force: false })).rejects.toMatchObject({
      code: 'SERVICE_UNKNOWN',
    });
    change(app, 'memory: 2048', 'memory: 100');
    await expect(engine.redeploy(NOTHING_NAMED)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(fargateOf(app)?.deployments).toHaveLength(1);
  });

  it('gives Lambda the new program too', async () => {
    const app = await startApp(
      `${YAML.replace('    fargate:', '    lambda: { memory: 512 }\n    fargate:')}
routes:
  - { path: /lambda/*, service: api, compute: lambda }
  - { path: /*, service: api, compute: fargate }
`,
    );
    expect(await versionOf(`${app.url}/lambda/a`)).toBe('one');
    const slow = versionOf(`${app.url}/lambda/a?ms=500`);
    await expect.poll(() => app.session.engine.status().services[0]?.lambda?.busy).toBe(1);
    change(app, 'VERSION: one', 'VERSION: two');
    await app.session.engine.redeploy(NOTHING_NAMED);
    expect(await versionOf(`${app.url}/lambda/a`)).toBe('two');
    expect(await slow).toBe('one');
    await app.until('environment', ({ why }) => why === 'a new revision');
    const served = await fetch(`${app.url}/lambda/a`);
    expect(await served.json()).toMatchObject({ version: 'two' });
    expect(served.headers.get('x-fulcrum-track')).toBe('api@2/lambda');
  });
});

describe('fulcrum redeploy', () => {
  it('waits for the deployment, and says what happens', async () => {
    const app = await startApp(YAML);
    await expect.poll(() => fargateOf(app)?.healthy).toBe(2);
    const cwd = app.folder;
    const same = await runCli(['redeploy'], { cwd });
    expect([same.code, same.err]).toEqual([0, expect.stringContaining('no service has changed')]);
    change(app, 'VERSION: one', 'VERSION: two');
    const { code, err } = await runCli(['redeploy'], { cwd });
    expect(code).toBe(0);
    expect(err).toMatch(/api: revision 2 is being deployed/);
    expect(err).toMatch(/api fargate revision 2 COMPLETED$/m);
    expect(await versionOf(app.url)).toBe('two');
  });

  it('ends with 1 when the deployment fails', async () => {
    const app = await startApp(YAML.replace('min: 2', 'min: 1'));
    change(app, 'VERSION: one, MODE: well', 'VERSION: two, MODE: exits');
    const { code, err } = await runCli(['redeploy', 'api'], { cwd: app.folder });
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /api: the deployment of revision 2 failed, and revision 1 takes over again: .*\[DEPLOYMENT_FAILED\]/,
      ),
    ]);
  });

  it('does not wait when told so, and stops to wait at Ctrl-C', async () => {
    const app = await startApp(
      YAML.replace('app: roll', 'app: roll\nlocal: { taskStart: 60s }').replace('min: 2', 'min: 0'),
    );
    const cwd = app.folder;
    const { code, out } = await runCli(['redeploy', '--force', '--no-wait', '--json'], { cwd });
    expect([code, JSON.parse(out)]).toEqual([
      0,
      { ok: true, started: [expect.objectContaining({ revision: 2 })], unchanged: [], notes: [] },
    ]);
    await fetch(app.url);
    await app.until('task', ({ state }) => state === 'PENDING');
    const waiting = startCli(['redeploy', '--force'], { cwd });
    await expect.poll(waiting.err).toContain('revision 3 is being deployed');
    waiting.child.kill('SIGINT');
    expect((await waiting.finished).code).toBe(130);
  });

  it('says what is wrong as "fulcrum validate" does, and nothing is deployed', async () => {
    const app = await startApp(YAML);
    change(app, 'memory: 2048', 'memory: 100');
    const { code, err } = await runCli(['redeploy'], { cwd: app.folder });
    expect([code, err]).toEqual([3, expect.stringMatching(/fulcrum\.yml:9:\d+ .*memory/)]);
    const unknown = await runCli(['redeploy', 'apo'], { cwd: app.folder });
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('no service "apo"')]);
  });
});
