// Functions behind an HTTP API, over real sockets.

import { describe, expect, it } from 'vitest';
import { Fault } from '../src/base/fault.ts';
import { failed, startDoor } from './support/door.ts';
import { fixture } from './support/events.ts';
import { rawRequest } from './support/raw-client.ts';

const api = (entry = '{ type: http-api }', more = '') => `
app: doors
region: eu-west-1
entry: ${entry}
functions: { hello: { handler: index.handler } }
routes:
  - { path: "/items/{id}", method: POST, function: hello }
  - { path: /any, function: hello }
  - { path: /files/*, function: hello }
${more}`;

const GOLDEN = [
  'POST /items/9?q=1&q=2 HTTP/1.1',
  'Content-Type: application/json',
  'Cookie: a=1; b=2',
  'Host: api1.execute-api.eu-west-1.amazonaws.com',
  'User-Agent: ua',
  'X-Multi: v1',
  'X-Multi: v2',
  'Content-Length: 2',
  'Connection: close',
  '',
  '{}',
].join('\r\n');

const REQUEST_ID = /^[0-9A-Za-z+/]{15}=$/;

describe('the event', () => {
  it('is payload 2.0 (A5)', async () => {
    const door = await startDoor(api(), { hello: () => 'hi' });
    await rawRequest(door.port, GOLDEN);
    const { event } = door.of('hello');
    const expected = fixture('http-api-2');
    expect(event).toEqual({
      ...expected,
      headers: {
        ...expected.headers,
        host: 'api1.execute-api.eu-west-1.amazonaws.com',
        'user-agent': 'ua',
        'content-length': '2',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-/),
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': String(door.port),
        'x-forwarded-proto': 'http',
      },
      requestContext: {
        ...expected.requestContext,
        apiId: expect.stringMatching(/^[0-9a-f]{10}$/),
        http: { ...expected.requestContext.http, sourceIp: '127.0.0.1' },
        requestId: expect.stringMatching(REQUEST_ID),
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
    });
  });

  it('is payload 1.0 where the entry says so, with a number in YAML too', async () => {
    const door = await startDoor(api('{ type: http-api, payload: 1.0 }'), {
      hello: () => ({ statusCode: 202, multiValueHeaders: { 'X-A': ['1', '2'] }, body: 'x' }),
    });
    const response = await fetch(`${door.url}/items/9?q=1&q=2`, { method: 'POST' });
    expect(response.status).toBe(202);
    expect(response.headers.get('x-a')).toBe('1,2');
    expect(door.of('hello').event).toMatchObject({
      version: '1.0',
      resource: '/items/{id}',
      httpMethod: 'POST',
      multiValueQueryStringParameters: { q: ['1', '2'] },
      pathParameters: { id: '9' },
    });
  });

  it.each([
    ['GET', '/any', 'ANY /any', undefined],
    ['GET', '/files/a/b', 'ANY /files/{proxy+}', { proxy: 'a/b' }],
    ['GET', '/else', '$default', undefined],
  ])('of %s %s says the route %s', async (method, path, routeKey, pathParameters) => {
    const door = await startDoor(api(undefined, '  - { path: /*, function: hello }'), {
      hello: () => null,
    });
    await fetch(`${door.url}${path}`, { method });
    const { event } = door.of('hello');
    expect(event.routeKey).toBe(routeKey);
    expect(event.pathParameters).toEqual(pathParameters);
  });
});

it('writes null for what is empty where that is assumed', async () => {
  const door = await startDoor(api(undefined, 'local: { assume: { emptyKeys: "null" } }'), {
    hello: () => null,
  });
  await fetch(`${door.url}/any`);
  expect(door.of('hello').event).toMatchObject({ pathParameters: null, body: null });
});

