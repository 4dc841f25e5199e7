// Services behind an HTTP API: through the Web Adapter on Lambda, through a VPC link on Fargate.

import { describe, expect, it } from 'vitest';
import { realMachine } from '../src/host/machine.ts';
import { explainRequest } from '../src/ops/explain.ts';
import { startApp, type TestApp } from './support/app.ts';
import { rawClient, rawRequest } from './support/raw-client.ts';

const app = (compute: string, entry = 'http-api') => `
app: api
entry: ${entry}
services:
  api:
    source: FIXTURES
    command: node program.mjs
    health: /health
    ${compute}
routes:
  - { path: /*, service: api }
`;
const LAMBDA = 'lambda: { timeout: 20s }';
const FARGATE =
  'fargate: { cpu: 1024, memory: 2048, tasks: { min: 1, max: 1 }, concurrency: 50, stopTimeout: 2s }';

interface Seen {
  readonly raw: readonly string[];
}

async function seen(of: TestApp, head: string): Promise<ReadonlyMap<string, string>> {
  const text = await rawRequest(of.port, head);
  const { raw } = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)) as Seen;
  const pairs = raw.flatMap((name, index) =>
    index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : [],
  );
  expect(new Set(pairs.map(([name]) => name)).size, 'each name once').toBe(pairs.length);
  return new Map(pairs);
}

const HEAD =
  'GET /headers HTTP/1.1\r\nHost: api.example\r\nX-Multi: v1\r\nX-Multi: v2\r\nCookie: a=1\r\nCookie: b=2\r\nConnection: close\r\n\r\n';

describe.each([
  ['lambda', LAMBDA],
  ['fargate', FARGATE],
])('a service on %s', (compute, block) => {
  it('gets names in lower case, joined, and answers with the id of the request', async () => {
    const running = await startApp(app(block));
    const fields = await seen(running, HEAD);
    expect(fields.get('x-multi')).toBe('v1,v2');
    expect(fields.get('cookie')).toBe('a=1; b=2');
    expect(fields.get('host')).toBe('api.example');
    expect(fields.get('x-forwarded-for')).toBe('127.0.0.1');
    expect(fields.get('via')).toBe(compute === 'fargate' ? 'HTTP/1.1 AmazonAPIGateway' : undefined);
    expect(fields.get('forwarded')).toBe(
      compute === 'fargate' ? 'by=127.0.0.1;for=127.0.0.1;host=api.example;proto=http' : undefined,
    );
    const response = await fetch(`${running.url}/headers`);
    expect(response.headers.get('apigw-requestid')).toMatch(/^.{15}=$/);
    expect(await running.until('request')).toMatchObject({ status: 200, service: 'api', compute });
  });

  it('gets a body whole, of more than a load balancer passes to Lambda', async () => {
    const running = await startApp(app(block));
    const bytes = 2 * 1024 * 1024;
    const response = await fetch(`${running.url}/sink`, {
      method: 'POST',
      body: new Blob([Buffer.alloc(bytes, 'x')]).stream(),
      duplex: 'half',
    } as RequestInit);
    const { bytes: received, raw } = (await response.json()) as Seen & { bytes: number };
    expect(received).toBe(bytes);
    expect(raw).toContain('content-length');
    expect(raw.map((one) => one.toLowerCase())).not.toContain('transfer-encoding');
  });

  it('has its answer sent whole, never as a stream', async () => {
    const running = await startApp(app(block));
    const chunked = await fetch(`${running.url}/chunks?n=3`);
    expect(chunked.headers.get('content-length')).toBe('24');
    expect(await chunked.text()).toBe('chunk 1\nchunk 2\nchunk 3\n');
    const large = await fetch(`${running.url}/bytes?n=2000000`);
    expect((await large.arrayBuffer()).byteLength).toBe(2_000_000);
    const tooLarge = await fetch(`${running.url}/bytes?n=11000000`);
    expect(tooLarge.status).toBe(500);
    expect(await tooLarge.json()).toEqual({ message: 'Internal Server Error' });
  });

  it('is not waited for longer than the API waits', async () => {
    const running = await startApp(app(block, '{ type: http-api, timeout: 300ms }'));
    await fetch(`${running.url}/hello`).then((response) => response.arrayBuffer());
    const response = await fetch(`${running.url}/slow?ms=5000`);
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('{"message":"Service Unavailable"}');
  });

  it('cannot change the protocol', async () => {
    const running = await startApp(app(block));
    const client = await rawClient(running.port);
    client.write(
      'GET /headers HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    );
    const text = await client.closed();
    client.close();
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text.toLowerCase()).not.toContain('"upgrade"');
  });
});

