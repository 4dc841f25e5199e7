// What a running engine measures of real requests, and what it says they would cost.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { realMachine } from '../src/host/machine.ts';
import { readMeasuredTraffic } from '../src/ops/measured-traffic.ts';
import { readStatus } from '../src/ops/status.ts';
import { startApp, type TestApp } from './support/app.ts';

const APP = `
app: measured
services:
  api:
    source: FIXTURES
    command: node program.mjs
    health: /health
    lambda: { memory: 512 }
    fargate: { cpu: 1024, memory: 2048, tasks: { min: 1, max: 1 }, stopTimeout: 2s }
routes:
  - { path: /*, service: api }
`;

const choiceOf = (app: TestApp) => ({ cwd: app.folder, config: undefined, stage: undefined });

async function send(app: TestApp, times: number, headers: Record<string, string>): Promise<number> {
  let bytes = 0;
  for (let index = 0; index < times; index += 1) {
    const answer = await fetch(`${app.url}/echo`, {
      method: 'POST',
      body: 'x'.repeat(100),
      headers,
    });
    bytes += (await answer.arrayBuffer()).byteLength;
  }
  return bytes;
}

it('is counted by service and compute, as it was', async () => {
  const app = await startApp(APP);
  await expect(readMeasuredTraffic(realMachine(), choiceOf(app))).rejects.toMatchObject({
    code: 'TRAFFIC_NOTHING_SERVED',
  });
  const bytes = (await send(app, 12, {})) + (await send(app, 8, { 'x-fulcrum-force': 'lambda' }));
  const { requests, services, profiles, traffic, from } = await readMeasuredTraffic(
    realMachine(),
    choiceOf(app),
  );
  expect(requests).toBe(20);
  expect(traffic.counts).toEqual([20]);
  expect(from).toContain('20 requests');
  const [api] = services;
  const reports = app
    .of('log')
    .filter(({ source, line }) => source === 'platform' && line.startsWith('REPORT'));
  expect(reports).toHaveLength(8);
  expect(api).toMatchObject({
    service: 'api',
    requests: 20,
    messages: 0,
    lambdaMs: { count: 8 },
    fargateMs: { count: 12 },
    coldShare: { count: 8, mean: 1 / 8 },
    requestBytes: { count: 20 },
  });
  // Heads are counted too: every answer has one of a hundred bytes or more.
  expect(api?.responseBytes?.mean).toBeGreaterThan(bytes / 20 + 100);
  const events = app.of('request');
  const onFargate = events.filter(({ compute }) => compute === 'fargate');
  const mean = onFargate.reduce((sum, { durationMs }) => sum + durationMs, 0) / onFargate.length;
  expect(api?.fargateMs?.mean).toBeCloseTo(mean, 6);
  const written = app.of('log').filter(({ source }) => source === 'platform');
  const perInvocation =
    written.reduce((sum, { line }) => sum + Buffer.byteLength(line) + 26, 0) / 8;
  expect(api?.invocationLogBytes?.mean).toBeCloseTo(perInvocation, 6);
  expect(profiles['api']?.lambdaMs?.expected).toBe(api?.lambdaMs?.mean);
});

it('is priced with what it sends, and is not told of a month too early', async () => {
  const app = await startApp(APP);
  await send(app, 3, { 'x-fulcrum-force': 'lambda' });
  const { cost } = await readStatus(realMachine(), choiceOf(app));
  expect(cost.alone).toBeNull();
  expect(cost.aloneWhy).toMatch(/^told after 100 requests and 1 min; so far 3 requests in /);
  const items = cost.lines.map(({ item }) => item);
  expect(items).toContain('cloudwatch.logsIngestGb');
  expect(items).toContain('dataTransfer.internetOutGb');
  expect(cost.otherUsd).toBeGreaterThan(0);
  const parts = cost.lambdaUsd + cost.fargateUsd + cost.frontDoorUsd + cost.otherUsd;
  expect(parts).toBeCloseTo(cost.totalUsd, 12);
  expect(cost.prices.known).toBe(true);
});

it('says what it would cost on each compute alone, once there is enough', async () => {
  const machine = realMachine();
  // A clock on which an hour has passed since the start, as soon as it is asked to.
  let later = 0;
  const clock = { ...machine.clock, now: () => machine.clock.now() + later };
  const app = await startApp(APP, { machine: { clock, openRun: withClock(machine, clock) } });
  await send(app, 120, {});
  later = 3_600_000;
  const { cost } = app.session.engine.status();
  expect(cost.aloneWhy).toBeUndefined();
  const { alone } = cost;
  expect(alone?.requestsPerMonth).toBeCloseTo(120 * 730, -3);
  // A load balancer with two addresses is on both: 730 × (0.0225 + 0.01).
  expect(alone?.lambdaUsd).toBeGreaterThan(23.72);
  expect(alone?.lambdaUsd).toBeLessThan(24);
  expect(alone?.fargateUsd).toBeGreaterThan((alone?.lambdaUsd ?? 0) + 30);
  expect(alone?.breakEven?.firstRequestsPerDay).toBeGreaterThan(120 * 24);
});

function withClock(machine: ReturnType<typeof realMachine>, clock: typeof machine.clock) {
  return (folder: string) => {
    const run = machine.openRun(folder);
    return { ...run, ports: { ...run.ports, clock } };
  };
}

it('is answered at the admin port to who has the token', async () => {
  const app = await startApp(APP);
  await send(app, 2, {});
  const runs = join(app.folder, '.fulcrum', 'run');
  const token = readFileSync(join(runs, readdirSync(runs)[0] ?? '', 'token'), 'utf8').trim();
  const ask = (authorization: string) =>
    fetch(`${app.admin}/v1/traffic`, { headers: { authorization } });
  expect((await ask('Bearer nobody')).status).toBe(401);
  const answer = await (await ask(`Bearer ${token}`)).json();
  expect(answer).toMatchObject({
    schemaVersion: 1,
    app: 'measured',
    traffic: { intervalMs: 60_000, counts: [2] },
    profiles: [{ service: 'api', requests: 2 }],
  });
});
