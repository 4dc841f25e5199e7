// HTTP/2 from clients, as the load balancer speaks it: what its streams become, and how they end.

import { constants } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { startApp, type TestApp } from './support/app.ts';
import { gateOf } from './support/gate.ts';
import { answerOf, ask2, connect2, secureAt } from './support/secure-client.ts';
import { settled } from './support/settled.ts';

const APP = `
app: door
entry: { https: true, idleTimeout: 60s }
services:
  api:
    source: FIXTURES
    command: node program.mjs
    health: /health
    fargate: { cpu: 1024, memory: 2048, tasks: { min: 1, max: 1 }, concurrency: 500, stopTimeout: 2s }
`;
const HASTY = APP.replace('60s', '1s');

interface Who {
  readonly inFlight: number;
  readonly aborted: number;
  readonly written: number;
  readonly served: number;
}

async function who(app: TestApp): Promise<Who> {
  return (await (await fetch(`${app.url}/who`)).json()) as Who;
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );

describe('a request over HTTP/2', () => {
  it('goes to the task as HTTP/1.1, with its fields in lower case and its cookies joined', async () => {
    const app = await startApp(APP);
    const session = await connect2(secureAt(app));
    const { body } = await ask2(session, {
      ':path': '/headers?a=1',
      cookie: ['a=1', 'b=2'],
      'x-mine': 'kept',
      'x-fulcrum-force': 'fargate',
    });
    const { method, url, raw } = JSON.parse(body) as { method: string; url: string; raw: string[] };
    expect([method, url]).toEqual(['GET', '/headers?a=1']);
    const names = raw.filter((_, index) => index % 2 === 0);
    expect(raw[raw.indexOf('cookie') + 1]).toBe('a=1; b=2');
    expect(names.filter((name) => name.startsWith(':'))).toEqual([]);
    expect(names.map((name) => name.toLowerCase()).sort()).toEqual(
      [
        'connection',
        'cookie',
        'host',
        'x-amzn-trace-id',
        'x-forwarded-for',
        'x-forwarded-port',
        'x-forwarded-proto',
        'x-mine',
      ].filter((name) => name !== 'connection' || names.includes('connection')),
    );
  });

  it('has an answer without the fields of a connection, and each cookie for itself', async () => {
    const app = await startApp(APP);
    const { status, headers, body } = await ask2(await connect2(secureAt(app)), {
      ':path': '/set',
    });
    expect([status, body]).toEqual([200, 'set']);
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(headers.connection).toBeUndefined();
    expect(headers['transfer-encoding']).toBeUndefined();
    expect(headers['x-hop']).toBeUndefined();
  });

  it('may be answered with nothing but a head', async () => {
    const app = await startApp(APP);
    const session = await connect2(secureAt(app));
    const head = await ask2(session, { ':path': '/bytes?n=5', ':method': 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '5', '']);
    expect((await ask2(session, { ':path': '/status?code=204' })).status).toBe(204);
    expect((await ask2(session, { ':path': '/status?code=304' })).status).toBe(304);
  });

  it('sends its body with a length and without one', async () => {
    const app = await startApp(APP);
    const session = await connect2(secureAt(app));
    const sized = { ':path': '/sink', ':method': 'POST', 'content-length': '4' };
    const one = JSON.parse((await ask2(session, sized, 'body')).body);
    expect(one.bytes).toBe(4);
    expect(one.raw.map((text: string) => text.toLowerCase())).toContain('content-length');
    const open = { ':path': '/sink', ':method': 'POST' };
    const two = JSON.parse((await ask2(session, open, 'longer body')).body);
    expect(two.bytes).toBe(11);
    expect(two.raw.map((text: string) => text.toLowerCase())).toContain('transfer-encoding');
  });

  it('is told to go on when it asks before sending a body', async () => {
    const app = await startApp(APP);
    const session = await connect2(secureAt(app));
    const stream = session.request({ ':path': '/sink', ':method': 'POST', expect: '100-continue' });
    const answer = answerOf(stream);
    await new Promise((resolve) => stream.once('continue', resolve));
    stream.end('body');
    expect(JSON.parse((await answer).body).bytes).toBe(4);
  });

  it('drops trailers', async () => {
    const app = await startApp(APP);
    const session = await connect2(secureAt(app));
    const stream = session.request(
      { ':path': '/sink', ':method': 'POST' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-late': '1' }));
    const answer = answerOf(stream);
    stream.end('body');
    expect((await answer).body).toMatch(/"bytes":4/);
    expect((await answer).body).not.toMatch(/x-late/);
  });

  it('streams its answer as the task writes it', async () => {
    const app = await startApp(APP);
    const stream = (await connect2(secureAt(app))).request({ ':path': '/chunks?n=3&ms=50' });
    const answer = answerOf(stream);
    const first = await new Promise<string>((resolve) => stream.once('data', resolve));
    expect(first).not.toContain('chunk 2');
    expect((await answer).body).toBe('chunk 1\nchunk 2\nchunk 3\n');
  });

  it('shares its connection with 128 others, and no more', async () => {
    const app = await startApp(APP);
    const session = await connect2(secureAt(app));
    await expect.poll(() => session.remoteSettings.maxConcurrentStreams).toBe(128);
    const asked = Array.from({ length: 300 }, (_, index) =>
      ask2(session, { ':path': `/status?code=${200 + (index % 3)}` }),
    );
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual(asked.map((_, index) => 200 + (index % 3)));
    expect(app.session.engine.status().connections).toBe(1);
  });

  it('that nobody waits for any more ends at the task, and is a 460', async () => {
    const app = await startApp(APP);
    const session = await connect2(secureAt(app));
    const stream = session.request({ ':path': '/chunks?n=100000&ms=5' });
    stream.on('error', () => {});
    await new Promise((resolve) => stream.once('data', resolve));
    stream.close(constants.NGHTTP2_CANCEL);
    const gone = await app.until('request', ({ status }) => status === 460);
    expect(gone.fault?.code).toBe('CLIENT_GONE');
    await expect.poll(async () => (await who(app)).aborted).toBe(1);
    expect((await ask2(session, { ':path': '/health' })).body).toBe('well');
  });

  it('whose client vanishes with its connection is a 460 for every stream', async () => {
    const app = await startApp(APP);
    const session = await connect2(secureAt(app));
    const streams = [1, 2, 3].map(() => session.request({ ':path': '/hang' }));
    for (const stream of streams) stream.on('error', () => {});
    await expect.poll(async () => (await who(app)).inFlight).toBe(4);
    session.destroy();
    await expect
      .poll(() => app.of('request').filter(({ status }) => status === 460).length)
      .toBe(3);
  });

  for (const path of ['/crash-after-head', '/crash-after-head?open']) {
    it(`is reset when the task breaks in the middle of ${path}, and others go on`, async () => {
      const app = await startApp(APP);
      const session = await connect2(secureAt(app));
      const broken = errorOf(ask2(session, { ':path': path }));
      expect(await broken).toMatch(/ERR_HTTP2_STREAM_ERROR|reset/);
      const event = await app.until('request', (one) => one.path === '/crash-after-head');
      expect(event.fault?.code).toBe('UPSTREAM_CLOSED');
      expect(session.closed).toBe(false);
    });
  }
});

describe('back-pressure on a stream', () => {
  it('holds back a task while the client does not read, and no other stream', async () => {
    const app = await startApp(APP);
    const session = await connect2(secureAt(app));
    const stream = session.request({ ':path': '/bytes?n=4000000000' });
    stream.on('error', () => {});
    stream.pause();
    const written = await settled(async () => (await who(app)).written);
    expect(written).toBeLessThan(20_000_000);
    expect((await ask2(session, { ':path': '/health' })).body).toBe('well');
    stream.close(constants.NGHTTP2_CANCEL);
  });

  it('holds back a client while the task does not read, and no other stream', async () => {
    const app = await startApp(APP);
    const session = await connect2(secureAt(app));
    const stream = session.request({ ':path': '/never-reads', ':method': 'POST' });
    stream.on('error', () => {});
    let taken = 0;
    const block = Buffer.alloc(100_000);
    const more = (): void => {
      stream.write(block, (error) => {
        if (error) return;
        taken += block.length;
        more();
      });
    };
    more();
    expect(await settled(() => taken)).toBeLessThan(20_000_000);
    expect((await ask2(session, { ':path': '/health' })).body).toBe('well');
    stream.close(constants.NGHTTP2_CANCEL);
  });
});

describe('a connection with HTTP/2', () => {
  it('is answered on its streams what cannot be read, and stays', async () => {
    const app = await startApp(APP);
    const session = await connect2(secureAt(app));
    const authority = { ':authority': 'a.example' };
    const wrong = await ask2(session, { ...authority, ':path': '/health', host: 'other.example' });
    expect(wrong.status).toBe(400);
    expect(wrong.body).toContain('400 Bad Request');
    const large = await ask2(session, { ':path': '/health', 'x-large': 'x'.repeat(17_000) });
    expect(large.status).toBe(400);
    expect((await ask2(session, { ':path': '/x', ':method': 'TRACE' })).status).toBe(405);
    expect((await ask2(session, { ':path': '/health' })).body).toBe('well');
  });

  it('times out streams that stand still, not those that move', async () => {
    const app = await startApp(HASTY);
    const session = await connect2(secureAt(app));
    const slow = ask2(session, { ':path': '/chunks?n=8&ms=250' });
    expect((await ask2(session, { ':path': '/hang' })).status).toBe(504);
    const body = session.request({ ':path': '/sink', ':method': 'POST' });
    body.write('part');
    expect((await answerOf(body)).status).toBe(408);
    expect((await slow).body).toContain('chunk 8');
  });

  it('is closed when nothing comes', async () => {
    const app = await startApp(HASTY);
    const session = await connect2(secureAt(app));
    const closed = new Promise((resolve) => session.once('close', resolve));
    expect((await ask2(session, { ':path': '/health' })).body).toBe('well');
    await closed;
    await expect.poll(() => app.session.engine.status().connections).toBe(0);
  });

  it('is told to go after 10,000 requests, and all of them are answered', async () => {
    const app = await startApp(APP);
    const session = await connect2(secureAt(app));
    let told = false;
    let answered = 0;
    session.once('goaway', (code) => {
      told = code === constants.NGHTTP2_NO_ERROR;
    });
    const worker = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) {
        const { status } = await ask2(session, { ':path': '/status?code=200' });
        if (status === 200) answered += 1;
      }
    };
    await Promise.all(Array.from({ length: 50 }, () => worker(200)));
    await expect.poll(() => [told, answered]).toEqual([true, 10_000]);
    await expect.poll(() => session.destroyed).toBe(true);
  });

  it('ends with the answers under way when the app stops', async () => {
    const app = await startApp(APP);
    const session = await connect2(secureAt(app));
    const gate = gateOf(app);
    const slow = ask2(session, { ':path': gate.path });
    await expect.poll(async () => (await who(app)).inFlight).toBe(2);
    const stopped = app.stop();
    await app.until('stopping');
    gate.open();
    expect((await slow).body).toBe('there');
    await stopped;
  });
});
