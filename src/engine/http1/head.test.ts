import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyReader, chunkOf, LAST_CHUNK } from './body.ts';
import { Malformed, parseRequestHead, parseResponseHead } from './head.ts';

const request = (text: string) => parseRequestHead(text.replaceAll('\n', '\r\n'), 16 * 1024);
const response = (text: string, bodyless = false) =>
  parseResponseHead(text.replaceAll('\n', '\r\n'), bodyless);

describe('a request head', () => {
  it('gives method, target, fields and framing', () => {
    expect(
      request('POST /a?b=c HTTP/1.1\nHost: x.example:80\nX-A:  1 \nx-a: 2\nContent-Length: 5'),
    ).toMatchObject({
      method: 'POST',
      target: '/a?b=c',
      host: 'x.example:80',
      fields: ['Host', 'x.example:80', 'X-A', '1', 'x-a', '2', 'Content-Length', '5'],
      names: ['host', 'x-a', 'x-a', 'content-length'],
      body: { kind: 'length', bytes: 5 },
      keepAlive: true,
      upgrade: undefined,
    });
  });

  it('takes a URL as target, whose host wins', () => {
    expect(request('GET http://b.example/x HTTP/1.1\nHost: a.example')).toMatchObject({
      target: '/x',
      host: 'b.example',
    });
    expect(request('GET http://b.example?q HTTP/1.1\nHost: a')).toMatchObject({ target: '/?q' });
    expect(request('OPTIONS * HTTP/1.1\nHost: a').target).toBe('*');
  });

  it('keeps the connection as its version and Connection say', () => {
    const keeps = (version: string, connection: string) =>
      request(`GET / HTTP/${version}\nHost: a${connection}`).keepAlive;
    expect(keeps('1.1', '')).toBe(true);
    expect(keeps('1.1', '\nConnection: Close')).toBe(false);
    expect(keeps('1.0', '')).toBe(false);
    expect(keeps('1.0', '\nConnection: Keep-Alive')).toBe(true);
  });

  it('upgrades only when Connection says so', () => {
    expect(request('GET / HTTP/1.1\nHost: a\nUpgrade: websocket').upgrade).toBeUndefined();
    expect(
      request('GET / HTTP/1.1\nHost: a\nConnection: x, Upgrade\nUpgrade: websocket').upgrade,
    ).toBe('websocket');
  });

  const refused = [
    'GET /',
    'GET  / HTTP/1.1\nHost: a',
    ' GET / HTTP/1.1\nHost: a',
    'GE(T / HTTP/1.1\nHost: a',
    'GET / HTTP/1.1 \nHost: a',
    'GET / HTTP/3.0\nHost: a',
    'GET x HTTP/1.1\nHost: a',
    'GET / HTTP/1.1',
    'GET / HTTP/1.1\nHost: a\nHost: a',
    'GET / HTTP/1.1\nHost: a b',
    'GET / HTTP/1.1\nHost: a/b',
    'GET / HTTP/1.1\nHost: a\nno colon',
    'GET / HTTP/1.1\nHost: a\n: empty',
    'GET / HTTP/1.1\nHost: a\nX : 1',
    'GET / HTTP/1.1\nHost: a\n X: 1',
    'GET / HTTP/1.1\nHost: a\nX: a\u0000b',
    'GET / HTTP/1.1\nHost: a\nContent-Length: -1',
    'GET / HTTP/1.1\nHost: a\nContent-Length: 1, 1',
    'GET / HTTP/1.1\nHost: a\nContent-Length: +1',
    'GET / HTTP/1.1\nHost: a\nContent-Length: 0x1',
    'GET / HTTP/1.1\nHost: a\nContent-Length:',
    'GET / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked, chunked',
    'GET / HTTP/1.1\nHost: a\nTransfer-Encoding: xchunked',
    'GET / HTTP/1.0\nTransfer-Encoding: chunked',
  ];

  it.each(refused)('is refused: %j', (text) => {
    expect(() => request(text)).toThrow(Malformed);
  });

  it('is refused with a bare CR or LF anywhere', () => {
    for (const text of ['GET / HTTP/1.1\r\nHost: a\rX: 1', 'GET / HTTP/1.1\r\nHost: a\nX: 1']) {
      expect(() => parseRequestHead(text, 1000)).toThrow('bare line break');
    }
  });
});

