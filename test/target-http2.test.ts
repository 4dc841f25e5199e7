// Target groups whose targets speak HTTP/2 without TLS.

import { readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:http2';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLogs } from './support/access-log.ts';
import { startApp, type TestApp } from './support/app.ts';
import { answerOf, ask1, ask2, connect2, secureAt } from './support/secure-client.ts';
import { settled } from './support/settled.ts';

const APP = `
app: two
entry: { https: true, idleTimeout: 60s }
services:
  api:
    source: FIXTURES
    command: node http2.mjs
    health: /health
    fargate:
      cpu: 1024
      memory: 2048
      tasks: { min: 1, max: 1 }
      concurrency: 500
      stopTimeout: 2s
      targetGroup: { protocol: http2 }
`;

const connected = async (yaml = APP) => {
  const app = await startApp(yaml);
  return { app, at: secureAt(app), session: await connect2(secureAt(app)) };
};

const failed = (app: TestApp, path: string) =>
  app.until('request', (event) => event.path === path && event.fault !== undefined);

describe('a target group of HTTP/2', () => {
  it('gets requests as HTTP/2, with the fields a load balancer writes', async () => {
    const { at, session } = await connected();
    const { body, headers } = await ask2(session, {
      ':path': '/headers?a=1',
      cookie: ['a=1', 'b=2'],
    });
    expect(JSON.parse(body)).toMatchObject({
      ':method': 'GET',
      ':path': '/headers?a=1',
      ':scheme': 'http',
      ':authority': `127.0.0.1:${at.port}`,
      cookie: 'a=1; b=2',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': String(at.port),
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-/),
    });
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(headers['x-fulcrum-compute']).toBe('fargate');
  });

  it('takes bodies of a megabyte both ways, and answers without one', async () => {
    const { session } = await connected();
    const large = Buffer.alloc(1_000_000, 'z');
    const sink = await ask2(session, { ':path': '/sink', ':method': 'POST' }, large);
    expect(JSON.parse(sink.body)).toEqual({ bytes: 1_000_000 });
    expect((await ask2(session, { ':path': '/bytes?n=1000000' })).body).toHaveLength(1_000_000);
    const head = await ask2(session, { ':path': '/bytes?n=5', ':method': 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '5', '']);
    const empty = await ask2(session, { ':path': '/sink?code=201', ':method': 'POST' }, '');
    expect([empty.status, JSON.parse(empty.body)]).toEqual([201, { bytes: 0 }]);
    expect((await ask2(session, { ':path': '/nowhere' })).status).toBe(404);
  });

  it('passes trailers of a request on', async () => {
    const { session } = await connected();
    const headers = { ':path': '/sink', ':method': 'POST' };
    const stream = session.request(headers, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-late': '1' }));
    const answer = answerOf(stream);
    stream.end('body');
    expect(JSON.parse((await answer).body)).toEqual({ bytes: 4, late: '1' });
  });

  it('streams events', async () => {
    const { session } = await connected();
    const stream = session.request({ ':path': '/events' });
    const answer = answerOf(stream);
    const first = await new Promise<string>((resolve) => stream.once('data', resolve));
    expect(first).not.toContain('data: 3');
    expect((await answer).body).toBe('data: 1\n\ndata: 2\n\ndata: 3\n\n');
  });

  it('is read no faster than the client reads', async () => {
    const { session } = await connected();
    const flood = session.request({ ':path': '/flood' });
    flood.on('error', () => {});
    const written = async () => Number((await ask2(session, { ':path': '/written' })).body);
    expect(await settled(written)).toBeLessThan(20_000_000);
    flood.close(constants.NGHTTP2_CANCEL);
  });

  it('is sent no more than it reads', async () => {
    const { session } = await connected();
    const stream = session.request({ ':path': '/silent', ':method': 'POST' });
    stream.on('error', () => {});
    const chunk = Buffer.alloc(64 * 1024);
    let taken = 0;
    const write = (): void => {
      stream.write(chunk, () => {
        taken += chunk.length;
        if (!stream.closed) write();
      });
    };
    write();
    expect(await settled(() => taken)).toBeLessThan(20_000_000);
    stream.close(constants.NGHTTP2_CANCEL);
  });

  it('never takes a request that the client gave up for a complete one', async () => {
    const { app, session } = await connected();
    const stream = session.request({ ':path': '/upload', ':method': 'POST' });
    stream.on('error', () => {});
    stream.write('half of it');
    const uploads = async () => JSON.parse((await ask2(session, { ':path': '/uploads' })).body);
    await expect.poll(async () => (await uploads()).begun).toBe(1);
    stream.destroy(new Error('the test gives up'));
    await expect.poll(async () => (await uploads()).reset).toBe(constants.NGHTTP2_CANCEL);
    expect((await uploads()).ended).toBe(0);
    expect((await failed(app, '/upload')).status).toBe(460);
  });

  it('may answer, with trailers, before it has all of the request', async () => {
    const { session } = await connected();
    const stream = session.request({ ':path': '/early', ':method': 'POST' });
    const late = new Promise<object>((resolve) => stream.once('trailers', resolve));
    const closed = new Promise((resolve) => stream.once('close', resolve));
    let body = '';
    stream.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    stream.write('never ends');
    expect(await late).toMatchObject({ 'x-why': 'enough' });
    await closed;
    expect([body, stream.rstCode]).toEqual(['enough', constants.NGHTTP2_NO_ERROR]);
  });

  it('does not take clients with HTTP/1.1', async () => {
    const { app, at } = await connected(
      `${APP}`.replace('https: true', 'https: true, accessLogs: true'),
    );
    expect((await ask1(at, '/headers')).status).toBe(464);
    expect((await fetch(`${app.url}/plain`)).status).toBe(464);
    const { fault } = await failed(app, '/plain');
    expect(fault).toMatchObject({
      code: 'PROTOCOL_MISMATCH',
      facts: { service: 'api', protocol: 'http2', problem: 'the request came with HTTP/1.1' },
    });
    await app.stop();
    const lines = readLogs(join(app.folder, '.fulcrum', 'logs', 'access'));
    expect(lines.find(({ request }) => request.includes('/plain'))).toMatchObject({
      type: 'http',
      elbStatusCode: '464',
      targetStatusCode: '-',
      targetGroupArn: expect.stringMatching(/^arn:/),
    });
  });
});

describe('a target of HTTP/2 that fails', () => {
  it('gives 502 when it resets a request, and a reset when its answer has begun', async () => {
    const { app, session } = await connected();
    expect((await ask2(session, { ':path': '/reset' })).status).toBe(502);
    expect((await failed(app, '/reset')).fault).toMatchObject({
      code: 'UPSTREAM_RESET',
      facts: { when: 'with INTERNAL_ERROR before it answered' },
    });
    await expect(ask2(session, { ':path': '/reset-later' })).rejects.toThrow();
    expect((await failed(app, '/reset-later')).fault).toMatchObject({
      code: 'UPSTREAM_RESET',
      facts: { when: 'with INTERNAL_ERROR in the middle of its answer' },
    });
  });

  it('is asked once more for what it refused, and on a new session after it left', async () => {
    const { session } = await connected();
    const refused = await ask2(session, { ':path': '/refuse-once' });
    expect([refused.status, refused.headers['x-tries']]).toEqual([200, '2']);
    expect((await ask2(session, { ':path': '/goaway' })).body).toBe('bye');
    expect((await ask2(session, { ':path': '/headers' })).status).toBe(200);
  });

  it('gives 502 when it drops its connection', async () => {
    const { app, session } = await connected();
    expect((await ask2(session, { ':path': '/drop?first' })).status).toBe(502);
    const dropped = await ask2(session, { ':path': '/drop', ':method': 'POST' });
    expect(dropped.status).toBe(502);
    expect((await failed(app, '/drop')).fault).toMatchObject({
      code: 'UPSTREAM_CLOSED',
      facts: { when: 'before it answered' },
    });
  });

  it('gives 504 when it says nothing', async () => {
    const { session } = await connected(APP.replace('60s', '1s'));
    expect((await ask2(session, { ':path': '/silent' })).status).toBe(504);
  });

  it('is unhealthy when it speaks HTTP/1.1', async () => {
    const app = await startApp(
      APP.replace('http2.mjs', 'program.mjs').replace(
        'health: /health',
        'health: { path: /health, interval: 5s, timeout: 2s }',
      ),
    );
    const { fault } = await app.until('fault', (event) => event.fault.code === 'APP_UNHEALTHY');
    expect(fault.facts).toMatchObject({ asked: 'GET /health', reason: 'the answer is not HTTP/2' });
  });
});

describe('the protocol of a target group', () => {
  it('stays as it is while the app runs', async () => {
    const { app } = await connected();
    const file = join(app.folder, 'fulcrum.yml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('protocol: http2', 'protocol: http1'));
    const asked = app.session.engine.redeploy({ services: [], force: false });
    await expect(asked).rejects.toMatchObject({
      code: 'RELOAD_REFUSED',
      message: expect.stringContaining('from http2 to http1'),
    });
  });
});

describe('sessions to a target', () => {
  it('are as many as its streams at a time ask for', async () => {
    const { session } = await connected(`${APP}    environment: { STREAMS: 2 }\n`);
    const silent = Array.from({ length: 5 }, () => session.request({ ':path': '/silent' }));
    for (const stream of silent) stream.on('error', () => {});
    // Those of health checks come and go.
    await expect
      .poll(async () => Number((await ask2(session, { ':path': '/sessions' })).body))
      .toBeGreaterThanOrEqual(3);
    for (const stream of silent) stream.close(constants.NGHTTP2_CANCEL);
    expect((await ask2(session, { ':path': '/headers' })).status).toBe(200);
  });
});
