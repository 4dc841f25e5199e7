// The URLs of functions, over real sockets.

import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Fault } from '../src/base/fault.ts';
import type { FunctionInvocation } from '../src/engine/lambda/invocation.ts';
import { PRELUDE_CONTENT_TYPE, preludeOf } from '../src/payload/prelude.ts';
import { startApp } from './support/app.ts';
import { broken, failed, startDoor, streamed, typed } from './support/door.ts';
import { fixture } from './support/events.ts';
import { rawRequest } from './support/raw-client.ts';

const app = (url: string, more = '') => `
app: urls
region: eu-west-1
functions:
  hello:
    handler: index.handler
    url: ${url}
${more}`;
const BUFFERED = app('{}');
const STREAM = app('{ invokeMode: stream }');

const portOf = (url: string) => Number(new URL(url).port);

describe('the event', () => {
  it('is that of a function URL (A6)', async () => {
    const door = await startDoor(BUFFERED, { hello: () => 'hi' });
    const port = portOf(door.urlOf('hello'));
    const head = [
      'PUT /items/a%20b?q=1&q=2 HTTP/1.1',
      'Host: url1.lambda-url.eu-west-1.on.aws',
      'Cookie: a=1; b=2',
      'User-Agent: ua',
      'Content-Type: application/octet-stream',
      'Content-Length: 3',
      'Connection: close',
      '\r\n',
    ].join('\r\n');
    const socket = connect(port, '127.0.0.1');
    socket.end(Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0, 1])]), () => {});
    await expect.poll(() => door.of('hello').invocations.length).toBe(1);
    socket.destroy();
    const expected = fixture('function-url');
    const { authentication: _1, authorizer: _2, ...context } = expected.requestContext;
    const { pathParameters: _3, stageVariables: _4, ...rest } = expected;
    expect(door.of('hello').event).toEqual({
      ...rest,
      headers: {
        ...expected.headers,
        host: 'url1.lambda-url.eu-west-1.on.aws',
        'content-type': 'application/octet-stream',
        'content-length': '3',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-/),
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': String(port),
        'x-forwarded-proto': 'http',
      },
      requestContext: {
        ...context,
        accountId: 'anonymous',
        apiId: expect.stringMatching(/^[0-9a-f]{32}$/),
        http: { ...context.http, sourceIp: '127.0.0.1' },
        requestId: expect.stringMatching(/^[0-9a-f]{8}-/),
        time: expect.any(String),
        timeEpoch: expect.any(Number),
      },
    });
  });
});

it('writes null for what is empty where that is assumed', async () => {
  const door = await startDoor(app('{}', 'local: { assume: { emptyKeys: "null" } }'), {
    hello: () => null,
  });
  await fetch(door.urlOf('hello'));
  expect(door.of('hello').event).toMatchObject({ pathParameters: null, body: null });
});

