import { describe, expect, it } from 'vitest';
import { parseRequestHead } from '../http1/head.ts';
import type { Peer } from '../http1/peer.ts';
import { type ForwardingRules, hostWithPort, targetFields, targetHead } from './alb-headers.ts';

const PEER: Peer = {
  address: '192.0.2.7',
  port: 4321,
  localPort: 8080,
  tls: undefined,
  http2: false,
  traceId: undefined,
};
const TLS = { cipher: 'x', protocol: 'TLSv1.3', serverName: undefined };
const AWS: ForwardingRules = { forwardedFor: 'append', clientPort: false, preserveHost: false };

/** Both ways in which a head goes on have to say the same. */
function forwarded(
  rules: Partial<ForwardingRules>,
  { before, peer = {} }: { readonly before?: string; readonly peer?: Partial<Peer> } = {},
): Record<string, string | undefined> {
  const sent = before === undefined ? '' : `\r\nX-Forwarded-For: ${before}`;
  const head = parseRequestHead(`GET / HTTP/1.1\r\nHost: a.example${sent}`, 16_384);
  const forwarding = {
    exchange: { peer: { ...PEER, ...peer } },
    forwardedFor: before,
    traceId: 'Root=1',
    rewritten: undefined,
  };
  const all = { ...AWS, ...rules };
  const fields = Object.fromEntries(targetFields(head, forwarding, 0, all));
  const lines = targetHead(head, forwarding, '', all).split('\r\n').slice(1, -2);
  const split = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 2),
  ]);
  expect(Object.fromEntries(split)).toEqual(fields);
  return fields;
}

describe('X-Forwarded-For', () => {
  it.each([
    ['append', undefined, '192.0.2.7'],
    ['append', '198.51.100.1', '198.51.100.1, 192.0.2.7'],
    ['preserve', undefined, undefined],
    ['preserve', '198.51.100.1', '198.51.100.1'],
    ['remove', undefined, undefined],
    ['remove', '198.51.100.1', undefined],
  ] as const)('with "%s" and %s before is %s', (forwardedFor, before, after) => {
    const known = before === undefined ? {} : { before };
    expect(forwarded({ forwardedFor }, known)['x-forwarded-for']).toBe(after);
  });

  it('may have the port of the client, and an address of IPv6 then brackets', () => {
    const before = '198.51.100.1';
    expect(forwarded({ clientPort: true }, { before })['x-forwarded-for']).toBe(
      '198.51.100.1, 192.0.2.7:4321',
    );
    const peer = { address: '2001:db8::1' };
    expect(forwarded({ clientPort: true }, { peer })['x-forwarded-for']).toBe('[2001:db8::1]:4321');
    expect(forwarded({}, { peer })['x-forwarded-for']).toBe('2001:db8::1');
  });
});

describe('what says how the client came', () => {
  it('is the protocol and the port of the listener', () => {
    expect(forwarded({})).toMatchObject({
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '8080',
    });
    const peer = { tls: TLS, localPort: 443 };
    expect(forwarded({}, { peer })).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
    });
  });
});

describe('Host', () => {
  it.each([
    ['a.example', 8080, 'a.example:8080'],
    ['a.example:8080', 8080, 'a.example:8080'],
    ['a.example:9', 8080, 'a.example:9'],
    ['a.example', 80, 'a.example'],
    ['a.example:80', 80, 'a.example'],
    ['a.example:8443', 443, 'a.example'],
    ['[2001:db8::1]', 8080, '[2001:db8::1]:8080'],
    ['[2001:db8::1]:9', 443, '[2001:db8::1]'],
    ['', 8080, ''],
  ])('%s at port %i goes on as %s', (host, port, sent) => {
    expect(hostWithPort(host, port)).toBe(sent);
  });

  it('is left alone when it is to be preserved', () => {
    expect(forwarded({})['host']).toBe('a.example:8080');
    expect(forwarded({ preserveHost: true })['host']).toBe('a.example');
  });
});