describe('the answer', () => {
  it('is inferred: a text keeps its quotes (A7)', async () => {
    const door = await startDoor(api(), { hello: () => 'hi' });
    const response = await fetch(`${door.url}/any`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('content-length')).toBe('4');
    expect(await response.text()).toBe('"hi"');
  });

  it('has names in lower case, joined, the cookies apart, and the id of the request', async () => {
    const door = await startDoor(api(), {
      hello: () => ({ statusCode: 200, headers: { 'X-One': '1' }, cookies: ['a=1', 'b=2'] }),
    });
    const text = await rawRequest(
      door.port,
      'GET /any HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(text).toContain('\r\nx-one: 1\r\n');
    expect(text).toContain('\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n');
    const { requestId } = door.of('hello').event.requestContext;
    expect(text).toContain(`\r\napigw-requestid: ${requestId}\r\n`);
  });
});

describe('the status of the API (§3.3)', () => {
  it.each([
    [
      'a function error',
      () => failed(new Fault('LAMBDA_EXITED', { exit: 'exit code 1' })),
      500,
      'Internal Server Error',
    ],
    [
      'a function timeout',
      () => failed(new Fault('LAMBDA_TIMED_OUT', { timeoutMs: 3000 })),
      500,
      'Internal Server Error',
    ],
    ['a bad answer', () => ({ statusCode: 'x' }), 500, 'Internal Server Error'],
    [
      'an answer of more than 6 MB',
      () => 'x'.repeat(6 * 1024 * 1024 + 100),
      500,
      'Internal Server Error',
    ],
  ])('of %s', async (_what, play, status, message) => {
    const door = await startDoor(api(), { hello: play });
    const response = await fetch(`${door.url}/any`);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('apigw-requestid')).toMatch(REQUEST_ID);
    expect(await response.json()).toEqual({ message });
    expect(door.metric('5xx')).toBe(2);
    expect(door.metric('Count', '$default')).toBe(1);
  });

  it('of no route: 404', async () => {
    const door = await startDoor(api(), { hello: () => null });
    const response = await fetch(`${door.url}/nowhere`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ message: 'Not Found' });
    expect(response.headers.get('apigw-requestid')).toMatch(REQUEST_ID);
  });

  it('of a function that does not answer in time: 503 with 33 bytes, and it runs on', async () => {
    const answer = Promise.withResolvers<unknown>();
    const door = await startDoor(api('{ type: http-api, timeout: 0.05 }'), {
      hello: () => answer.promise,
    });
    const response = await fetch(`${door.url}/any`);
    expect(response.status).toBe(503);
    expect(response.headers.get('content-length')).toBe('33');
    expect(await response.text()).toBe('{"message":"Service Unavailable"}');
    expect(door.of('hello').givenUp).toBe(0);
    answer.resolve({ statusCode: 200 });
    await answer.promise;
    expect(door.requests()).toMatchObject([
      { status: 503, service: 'hello', compute: 'lambda', fault: { code: 'TARGET_TOO_SLOW' } },
    ]);
    const again = await fetch(`${door.url}/nowhere`);
    expect(again.status).toBe(404);
  });

  it.each([
    ['503', ''],
    ['429', 'local: { assume: { httpApiThrottle: 429 } }'],
  ])('of a throttled function: %s', async (status, more) => {
    const door = await startDoor(api(undefined, more), { hello: () => null });
    door.of('hello').throttle = { reason: 'ConcurrentInvocationLimitExceeded', limit: 1 };
    const response = await fetch(`${door.url}/any`);
    expect(String(response.status)).toBe(status);
    expect(door.of('hello').throttles).toBe(1);
  });

  it.each([
    ['over the 6 MB of Lambda', 6 * 1024 * 1024 + 1],
    ['over the 10 MB of the API', 10 * 1024 * 1024 + 1],
    ['that is 6 MB only as an event', 6 * 1024 * 1024 - 100],
  ])('of a body %s: 413', async (_what, bytes) => {
    const door = await startDoor(api(), { hello: () => null });
    const response = await fetch(`${door.url}/any`, { method: 'POST', body: Buffer.alloc(bytes) });
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({ message: 'Request Entity Too Large' });
    expect(door.of('hello').invocations).toEqual([]);
  });

  it('of a head of more than 10 240 bytes: 431', async () => {
    const door = await startDoor(api(), { hello: () => null });
    const head = (length: number) =>
      `GET /any HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Long: ${'x'.repeat(length)}\r\n\r\n`;
    expect(await rawRequest(door.port, head(10_000))).toMatch(/^HTTP\/1\.1 200 /);
    const refused = await rawRequest(door.port, head(10_240));
    expect(refused).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
    expect(refused).toMatch(/\r\napigw-requestid: .{15}=\r\n/);
    expect(refused).toMatch(/\r\n\r\n\{"message":"Request Header Fields Too Large"\}$/);
  });

  it('of an upgrade: the API sends the request on as a plain one', async () => {
    const door = await startDoor(api(), { hello: () => 'plain' });
    const text = await rawRequest(
      door.port,
      'GET /any HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(door.of('hello').event.headers).not.toHaveProperty('upgrade');
  });
});

describe('CORS', () => {
  const CORS =
    '{ type: http-api, cors: { origins: "https://app.example", methods: [GET, POST], headers: X-Mine, exposeHeaders: X-Seen, maxAge: 60, credentials: true } }';
  const preflight = { origin: 'https://app.example', 'access-control-request-method': 'POST' };

  it('is answered by the API, without a route and without the function', async () => {
    const door = await startDoor(api(CORS), { hello: () => null });
    const response = await fetch(`${door.url}/nowhere`, { method: 'OPTIONS', headers: preflight });
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'x-mine',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '60',
      'apigw-requestid': expect.stringMatching(REQUEST_ID),
    });
    expect(door.of('hello').invocations).toEqual([]);
    expect(door.requests()).toMatchObject([{ status: 204, fault: undefined }]);
  });

  it('says nothing to another origin, and drops what the function says', async () => {
    const door = await startDoor(api(CORS), {
      hello: () => ({ statusCode: 200, headers: { 'Access-Control-Allow-Origin': '*' } }),
    });
    for (const method of ['OPTIONS', 'GET']) {
      const response = await fetch(`${door.url}/any`, {
        method,
        headers: { ...preflight, origin: 'https://evil.example' },
      });
      expect(response.headers.get('access-control-allow-origin'), method).toBeNull();
    }
  });

  it('goes with the answers of functions and of the API itself', async () => {
    const door = await startDoor(api(CORS), { hello: () => ({ statusCode: 200 }) });
    for (const path of ['/any', '/nowhere']) {
      const response = await fetch(`${door.url}${path}`, {
        headers: { origin: 'https://app.example' },
      });
      expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example');
      expect(response.headers.get('access-control-expose-headers')).toBe('X-Seen');
    }
  });

  it('is the function’s own affair where the entry has none', async () => {
    const door = await startDoor(api(), {
      hello: () => ({ statusCode: 200, headers: { 'Access-Control-Allow-Origin': '*' } }),
    });
    const asked = await fetch(`${door.url}/any`, { method: 'OPTIONS', headers: preflight });
    expect(asked.headers.get('access-control-allow-origin')).toBe('*');
    expect(door.of('hello').event.requestContext.http.method).toBe('OPTIONS');
  });
});