describe('a buffered answer', () => {
  it('is inferred: a text keeps its quotes (A7)', async () => {
    const door = await startDoor(BUFFERED, { hello: () => 'hi' });
    const response = await fetch(door.urlOf('hello'));
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('content-length')).toBe('4');
    expect(await response.text()).toBe('"hi"');
    const { requestId } = door.of('hello').event.requestContext;
    expect(response.headers.get('x-amzn-requestid')).toBe(requestId);
    expect(door.of('hello').invocations[0]?.streams).toBe(false);
  });

  it('has its status, headers and cookies', async () => {
    const door = await startDoor(BUFFERED, {
      hello: () => ({ statusCode: 418, headers: { 'X-A': '1' }, cookies: ['a=1', 'b=2'] }),
    });
    const response = await fetch(door.urlOf('hello'));
    expect(response.status).toBe(418);
    expect(response.headers.get('x-a')).toBe('1');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('is understood where the function streams with a prelude all the same', async () => {
    const whole = Buffer.concat([preludeOf(201, { 'x-a': '1' }, ['c=1']), Buffer.from('body')]);
    const door = await startDoor(BUFFERED, { hello: () => typed(PRELUDE_CONTENT_TYPE, whole) });
    const response = await fetch(door.urlOf('hello'));
    expect(response.status).toBe(201);
    expect(response.headers.getSetCookie()).toEqual(['c=1']);
    expect(await response.text()).toBe('body');
  });
});

describe('the status of a URL (§3.4)', () => {
  const crash = () => failed(new Fault('LAMBDA_EXITED', { exit: 'exit code 1' }));
  const timeout = () => failed(new Fault('LAMBDA_TIMED_OUT', { timeoutMs: 3000 }));

  it.each([
    ['a function error', crash, 502, ''],
    ['a timeout', timeout, 502, ''],
    [
      'a timeout, where that is assumed',
      timeout,
      504,
      'local: { assume: { urlErrorStatus: 504 } }',
    ],
    ['a bad answer', () => ({ statusCode: 'x' }), 502, ''],
    ['a status that is not final', () => ({ statusCode: 101 }), 502, ''],
    ['an answer of more than 6 MB', () => 'x'.repeat(6 * 1024 * 1024 + 100), 502, ''],
  ])('of %s', async (_what, play, status, more) => {
    const door = await startDoor(app('{}', more), { hello: play });
    const response = await fetch(door.urlOf('hello'));
    expect(response.status).toBe(status);
    expect(await response.text()).toBe('Internal Server Error');
    expect(door.metric('UrlRequestCount', 'urls-hello')).toBe(1);
    expect(door.metric('Url5xxCount')).toBe(1);
    expect(door.metric('Url4xxCount')).toBe(0);
    expect(door.requests()).toMatchObject([
      { status, service: 'hello', reason: 'it came to the URL of the function' },
    ]);
  });

  it('of a throttled function: 429', async () => {
    const door = await startDoor(BUFFERED, { hello: () => null });
    door.of('hello').throttle = {
      reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      limit: 0,
    };
    const response = await fetch(door.urlOf('hello'));
    expect(response.status).toBe(429);
    expect(door.of('hello').throttles).toBe(1);
    expect(door.metric('Url4xxCount')).toBe(1);
  });

  it('of a body of more than 6 MB: 413', async () => {
    const door = await startDoor(BUFFERED, { hello: () => null });
    const body = Buffer.alloc(6 * 1024 * 1024 + 1);
    const response = await fetch(door.urlOf('hello'), { method: 'POST', body });
    expect(response.status).toBe(413);
  });
});

describe('a stream', () => {
  it('begins with its prelude and arrives while the function still runs', async () => {
    const more = Promise.withResolvers<void>();
    const door = await startDoor(STREAM, {
      hello: async (_event, invocation: FunctionInvocation) => {
        invocation.begin(PRELUDE_CONTENT_TYPE);
        const prelude = preludeOf(201, { 'x-a': '1' }, ['c=1', 'd=2']);
        invocation.data(prelude.subarray(0, 5));
        invocation.data(Buffer.concat([prelude.subarray(5), Buffer.from('first ')]));
        await more.promise;
        invocation.data(Buffer.from('second'));
        return streamed;
      },
    });
    const response = await fetch(door.urlOf('hello'));
    expect(response.status).toBe(201);
    expect(response.headers.get('x-a')).toBe('1');
    expect(response.headers.getSetCookie()).toEqual(['c=1', 'd=2']);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('first ');
    more.resolve();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('second');
    expect((await reader?.read())?.done).toBe(true);
    expect(door.requests()).toMatchObject([{ status: 201, responseBytes: 12 }]);
  });

  it('without a prelude is a 200 of the type the runtime says', async () => {
    const door = await startDoor(STREAM, {
      hello: (_event, invocation: FunctionInvocation) => {
        invocation.begin('text/event-stream');
        invocation.data(Buffer.from('data: 1\n\n'));
        return streamed;
      },
    });
    const response = await fetch(door.urlOf('hello'));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(await response.text()).toBe('data: 1\n\n');
  });

  it('waits for a client that does not keep up', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const chunks = 64;
    let sent = 0;
    const door = await startDoor(STREAM, {
      hello: async (_event, invocation: FunctionInvocation) => {
        invocation.begin('application/octet-stream');
        while (sent < chunks) {
          sent += 1;
          if (!invocation.data(chunk)) await door.of('hello').untilResumed();
        }
        return streamed;
      },
    });
    const socket = connect(portOf(door.urlOf('hello')), '127.0.0.1');
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    let before = -1;
    const stands = () => {
      const still = sent === before && sent > 0;
      before = sent;
      return still;
    };
    await expect.poll(stands, { interval: 200 }).toBe(true);
    expect(sent).toBeLessThan(chunks);
    let received = 0;
    socket.on('data', (data) => {
      received += data.length;
    });
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(received).toBeGreaterThan(chunks * chunk.length);
  });

  it.each([
    ['that breaks off', (invocation: FunctionInvocation) => invocation.data(Buffer.from('half'))],
    ['that breaks off before it says anything', () => {}],
  ])('%s is a broken connection', async (_what, act) => {
    const door = await startDoor(STREAM, {
      hello: (_event, invocation: FunctionInvocation) => {
        invocation.begin('text/plain');
        act(invocation);
        return broken('Runtime.ExitError');
      },
    });
    const broke = fetch(door.urlOf('hello')).then((response) => response.text());
    await expect(broke).rejects.toThrow();
    expect(door.requests()).toMatchObject([{ fault: { code: 'FUNCTION_STREAM_BROKEN' } }]);
  });

  it.each([
    ['that ends within its prelude', '{"statusCode":200}'],
    ['whose prelude is no JSON', `nonsense${'\0'.repeat(8)}body`],
    ['whose status is not final', `{"statusCode":101}${'\0'.repeat(8)}`],
  ])('%s is 502', async (_what, text) => {
    const door = await startDoor(STREAM, {
      hello: (_event, invocation: FunctionInvocation) => {
        invocation.begin(PRELUDE_CONTENT_TYPE);
        invocation.data(Buffer.from(text));
        return streamed;
      },
    });
    const response = await fetch(door.urlOf('hello'));
    expect(response.status).toBe(502);
    expect(door.requests()).toMatchObject([{ fault: { code: 'FUNCTION_ANSWER_INVALID' } }]);
  });

  it('of a function that failed before it began is 502', async () => {
    const door = await startDoor(STREAM, {
      hello: () => failed(new Fault('LAMBDA_EXITED', { exit: 'exit code 1' })),
    });
    expect((await fetch(door.urlOf('hello'))).status).toBe(502);
  });

  it('has no body after HEAD, nor with 204', async () => {
    const door = await startDoor(STREAM, {
      hello: (_event, invocation: FunctionInvocation) => {
        invocation.begin(PRELUDE_CONTENT_TYPE);
        invocation.data(Buffer.concat([preludeOf(204, {}, []), Buffer.from('never')]));
        return streamed;
      },
    });
    const port = portOf(door.urlOf('hello'));
    const text = await rawRequest(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 204 No Content\r\n/);
    expect(text).toMatch(/\r\n\r\n$/);
  });
});

