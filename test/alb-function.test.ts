// Functions behind a load balancer, over real sockets: the event they get, and what the front door
// makes of each way they can end.

import { describe, expect, it } from 'vitest';
import { Fault } from '../src/base/fault.ts';
import { failed, startDoor } from './support/door.ts';
import { fixture } from './support/events.ts';
import { rawClient, rawRequest } from './support/raw-client.ts';

const app = (entry: string) => `
app: doors
region: eu-west-1
entry: ${entry}
functions: { hello: { handler: index.handler } }
routes:
  - { path: /*, function: hello }
`;
const MULTI = app('alb');
const SINGLE = app('{ type: alb, multiValueHeaders: false }');

const ARN = expect.stringMatching(
  /^arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup\/doors-hello-lambda\/[0-9a-f]{16}$/,
);
const TRACE = 'Root=1-00000000-000000000000000000000000';
const ANSWER = { statusCode: 200, multiValueHeaders: {}, body: '' };

/** The golden request of Appendix A, as a client of the load balancer sends it. */
const golden = (target: string) =>
  [
    `POST ${target} HTTP/1.1`,
    'Accept: */*',
    'Content-Type: application/json',
    'Host: lb.example',
    'User-Agent: ua',
    `X-Amzn-Trace-Id: ${TRACE}`,
    'Content-Length: 2',
    'Connection: close',
    '',
    '{}',
  ].join('\r\n');

/** What differs on this machine: address, port, length, and the Self before the client's Root. */
function here(port: number) {
  return {
    host: `lb.example:${port}`,
    'content-length': '2',
    'x-amzn-trace-id': expect.stringMatching(new RegExp(`^Self=[^;]+;${TRACE}$`)),
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-port': String(port),
    'x-forwarded-proto': 'http',
  };
}

