// What decides between Lambda and Fargate while an app runs: the latency target, the placement policy,
// what only Fargate may serve.

import { describe, expect, it } from 'vitest';
import { livePolicy } from '../src/ops/placement-choice.ts';
import { FIXTURES, startApp } from './support/app.ts';
import { runCli } from './support/cli.ts';
import { gateOf } from './support/gate.ts';

const both = (fargate: string, service = '') => `
app: place
local: { taskMinimum: 0s }
services:
  api:
    source: FIXTURES
    command: node program.mjs
    health: /health
    ${service}
    lambda: { memory: 512 }
    fargate: { cpu: 1024, memory: 2048, stopTimeout: 2s, ${fargate} }
routes:
  - { path: /fargate/*, service: api, compute: fargate }
  - { path: /*, service: api, compute: auto }
`;

const where = (response: Response) => response.headers.get('x-fulcrum-compute');
const why = (response: Response) => response.headers.get('x-fulcrum-reason');

describe('a latency target', () => {
  it('keeps a route from tasks that are too slow for it, and not from Lambda', async () => {
    const app = await startApp(both('tasks: { min: 1, max: 1 }', 'latency: 50ms'));
    const ask = () => fetch(`${app.url}/slow?ms=80`);
    for (let sent = 0; sent < 8; sent += 1) expect(where(await ask())).toBe('fargate');
    const late = await ask();
    expect(where(late)).toBe('lambda');
    expect(why(late)).toMatch(
      /^auto: a task takes \d+ ms with 1 at a time, over the target of 50 ms$/,
    );
  });

  it('that neither compute meets leaves requests with the task that is paid', async () => {
    const app = await startApp(both('tasks: { min: 1, max: 1 }', 'latency: 50ms'));
    const ask = () => fetch(`${app.url}/slow?ms=80`);
    for (let sent = 0; sent < 8; sent += 1) await ask();
    // One of them starts the environment, and says nothing.
    for (let sent = 0; sent < 9; sent += 1) expect(where(await ask())).toBe('lambda');
    const both80 = await ask();
    expect(where(both80)).toBe('fargate');
    expect(why(both80)).toContain('the task is paid already');
  });

  it('of 0 is off', async () => {
    const app = await startApp(both('tasks: { min: 1, max: 1 }', 'latency: 0'));
    for (let sent = 0; sent < 10; sent += 1) {
      expect(where(await fetch(`${app.url}/slow?ms=20`))).toBe('fargate');
    }
  });
});

describe('a service on both computes', () => {
  it('keeps a task for what only Fargate may serve, until "idle"', async () => {
    const app = await startApp(both('tasks: { min: 0, max: 1 }, idle: 2s, scale: { window: 1s }'));
    expect((await fetch(`${app.url}/fargate/who`)).status).toBe(503);
    const woken = await app.until('scale');
    expect(woken).toMatchObject({ from: 0, to: 1, policy: 'level-counter' });
    expect(woken.reason).toContain('only Fargate can serve them');
    expect(woken.figures).toMatchObject({ tasks: 0 });
    await app.until('health', ({ state }) => state === 'healthy');
    expect((await fetch(`${app.url}/fargate/who`)).status).toBe(200);
    const asleep = await app.until('scale', ({ to }) => to === 0);
    expect(asleep.reason).toBe('no request for 2.0 s');
  });

  it('says in status and explain what it learned and what comes next', async () => {
    const app = await startApp(both('tasks: { min: 1, max: 3 }, concurrency: 5'));
    expect(where(await fetch(`${app.url}/who`))).toBe('fargate');
    const { engine } = app.session;
    const scaling = engine.status().services[0]?.fargate?.scaling;
    expect(scaling).toMatchObject({ by: 'placement', rules: 'level-counter' });
    expect(scaling?.placement).toMatchObject({
      policy: 'level-counter',
      learned: { takes: 5, carries: 5 },
      next: {
        start: expect.stringMatching(/^more than .* requests\/s/),
        stop: 'not below tasks.min',
      },
      routes: [{ route: 2, place: 1, reserve: 0 }],
    });
    const request = {
      method: 'GET',
      target: '/who',
      headers: [],
      source: '127.0.0.1',
      bodyBytes: 0,
    };
    expect(engine.explain(request).placement).toMatchObject({ policy: 'level-counter' });
  });

  it('runs by another policy when one is named', async () => {
    const app = await startApp(both('tasks: { min: 0, max: 2 }, scale: { window: 1s }'), {
      policy: 'lambda-only',
    });
    const gate = gateOf(app);
    const held = Array.from({ length: 6 }, () => fetch(`${app.url}${gate.path}`));
    const placement = () => app.session.engine.status().services[0]?.fargate?.scaling.placement;
    await expect.poll(() => placement()?.routes[0]?.requestsPerSecond ?? 0).toBeGreaterThan(0);
    gate.open();
    expect((await Promise.all(held)).map(where)).toEqual(held.map(() => 'lambda'));
    expect(placement()?.policy).toBe('lambda-only');
    expect(app.of('scale')).toEqual([]);
  });
});

describe('fulcrum dev --policy', () => {
  it('refuses a policy that there is not, with the nearest, and one that needs foresight', async () => {
    const unknown = await runCli(['dev', '--policy', 'level-countr'], { cwd: FIXTURES });
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain('There is no placement policy "level-countr".');
    expect(unknown.err).toContain('Did you mean "level-counter"?');
    expect(unknown.err).not.toContain('static-best');
    const foreseen = await runCli(['dev', '--policy', 'static-best'], { cwd: FIXTURES });
    expect(foreseen.code).toBe(2);
    expect(foreseen.err).toContain('only a simulation can run it');
  });

  it('takes auto for the level counter, and names in any case', () => {
    for (const text of [undefined, 'auto', 'Auto', 'Level-Counter']) {
      expect(livePolicy(text).name).toBe('level-counter');
    }
    expect(livePolicy('Lambda-Only').name).toBe('lambda-only');
  });

  it('says of which services it decides nothing', async () => {
    const app = await startApp(
      both('tasks: { min: 1, max: 1 }')
        .replace('    lambda: { memory: 512 }\n', '')
        .replace(', compute: auto', ''),
      { policy: 'newsvendor' },
    );
    expect(app.of('notice').map(({ message }) => message)).toContain(
      'api runs on Fargate alone, so --policy decides nothing of it',
    );
  });
});
