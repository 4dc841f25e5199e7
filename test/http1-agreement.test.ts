// The reader of heads against Node's own: whatever ours accepts, Node accepts with the same method,
// target, fields and body. (Ours may refuse more, and does.)

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bodyReader } from '../src/engine/http1/body.ts';
import { Malformed, parseRequestHead } from '../src/engine/http1/head.ts';

interface Seen {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly string[];
  readonly body: string;
}

const RUNS = 6000;

/** What Node makes of the bytes: the first request, or undefined. */
function nodeReads(wire: Buffer): Promise<Seen | undefined> {
  return new Promise((resolve) => {
    const see = (request: IncomingMessage, response: ServerResponse): void => {
      let body = '';
      request.setEncoding('latin1').on('data', (chunk: string) => {
        body += chunk;
      });
      request.on('end', () => {
        resolve({
          method: request.method ?? '',
          target: request.url ?? '',
          fields: request.rawHeaders,
          body,
        });
        response.destroy();
      });
      request.on('error', () => resolve(undefined));
    };
    const server = createServer({ requireHostHeader: true }, see);
    server.on('checkContinue', see);
    server.on('checkExpectation', see);
    server.on('clientError', () => resolve(undefined));
    server.on('upgrade', () => resolve(undefined));
    server.on('connect', () => resolve(undefined));
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    socket.on('error', () => {});
    server.emit('connection', socket);
    socket.push(wire);
    socket.push(null);
    setImmediate(() => setImmediate(() => setImmediate(() => resolve(undefined))));
  });
}

/** What we make of the bytes, and how many of them are this request. */
function weRead(wire: Buffer): { readonly seen: Seen; readonly bytes: number } | undefined {
  const end = wire.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  try {
    const head = parseRequestHead(wire.toString('latin1', 0, end), 16 * 1024);
    if (head.upgrade !== undefined || head.method === 'CONNECT') return undefined;
    const reader = bodyReader(head.body);
    let body = '';
    const rest = reader.push(wire.subarray(end + 4), (data) => {
      body += data.toString('latin1');
    });
    if (!reader.done) return undefined;
    const { method, target, fields } = head;
    return { seen: { method, target, fields, body }, bytes: wire.length - (rest?.length ?? 0) };
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

const name = fc.constantFrom(
  'Host',
  'X-A',
  'Content-Length',
  'Transfer-Encoding',
  'Connection',
  'Cookie',
  'x-b',
  'Expect',
);
const value = fc.oneof(
  fc.constantFrom(
    'a',
    '5',
    '0',
    'chunked',
    'close',
    'keep-alive',
    ' a b ',
    '\ta\t',
    'gzip',
    '5, 5',
    '',
    'é',
  ),
  fc.string({
    unit: fc.constantFrom('a', ' ', ':', '\t', '\u0001', '"', '\u00ff', '\r', '\n'),
    maxLength: 6,
  }),
);
const line = fc
  .tuple(name, fc.constantFrom(': ', ':', ' : ', ':\t'), value)
  .map((parts) => parts.join(''));
const first = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'get', 'G T'),
    fc.constantFrom('/', '/a?b', '*', 'x', '/a b', '/é', '/\u0001'),
    fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/1.2', 'http/1.1', ''),
  )
  .map((parts) => parts.join(' '));
const body = fc.constantFrom(
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;x\r\nhello\r\n0\r\nT: 1\r\n\r\n',
  '0\r\n\r\n',
  'z\r\n',
);
const ending = fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\n');
const wires = fc
  .tuple(first, fc.array(fc.tuple(line, ending), { maxLength: 5 }), body)
  .map(([start, lines, rest]) =>
    Buffer.from(
      `${start}\r\nHost: a\r\n${lines.map((parts) => parts.join('')).join('')}\r\n${rest}`,
      'latin1',
    ),
  );

it('accepts nothing that Node reads differently', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(wires, async (wire) => {
      const ours = weRead(wire);
      if (ours === undefined) return;
      // Methods in lower case are unknown to Node and no concern of a proxy.
      const { seen, bytes } = ours;
      fc.pre(seen.method === seen.method.toUpperCase() && seen.target !== '*');
      accepted += 1;
      expect(await nodeReads(wire.subarray(0, bytes))).toEqual(seen);
    }),
    { numRuns: RUNS },
  );
  expect(accepted).toBeGreaterThan(RUNS / 50);
});
