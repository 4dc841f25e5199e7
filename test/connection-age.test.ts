// A client's connection may get so old; time is the test's own.

import { describe, expect, it, onTestFinished } from 'vitest';
import type { Clock } from '../src/base/ports.ts';
import type { Exchange } from '../src/engine/http1/exchange.ts';
import { LoopbackServer } from '../src/engine/http1/loopback-server.ts';
import { SecureServer } from '../src/engine/http2/secure-server.ts';
import { makeAuthority, makeLocal } from '../src/engine/tls/certificate.ts';
import { realMachine } from '../src/host/machine.ts';
import { rawClient } from './support/raw-client.ts';
import { ask2, connect2 } from './support/secure-client.ts';

const LIMITS = { headBytes: 64_000, lineBytes: 16_000, idleMs: 60_000_000, keepAliveMs: 3_600_000 };

const user = {
  request(exchange: Exchange): void {
    exchange.respond({ status: 204, reason: 'No Content', fields: '', body: { kind: 'none' } });
    exchange.end();
  },
  malformed() {},
  handshakeFailed() {},
};

function ageing(): { readonly clock: Clock; pass(ms: number): void } {
  const { clock } = realMachine();
  let passed = 0;
  return {
    clock: { ...clock, now: () => clock.now() + passed },
    pass(ms) {
      passed += ms;
    },
  };
}

describe('a connection that is older than it may get', () => {
  it('takes one more request over HTTP/1.1', async () => {
    const { clock, pass } = ageing();
    const server = new LoopbackServer(clock, LIMITS, user);
    onTestFinished(() => server.close());
    const client = await rawClient(await server.listen(0));
    const ask = () => client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    ask();
    pass(3_500_000);
    expect(await client.until('\r\n\r\n')).toMatch(/\r\nConnection: keep-alive\r\n/);
    pass(200_000);
    ask();
    const all = await client.closed();
    expect(all.match(/^HTTP\/1\.1 204/gm)).toHaveLength(2);
    expect(all).toMatch(/\r\nConnection: close\r\n\r\n$/);
  });

  it('takes one more request over HTTP/2, and says GOAWAY', async () => {
    const { clock, pass } = ageing();
    const authority = makeAuthority(clock.wall());
    const local = makeLocal(authority, clock.wall());
    const server = new SecureServer(clock, LIMITS, user, { ...local, http2: true });
    onTestFinished(() => server.close());
    const port = await server.listen(0);
    const session = await connect2({ url: `https://127.0.0.1:${port}`, ca: authority.certificate });
    const gone = new Promise((resolve) => session.once('goaway', resolve));
    const closed = new Promise((resolve) => session.once('close', resolve));
    expect((await ask2(session, { ':path': '/' })).status).toBe(204);
    expect(session.closed).toBe(false);
    pass(3_700_000);
    expect((await ask2(session, { ':path': '/' })).status).toBe(204);
    expect(await gone).toBe(0);
    await closed;
  });
});
