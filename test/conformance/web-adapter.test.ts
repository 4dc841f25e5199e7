// The Lambda Web Adapter of AWS, which is an extension and the runtime client at once: the program that
// is started as the runtime never speaks to the Runtime API.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { FIXTURES } from '../support/app.ts';
import { differs } from './differences.ts';
import { WITH_CONTAINERS } from './implementations.ts';
import { stateOf } from './processes.ts';
import { jsonOf, needs } from './under-test.ts';

const ADAPTER = resolve('.cache/web-adapter/bin/lambda-adapter');

/** The shapes of [ELB:lambda-functions] and [AGW:http-api-develop-integrations-lambda]. */
const albEvent = (path: string, query: Readonly<Record<string, string>> = {}) => ({
  requestContext: {
    elb: {
      targetGroupArn:
        'arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/tg-a/0123456789abcdef',
    },
  },
  httpMethod: 'GET',
  path,
  queryStringParameters: query,
  headers: { accept: '*/*', host: 'lb.example', 'x-forwarded-for': '192.0.2.7' },
  body: '',
  isBase64Encoded: false,
});

const httpApiEvent = (path: string, rawQueryString = '') => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString,
  headers: { accept: '*/*', host: 'api.example' },
  requestContext: {
    accountId: '000000000000',
    apiId: 'api1',
    domainName: 'api.example',
    domainPrefix: 'api1',
    http: { method: 'GET', path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.7', userAgent: 'ua' },
    requestId: 'r1',
    routeKey: '$default',
    stage: '$default',
    time: '01/Jan/2026:00:00:00 +0000',
    timeEpoch: 1_767_225_600_000,
  },
  isBase64Encoded: false,
});

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

describe.each(WITH_CONTAINERS)('$name', (under) => {
  function start(context: TestContext, more: Readonly<Record<string, string>> = {}) {
    const there = existsSync(ADAPTER);
    needs(
      context,
      under.missing(),
      under.missingExtensions(),
      there
        ? undefined
        : 'the Lambda Web Adapter is not in .cache/web-adapter ("make web-adapter" builds it where Rust is)',
    );
    return under.start({
      folder: FIXTURES,
      command: ['sh', '-c', 'PORT=$AWS_LWA_PORT exec node program.mjs'],
      handler: 'program',
      extensions: { 'lambda-adapter': ADAPTER },
      environment: {
        AWS_LWA_PORT: String(ownPort()),
        AWS_LWA_READINESS_CHECK_PATH: '/health',
        ...more,
      },
    });
  }

  it('serves an HTTP program for a load balancer', async (context) => {
    const running = await start(context);
    const answer = jsonOf(await running.invoke(albEvent('/headers', { q: 'a%20b' }))) as Answer;
    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: false });
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(JSON.parse(answer.body)).toMatchObject({ method: 'GET', url: '/headers?q=a+b' });
  });

  it('serves an HTTP program for an HTTP API, bytes and all', async (context) => {
    const running = await start(context);
    const event = httpApiEvent('/bytes', 'n=300&type=image/png');
    const answer = jsonOf(await running.invoke(event)) as Answer;
    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: true });
    expect(Buffer.from(answer.body, 'base64')).toEqual(Buffer.alloc(300, 'x'));
  });

  it('streams with a head, eight NULs and the body', async (context) => {
    const running = await start(context, { AWS_LWA_INVOKE_MODE: 'response_stream' });
    const { payload } = await running.invoke(httpApiEvent('/chunks', 'n=2&ms=1'));
    const [head = '', body] = payload.toString('latin1').split('\0'.repeat(8));
    expect(JSON.parse(head)).toMatchObject({ statusCode: 200 });
    expect(body).toBe('chunk 1\nchunk 2\n');
  });

  it('keeps the program for the next request, and lets it stand still between', async (context) => {
    const running = await start(context);
    const who = async () => {
      const answer = jsonOf(await running.invoke(httpApiEvent('/who'))) as Answer;
      return JSON.parse(answer.body) as { readonly pid: number; readonly served: number };
    };
    const first = await who();
    if (!differs(under, 'freeze') && under.hidden === undefined)
      await expect.poll(() => stateOf(first.pid)).toBe('T');
    const second = await who();
    expect(second.pid).toBe(first.pid);
    expect(second.served).toBeGreaterThan(first.served);
  });

  it('is told when the program is gone', async (context) => {
    const running = await start(context);
    expect(jsonOf(await running.invoke(httpApiEvent('/health')))).toMatchObject({ body: 'well' });
    const failed = await running.invoke(httpApiEvent('/crash'));
    if (!differs(under, 'error-header')) expect(failed.error).toBe('Unhandled');
    expect(jsonOf(failed)).toMatchObject({ errorType: expect.any(String) });
    const health = async () =>
      (jsonOf(await running.invoke(httpApiEvent('/health'))) as Answer).body;
    await expect.poll(health).toBe('well');
  });
});

let ports = 0;

/** Below those the system gives out, so that nobody gets it between now and the start of the program. */
function ownPort(): number {
  ports += 1;
  return 10_000 + ((process.pid * 16 + ports) % 20_000);
}
