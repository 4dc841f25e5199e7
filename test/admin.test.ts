// The admin port: what it tells, and whom.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startApp, type TestApp } from './support/app.ts';

const APP = `
app: adm
services:
  api:
    source: FIXTURES
    command: node program.mjs
    health: /health
    lambda: { memory: 512 }
`;

function tokenFile(app: TestApp): string {
  const runs = join(app.folder, '.fulcrum', 'run');
  return join(runs, readdirSync(runs)[0] ?? '', 'token');
}

/** `fetch` does not let a Host be chosen. */
function ask(
  app: TestApp,
  path: string,
  headers: Record<string, string>,
  { method = 'GET', body = '' } = {},
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${app.admin}${path}`, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

it('answers its owner only', async () => {
  const app = await startApp(APP);
  const file = tokenFile(app);
  expect(statSync(file).mode & 0o077).toBe(0);
  const authorization = `Bearer ${readFileSync(file, 'utf8')}`;
  const status = async (headers: Record<string, string>) =>
    (await ask(app, '/v1/status', headers)).status;
  expect(await status({ authorization })).toBe(200);
  expect(await status({})).toBe(401);
  expect(await status({ authorization: 'Bearer wrong' })).toBe(401);
  expect(await status({ authorization, host: 'evil.example' })).toBe(403);
  expect(await status({ authorization, origin: 'https://evil.example' })).toBe(403);
  expect(await status({ authorization, 'sec-fetch-site': 'cross-site' })).toBe(403);
  const post = (type: string) =>
    ask(
      app,
      '/v1/explain',
      { authorization, 'content-type': type },
      { method: 'POST', body: '{}' },
    );
  expect((await post('text/plain')).status).toBe(415);
  expect((await ask(app, '/v1/nothing', { authorization })).status).toBe(404);
});

it('tells the metrics by their AWS names', async () => {
  const app = await startApp(APP);
  await (await fetch(`${app.url}/who`)).text();
  await (await fetch(`${app.url}/crash`)).text();
  const authorization = `Bearer ${readFileSync(tokenFile(app), 'utf8')}`;
  const { text } = await ask(app, '/v1/metrics', { authorization });
  const series = JSON.parse(text) as {
    namespace: string;
    name: string;
    dimensions: Record<string, string>;
    datapoints: { sum: number; sampleCount: number }[];
  }[];
  const sum = (namespace: string, name: string) =>
    series
      .filter((one) => one.namespace === namespace && one.name === name)
      .flatMap(({ datapoints }) => datapoints)
      .reduce((total, point) => total + point.sum, 0);
  expect(sum('AWS/Lambda', 'Invocations')).toBe(2);
  expect(sum('AWS/Lambda', 'Errors')).toBe(1);
  const dimensionsOf = (metric: string) =>
    series
      .filter(({ namespace, name }) => namespace === 'AWS/ApplicationELB' && name === metric)
      .map(({ dimensions, datapoints }) => [
        Object.keys(dimensions).sort().join(),
        datapoints.reduce((total, point) => total + point.sum, 0),
      ]);
  expect(dimensionsOf('HTTPCode_Target_2XX_Count')).toEqual([
    ['LoadBalancer', 1],
    ['AvailabilityZone,LoadBalancer', 1],
    ['LoadBalancer,TargetGroup', 1],
    ['AvailabilityZone,LoadBalancer,TargetGroup', 1],
  ]);
  expect(dimensionsOf('HTTPCode_ELB_502_Count')).toEqual([
    ['LoadBalancer', 1],
    ['AvailabilityZone,LoadBalancer', 1],
  ]);
  expect(dimensionsOf('LambdaUserError')).toEqual([
    ['TargetGroup', 1],
    ['LoadBalancer,TargetGroup', 1],
  ]);
  const duration = series.find(({ name }) => name === 'Duration');
  expect(duration?.dimensions).toEqual({ FunctionName: 'adm-api' });
});

it('explains with what it knows now', async () => {
  const app = await startApp(APP);
  const authorization = `Bearer ${readFileSync(tokenFile(app), 'utf8')}`;
  const body = JSON.stringify({
    method: 'GET',
    target: '/x',
    headers: [['upgrade', 'websocket']],
    source: '127.0.0.1',
    bodyBytes: 0,
  });
  const headers = { authorization, 'content-type': 'application/json' };
  const { text } = await ask(app, '/v1/explain', headers, { method: 'POST', body });
  expect(JSON.parse(text)).toMatchObject({
    explanation: {
      status: 400,
      computes: [
        { compute: 'lambda', verdict: 'struck out', why: 'Lambda cannot upgrade a connection' },
        { compute: 'fargate', verdict: 'struck out', why: 'the service has no "fargate" block' },
      ],
    },
  });
});

it('says what is wrong with what it is asked', async () => {
  const app = await startApp(APP);
  const authorization = `Bearer ${readFileSync(tokenFile(app), 'utf8')}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const wrong = async (path: string, body: string) => {
    const { status, text } = await ask(app, `/v1/${path}`, headers, { method: 'POST', body });
    const { error } = JSON.parse(text) as { readonly error: { readonly message: string } };
    return [status, error.message];
  };
  expect(await wrong('redeploy', 'no')).toEqual([400, 'the body is not JSON']);
  expect(await wrong('redeploy', '{"services":"api","force":true}')).toEqual([
    400,
    expect.stringMatching(/^"services": .*expected array/),
  ]);
  expect(await wrong('redeploy', '{"services":[]}')).toEqual([
    400,
    expect.stringMatching(/^"force": .*expected boolean/),
  ]);
  expect(await wrong('fail', '{"kind":"fire"}')).toEqual([400, expect.stringMatching(/^"kind": /)]);
  expect(await wrong('fail', '{"kind":"task","task":"a","how":"burn"}')).toEqual([
    400,
    expect.stringMatching(/^"how": .*"kill"\|"stop"\|"hang"/),
  ]);
  expect(await wrong('explain', '[]')).toEqual([400, expect.stringMatching(/^the body: /)]);
});
