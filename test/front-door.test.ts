// The front door as a load balancer, seen from its clients and its targets.

import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { startApp, type TestApp } from './support/app.ts';
import { rawClient, rawRequest } from './support/raw-client.ts';

const ON_FARGATE = `
app: door
entry: { idleTimeout: 2s }
services:
  api:
    source: FIXTURES
    command: node program.mjs
    health: /health
    fargate: { cpu: 1024, memory: 2048, tasks: { min: 1, max: 1 }, concurrency: 50, stopTimeout: 2s }
`;

interface Headers {
  readonly method: string;
  readonly url: string;
  readonly raw: readonly string[];
}

function valuesOf({ raw }: Headers, name: string): readonly string[] {
  return raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === name);
}

async function headersSeen(app: TestApp, headers: Record<string, string>): Promise<Headers> {
  const response = await fetch(`${app.url}/headers`, { headers });
  return (await response.json()) as Headers;
}

/** The value once two looks in a row see the same, and it is not zero. */
async function settled(look: () => number | Promise<number>): Promise<number> {
  let last = -1;
  await expect
    .poll(
      async () => {
        const before = last;
        last = await look();
        return last === before && last > 0;
      },
      { interval: 200 },
    )
    .toBe(true);
  return last;
}

describe('what the target sees', () => {
  it('is the request with the forwarding fields of a load balancer', async () => {
    const app = await startApp(ON_FARGATE);
    const seen = await headersSeen(app, { 'x-mine': 'kept' });
    expect(valuesOf(seen, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(valuesOf(seen, 'x-forwarded-proto')).toEqual(['http']);
    expect(valuesOf(seen, 'x-forwarded-port')).toEqual([String(app.port)]);
    expect(valuesOf(seen, 'x-amzn-trace-id')[0]).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(valuesOf(seen, 'host')).toEqual([`127.0.0.1:${app.port}`]);
    expect(valuesOf(seen, 'x-mine')).toEqual(['kept']);
  });

  it('appends to X-Forwarded-For and puts a Self before the client’s Root', async () => {
    const app = await startApp(ON_FARGATE);
    const root = 'Root=1-67891233-abcdef012345678912345678';
    const seen = await headersSeen(app, {
      'x-forwarded-for': '192.0.2.7',
      'x-forwarded-proto': 'https',
      'x-amzn-trace-id': root,
    });
    expect(valuesOf(seen, 'x-forwarded-for')).toEqual(['192.0.2.7, 127.0.0.1']);
    expect(valuesOf(seen, 'x-forwarded-proto')).toEqual(['http']);
    const [trace = ''] = valuesOf(seen, 'x-amzn-trace-id');
    expect(trace).toMatch(new RegExp(`^Self=1-[0-9a-f]{8}-[0-9a-f]{24};${root}$`));
  });

  it('has nothing that concerns one connection only', async () => {
    const app = await startApp(ON_FARGATE);
    const answer = await rawRequest(
      app.port,
      'GET /headers HTTP/1.1\r\nHost: a.example\r\nConnection: close, x-hop\r\nX-Hop: 1\r\nKeep-Alive: 1\r\nTE: trailers\r\nProxy-Connection: x\r\nX-Fulcrum-Force: fargate\r\nX-End: 2\r\n\r\n',
    );
    const seen = JSON.parse(answer.slice(answer.indexOf('{'))) as Headers;
    const names = seen.raw.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    expect(names.sort()).toEqual([
      'host',
      'x-amzn-trace-id',
      'x-end',
      'x-forwarded-for',
      'x-forwarded-port',
      'x-forwarded-proto',
    ]);
  });

  it('does not let a client remove what the front door adds', async () => {
    const app = await startApp(ON_FARGATE);
    const answer = await rawRequest(
      app.port,
      'GET /headers HTTP/1.1\r\nHost: a\r\nConnection: close, x-forwarded-for, host\r\n\r\n',
    );
    const seen = JSON.parse(answer.slice(answer.indexOf('{'))) as Headers;
    expect(valuesOf(seen, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(valuesOf(seen, 'host')).toEqual([`a:${app.port}`]);
  });
});

describe('what the client sees', () => {
  it('is the answer without the fields of the target’s own connection', async () => {
    const app = await startApp(ON_FARGATE);
    const response = await fetch(`${app.url}/set`);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x-hop')).toBeNull();
    expect(response.headers.get('x-end')).toBe('yours');
    expect(await response.text()).toBe('set');
  });

  it('says in development who answered and why', async () => {
    const app = await startApp(ON_FARGATE);
    const { headers } = await fetch(`${app.url}/who`);
    expect(headers.get('x-fulcrum-compute')).toBe('fargate');
    expect(headers.get('x-fulcrum-track')).toBe('api@1/fargate');
    expect(headers.get('x-fulcrum-reason')).toBe('the route names fargate');
  });

  it('keeps the connection, also for requests sent ahead', async () => {
    const app = await startApp(ON_FARGATE);
    const client = await rawClient(app.port);
    const ask = (n: number, end = '') =>
      `GET /status?code=20${n} HTTP/1.1\r\nHost: a\r\n${end}\r\n`;
    client.write(ask(0) + ask(2) + ask(3, 'Connection: close\r\n'));
    const answers = await client.closed();
    expect(answers.match(/^HTTP\/1\.1 \d+/gm)).toEqual([
      'HTTP/1.1 200',
      'HTTP/1.1 202',
      'HTTP/1.1 203',
    ]);
  });

  it('gets HEAD with the length and without the body', async () => {
    const app = await startApp(ON_FARGATE);
    const answer = await rawRequest(
      app.port,
      'HEAD /bytes?n=5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/\r\ncontent-length: 5\r\n/i);
    expect(answer.endsWith('\r\n\r\n')).toBe(true);
  });

  it('of HTTP/1.0 gets a body that ends with the connection', async () => {
    const app = await startApp(ON_FARGATE);
    const answer = await rawRequest(app.port, 'GET /chunks?n=2&ms=5 HTTP/1.0\r\n\r\n');
    expect(answer).not.toMatch(/transfer-encoding/i);
    expect(answer.endsWith('\r\n\r\nchunk 1\nchunk 2\n')).toBe(true);
  });

  it('is told to go on when it asks before sending a body', async () => {
    const app = await startApp(ON_FARGATE);
    const client = await rawClient(app.port);
    client.write(
      'POST /sink HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n',
    );
    await client.until('100 Continue\r\n\r\n');
    client.write('body');
    expect(await client.closed()).toMatch(/"bytes":4/);
  });
});

describe('streams', () => {
  it('reach the client as they are written', async () => {
    const app = await startApp(ON_FARGATE);
    const client = await rawClient(app.port);
    client.write('GET /chunks?n=3&ms=50 HTTP/1.1\r\nHost: a\r\n\r\n');
    const first = await client.until('chunk 1');
    expect(first).not.toContain('chunk 2');
    expect(await client.until('0\r\n\r\n')).toContain('chunk 3');
    client.close();
  });

  it('reach the target as they are sent, whatever their framing', async () => {
    const app = await startApp(ON_FARGATE);
    const body = new ReadableStream({
      start(controller) {
        for (let index = 0; index < 100; index += 1) controller.enqueue(Buffer.alloc(50_000, 'b'));
        controller.close();
      },
    });
    const response = await fetch(`${app.url}/sink`, { method: 'POST', body, duplex: 'half' });
    expect(await response.json()).toMatchObject({ bytes: 5_000_000 });
  });

  it('hold back a sender while the target does not read', async () => {
    const app = await startApp(ON_FARGATE.replace('idleTimeout: 2s', 'idleTimeout: 60s'));
    const client = await rawClient(app.port);
    client.write('POST /never-reads HTTP/1.1\r\nHost: a\r\nContent-Length: 500000000\r\n\r\n');
    for (let sent = 0; sent < 50; sent += 1) client.write(Buffer.alloc(1_000_000));
    const taken = () => client.socket.bytesWritten - client.socket.writableLength;
    expect(await settled(taken)).toBeLessThan(20_000_000);
    client.close();
    // What is held back is seen to be gone when it is read again.
    await fetch(`${app.url}/read-on`);
    const { fault } = await app.until('request', ({ path }) => path === '/never-reads');
    expect(fault?.code).toBe('CLIENT_GONE');
  });

  it('hold back a target while the client does not read', async () => {
    const app = await startApp(ON_FARGATE.replace('idleTimeout: 2s', 'idleTimeout: 60s'));
    const client = await rawClient(app.port);
    client.socket.pause();
    client.write('GET /bytes?n=4000000000 HTTP/1.1\r\nHost: a\r\n\r\n');
    const who = async () => (await (await fetch(`${app.url}/who`)).json()) as { written: number };
    const written = await settled(async () => (await who()).written);
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(20_000_000);
    client.close();
  });

  it('stop at the target when the client goes away', async () => {
    const app = await startApp(ON_FARGATE);
    const client = await rawClient(app.port);
    client.write('GET /chunks?n=100000&ms=5 HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until('chunk 2');
    client.close();
    const gone = await app.until('request', ({ status }) => status === 460);
    expect(gone.fault?.code).toBe('CLIENT_GONE');
    const seen = async () => (await (await fetch(`${app.url}/who`)).json()) as { aborted: number };
    await expect.poll(async () => (await seen()).aborted).toBe(1);
  });

  it('break for the client when the target breaks in the middle', async () => {
    const app = await startApp(ON_FARGATE);
    const answer = await rawRequest(app.port, 'GET /crash-after-head HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
    const event = await app.until('request', ({ path }) => path === '/crash-after-head');
    expect(event.fault?.code).toBe('UPSTREAM_CLOSED');
  });
});

describe('the connection can be upgraded', () => {
  it('and then carries both ways what it likes', async () => {
    const app = await startApp(ON_FARGATE);
    const client = await rawClient(app.port);
    client.write(
      'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly',
    );
    await client.until('early');
    client.write('later');
    const all = await client.until('later');
    expect(all).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    client.close();
    const event = await app.until('request', ({ path }) => path === '/ws');
    expect([event.status, event.requestBytes]).toEqual([101, 10]);
    // The program says everything back, after the head.
    expect(event.responseBytes).toBe(all.length);
  });

  it('or not, if the target does not want to', async () => {
    const app = await startApp(ON_FARGATE);
    const answer = await rawRequest(
      app.port,
      'GET /refuse HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: echo\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(answer.endsWith('no')).toBe(true);
  });
});

describe('the front door answers by itself', () => {
  it('404 where no route matches', async () => {
    const app = await startApp(`${ON_FARGATE}
routes:
  - { path: /only, service: api }
`);
    const response = await fetch(`${app.url}/other`);
    expect(response.status).toBe(404);
    expect(response.headers.get('server')).toBe('awselb/2.0');
    const [event] = app.of('request');
    expect(event).toMatchObject({ status: 404, fault: { code: 'ROUTE_NOT_FOUND' } });
  });

  const refused: readonly (readonly [what: string, request: string, status: number])[] = [
    ['TRACE', 'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 405],
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['nonsense', 'this is not HTTP\r\n\r\n', 400],
    ['a bare line break', 'GET / HTTP/1.1\nHost: a\n\n', 400],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['a folded line', 'GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n', 400],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n', 400],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
    ],
    [
      'length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['an unknown coding', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n', 501],
    ['another version', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 400],
    [
      'a header that is too large',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`,
      400,
    ],
    ['a URL that is too large', `GET /${'x'.repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    [
      'a head that is too large',
      `GET / HTTP/1.1\r\nHost: a\r\n${'X: 0123456789\r\n'.repeat(6000)}\r\n`,
      400,
    ],
    [
      'too many forwarders',
      `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Forwarded-For: ${'1.1.1.1, '.repeat(30)}1.1.1.1\r\n\r\n`,
      463,
    ],
  ];

  it('to everything that is malformed, and goes on serving', async () => {
    const app = await startApp(ON_FARGATE);
    for (const [what, text, status] of refused) {
      const answer = await rawRequest(app.port, text);
      expect(answer.slice(0, 12), what).toBe(`HTTP/1.1 ${status}`);
    }
    expect((await fetch(`${app.url}/who`)).status).toBe(200);
  });

  it('400 to a chunk that is malformed, whatever was sent before', async () => {
    const app = await startApp(ON_FARGATE);
    const answer = await rawRequest(
      app.port,
      'POST /sink HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\nzz\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
  });

  it('408 to a request that never ends (slow loris), without keeping others waiting', async () => {
    const app = await startApp(ON_FARGATE.replace('idleTimeout: 2s', 'idleTimeout: 1s'));
    const slow = await rawClient(app.port);
    slow.write('GET / HTTP/1.1\r\nHost: a\r\nX: ');
    const drip = setInterval(() => slow.write('x'), 100);
    expect((await fetch(`${app.url}/who`)).status).toBe(200);
    const answer = await slow.closed();
    clearInterval(drip);
    slow.close();
    expect(answer).toMatch(/^HTTP\/1\.1 408/);
  });

  it('408 to a body that stops coming', async () => {
    const app = await startApp(ON_FARGATE.replace('idleTimeout: 2s', 'idleTimeout: 1s'));
    const client = await rawClient(app.port);
    client.write('POST /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 408/);
  });

  it('504 when the target says nothing for the idle timeout', async () => {
    const app = await startApp(ON_FARGATE.replace('idleTimeout: 2s', 'idleTimeout: 1s'));
    const response = await fetch(`${app.url}/hang`);
    expect(response.status).toBe(504);
    const [event] = app.of('request');
    expect(event?.fault?.code).toBe('UPSTREAM_SILENT');
  });

  it('502 when the target resets the connection', async () => {
    const app = await startApp(ON_FARGATE);
    const response = await fetch(`${app.url}/reset`);
    expect(response.status).toBe(502);
    expect(await response.text()).toContain('502 Bad Gateway');
  });

  it('closes a connection on which nothing comes', async () => {
    const app = await startApp(ON_FARGATE.replace('idleTimeout: 2s', 'idleTimeout: 1s'));
    const client = await rawClient(app.port);
    expect(await client.closed()).toBe('');
  });
});

it('says that its port is taken', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  await expect(startApp(ON_FARGATE, { port })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  other.close();
});
