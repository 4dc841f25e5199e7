// The port at which the queues answer the AWS SDKs and the AWS CLI: AWS JSON 1.0, as they all have
// spoken to SQS since 2023-11.
//
// Nothing is signed here, so the port is guarded as the admin port is, but for the token: it
// listens on 127.0.0.1 only, answers only to its own Host, and refuses whatever a browser sends from
// a page (Origin, Sec-Fetch-Site, another content type).

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Fault } from '../../base/fault.ts';
import { LOCAL_ACCOUNT } from '../../model/metric.ts';
import { isOwnHost } from '../control/loopback-guard.ts';
import { actionOf } from './queue-actions.ts';
import type { Queues } from './queues.ts';
import { parseInput } from './request-input.ts';
import { SqsError } from './sqs-error.ts';

export interface QueueServerParts {
  readonly queues: Queues;
  readonly region: string;
  /** Of an answer. */
  readonly requestId: () => string;
  /** Told of every call, and of the bytes that it carried. */
  readonly called?: ((fifo: boolean, bytes: number) => void) | undefined;
}

export interface QueueServer {
  /** Gives its URL. Throws QUEUE_PORT_UNUSABLE. */
  listen(port: number): Promise<string>;
  close(): void;
}

const CONTENT_TYPE = 'application/x-amz-json-1.0';

const TARGET = 'AmazonSQS.';

/** Ten messages of 1 MiB, of which JSON may make six times as many bytes. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Longer than any SDK keeps a connection it does not use. */
const KEEP_ALIVE_MS = 75_000;

export function queueServer(parts: QueueServerParts): QueueServer {
  let url = '';
  const server = createServer((request, response) => {
    void handle(parts, { server, url }, request, response);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return {
    async listen(port) {
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error) => {
          reject(
            new Fault('QUEUE_PORT_UNUSABLE', { port, reason: error.message }, { cause: error }),
          );
        });
        server.listen({ port, host: '127.0.0.1' }, resolve);
      });
      url = `http://127.0.0.1:${portOf(server)}`;
      return url;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export function queueUrl(server: string, name: string): string {
  return `${server}/${LOCAL_ACCOUNT}/${name}`;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function handle(
  { queues, region, requestId, called }: QueueServerParts,
  { server, url }: { readonly server: Server; readonly url: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = refuse(server, request);
  if (refusal !== undefined) {
    answer(response, refusal.status, { message: refusal.why });
    return;
  }
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.setHeader('x-amzn-requestid', requestId());
  const call = { fifo: false, bytes: 0 };
  try {
    const target = String(request.headers['x-amz-target'] ?? '');
    const action = actionOf(target.startsWith(TARGET) ? target.slice(TARGET.length) : target);
    const body = await readBody(request);
    const input = parseInput(body);
    call.fifo = input.optionalText('QueueUrl')?.endsWith('.fifo') ?? false;
    call.bytes = Buffer.byteLength(body);
    const urlOf = (name: string) => queueUrl(url, name);
    const output = await action({ queues, region, signal: gone.signal, urlOf }, input);
    call.bytes = Math.max(call.bytes, answer(response, 200, output));
  } catch (error) {
    if (gone.signal.aborted) return;
    const known =
      error instanceof SqsError ? error : new SqsError('InternalFailure', String(error));
    const blame = known.sendersFault ? 'Sender' : 'Receiver';
    response.setHeader('x-amzn-query-error', `${known.queryCode};${blame}`);
    answer(response, known.status, { __type: known.type, message: known.message });
  } finally {
    called?.(call.fifo, call.bytes);
  }
}

function refuse(server: Server, { headers, method }: IncomingMessage) {
  const port = portOf(server);
  if (!isOwnHost(headers.host, port)) {
    return { status: 403, why: 'the Host is not this server' };
  }
  if (headers.origin !== undefined || (headers['sec-fetch-site'] ?? 'none') !== 'none') {
    return { status: 403, why: 'the request comes from a page' };
  }
  if (method !== 'POST') return { status: 405, why: 'send POST' };
  if (headers['content-type']?.split(';')[0]?.trim() !== CONTENT_TYPE) {
    return { status: 415, why: `send ${CONTENT_TYPE}, as SDKs of 2023-11 and later do` };
  }
  return undefined;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) {
      throw new SqsError('RequestEntityTooLargeException', 'The request is too long.');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Gives the bytes of the answer. */
function answer(response: ServerResponse, status: number, value: object): number {
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  response.writeHead(status, {
    'content-type': CONTENT_TYPE,
    'content-length': bytes,
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
  return bytes;
}