describe('CORS', () => {
  const CORS = app('{ cors: { origins: ["https://app.example"], methods: [GET] } }');
  const origin = 'https://app.example';

  it('answers a pre-flight from the settings alone', async () => {
    const door = await startDoor(CORS, { hello: () => null });
    const response = await fetch(door.urlOf('hello'), {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    expect(response.headers.get('access-control-allow-methods')).toBe('GET');
    expect(door.of('hello').invocations).toEqual([]);
  });

  it('sends its fields and those of the function', async () => {
    const door = await startDoor(CORS, {
      hello: () => ({ statusCode: 200, headers: { 'Access-Control-Allow-Origin': '*' } }),
    });
    const response = await fetch(door.urlOf('hello'), { headers: { origin } });
    expect(response.headers.get('access-control-allow-origin')).toBe(`*, ${origin}`);
  });
});

describe('in an app', () => {
  const yaml = (more = '') => `
app: real
entry: http-api
functions:
  work:
    source: FIXTURES/function
    command: node bootstrap.mjs
    url: { invokeMode: stream }
  plain:
    source: FIXTURES/function
    command: node bootstrap.mjs
routes: [{ path: "/work/{id}", function: plain }]
${more}`;

  interface Echo {
    readonly event: { readonly version: string; readonly pathParameters?: unknown };
    readonly context: Readonly<Record<string, string>>;
  }

  it('a URL has a port of its own, told when the app is ready and in its status', async () => {
    const running = await startApp(yaml());
    const [at] = running.session.functionUrls;
    expect(at?.function).toBe('work');
    expect(at?.url).not.toBe(running.url);
    expect(await running.until('ready')).toMatchObject({ functionUrls: [at] });
    expect(running.session.engine.status().functionUrls).toEqual([at]);
    const response = await fetch(`${at?.url}/x`);
    const echo = (await response.json()) as Echo;
    expect(echo.event.version).toBe('2.0');
    expect(echo.context['lambda-runtime-invoked-function-arn']).toBe(
      'arn:aws:lambda:us-east-1:000000000000:function:real-work:1',
    );
  });

  it('a function without one answers behind the front door', async () => {
    const running = await startApp(yaml());
    const response = await fetch(`${running.url}/work/9`);
    expect(response.status).toBe(200);
    expect((await response.json()) as Echo).toMatchObject({
      event: { version: '2.0', pathParameters: { id: '9' } },
    });
    expect(await running.until('request')).toMatchObject({
      service: 'plain',
      compute: 'lambda',
      cold: true,
    });
  });
});
