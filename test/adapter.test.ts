// A service invoked as a function: real programs behind the mapping of the Lambda Web Adapter, with
// its variables, and the same variables for requests through the front door.

import { createServer } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { PreludeReader } from '../src/payload/prelude.ts';
import { startApp, type TestApp } from './support/app.ts';
import { fixture } from './support/events.ts';
import { call, failure, invoke, targetOf } from './support/invoke.ts';

interface Options {
  readonly variables?: Readonly<Record<string, string | number>>;
  readonly lambda?: string;
  readonly health?: string;
}

const start = ({ variables = {}, lambda = '{ timeout: 10s }', health = '/' }: Options = {}) =>
  startApp(`
app: echo
services:
  api:
    source: FIXTURES
    command: node echo.mjs
    health: ${health}
    environment: ${JSON.stringify(variables)}
    lambda: ${lambda}
`);

/** What the program says reached it. */
interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Payload {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly cookies: readonly string[];
  readonly statusDescription: string;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

const answerOf = async (app: TestApp, event: unknown) =>
  (await call(targetOf(app, 'api'), event)) as Payload;

const seenBy = async (app: TestApp, event: unknown): Promise<Seen> =>
  JSON.parse((await answerOf(app, event)).body);

/** An event of payload 2.0 for a path. */
const get = (rawPath: string, more: object = {}) => {
  const event = fixture('http-api-2');
  return {
    ...event,
    rawPath,
    rawQueryString: '',
    body: undefined,
    requestContext: {
      ...event.requestContext,
      http: { ...event.requestContext.http, method: 'GET' },
    },
    ...more,
  };
};

describe('an event of a load balancer', () => {
  it('reaches the program as a request, and its answer has both kinds of headers', async () => {
    const app = await start();
    const answer = await answerOf(app, fixture('alb-single'));
    expect(JSON.parse(answer.body)).toMatchObject({
      method: 'POST',
      url: '/items?q=a+b',
      headers: { host: 'lb.example', 'content-type': 'application/json', 'content-length': '2' },
      body: Buffer.from('{}').toString('base64'),
    });
    expect(answer).toMatchObject({
      statusCode: 200,
      statusDescription: '200 OK',
      headers: { 'set-cookie': 'a=1' },
      multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'] },
    });
  });

  it('is served by the same environments as requests through the front door', async () => {
    const app = await start();
    const { outcome } = await invoke(targetOf(app, 'api'), fixture('alb-multi'));
    await fetch(app.url);
    expect(app.of('request').map(({ instance }) => instance)).toEqual([outcome.environment]);
    expect(outcome.cold).toBe(true);
  });
});

describe('an event of an HTTP API', () => {
  it('reaches the program with its cookies and contexts', async () => {
    const app = await start();
    const seen = await seenBy(app, fixture('http-api-2'));
    expect(seen).toMatchObject({ method: 'POST', url: '/items/9?q=1&q=2' });
    expect(seen.headers).toMatchObject({
      cookie: 'a=1;b=2',
      'x-amzn-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
    });
    expect(JSON.parse(seen.headers['x-amzn-request-context'] ?? '')).toMatchObject({
      requestId: 'r1',
    });
    const context = JSON.parse(seen.headers['x-amzn-lambda-context'] ?? '');
    expect(context.env_config).toMatchObject({ function_name: 'echo-api', version: '1' });
    const streams = app.of('log').map(({ stream }) => stream);
    expect(streams).toContain(context.env_config.log_stream);
  });

  it('is answered with its cookies apart', async () => {
    const app = await start();
    const { cookies, headers } = await answerOf(app, fixture('http-api-2'));
    expect(cookies).toEqual(['a=1', 'b=2']);
    expect(headers).not.toHaveProperty('set-cookie');
  });
});

describe('any other event', () => {
  const event = { Records: [{ messageId: 'm1', body: 'hi' }] };

  it('is posted to /events, and the JSON of the answer is the payload', async () => {
    const app = await start();
    const seen = (await call(targetOf(app, 'api'), event)) as Seen;
    expect(seen).toMatchObject({
      method: 'POST',
      url: '/events',
      headers: {
        'content-type': 'application/json',
        host: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      },
    });
    expect(JSON.parse(Buffer.from(seen.body, 'base64').toString())).toEqual(event);
  });

  it('is posted elsewhere if that is asked for; what is not JSON is null', async () => {
    const app = await start({ variables: { AWS_LWA_PASS_THROUGH_PATH: '/stream' } });
    expect(await call(targetOf(app, 'api'), event)).toBeNull();
  });
});

describe('the variables of the adapter', () => {
  it('take a base path off and rename a header, through both ways in', async () => {
    const variables = { AWS_LWA_REMOVE_BASE_PATH: '/v1', AWS_LWA_AUTHORIZATION_SOURCE: 'X-Auth' };
    const app = await start({ variables });
    const headers = { authorization: 'AWS4', 'x-auth': 'Bearer 1' };
    const seen = await seenBy(app, get('/v1/items', { headers }));
    expect(seen.url).toBe('/items');
    expect(seen.headers['authorization']).toBe('Bearer 1');
    const through = await fetch(`${app.url}/v1/v1?a=1`, { headers });
    expect(await through.json()).toMatchObject({
      url: '/?a=1',
      headers: { authorization: 'Bearer 1' },
    });
  });

  it('make a status an error of the function', async () => {
    const app = await start({ variables: { AWS_LWA_ERROR_STATUS_CODES: '500,502-504' } });
    const failed = await failure(targetOf(app, 'api'), get('/', { rawQueryString: 'status=503' }));
    expect(failed).toMatchObject({ kind: 'Unhandled', code: 'ADAPTER_STATUS_FAILS' });
    const { errorMessage } = failed.body as { errorMessage: string };
    expect(JSON.parse(errorMessage)).toMatchObject({ statusCode: 503 });
    expect((await fetch(`${app.url}/?status=502`)).status).toBe(502);
    expect((await fetch(`${app.url}/?status=501`)).status).toBe(501);
    expect(app.of('request').map(({ fault }) => fault?.code)).toEqual([
      'ADAPTER_STATUS_FAILS',
      undefined,
    ]);
  });

  it('compress what the client accepts', async () => {
    const app = await start({ variables: { AWS_LWA_ENABLE_COMPRESSION: 'true' } });
    const headers = { 'accept-encoding': 'gzip' };
    const event = get('/big', { rawQueryString: 'n=1000&type=text/plain', headers });
    const answer = await answerOf(app, event);
    expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
    expect(answer.isBase64Encoded).toBe(true);
    expect(gunzipSync(Buffer.from(answer.body, 'base64')).toString()).toBe('x'.repeat(1000));
    const through = await fetch(`${app.url}/big?n=1000&type=text/plain`, { headers });
    expect(through.headers.get('content-encoding')).toBe('gzip');
    expect(Number(through.headers.get('content-length'))).toBeLessThan(100);
    expect(await through.text()).toBe('x'.repeat(1000));
  });

  it('are told about in the log when they cannot be read', async () => {
    const app = await start({ variables: { AWS_LWA_ERROR_STATUS_CODES: '500,no' } });
    await fetch(app.url);
    expect(app.of('log').map(({ line }) => line)).toContain('WARN Failed to parse status code: no');
  });
});

describe('readiness', () => {
  it('is what the variables say: another path and status', async () => {
    const app = await start({
      variables: {
        AWS_LWA_READINESS_CHECK_PATH: '/unready',
        AWS_LWA_READINESS_CHECK_HEALTHY_STATUS: '503',
      },
    });
    expect((await fetch(app.url)).status).toBe(200);
  });

  it('is a connection that is accepted', async () => {
    const variables = { AWS_LWA_READINESS_CHECK_PROTOCOL: 'tcp' };
    const app = await start({ variables, health: '/unready' });
    expect((await fetch(app.url)).status).toBe(200);
  });

  it('is asked for at a port of its own', async () => {
    const port = await freePort();
    const variables = { SECOND_PORT: port, AWS_LWA_READINESS_CHECK_PORT: port };
    // The program's own port would say 503 here.
    const app = await start({ variables, health: '/unready' });
    expect((await fetch(app.url)).status).toBe(200);
  });

  it('may come after INIT, within the first request', async () => {
    const variables = {
      AWS_LWA_ASYNC_INIT: 'true',
      AWS_LWA_READINESS_CHECK_HEALTHY_STATUS: '200',
      READY_AFTER_MS: 10_500,
    };
    const app = await start({ variables, lambda: '{ timeout: 30s }' });
    const answer = fetch(app.url);
    const { initMs } = await app.until('environment', ({ state }) => state === 'ready');
    expect(initMs).toBeGreaterThanOrEqual(9800);
    expect((await answer).status).toBe(200);
  });
});

describe('response_stream', () => {
  const variables = { AWS_LWA_INVOKE_MODE: 'response_stream' };

  it('begins with a prelude and goes on as the program does', async () => {
    const app = await start({ variables });
    const target = targetOf(app, 'api');
    const { outcome, chunks, contentType } = await invoke(target, get('/stream'), {
      streams: true,
    });
    expect(outcome).toMatchObject({ kind: 'streamed', error: undefined });
    expect(contentType).toBe('application/vnd.awslambda.http-integration-response');
    expect(chunks.slice(1).map(String)).toEqual(['one', 'two', 'three']);
    const step = new PreludeReader().push(chunks[0] ?? Buffer.alloc(0));
    expect(step).toMatchObject({ kind: 'head', head: { status: 200 } });
    expect(step.kind === 'head' && step.head.fields).toContainEqual(['set-cookie', 'a=1']);
  });

  it('waits for a caller who does not keep up', async () => {
    const app = await start({ variables });
    const chunks: string[] = [];
    let goOn: (() => void) | undefined;
    const ended = invoke(targetOf(app, 'api'), get('/big', { rawQueryString: 'n=3000000' }), {
      streams: true,
      onData: (chunk, resume) => {
        chunks.push(String(chunk));
        goOn = resume;
        return false;
      },
    });
    await expect.poll(() => chunks.length).toBeGreaterThan(1);
    // Another environment starts and answers in the meantime: long enough for all of it to come.
    await invoke(targetOf(app, 'api'), get('/'));
    expect(chunks.slice(1).join('').length).toBeLessThan(3_000_000);
    const held = setInterval(() => goOn?.(), 1);
    const { outcome } = await ended.finally(() => clearInterval(held));
    expect(outcome.kind).toBe('streamed');
    expect(chunks.slice(1).join('')).toHaveLength(3_000_000);
  });

  it('comes whole to a caller who takes no stream', async () => {
    const app = await start({ variables });
    const { outcome } = await invoke(targetOf(app, 'api'), get('/stream'));
    if (outcome.kind !== 'answered') throw new Error(outcome.kind);
    expect(outcome.contentType).toBe('application/vnd.awslambda.http-integration-response');
    const step = new PreludeReader().push(outcome.payload);
    expect(step.kind === 'head' && String(step.body)).toBe('onetwothree');
  });

  it('cannot be read by a front door', async () => {
    const app = await start({ variables });
    expect((await fetch(app.url)).status).toBe(502);
    expect(app.of('request')[0]?.fault?.code).toBe('ADAPTER_STREAMS_TO_DOOR');
  });
});

describe('an invocation that fails', () => {
  it('because the program ended', async () => {
    const app = await start();
    const failed = await failure(targetOf(app, 'api'), get('/crash'), { requestId: 'r-1' });
    expect(failed).toMatchObject({
      type: 'Runtime.ExitError',
      code: 'LAMBDA_EXITED',
      body: {
        errorType: 'Runtime.ExitError',
        errorMessage: 'RequestId: r-1 Error: Runtime exited with error: exit status 7',
      },
    });
    expect((await answerOf(app, get('/'))).statusCode).toBe(200);
  });

  it('because it took too long', async () => {
    const app = await start({ lambda: '{ timeout: 1s }' });
    const failed = await failure(targetOf(app, 'api'), get('/hang'), { requestId: 'r-1' });
    expect(failed.body).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: 'RequestId: r-1 Error: Task timed out after 1.00 seconds',
    });
  });

  it('because the answer is too large', async () => {
    const app = await start();
    const event = get('/big', { rawQueryString: 'n=6291500&type=text/plain' });
    const failed = await failure(targetOf(app, 'api'), event);
    expect(failed).toMatchObject({ type: 'Function.ResponseSizeTooLarge' });
    const fits = get('/big', { rawQueryString: 'n=6000000&type=text/plain' });
    expect((await answerOf(app, fits)).body).toHaveLength(6_000_000);
  });

  it('because the event is not JSON', async () => {
    const app = await start();
    const failed = await failure(targetOf(app, 'api'), Buffer.from('oops'));
    expect(failed).toMatchObject({
      code: 'ADAPTER_EVENT_UNREADABLE',
      body: { errorMessage: 'The event is not JSON.' },
    });
    expect((await answerOf(app, get('/'))).statusCode).toBe(200);
  });

  it('because the environment did not start', async () => {
    const app = await startApp(`
app: echo
services:
  api: { source: FIXTURES, command: node no-such-file.mjs, lambda: {} }
`);
    const failed = await failure(targetOf(app, 'api'), get('/'));
    expect(failed).toMatchObject({ type: 'Sandbox.Failure', code: 'APP_EXITED_EARLY' });
  });
});

it('gives the log of the invocation to a caller who wants it', async () => {
  const app = await start();
  const event = get('/say', { rawQueryString: 'line=hello+log' });
  const { outcome } = await invoke(targetOf(app, 'api'), event, {
    wantsLog: true,
    requestId: 'r-1',
  });
  const lines = outcome.logTail.toString().split('\n');
  expect(lines[0]).toBe('START RequestId: r-1 Version: 1');
  expect(lines.at(-2)).toMatch(/^REPORT RequestId: r-1\t/);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