describe('a response head', () => {
  it('gives status, reason, fields and framing', () => {
    expect(
      response('HTTP/1.1 404 Not  Found\nContent-Length: 3\nKeep-Alive: timeout=5, max=9'),
    ).toMatchObject({
      status: 404,
      reason: 'Not  Found',
      body: { kind: 'length', bytes: 3 },
      keepAlive: true,
      keepAliveSeconds: 5,
    });
    expect(response('HTTP/1.1 200').reason).toBe('');
  });

  it('ends with the connection unless it says otherwise', () => {
    expect(response('HTTP/1.1 200 OK')).toMatchObject({
      body: { kind: 'close' },
      keepAlive: false,
    });
    expect(response('HTTP/1.1 200 OK\nTransfer-Encoding: Chunked').body).toEqual({
      kind: 'chunked',
    });
    expect(response('HTTP/1.1 204 No Content').body).toEqual({ kind: 'none' });
    expect(response('HTTP/1.1 304 x\nContent-Length: 9').body).toEqual({ kind: 'none' });
    expect(response('HTTP/1.1 200 OK\nContent-Length: 9', true).body).toEqual({ kind: 'none' });
  });

  it('is refused when it is none', () => {
    for (const text of [
      'HTTP/2 200',
      'HTTP/1.1 99 x',
      'HTTP/1.1 600 x',
      'hello',
      'HTTP/1.1 200 OK\nContent-Length: 1\nTransfer-Encoding: chunked',
    ]) {
      expect(() => response(text)).toThrow(Malformed);
    }
  });
});

/** Feeds `wire` in pieces of the given sizes. */
function read(kind: Parameters<typeof bodyReader>[0], wire: Buffer, cuts: readonly number[]) {
  const reader = bodyReader(kind);
  const parts: Buffer[] = [];
  let rest: Buffer | undefined;
  let at = 0;
  for (const cut of [...cuts, wire.length]) {
    if (at >= wire.length || rest !== undefined) break;
    const end = Math.min(wire.length, at + Math.max(1, cut));
    rest = reader.push(wire.subarray(at, end), (data) => parts.push(Buffer.from(data)));
    at = end;
  }
  return { body: Buffer.concat(parts), rest, done: reader.done, at };
}

describe('a body', () => {
  it('in chunks is the same however it is cut', () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 });
    const cuts = fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 60, maxLength: 200 });
    fc.assert(
      fc.property(chunks, cuts, (parts, sizes) => {
        const buffers = parts.map((part) => Buffer.from(part));
        const wire = Buffer.concat([...buffers.map(chunkOf), LAST_CHUNK]);
        const { body, rest, done } = read({ kind: 'chunked' }, wire, sizes);
        expect(body.equals(Buffer.concat(buffers))).toBe(true);
        expect(done).toBe(true);
        expect(rest?.length).toBe(0);
      }),
    );
  });

  it('leaves what follows it to the next message', () => {
    const after = Buffer.from('GET /');
    const chunked = Buffer.concat([Buffer.from('3;x=1\r\nabc\r\n0\r\nT: 1\r\n\r\n'), after]);
    expect(read({ kind: 'chunked' }, chunked, [])).toMatchObject({
      body: Buffer.from('abc'),
      rest: after,
    });
    const plain = Buffer.concat([Buffer.from('abc'), after]);
    expect(read({ kind: 'length', bytes: 3 }, plain, [])).toMatchObject({
      body: Buffer.from('abc'),
      rest: after,
    });
  });

  it.each([
    'x\r\n',
    '3\r\nabcd\r\n',
    '3\nabc\r\n',
    '-1\r\n',
    '1 1\r\na\r\n',
    '\r\n',
    `${'1'.repeat(20)}\r\n`,
    `1;${'x'.repeat(9000)}`,
  ])('in chunks is refused: %j', (wire) => {
    expect(() => read({ kind: 'chunked' }, Buffer.from(wire), [])).toThrow(Malformed);
  });
});
