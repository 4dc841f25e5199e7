// What each runtime client makes of a request through each front door and a function URL, and what
// comes back of its answers and of its failures.

import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { machineWithContainers, startPodman } from '../support/containers.ts';
import { CLIENTS, type RuntimeClient } from './clients.ts';
import { imageOf, inContainers } from './in-containers.ts';
import { needs } from './under-test.ts';

const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const PATH = '/fn/a%20b';
const QUERY = 'do=echo&q=%C3%A4&q=1%2B1';

/** A front door or a URL, and what the request of this file is behind it. */
interface Entry {
  readonly name: string;
  /** `entry` of fulcrum.yml. Undefined: functions are reached by their URLs. */
  readonly entry: object | undefined;
  /** How functions tell it from others. */
  readonly door: 'alb' | '1.0' | '2.0' | 'url';
  /** Of a function that failed. */
  readonly broken: number;
  /** Its event: every key but those of the body, and of their values what can be known. */
  readonly event: object;
  readonly path: string;
  readonly query: object;
  readonly many: string | readonly string[];
  readonly cookies: readonly string[];
}

const ELB = {
  requestContext: { elb: { targetGroupArn: expect.stringContaining(':targetgroup/') } },
};
const API = { domainName: expect.any(String), stage: '$default', requestId: expect.any(String) };
const LISTS = { do: ['echo'], q: ['%C3%A4', '1%2B1'] };
const DECODED_LISTS = { do: ['echo'], q: ['ä', '1+1'] };
const JOINED = { do: 'echo', q: 'ä,1+1' };
const RAW = { version: '2.0', rawQueryString: QUERY, queryStringParameters: JOINED };

const ENTRIES: readonly Entry[] = [
  {
    name: 'alb with lists',
    entry: { type: 'alb', multiValueHeaders: true },
    door: 'alb',
    broken: 502,
    event: {
      ...ELB,
      httpMethod: 'POST',
      path: PATH,
      multiValueQueryStringParameters: LISTS,
      multiValueHeaders: { 'x-many': ['one', 'two'], cookie: ['c=3; d=4'] },
    },
    path: PATH,
    query: LISTS,
    many: ['one', 'two'],
    cookies: ['a=1', 'b=2'],
  },
  {
    name: 'alb with single values',
    entry: { type: 'alb', multiValueHeaders: false },
    door: 'alb',
    broken: 502,
    event: {
      ...ELB,
      httpMethod: 'POST',
      path: PATH,
      queryStringParameters: { do: 'echo', q: '1%2B1' },
      headers: { 'x-many': 'two', cookie: 'c=3; d=4' },
    },
    path: PATH,
    query: { do: 'echo', q: '1%2B1' },
    many: 'two',
    cookies: ['b=2'],
  },
  {
    name: 'http-api with payload 2.0',
    entry: { type: 'http-api', payload: '2.0' },
    door: '2.0',
    broken: 500,
    event: {
      ...RAW,
      routeKey: 'ANY /fn/{proxy+}',
      rawPath: '/fn/a b',
      cookies: ['c=3', 'd=4'],
      headers: { 'x-many': 'one,two' },
      pathParameters: { proxy: 'a b' },
      requestContext: { ...API, http: { method: 'POST', path: '/fn/a b', protocol: 'HTTP/1.1' } },
    },
    path: '/fn/a b',
    query: JOINED,
    many: 'one,two',
    cookies: ['a=1', 'b=2'],
  },
  {
    name: 'http-api with payload 1.0',
    entry: { type: 'http-api', payload: '1.0' },
    door: '1.0',
    broken: 500,
    event: {
      version: '1.0',
      resource: '/fn/{proxy+}',
      path: '/fn/a b',
      httpMethod: 'POST',
      headers: { 'x-many': 'two', cookie: 'c=3; d=4' },
      multiValueHeaders: { 'x-many': ['one', 'two'], cookie: ['c=3; d=4'] },
      queryStringParameters: { do: 'echo', q: '1+1' },
      multiValueQueryStringParameters: DECODED_LISTS,
      pathParameters: { proxy: 'a b' },
      stageVariables: null,
      requestContext: { ...API, httpMethod: 'POST', path: '/fn/a b' },
    },
    path: '/fn/a b',
    query: DECODED_LISTS,
    many: ['one', 'two'],
    cookies: ['a=1', 'b=2'],
  },
  {
    name: 'a function URL',
    entry: undefined,
    door: 'url',
    broken: 502,
    event: {
      ...RAW,
      routeKey: '$default',
      rawPath: PATH,
      cookies: ['c=3', 'd=4'],
      headers: { 'x-many': 'one,two', cookie: 'c=3; d=4' },
      requestContext: { ...API, http: { method: 'POST', path: PATH, protocol: 'HTTP/1.1' } },
    },
    path: PATH,
    query: JOINED,
    many: 'one,two',
    cookies: ['a=1', 'b=2'],
  },
];

describe.each(ENTRIES)('through $name', (entry) => {
  it.for(CLIENTS)('$name serves, fails and serves again', async (client, context) => {
    needs(context, client.missing());
    await serves(await startApp(yaml(entry, client)), entry, client);
  });
});

// The doors are the same, so are their events.
const IN_CONTAINERS = ['alb with lists', 'a function URL'];

