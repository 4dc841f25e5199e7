// Records again what the Lambda Web Adapter does with the cases in `test/fixtures/adapter`: runs the
// adapter itself between a small Runtime API and a small program, and writes down what it did.
//
//   cargo install lambda_web_adapter --locked
//   node scripts/record-adapter.ts ~/.cargo/bin/lambda-adapter && npx biome format --write test/fixtures

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

interface Answer {
  status: number;
  fields: [string, string][];
  chunked?: boolean;
  body?: string;
  bodyBase64?: string;
}

interface Case {
  readonly variables: Readonly<Record<string, string>>;
  readonly event: Json;
  readonly meta?: { readonly tenant: string; readonly client: string };
  readonly answer: Answer;
}

interface Recorded {
  readonly request: { method: string; target: string; fields: [string, string][]; body: Buffer };
  /** What was posted to the Runtime API. */
  readonly outcome: Buffer;
}

const TRACE = 'Root=1-00000000-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0';
const TEXT: Answer = { status: 200, fields: [['content-type', 'text/plain']], body: 'ok' };

function bodyOf(bytes: Buffer): { body: string } | { bodyBase64: string } {
  const text = bytes.toString('utf8');
  const isText = Buffer.from(text).equals(bytes);
  return isText ? { body: text } : { bodyBase64: bytes.toString('base64') };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** The program and the Runtime API of one case, and the adapter between them. */
class Stage {
  readonly #adapter: string;
  readonly #one: Case;
  readonly #program: Server;
  readonly #api: Server;
  #request: Recorded['request'] | undefined;
  #asked = false;
  #child: ChildProcess | undefined;
  #done: ((recorded: Recorded) => void) | undefined;

  constructor(adapter: string, one: Case) {
    this.#adapter = adapter;
    this.#one = one;
    this.#program = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        if (!this.#asked) {
          response.end('ready');
          return;
        }
        const raw = request.rawHeaders;
        const fields = raw.flatMap((name, index): [string, string][] =>
          index % 2 === 0 ? [[name, raw[index + 1] ?? '']] : [],
        );
        const { method = '', url = '' } = request;
        this.#request = { method, target: url, fields, body: Buffer.concat(chunks) };
        send(response, one.answer);
      });
    });
    this.#api = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => this.#called(request.url ?? '', Buffer.concat(chunks), response));
    });
  }

  async play(): Promise<Recorded> {
    const port = await listening(this.#program);
    const api = await listening(this.#api);
    const recorded = new Promise<Recorded>((resolve) => {
      this.#done = resolve;
    });
    this.#child = spawn(this.#adapter, {
      stdio: 'ignore',
      env: {
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${api}`,
        AWS_LWA_PORT: String(port),
        AWS_LAMBDA_FUNCTION_NAME: 'app-api',
        AWS_LAMBDA_FUNCTION_VERSION: '1',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/app-api',
        AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[1]00',
        ...this.#one.variables,
      },
    });
    const ended = new Promise<never>((_, reject) => {
      this.#child?.once('error', reject);
      this.#child?.once('exit', () => reject(new Error('the adapter ended')));
    });
    try {
      return await Promise.race([recorded, ended]);
    } finally {
      this.#child.kill('SIGKILL');
      for (const server of [this.#program, this.#api]) {
        server.closeAllConnections();
        server.close();
      }
    }
  }

  #called(url: string, body: Buffer, response: ServerResponse): void {
    if (url.endsWith('/extension/register')) {
      response.setHeader('Lambda-Extension-Identifier', 'one').end('{}');
    } else if (url.endsWith('/invocation/next')) {
      if (!this.#asked) this.#hand(response);
    } else if (url.endsWith('/response') || url.endsWith('/error')) {
      response.writeHead(202).end('{"status":"OK"}');
      const empty = { method: '', target: '', fields: [], body: Buffer.alloc(0) };
      this.#done?.({ request: this.#request ?? empty, outcome: body });
    }
  }

  #hand(response: ServerResponse): void {
    this.#asked = true;
    const { meta, event } = this.#one;
    response.writeHead(200, {
      'lambda-runtime-aws-request-id': '00000000-0000-4000-8000-000000000000',
      'lambda-runtime-deadline-ms': '1767225630000',
      'lambda-runtime-invoked-function-arn':
        'arn:aws:lambda:eu-west-1:000000000000:function:app-api:1',
      'lambda-runtime-trace-id': TRACE,
      ...(meta !== undefined && { 'lambda-runtime-aws-tenant-id': meta.tenant }),
      ...(meta !== undefined && { 'lambda-runtime-client-context': meta.client }),
    });
    response.end(JSON.stringify(event));
  }
}

function send(response: ServerResponse, answer: Answer): void {
  const body =
    answer.bodyBase64 === undefined
      ? Buffer.from(answer.body ?? '')
      : Buffer.from(answer.bodyBase64, 'base64');
  const framed = answer.chunked === true || answer.status === 204;
  const sized = answer.fields.some(([name]) => name === 'content-length');
  const length = framed || sized ? [] : ['content-length', String(body.length)];
  response.sendDate = false;
  response.writeHead(answer.status, [...answer.fields.flat(), ...length]);
  if (answer.chunked === true) response.write(body.subarray(0, 2));
  response.end(answer.chunked === true ? body.subarray(2) : body);
}

const fixtures = new URL('../test/fixtures/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(`${name}.json`, fixtures), 'utf8'));

/** An event of each kind, with nothing in it. */
function eventOf(kind: string, method = 'GET', headers: object = { host: 'a' }): Json {
  if (kind === 'pass-through') return { a: 1 };
  if (kind === 'alb') return { ...read('events/alb-health'), headers: { host: 'a' } };
  const event = read(kind === 'api-1' ? 'events/http-api-1' : 'events/http-api-2');
  const context = event.requestContext;
  if (kind === 'api-2') context.http.method = method;
  return {
    ...event,
    headers,
    httpMethod: method,
    multiValueHeaders: {},
    cookies: undefined,
    body: null,
  };
}

const KEPT_CONTEXT = /load balancer, single values|tenant/;

/** What differs from run to run is left out; see the README beside the recordings. */
function lasting(name: string, event: Json, fields: [string, string][]): [string, string][] {
  return fields.filter(([field, value]) => {
    if (field === 'x-amzn-trace-id' || field === 'content-length') return false;
    if (field === 'x-amzn-lambda-context') return KEPT_CONTEXT.test(name);
    return field !== 'host' || JSON.stringify(event).includes(value);
  });
}

async function record(adapter: string): Promise<void> {
  const play = (one: Case) => new Stage(adapter, one).play();
  const rewrite = async <Recording>(
    file: string,
    again: (old: Recording) => Promise<Partial<Recording>>,
  ): Promise<void> => {
    const cases: Recording[] = read(`adapter/${file}`);
    const done: Recording[] = [];
    for (const old of cases) done.push({ ...old, ...(await again(old)) });
    writeFileSync(new URL(`adapter/${file}.json`, fixtures), JSON.stringify(done));
    process.stderr.write(`${file}: ${done.length}\n`);
  };

  await rewrite<Case & { name: string; request: object }>('requests', async (old) => {
    const { request } = await play({ ...old, answer: TEXT });
    const { method, target, body } = request;
    const fields = lasting(old.name, old.event, request.fields);
    return { request: { method, target, fields, ...bodyOf(body) } };
  });
  await rewrite<{ kind: string; answer: Answer; payload: Json }>('answers', async (old) => {
    const event = eventOf(old.kind);
    const { outcome } = await play({ variables: {}, event, answer: old.answer });
    return { payload: JSON.parse(outcome.toString()) };
  });
  await rewrite<{ method: string; accept: string | null; answer: Answer; headers: Json }>(
    'compression',
    async ({ method, accept, answer }) => {
      const sent = { host: 'a', ...(accept !== null && { 'accept-encoding': accept }) };
      const variables = { AWS_LWA_ENABLE_COMPRESSION: 'true' };
      const event = eventOf('api-2', method, sent);
      const { outcome } = await play({ variables, event, answer });
      return { headers: JSON.parse(outcome.toString()).headers };
    },
  );
  await rewrite<{ answer: Answer; prelude: Json; body: string }>('streams', async ({ answer }) => {
    const variables = { AWS_LWA_INVOKE_MODE: 'response_stream' };
    const { outcome } = await play({ variables, event: eventOf('api-2'), answer });
    const end = outcome.indexOf(Buffer.alloc(8));
    const prelude = JSON.parse(outcome.subarray(0, end).toString());
    return { prelude, body: outcome.subarray(end + 8).toString() };
  });
}

const [adapter] = process.argv.slice(2);
if (adapter === undefined) {
  process.stderr.write('usage: node scripts/record-adapter.ts <path of lambda-adapter>\n');
  process.exitCode = 2;
} else await record(adapter);
