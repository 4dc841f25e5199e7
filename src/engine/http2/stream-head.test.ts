import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Malformed } from '../http1/head.ts';
import { headOfStream } from './stream-head.ts';

const LIMITS = { headBytes: 64 * 1024, lineBytes: 16 * 1024 };
const LINE = [':method', 'POST', ':scheme', 'https', ':authority', 'a.example', ':path', '/x?y=1'];

const read = (more: readonly string[] = [], ended = false, line: readonly string[] = LINE) =>
  headOfStream([...line, ...more], ended, LIMITS);

/** `LINE` with one pseudo field changed, or left out. */
function line(name: string, value?: string): readonly string[] {
  const at = LINE.indexOf(name);
  const put = value === undefined ? [] : [name, value];
  return [...LINE.slice(0, at), ...put, ...LINE.slice(at + 2)];
}

describe('the head of a stream', () => {
  it('is that of the same request in HTTP/1.1', () => {
    expect(read(['x-a', '1', 'x-a', '2', 'content-length', '7'])).toEqual({
      method: 'POST',
      target: '/x?y=1',
      host: 'a.example',
      minorVersion: 1,
      fields: ['x-a', '1', 'x-a', '2', 'content-length', '7'],
      names: ['x-a', 'x-a', 'content-length'],
      body: { kind: 'length', bytes: 7 },
      keepAlive: true,
      upgrade: undefined,
      expectsContinue: false,
    });
  });

  it('says how the body is framed', () => {
    expect(read([], true).body).toEqual({ kind: 'none' });
    expect(read([], false).body).toEqual({ kind: 'chunked' });
    expect(read(['content-length', '0'], false).body).toEqual({ kind: 'none' });
    expect(read(['content-length', '0'], true).body).toEqual({ kind: 'none' });
  });

  it('takes Host where there is no :authority, and the same one beside it', () => {
    expect(read(['host', 'b'], true, line(':authority')).host).toBe('b');
    expect(read(['host', 'a.example']).host).toBe('a.example');
  });

  it('joins the pieces of a cookie', () => {
    const { fields, names } = read(['cookie', 'a=1', 'x-b', '2', 'cookie', 'c=3']);
    expect(names).toEqual(['x-b', 'cookie']);
    expect(fields[3]).toBe('a=1; c=3');
  });

  it.each<[string, readonly string[], (readonly string[])?]>([
    ['no :method', [], line(':method')],
    ['a :method that is none', [], line(':method', 'GE T')],
    ['no :path', [], line(':path')],
    ['an empty :path', [], line(':path', '')],
    ['a :path with a space', [], line(':path', '/a b')],
    ['a :path that is a URL', [], line(':path', 'http://b/')],
    ['no :scheme', [], line(':scheme')],
    ['neither :authority nor Host', [], line(':authority')],
    ['an :authority with a path', [], line(':authority', 'a/b')],
    ['an :authority with a user', [], line(':authority', 'u@a')],
    ['a Host that differs', ['host', 'b.example']],
    ['two Hosts', ['host', 'a.example', 'host', 'a.example']],
    ['a pseudo field twice', [], [...LINE, ':path', '/z']],
    ['a pseudo field that follows others', [], ['x-a', '1', ...LINE]],
    ['a name in upper case', ['X-A', '1']],
    ['a name with a space', ['x a', '1']],
    ['an empty name', ['', '1']],
    ['a line break in a value', ['x-a', '1\r\nx-b: 2']],
    ['a zero in a value', ['x-a', '1\0']],
    ['space around a value', ['x-a', ' 1']],
    ['a Connection', ['connection', 'close']],
    ['a Transfer-Encoding', ['transfer-encoding', 'chunked']],
    ['an Upgrade', ['upgrade', 'websocket']],
    ['a TE other than trailers', ['te', 'gzip']],
    ['a Content-Length that is none', ['content-length', '1e3']],
    ['two Content-Lengths', ['content-length', '1', 'content-length', '1']],
  ])('with %s is refused', (_what, more, pseudo) => {
    expect(() => read(more, false, pseudo)).toThrow(Malformed);
  });

  it('whose body ends before it began is refused', () => {
    expect(() => read(['content-length', '5'], true)).toThrow(Malformed);
  });

  it('has limits for a field and for all of it', () => {
    const kindOf = (more: readonly string[]) => {
      try {
        read(more);
      } catch (error) {
        return error instanceof Malformed ? [error.kind, error.message] : error;
      }
      return undefined;
    };
    expect(kindOf(['x-a', 'x'.repeat(16 * 1024 - 5)])).toBeUndefined();
    expect(kindOf(['x-a', 'x'.repeat(16 * 1024 - 4)])).toEqual(['too-large', 'header']);
    const many = Array.from({ length: 5 }, (_, index) => [`x-${index}`, 'x'.repeat(15_000)]).flat();
    expect(kindOf(many)).toEqual(['too-large', 'head']);
  });

  it('never lets anything through that would be another line of HTTP/1.1', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(text, text, text, text, (name, value, path, authority) => {
        let head: ReturnType<typeof read>;
        try {
          head = read([name, value], true, [
            ...[':method', 'GET', ':scheme', 'https'],
            ...[':authority', authority, ':path', path],
          ]);
        } catch (error) {
          return error instanceof Malformed;
        }
        const written = [head.method, head.target, head.host, ...head.fields].join('\n');
        return !/[\r\0]/.test(written) && !head.fields.some((one) => one.includes('\n'));
      }),
      { numRuns: 2000 },
    );
  });
});
