// The admin port: how the other commands talk to a running engine. It can read everything the
// programs print, so it is guarded although it is on the loopback address:
//
//   - it listens on 127.0.0.1 only and wants a token that lies in a file of its owner;
//   - it answers only to its own Host, so that no web page can reach it by rebinding a name;
//   - it refuses whatever a browser sends from another page (Origin, Sec-Fetch-Site);
//   - what changes or decides something must come as application/json.

import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { z } from 'zod';
import { toFault } from '../../base/fault.ts';
import type { Compute } from '../../model/app.ts';
import type { DescribedRequest } from '../../routing/explain.ts';
import type { Failure } from '../fargate/failures.ts';
import type { RedeployAsk } from '../redeploy.ts';
import { ASKS, readAsk } from './admin-asks.ts';
import type { EventStream } from './event-stream.ts';
import { type LogFilter, type LogStore, passes } from './log-store.ts';
import { foreignSender } from './loopback-guard.ts';

export interface AdminParts {
  readonly token: string;
  readonly events: EventStream;
  readonly logs: LogStore;
  status(): unknown;
  metrics(): unknown;
  traffic(): unknown;
  readonly explain: (request: DescribedRequest) => unknown;
  readonly redeploy: (ask: RedeployAsk) => Promise<unknown>;
  readonly fail: (failure: Failure) => unknown;
}

export interface AdminServer {
  /** The URL it listens at. */
  listen(): Promise<string>;
  close(): void;
}

const MAX_BODY_BYTES = 64 * 1024;

/** A listener that does not keep up loses lines beyond this, and is told how many. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

export function adminServer(parts: AdminParts): AdminServer {
  const server = createServer((request, response) => {
    void handle(parts, server, request, response);
  });
  return {
    async listen() {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port: 0, host: '127.0.0.1' }, resolve);
      });
      return `http://127.0.0.1:${portOf(server)}`;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function handle(
  parts: AdminParts,
  server: Server,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = refuse(parts, server, request);
  if (refusal !== undefined) {
    sendJson(response, refusal.status, { ok: false, error: { message: refusal.why } });
    return;
  }
  const url = new URL(request.url ?? '/', 'http://admin');
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /v1/status':
      sendJson(response, 200, parts.status());
      return;
    case 'GET /v1/metrics':
      sendJson(response, 200, parts.metrics());
      return;
    case 'GET /v1/traffic':
      sendJson(response, 200, parts.traffic());
      return;
    case 'GET /v1/logs':
      streamLogs(parts, url.searchParams, response);
      return;
    case 'GET /v1/events':
      stream(response, (write) => parts.events.listen(write));
      return;
    case 'POST /v1/explain':
      await answer(request, response, ASKS.explain, parts.explain);
      return;
    case 'POST /v1/redeploy':
      await answer(request, response, ASKS.redeploy, parts.redeploy);
      return;
    case 'POST /v1/fail':
      await answer(request, response, ASKS.fail, parts.fail);
      return;
    default:
      sendJson(response, 404, { ok: false, error: { message: 'no such thing' } });
  }
}

function refuse(parts: AdminParts, server: Server, { headers, method }: IncomingMessage) {
  const { host, origin } = headers;
  const sender = { host, origin, site: headers['sec-fetch-site'] };
  const why = foreignSender(sender, portOf(server));
  if (why !== undefined) return { status: 403, why };
  if (!isToken(headers.authorization ?? '', `Bearer ${parts.token}`)) {
    return { status: 401, why: 'the token is missing or wrong' };
  }
  const isJson = headers['content-type']?.split(';')[0]?.trim() === 'application/json';
  if (method !== 'GET' && !isJson) return { status: 415, why: 'send application/json' };
  return undefined;
}

/** Takes the same time wherever the first difference is. */
function isToken(given: string, wanted: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A fault is answered with 422 and what the caller needs to throw it again. */
async function answer<of>(
  request: IncomingMessage,
  response: ServerResponse,
  form: z.ZodType<of>,
  act: (asked: of) => unknown,
): Promise<void> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_BODY_BYTES) break;
  }
  const read = readAsk(form, text);
  if (!read.ok) {
    sendJson(response, 400, { ok: false, error: { message: read.why } });
    return;
  }
  try {
    sendJson(response, 200, await act(read.asked));
  } catch (error) {
    sendJson(response, 422, { ok: false, error: toFault(error).toJSON() });
  }
}

function streamLogs(parts: AdminParts, query: URLSearchParams, response: ServerResponse): void {
  const compute = query.get('compute');
  const filter: LogFilter = {
    service: query.get('service') ?? undefined,
    compute: compute === 'lambda' || compute === 'fargate' ? (compute as Compute) : undefined,
  };
  const before = parts.logs.read(filter);
  if (query.get('follow') !== '1') {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.end(before.map((event) => `${JSON.stringify(event)}\n`).join(''));
    return;
  }
  stream(response, (write) => {
    for (const event of before) write(event);
    return parts.events.listen((event) => {
      if (event.type === 'log' && passes(event, filter)) write(event);
    });
  });
}

/** Sends values as lines of JSON until the other side goes away. */
function stream(
  response: ServerResponse,
  begin: (write: (value: unknown) => void) => () => void,
): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  response.flushHeaders();
  let dropped = 0;
  const stop = begin((value) => {
    if (response.writableLength > MAX_BUFFERED_BYTES) {
      dropped += 1;
      return;
    }
    if (dropped > 0) response.write(`${JSON.stringify({ type: 'dropped', count: dropped })}\n`);
    dropped = 0;
    response.write(`${JSON.stringify(value)}\n`);
  });
  response.on('close', stop);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = `${JSON.stringify(value)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}
