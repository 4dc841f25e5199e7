// When no task passes its health checks, a route that knows only Fargate asks one all the same.

import { expect, it } from 'vitest';
import { statusText } from '../src/cli/render-status.ts';
import { startApp } from './support/app.ts';

const YAML = `
app: open
services:
  api:
    source: FIXTURES
    command: node changes.mjs
    health: { path: /health, interval: 5s, timeout: 2s, unhealthy: 2 }
    environment: { MODE: sick, AWS_LWA_READINESS_CHECK_PATH: / }
    lambda: { memory: 512 }
    fargate: { cpu: 1024, memory: 2048, stopTimeout: 2s, drain: 0s, tasks: { min: 1, max: 1 } }
routes:
  - { path: /fargate/*, service: api, compute: fargate }
  - { path: /*, service: api, compute: auto }
`;

it('sick tasks answer where only Fargate may, and Lambda answers elsewhere', async () => {
  const app = await startApp(YAML);
  const sick = new Set<string>();
  const isAnother = ({ id, state }: { id: string; state: string }) =>
    state === 'unhealthy' && !sick.has(id);
  sick.add((await app.until('health', isAnother)).id);
  sick.add((await app.until('health', isAnother)).id);
  expect(app.of('health').map(({ state }) => state)).not.toContain('healthy');

  const named = await fetch(`${app.url}/fargate/a`);
  expect([named.status, named.headers.get('x-fulcrum-track')]).toEqual([200, 'api@1/fargate']);
  const free = await fetch(`${app.url}/a`);
  expect([free.status, free.headers.get('x-fulcrum-track')]).toEqual([200, 'api@1/lambda']);
  expect(app.of('request').map(({ compute, reason }) => [compute, reason])).toEqual([
    ['fargate', expect.stringContaining('every task is unhealthy, so any of them is asked')],
    ['lambda', 'auto: every task is unhealthy'],
  ]);

  const status = app.session.engine.status();
  expect(status.services[0]?.fargate).toMatchObject({ healthy: 0, failOpen: true });
  expect(statusText(status, (_style, text) => text)).toContain('0 of 1 task healthy');
  expect(statusText(status, (_style, text) => text)).toContain('all unhealthy: any is asked');
});
