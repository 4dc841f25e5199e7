// Alarms that watch a deployment: from a program that answers 5xx to the rollback.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startApp, type TestApp } from './support/app.ts';

const YAML = `
app: watch
services:
  api:
    source: FIXTURES
    command: node changes.mjs
    health: { path: /health, interval: 5s, timeout: 2s, unhealthy: 2 }
    environment: { VERSION: one, MODE: well }
    fargate: { cpu: 1024, memory: 2048, stopTimeout: 2s, drain: 0s, tasks: { min: 1, max: 2 } }
alarms:
  errors:
    metric: { namespace: Tests, name: Errors }
    statistic: sum
    threshold: 0
    period: 10s
    missing: notBreaching
`;

/** A new revision that its alarm watches, which the first one was not. */
function changeTo(app: TestApp, mode: string): void {
  const file = join(app.folder, 'fulcrum.yml');
  const text = readFileSync(file, 'utf8')
    .replace(/VERSION: one, MODE: \w+/, `VERSION: two, MODE: ${mode}`)
    .replace('fargate: {', 'fargate: { deployment: { alarms: { names: [errors] } },');
  writeFileSync(file, text);
}

/** Somebody asks all the time, to the end of the test. */
function keepAsking(url: string): void {
  let over = false;
  const asking = (async () => {
    while (!over) {
      const { status } = await fetch(`${url}/?ms=50`);
      if (status !== 200 && status !== 500) return status;
    }
    return undefined;
  })();
  onTestFinished(async () => {
    over = true;
    expect(await asking).toBeUndefined();
  });
}

describe('an alarm that watches a deployment', () => {
  it('fails it when the new version answers 5xx, and the last one comes back', async () => {
    const app = await startApp(YAML);
    keepAsking(app.url);
    changeTo(app, 'fails');
    await app.session.engine.redeploy({ services: [], force: false });
    const failed = await app.until('deployment', ({ state }) => state === 'FAILED');
    expect(failed).toMatchObject({
      revision: 2,
      why: 'ECS deployment: alarm detected (errors).',
      failed: 0,
    });
    expect(app.of('alarm').at(-1)).toMatchObject({ name: 'errors', to: 'ALARM' });
    const back = await app.until(
      'deployment',
      ({ revision, state, at }) => revision === 1 && state === 'COMPLETED' && at >= failed.at,
    );
    expect(back.why).toMatch(/^ECS deployment ecs-svc\/\d+ completed\.$/);
    expect(app.of('service').map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/deployment failed: alarm detected\.$/),
    );
    const answer = await fetch(app.url);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      expect.objectContaining({ version: 'one' }),
    ]);
  }, 70_000);

  it('is ignored when it was in ALARM before', async () => {
    const app = await startApp(YAML.replace('MODE: well', 'MODE: fails'));
    keepAsking(app.url);
    await app.until('alarm', ({ to }) => to === 'ALARM');
    changeTo(app, 'fails');
    await app.session.engine.redeploy({ services: [], force: false });
    await app.until(
      'deployment',
      ({ revision, state }) => revision === 2 && state !== 'IN_PROGRESS',
    );
    const after = app.of('deployment').filter(({ revision }) => revision === 2);
    expect(after.map(({ state }) => state)).toEqual(['IN_PROGRESS', 'COMPLETED']);
    expect(app.session.engine.status().alarms).toMatchObject([{ alarm: 'errors', state: 'ALARM' }]);
  }, 90_000);
});