describe('the event', () => {
  it('has one value for each name in single-value mode (A1)', async () => {
    const door = await startDoor(SINGLE, { hello: () => ({ statusCode: 200 }) });
    await rawRequest(door.port, golden('/items?q=a%20b'));
    const expected = fixture('alb-single');
    expect(door.of('hello').event).toEqual({
      ...expected,
      requestContext: { elb: { targetGroupArn: ARN } },
      headers: { ...expected.headers, ...here(door.port) },
    });
  });

  it('has lists in multi-value mode, and nothing else (A2)', async () => {
    const door = await startDoor(MULTI, { hello: () => ANSWER });
    await rawRequest(door.port, golden('/items?q=1&q=2'));
    const expected = fixture('alb-multi');
    const lists = Object.entries(here(door.port)).map(([name, value]) => [name, [value]]);
    expect(door.of('hello').event).toEqual({
      ...expected,
      requestContext: { elb: { targetGroupArn: ARN } },
      multiValueHeaders: { ...expected.multiValueHeaders, ...Object.fromEntries(lists) },
    });
  });

  it('is paid for with its head', async () => {
    const door = await startDoor(MULTI, { hello: () => ANSWER });
    const large = `X-Large: ${'x'.repeat(16_000)}\r\n`.repeat(3);
    await rawRequest(door.port, `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${large}\r\n`);
    // 48 KB of the 0.4 GB that an hour of a unit has for Lambda.
    expect(door.microLcuHours()).toBeGreaterThan(119);
  });

  it('carries nothing that concerns one connection only, and two cookies as two', async () => {
    const door = await startDoor(MULTI, { hello: () => ANSWER });
    await rawRequest(
      door.port,
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: close, x-hop\r\nX-Hop: 1\r\nTE: trailers\r\nCookie: a=1\r\nCookie: b=2\r\nX-Fulcrum-Force: lambda\r\n\r\n',
    );
    const { multiValueHeaders } = door.of('hello').event;
    expect(Object.keys(multiValueHeaders).sort()).toEqual([
      'cookie',
      'host',
      'x-amzn-trace-id',
      'x-forwarded-for',
      'x-forwarded-port',
      'x-forwarded-proto',
    ]);
    expect(multiValueHeaders.cookie).toEqual(['a=1', 'b=2']);
  });

  it('is sent with the trace id, a UUID and the ARN of the function', async () => {
    const door = await startDoor(MULTI, { hello: () => ANSWER });
    await fetch(door.url);
    const [invocation] = door.of('hello').invocations;
    expect(invocation?.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
    expect(invocation?.invokedArn).toBe(
      'arn:aws:lambda:eu-west-1:000000000000:function:doors-hello',
    );
    expect(invocation?.traceId).toMatch(/^Root=1-/);
    expect(invocation?.streams).toBe(false);
  });
});

describe('the answer', () => {
  it('goes to the client with its status, reason, headers and body (A3)', async () => {
    const door = await startDoor(SINGLE, { hello: () => fixture('alb-answer') });
    const text = await rawRequest(
      door.port,
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).toMatch(/\r\ncontent-type: application\/json\r\n/i);
    expect(text).toMatch(/\r\nDate: /);
    expect(text).toMatch(/\r\nContent-Length: 2\r\n/);
    expect(text).toMatch(/\r\n\r\n\{\}$/);
  });

  it('has every Set-Cookie, and bytes that were in base64', async () => {
    const body = Buffer.from([0, 255, 1]);
    const door = await startDoor(MULTI, {
      hello: () => ({
        statusCode: 201,
        multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
        isBase64Encoded: true,
        body: body.toString('base64'),
      }),
    });
    const response = await fetch(door.url);
    expect(response.status).toBe(201);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(body);
  });

  it('is told with where it ran and that it was cold', async () => {
    const door = await startDoor(MULTI, { hello: () => ANSWER });
    await fetch(`${door.url}/x`);
    expect(door.requests()).toMatchObject([
      {
        path: '/x',
        status: 200,
        service: 'hello',
        compute: 'lambda',
        track: 'hello@1/lambda',
        instance: 'env-1',
        cold: true,
        reason: 'the route names lambda',
      },
    ]);
    expect(door.metric('HTTPCode_Target_2XX_Count', 'doors-hello')).toBe(1);
    expect(door.metric('LambdaUserError')).toBe(0);
  });
});

const MB = 1024 * 1024;
const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

describe('the status of the load balancer (§2.3)', () => {
  it.each([
    [
      'a function error',
      () => failed(new Fault('LAMBDA_EXITED', { exit: 'exit code 1' })),
      502,
      'LambdaUnhandled',
    ],
    [
      'a timeout',
      () => failed(new Fault('LAMBDA_TIMED_OUT', { timeoutMs: 1000 })),
      502,
      'LambdaUnhandled',
    ],
    ['an answer that is no object', () => 'hi', 502, 'LambdaInvalidResponse'],
    ['an answer without a status', () => ({ body: 'hi' }), 502, 'LambdaInvalidResponse'],
    [
      'an answer of more than 1 MB of JSON',
      () => ({ statusCode: 200, body: 'x'.repeat(MB) }),
      502,
      'LambdaResponseTooLarge',
    ],
  ])('of %s', async (_what, play, status, reason) => {
    const door = await startDoor(MULTI, { hello: play });
    const text = await rawRequest(door.port, get);
    expect(text).toMatch(
      new RegExp(`^HTTP/1\\.1 ${status} Bad Gateway\r\nServer: awselb/2\\.0\r\n`),
    );
    const [event] = door.requests();
    expect(event).toMatchObject({ status, service: 'hello', compute: 'lambda' });
    expect(event?.reason).toBe(`the route names lambda (${reason})`);
    expect(door.metric('LambdaUserError')).toBe(1);
    expect(door.metric('HTTPCode_ELB_502_Count')).toBe(1);
    expect(door.metric('HTTPCode_Target_2XX_Count')).toBe(0);
  });

  it('of a function that is throttled: 502, and the function counts it', async () => {
    const door = await startDoor(MULTI, { hello: () => ANSWER });
    const hello = door.of('hello');
    hello.throttle = { reason: 'ReservedFunctionConcurrentInvocationLimitExceeded', limit: 0 };
    const response = await fetch(door.url);
    expect(response.status).toBe(502);
    expect(hello.throttles).toBe(1);
    expect(hello.invocations).toEqual([]);
    expect(door.requests()[0]?.reason).toMatch(/^Lambda throttles .* \(LambdaThrottling\)$/);
    expect(door.metric('LambdaUserError')).toBe(1);
  });

  it.each([
    ['declared', { body: Buffer.alloc(MB + 1) }],
    ['found while it arrives', { body: new Blob([Buffer.alloc(MB + 1)]).stream(), duplex: 'half' }],
  ])('of a body of more than 1 MB, %s: 413', async (_how, init) => {
    const door = await startDoor(MULTI, { hello: () => ANSWER });
    const response = await fetch(door.url, { method: 'POST', ...init } as RequestInit);
    expect(response.status).toBe(413);
    expect(door.requests()[0]?.reason).toMatch(/\(LambdaRequestTooLarge\)$/);
    expect(door.of('hello').invocations).toEqual([]);
  });

  it('of a body of 1 MB: the function’s own', async () => {
    const door = await startDoor(MULTI, { hello: () => ANSWER });
    const response = await fetch(door.url, { method: 'POST', body: Buffer.alloc(MB) });
    expect(response.status).toBe(200);
  });

  it('of an upgrade: 400', async () => {
    const door = await startDoor(MULTI, { hello: () => ANSWER });
    const client = await rawClient(door.port);
    client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const text = await client.until('</html>');
    client.close();
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(door.requests()[0]?.reason).toMatch(/\(LambdaWebsocketNotSupported\)$/);
  });

  it('of a text that is not UTF-8: 400', async () => {
    const door = await startDoor(MULTI, { hello: () => ANSWER });
    const body = Buffer.from([0xff, 0xfe]);
    const response = await fetch(door.url, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body,
    });
    expect(response.status).toBe(400);
    expect(door.requests()[0]?.reason).toMatch(/\(LambdaBadRequest\)$/);
  });
});

it('gives up an invocation whose client goes away, and counts no error of the function', async () => {
  const invoked = Promise.withResolvers<void>();
  const door = await startDoor(MULTI, {
    hello: () => {
      invoked.resolve();
      return new Promise(() => {});
    },
  });
  const client = await rawClient(door.port);
  client.write(get);
  await invoked.promise;
  client.close();
  await expect.poll(() => door.of('hello').givenUp).toBe(1);
  expect(door.requests()).toMatchObject([{ status: 460, fault: { code: 'CLIENT_GONE' } }]);
  expect(door.metric('LambdaUserError')).toBe(0);
});
