// Application Auto Scaling on real processes: real processor time, real requests, real alarms.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statusText } from '../src/cli/render-status.ts';
import { enginesOf, startApp, type TestApp } from './support/app.ts';

const yaml = (autoscaling: string, more = '', tasks = '{ min: 1, max: 3 }') => `
app: ctr
services:
  api:
    source: FIXTURES
    command: node program.mjs
    health: /health
    fargate:
      stopTimeout: 2s
      drain: 0s
      tasks: ${tasks}
      autoscaling:
        policies:
          - ${autoscaling}
${more}
`;

const fargate = (app: TestApp) => app.session.engine.status().services[0]?.fargate;

/** Sums of all metrics of the engine by namespace and name. */
async function sums(app: TestApp): Promise<Readonly<Record<string, number>>> {
  const [engine = ''] = enginesOf(app.folder);
  const token = readFileSync(join(app.folder, '.fulcrum', 'run', engine, 'token'), 'utf8');
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${app.admin}/v1/metrics`, { headers });
  const series = (await answer.json()) as {
    namespace: string;
    name: string;
    datapoints: { sum: number }[];
  }[];
  return Object.fromEntries(
    series.map(({ namespace, name, datapoints }) => [
      `${namespace} ${name}`,
      datapoints.reduce((sum, one) => sum + one.sum, 0),
    ]),
  );
}

// A busy machine leaves a process little of the quarter of a core that a task reserves, hence the low
// threshold.
describe('autoscaling', () => {
  it('adds a task for the processor time that real processes use, and says which policy rules', async () => {
    const app = await startApp(
      yaml(
        'step: { name: busy, metric: cpu, threshold: 20, period: 20s, by: 1, cooldown: 10m }',
        `alarms:
  burning: { metric: cpu, service: api, threshold: 20, period: 20s }
`,
      ),
    );
    await fetch(`${app.url}/burn?ms=60000`);
    const scaled = await app.until('scale');
    expect(scaled).toMatchObject({ service: 'api', from: 1, to: 2 });
    expect(scaled.reason).toMatch(
      /^monitor alarm ctr-api-busy in state ALARM triggered policy busy: CPUUtilization at [\d.]+ for a threshold of 20: \+1, with 1 running$/,
    );
    const alarm = await app.until('alarm', ({ name }) => name === 'burning');
    expect(alarm).toMatchObject({ service: undefined, to: 'ALARM' });
    expect(alarm.reason).toMatch(
      /^Threshold Crossed: 1 out of the last 1 datapoints \[[\d.]+ \(\S+ \S+\)\] was greater than the threshold \(20\.0\) \(minimum 1 datapoint for OK -> ALARM transition\)\.$/,
    );
    await expect.poll(() => fargate(app)?.healthy).toBe(2);
    expect(fargate(app)?.scaling).toMatchObject({
      by: 'autoscaling',
      min: 1,
      max: 3,
      rules: 'busy',
      why: scaled.reason,
      policies: [{ policy: 'busy', what: 'CPUUtilization beyond 20' }],
      activities: [{ from: 1, to: 2 }],
    });
    const states = app.session.engine
      .status()
      .alarms.map(({ alarm: name, state }) => [name, state]);
    expect(states).toEqual([
      ['burning', 'ALARM'],
      ['ctr-api-busy', 'ALARM'],
    ]);
  }, 70_000);

  it('sees requests that find no task, messages, and metrics that programs print', async () => {
    const app = await startApp(
      yaml(
        'targetTracking: { metric: requests, target: 60 }',
        'queues: { jobs: {} }',
        '{ min: 0, max: 2 }',
      )
        .replace('node program.mjs', 'exec node program.mjs')
        .replace('fargate:', 'lambda: {}\n    fargate:') +
        `routes:
  - { path: /lambda/*, service: api, compute: lambda }
  - { path: /*, service: api, compute: fargate }
`,
    );
    expect((await fetch(app.url)).status).toBe(503);
    expect((await fetch(`${app.url}/lambda/metric?name=Waiting&value=7`)).status).toBe(200);
    await expect
      .poll(() => sums(app))
      .toMatchObject({
        'AWS/ApplicationELB RequestCountPerTarget': 1,
        'AWS/SQS ApproximateNumberOfMessagesVisible': 0,
        'Tests Waiting': 7,
      });
  });

  it('keeps to the schedule', async () => {
    const app = await startApp(
      yaml(
        'schedule: { name: soon, when: cron(* * * * * ? *), min: 2 }',
        'alarms: { idle: { metric: cpu, service: api, threshold: 1, comparison: lessThan } }',
        '{ min: 0, max: 4 }',
      ),
    );
    const scaled = await app.until('scale');
    expect(scaled).toMatchObject({
      from: 0,
      to: 2,
      reason: 'scheduled action soon set the minimum to 2 and the maximum to 4',
    });
    await expect.poll(() => fargate(app)?.healthy).toBe(2);
    expect(fargate(app)?.scaling).toMatchObject({ min: 2, max: 4, rules: 'soon' });
    const text = statusText(app.session.engine.status(), (_style, plain) => plain);
    expect(text).toContain('  scaling  autoscaling, 2 to 4 tasks: soon (cron(* * * * * ? *))\n');
    expect(text).toMatch(/ {11}[\d:]+ 0 → 2: scheduled action soon set the minimum to 2 and/);
    expect(text).toContain('\nalarms\n  INSUFFICIENT_DATA idle  since ');
  });
});