it('breaks off at the task what the API waits for no longer', async () => {
  const running = await startApp(app(FARGATE, '{ type: http-api, timeout: 300ms }'));
  expect((await fetch(`${running.url}/hang`)).status).toBe(503);
  const aborted = async () => {
    const response = await fetch(`${running.url}/who`);
    return ((await response.json()) as { aborted: number }).aborted;
  };
  await expect.poll(aborted).toBe(1);
});

it('explains a request to a function, at rest and live', async () => {
  const yaml = `
app: api
entry: http-api
services: { web: { source: FIXTURES, command: node program.mjs, health: /health, lambda: {} } }
functions: { work: { source: FIXTURES/function, command: node bootstrap.mjs } }
routes:
  - { path: /*, service: web }
  - { path: "/work/{id}", method: GET, function: work }
`;
  const running = await startApp(yaml);
  const request = {
    method: 'GET',
    target: '/work/9',
    headers: [],
    source: '127.0.0.1',
    bodyBytes: 0,
  };
  const options = { cwd: running.folder, config: undefined, stage: undefined, request };
  const live = await explainRequest(realMachine(), options);
  await running.stop();
  const atRest = await explainRequest(realMachine(), options);
  expect([live.basis, atRest.basis]).toEqual(['live', 'at rest']);
  for (const { explanation } of [live, atRest]) {
    expect(explanation).toMatchObject({
      service: 'work',
      compute: 'lambda',
      goes: 'lambda',
      reason: 'the route names lambda',
    });
  }
});

it('explains a request as the API decides it', async () => {
  const running = await startApp(app(`${LAMBDA}\n    ${FARGATE}`));
  const big = { method: 'POST', target: '/echo', headers: [], source: '127.0.0.1' };
  const { explanation } = running.session.engine.explain({ ...big, bodyBytes: 11 * 1024 * 1024 });
  expect(explanation).toMatchObject({
    status: 413,
    reason: 'the body is larger than an HTTP API takes',
  });
  const fits = running.session.engine.explain({ ...big, bodyBytes: 5 * 1024 * 1024 });
  expect(fits.explanation).toMatchObject({ status: undefined });
});

it('explains that a token is needed', async () => {
  const entry = '{ type: http-api, authorizer: { issuer: "https://a.example", audience: a } }';
  const yaml = app(LAMBDA, entry).replace(
    '  - { path: /*, service: api }',
    '  - { path: /*, service: api }\n  - { path: /open, service: api, authorizer: none }\n  - { path: /admin, service: api, scopes: [x, y] }',
  );
  const running = await startApp(yaml);
  const conditions = (target: string) =>
    running.session.engine.explain({
      method: 'GET',
      target,
      headers: [],
      source: '127.0.0.1',
      bodyBytes: 0,
    }).explanation?.route.conditions;
  expect(conditions('/')).toEqual(['path /*', 'with a token']);
  expect(conditions('/open')).toEqual(['path /open']);
  expect(conditions('/admin')).toEqual(['path /admin', 'with a token for x or y']);
});

it('is billed by the request, and has no hours of a load balancer', async () => {
  const running = await startApp(app(LAMBDA));
  await fetch(`${running.url}/hello`).then((response) => response.arrayBuffer());
  await running.until('request');
  const items = running.session.engine.status().cost.lines.map(({ item }) => item);
  expect(items).toContain('apigateway.httpRequest');
  expect(items).not.toContain('alb.hour');
});
