// What the adapter changes in a head that a front door made.

import { describe, expect, it } from 'vitest';
import { acceptedEncodings, adaptedHead } from './adapter-head.ts';
import { adapterSettings } from './adapter-settings.ts';

const HEAD = 'GET /v1/a?p=/v1 HTTP/1.1\r\nHost: a\r\nX-Auth: Bearer 1\r\nAuthorization: b\r\n\r\n';

const adapted = (head: string, variables: Readonly<Record<string, string>>) =>
  adaptedHead(head, adapterSettings(variables));

describe('a head', () => {
  it('is the same without settings', () => {
    expect(adapted(HEAD, {})).toBe(HEAD);
  });

  it.each([
    ['/v1/a?p=/v1', '/a?p=/v1'],
    ['/v1/v1/a', '/a'],
    ['/v1', '/'],
    ['/v1?x', '/?x'],
    ['/v12', '/2'],
    ['/other/v1', '/other/v1'],
  ])('without its base path: %s', (target, wanted) => {
    const head = `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const without = adapted(head, { AWS_LWA_REMOVE_BASE_PATH: '/v1' });
    expect(without).toBe(`GET ${wanted} HTTP/1.1\r\nHost: a\r\n\r\n`);
  });

  it('has the source as its authorization, in place of any other', () => {
    expect(adapted(HEAD, { AWS_LWA_AUTHORIZATION_SOURCE: 'X-AUTH' })).toBe(
      'GET /v1/a?p=/v1 HTTP/1.1\r\nHost: a\r\nauthorization: Bearer 1\r\n\r\n',
    );
  });

  it('keeps its authorization without the source', () => {
    expect(adapted(HEAD, { AWS_LWA_AUTHORIZATION_SOURCE: 'x-other' })).toBe(HEAD);
  });

  it('says which encodings it accepts', () => {
    const head = 'GET / HTTP/1.1\r\nAccept-Encoding: gzip\r\nX: 1\r\naccept-encoding:br \r\n\r\n';
    expect(acceptedEncodings(head)).toEqual([
      ['accept-encoding', 'gzip'],
      ['accept-encoding', 'br'],
    ]);
  });
});
