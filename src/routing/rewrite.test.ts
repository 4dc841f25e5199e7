import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRewrite } from './rewrite.ts';

const path = (match: string, replace: string) =>
  compileRewrite({ path: { match, replace }, host: undefined });
const to = (target: string, host = 'a.example') => ({ target, host });

describe('a rewrite', () => {
  it('does the examples of AWS', () => {
    const product = path('^/dp/([A-Za-z0-9]+)/?$', '/product.php?id=$1');
    expect(product(to('/dp/B09G3HRMW'))).toMatchObject({ target: '/product.php?id=B09G3HRMW' });
    const inner = compileRewrite({
      path: undefined,
      host: { match: '^mywebsite-(.+).com$', replace: 'internal.dev.$1.myweb.com' },
    });
    expect(inner(to('/project-a', 'mywebsite-example.com'))).toEqual({
      status: 'TransformSuccess',
      target: '/project-a',
      host: 'internal.dev.example.myweb.com',
    });
  });

  it('sees path and query as one text', () => {
    expect(path('^([^?]*)', '/all')(to('/a/b?c=d'))).toMatchObject({ target: '/all?c=d' });
    expect(path('^/dp/(\\w+)$', '/p')(to('/dp/a?b=c'))).toMatchObject({ target: '/dp/a?b=c' });
  });

  it('replaces the first match alone, and leaves escapes as they are (W1)', () => {
    expect(path('/v1', '')(to('/v1/v1/a%3Ab'))).toMatchObject({ target: '/v1/a%3Ab' });
    expect(path('x(y)?z', '[$1]$$9')(to('/xz'))).toMatchObject({ target: '/[]$' });
  });

  it('keeps the port of a host', () => {
    const host = compileRewrite({ path: undefined, host: { match: '.*', replace: 'b.example' } });
    expect(host(to('/', 'A.example:4000'))).toMatchObject({ host: 'b.example:4000' });
  });

  it('fails where the result is no path, no host, or too long (W3)', () => {
    expect(path('^/', '')(to('/a'))).toEqual({
      status: 'TransformInvalidPath',
      problem: '"a" is no path',
    });
    expect(path('b', '\r\nx')(to('/ab'))).toMatchObject({ status: 'TransformInvalidPath' });
    expect(path('^(.*)$', '$1$1$1')(to(`/${'a'.repeat(8000)}`))).toMatchObject({
      status: 'TransformBufferTooSmall',
    });
    const host = compileRewrite({ path: undefined, host: { match: 'a', replace: ' /' } });
    expect(host(to('/', 'a'))).toMatchObject({ status: 'TransformInvalidHost' });
  });

  it('changes nothing without a match (W2), and else is what JavaScript would replace', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '?', '='), maxLength: 12 });
    fc.assert(
      fc.property(text, fc.constantFrom('a(b*)', '(/)(a)?', '(b+)$', '=(.*)'), (rest, match) => {
        const target = `/${rest}`;
        const rewritten = path(match, '/<$1>')(to(target));
        expect(rewritten).toMatchObject({
          target: target.replace(new RegExp(match), (_, one) => `/<${one ?? ''}>`),
        });
      }),
    );
  });
});