describe.each(ENTRIES.filter(({ name }) => IN_CONTAINERS.includes(name)))(
  'into a container, through $name',
  (entry) => {
    it.for(CLIENTS.filter(({ name }) => name === 'node'))('$name', async (client, context) => {
      needs(context, inContainers.missing(), client.missing());
      startPodman();
      const image = await imageOf(client.setup);
      const machine = machineWithContainers();
      const app = await startApp(yaml(entry, client, image), { containers: true, machine });
      await serves(app, entry, client);
    });
  },
);

/** A request, its answer, every way to fail, and that it goes on after each. */
async function serves(app: TestApp, entry: Entry, client: RuntimeClient): Promise<void> {
  const to = addresses(app, entry);
  const late = send(`${to.hasty}/x?do=sleep&ms=30000`);
  await seesTheRequest(to.fn, entry, client);
  await answersBytes(to.fn, client);
  for (const failure of ['error', 'crash', 'exit&code=0']) {
    expect((await send(`${to.fn}/x?do=${failure}`)).status, failure).toBe(entry.broken);
    expect((await send(`${to.fn}/x?do=echo`)).status, `after ${failure}`).toBe(201);
  }
  expect((await late).status, 'timeout').toBe(entry.broken);
  expect((await send(`${to.hasty}/x?do=echo`)).status, 'after a timeout').toBe(201);
  await expect.poll(() => codes(app)).toEqual(faultsOf(client));
}

/** What the function read of the request, and what arrives of its answer. */
async function seesTheRequest(url: string, entry: Entry, { name }: RuntimeClient): Promise<void> {
  const text = await send(`${url}/a%20b?${QUERY}`, 'text/plain; charset=utf-8', 'hé "there"\n');
  expect(text.status).toBe(201);
  if (entry.door === 'alb') expect(text.reason).toBe('Made');
  expect(text.headers).toMatchObject({ 'x-client': name, 'set-cookie': entry.cookies });
  const echo = JSON.parse(text.body.toString());
  const event = { ...entry.event, body: 'hé "there"\n', isBase64Encoded: false };
  expect(echo.event).toMatchObject(event);
  expect(Object.keys(echo.event).sort()).toEqual(Object.keys(event).sort());
  if (name === 'shell') return;
  expect(echo.request).toEqual({
    client: name,
    door: entry.door,
    method: 'POST',
    path: entry.path,
    query: entry.query,
    many: entry.many,
    body: 'hé "there"\n',
    isBase64Encoded: false,
  });
}

/** Bytes that are no text go there and come back. */
async function answersBytes(url: string, { name }: RuntimeClient): Promise<void> {
  const sent = await send(`${url}/x?do=echo`, 'application/octet-stream', EVERY_BYTE);
  const { event, request } = JSON.parse(sent.body.toString());
  const inBase64 = { body: EVERY_BYTE.toString('base64'), isBase64Encoded: true };
  expect(event).toMatchObject(inBase64);
  if (name !== 'shell') expect(request).toMatchObject(inBase64);
  const answered = await send(`${url}/x?do=binary`);
  expect(answered.status).toBe(201);
  expect(answered.body).toEqual(EVERY_BYTE);
}

/** Of the requests that failed. aws-lambda-go reports a panic before it exits. */
const faultsOf = ({ name }: RuntimeClient): readonly string[] => [
  'FUNCTION_EXITED',
  name === 'go' ? 'FUNCTION_FAILED' : 'FUNCTION_EXITED',
  'FUNCTION_FAILED',
  'LAMBDA_TIMED_OUT',
];

function codes(app: TestApp): readonly string[] {
  return app
    .of('request')
    .flatMap(({ fault }) => (fault === undefined ? [] : [fault.code]))
    .sort();
}

/** The same function twice: `hasty` times out. JSON is YAML. */
function yaml({ entry }: Entry, { setup }: RuntimeClient, image?: string): string {
  const { folder, command, handler } = setup;
  const fn = (timeout: string) => ({
    source: folder,
    command: [...command, handler],
    handler,
    lambda: { timeout, memory: 512 },
    ...(entry === undefined && { url: {} }),
    ...(image !== undefined && { image }),
  });
  return JSON.stringify({
    app: 'doors',
    ...(entry !== undefined && { entry }),
    functions: { fn: fn('30s'), hasty: fn(image === undefined ? '3s' : '5s') },
    routes: [
      { path: '/fn/*', function: 'fn' },
      { path: '/hasty/*', function: 'hasty' },
    ],
  });
}

function addresses({ url, session }: TestApp, { entry }: Entry) {
  const base = (name: string) =>
    entry === undefined ? session.functionUrls.find((at) => at.function === name)?.url : url;
  return { fn: `${base('fn')}/fn`, hasty: `${base('hasty')}/hasty` };
}

interface Answer {
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request on a connection of its own; `x-many` is two lines of its head. */
function send(url: string, contentType?: string, body?: string | Buffer): Promise<Answer> {
  const headers: OutgoingHttpHeaders = { 'x-many': ['one', 'two'], cookie: 'c=3; d=4' };
  if (contentType !== undefined) headers['content-type'] = contentType;
  const method = body === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, agent: false });
    call.on('error', reject);
    call.on('response', (response) => {
      const { statusCode: status, statusMessage: reason, headers } = response;
      buffer(response).then((body) => resolve({ status, reason, headers, body }), reject);
    });
    call.end(body);
  });
}
