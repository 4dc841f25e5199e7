// Access logs of the load balancer, written by an app that runs and read back as a table would.

import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventStream } from '../src/engine/control/event-stream.ts';
import { AccessLogFile } from '../src/engine/front-door/access-log-file.ts';
import { realMachine } from '../src/host/machine.ts';
import type { EngineEvent } from '../src/model/event.ts';
import { type Logged, readLogs } from './support/access-log.ts';
import { startApp, type TestApp, temporaryFolder } from './support/app.ts';
import { rawClient, rawRequest } from './support/raw-client.ts';
import { ask1, ask2, connect2, secureAt } from './support/secure-client.ts';

const APP = `
app: logged
entry: { https: true, idleTimeout: 1s, accessLogs: true }
services:
  api:
    source: FIXTURES
    command: node program.mjs
    health: /health
    fargate: { cpu: 1024, memory: 2048, tasks: { min: 1, max: 1 }, concurrency: 50, stopTimeout: 2s }
routes:
  - { path: "/old/*", redirect: { path: "/new" } }
  - { path: /teapot, respond: { status: 418, body: short and stout } }
  - { path: "/renamed/*", service: api, rewrite: { path: { match: "^/renamed/(.*)$", replace: "/$1" } }, priority: 20 }
  - { host: 127.0.0.1, service: api, priority: 30 }
`;
const PATIENT = APP.replace('idleTimeout: 1s', 'idleTimeout: 60s');

const folderOf = (app: TestApp) => join(app.folder, '.fulcrum', 'logs', 'access');

/** Ends the app and reads what it has logged, by path. */
async function logged(app: TestApp): Promise<(path: string) => Logged> {
  await app.stop();
  const lines = readLogs(folderOf(app));
  return (path) => {
    const line = lines.find(({ request }) => request.includes(`${path} HTTP/`));
    if (line === undefined) throw new Error(`nothing is logged of ${path}`);
    return line;
  };
}

const SENT = { requestProcessingTime: expect.stringMatching(/^0\.\d{3}$/) };
const NOT_SENT = {
  requestProcessingTime: '-1',
  targetProcessingTime: '-1',
  responseProcessingTime: '-1',
  targetStatusCode: '-',
  targetStatusCodeList: '-',
};

describe('the access log', () => {
  it('tells all of a request that a task answered', async () => {
    const app = await startApp(PATIENT);
    const headers = {
      'user-agent': 'test "1"',
      'x-amzn-trace-id': 'Root=1-67891233-abcdef012345678912345678',
    };
    await (await fetch(`${app.url}/slow?ms=120`, { headers })).text();
    const line = (await logged(app))('/slow?ms=120');
    expect(line).toMatchObject({
      ...SENT,
      type: 'http',
      elb: expect.stringMatching(/^app\/logged\//),
      client: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      target: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      responseProcessingTime: '0.000',
      elbStatusCode: '200',
      targetStatusCode: '200',
      request: `GET ${app.url}/slow?ms=120 HTTP/1.1`,
      userAgent: 'test \\x221\\x22',
      sslCipher: '-',
      sslProtocol: '-',
      targetGroupArn: expect.stringMatching(/:targetgroup\/logged-api-fargate\//),
      traceId: expect.stringMatching(
        /^Self=1-[0-9a-f-]+;Root=1-67891233-abcdef012345678912345678$/,
      ),
      domainName: '-',
      chosenCertArn: '-',
      matchedRulePriority: '30',
      actionsExecuted: 'forward',
      redirectUrl: '-',
      errorReason: '-',
      targetStatusCodeList: '200',
    });
    expect(line.targetPortList).toBe(line.target);
    expect(Number(line.targetProcessingTime)).toBeGreaterThanOrEqual(0.115);
    expect(Number(line.receivedBytes)).toBeGreaterThan(100);
    expect(Number(line.sentBytes)).toBeGreaterThan(100);
    expect(Date.parse(line.time)).toBeGreaterThan(Date.parse(line.requestCreationTime));
  });

  it('tells the protocols apart', async () => {
    const app = await startApp(PATIENT.replace('program.mjs', 'websocket.mjs'));
    const at = secureAt(app);
    await ask1(at, '/secure', { servername: 'localhost' });
    await ask2(await connect2(at), { ':path': '/two' });
    for (const url of [
      `${app.url.replace('http', 'ws')}/ws`,
      `${at.url.replace('https', 'wss')}/wss`,
    ]) {
      const socket = new WebSocket(url, { ca: at.ca });
      await new Promise((resolve) => socket.once('open', resolve));
      socket.send(Buffer.alloc(10_000));
      await new Promise((resolve) => socket.once('message', resolve));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.close();
      await closed;
    }
    const of = await logged(app);
    expect(of('/secure')).toMatchObject({
      type: 'https',
      request: `GET ${at.url}/secure HTTP/1.1`,
      sslProtocol: 'TLSv1.3',
      sslCipher: expect.stringMatching(/^TLS_AES_/),
      domainName: 'localhost',
      chosenCertArn: expect.stringMatching(/^arn:aws:acm:/),
    });
    expect(of('/two')).toMatchObject({ type: 'h2', request: `GET ${at.url}/two HTTP/2.0` });
    for (const type of ['ws', 'wss']) {
      const line = of(`/${type}`);
      expect(line).toMatchObject({ type, elbStatusCode: '101', targetStatusCode: '101' });
      expect(Number(line.receivedBytes)).toBeGreaterThan(10_000);
      expect(Number(line.sentBytes)).toBeGreaterThan(10_000);
    }
  });

  it('gives all requests of a connection one id', async () => {
    const app = await startApp(PATIENT);
    const session = await connect2(secureAt(app));
    await Promise.all(['/a', '/b'].map((path) => ask2(session, { ':path': path })));
    await fetch(`${app.url}/c`);
    const of = await logged(app);
    expect(of('/a').connTraceId).toBe(of('/b').connTraceId);
    expect(of('/a').client).toBe(of('/b').client);
    expect(of('/c').connTraceId).not.toBe(of('/a').connTraceId);
  });

  it('tells what rules did', async () => {
    const app = await startApp(PATIENT);
    await fetch(`${app.url}/old/1`, { redirect: 'manual' });
    await fetch(`${app.url}/teapot`);
    await (await fetch(`${app.url}/renamed/health`)).text();
    await rawRequest(app.port, 'GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const of = await logged(app);
    expect(of('/old/1')).toMatchObject({
      ...NOT_SENT,
      elbStatusCode: '302',
      target: '-',
      targetGroupArn: '-',
      matchedRulePriority: '1',
      actionsExecuted: 'redirect',
      redirectUrl: `${app.url}/new`,
    });
    expect(of('/teapot')).toMatchObject({
      ...NOT_SENT,
      elbStatusCode: '418',
      actionsExecuted: 'fixed-response',
    });
    expect(of('/renamed/health')).toMatchObject({
      actionsExecuted: 'rewrite,forward',
      matchedRulePriority: '20',
      transformedUri: '/health',
      requestTransformStatus: 'TransformSuccess',
    });
    expect(of('/none')).toMatchObject({
      ...NOT_SENT,
      request: `GET http://a:${app.port}/none HTTP/1.1`,
      elbStatusCode: '404',
      matchedRulePriority: '0',
      actionsExecuted: 'fixed-response',
    });
  });

  it('has -1 for what never came back, and no status of a target', async () => {
    const app = await startApp(APP);
    await fetch(`${app.url}/hang`);
    await fetch(`${app.url}/reset`);
    const client = await rawClient(app.port);
    client.write('GET /slow?ms=5000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await expect
      .poll(() => app.session.engine.status().services[0]?.fargate?.tasks[0]?.inFlight)
      .toBe(1);
    client.close();
    await app.until('request', ({ status }) => status === 460);
    const of = await logged(app);
    expect(of('/hang')).toMatchObject({ ...NOT_SENT, elbStatusCode: '504' });
    expect(of('/reset')).toMatchObject({
      ...NOT_SENT,
      elbStatusCode: '502',
      matchedRulePriority: '30',
    });
    expect(of('/slow?ms=5000')).toMatchObject({
      ...NOT_SENT,
      ...SENT,
      elbStatusCode: '460',
    });
  });

  it('has a line for what could not be read', async () => {
    const app = await startApp(PATIENT);
    await rawRequest(app.port, 'GET / HTTP/1.1\r\n\r\n');
    await app.stop();
    expect(readLogs(folderOf(app))).toMatchObject([
      {
        ...NOT_SENT,
        type: 'http',
        elbStatusCode: '400',
        request: `- http://127.0.0.1:${app.port}- -`,
        userAgent: '-',
        traceId: '-',
        matchedRulePriority: '-',
        actionsExecuted: '-',
      },
    ]);
  });

  it('names the error of a function', async () => {
    const yaml = PATIENT.replace(/fargate: .*/, 'lambda: { memory: 1024 }');
    const app = await startApp(yaml);
    await (await fetch(`${app.url}/who`)).text();
    await fetch(`${app.url}/crash`);
    const of = await logged(app);
    expect(of('/who')).toMatchObject({
      ...SENT,
      target: '-',
      targetPortList: '-',
      targetStatusCode: '200',
      targetGroupArn: expect.stringMatching(/:targetgroup\/logged-api-lambda\//),
      errorReason: '-',
    });
    expect(of('/crash')).toMatchObject({ elbStatusCode: '502', errorReason: 'LambdaUnhandled' });
  });

  it('is in a folder one names, and nowhere when not asked for', async () => {
    const app = await startApp(PATIENT.replace('accessLogs: true', 'accessLogs: logs/alb'));
    await fetch(`${app.url}/health`);
    await app.stop();
    const files = readdirSync(join(app.folder, 'logs', 'alb'));
    expect(files).toEqual([
      expect.stringMatching(
        /^000000000000_elasticloadbalancing_us-east-1_app\.logged\.[0-9a-f]{16}_\d{8}T\d{2}[0-5][05]Z_127\.0\.0\.1\.log$/,
      ),
    ]);
    const silent = await startApp(PATIENT.replace(', accessLogs: true', ''));
    await fetch(`${silent.url}/health`);
    await silent.stop();
    expect(existsSync(folderOf(silent))).toBe(false);
  });

  it('that cannot be kept ends the start', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    for (const folder of [`${file}/logs`, '/proc/nowhere']) {
      const yaml = PATIENT.replace('accessLogs: true', `accessLogs: ${folder}`);
      await expect(startApp(yaml)).rejects.toMatchObject({ code: 'ACCESS_LOG_UNUSABLE' });
    }
  });
});

describe('the files of the access log', () => {
  function openFile(folder: string, wall?: () => number) {
    const { clock } = realMachine();
    const events = eventStream();
    const seen: EngineEvent[] = [];
    events.listen((event) => seen.push(event));
    const app = { name: 'a', region: 'us-east-1' } as never;
    const timed = wall === undefined ? clock : { ...clock, wall };
    return { file: new AccessLogFile({ app, clock: timed, events, folder }), seen };
  }

  it('are of five minutes each, and go on where they were', async () => {
    const folder = join(temporaryFolder(), 'logs');
    let wall = Date.parse('2026-03-01T10:04:59Z');
    for (const line of ['first\n', 'second\n']) {
      const { file } = openFile(folder, () => wall);
      await file.open();
      file.write(line);
      await file.close();
    }
    wall += 1000;
    const { file } = openFile(folder, () => wall);
    await file.open();
    file.write('third\n');
    await file.close();
    const times = readdirSync(folder).map((name) => /_(\d{8}T\d{4}Z)_/.exec(name)?.[1]);
    expect(times.sort()).toEqual(['20260301T1005Z', '20260301T1010Z']);
  });

  it('hold no more than 16 MB, and say what is left out', async () => {
    const folder = temporaryFolder();
    const { file, seen } = openFile(folder);
    await file.open();
    const line = `${'x'.repeat(1023)}\n`;
    for (let index = 0; index < 20_000; index += 1) file.write(line);
    await file.close();
    const kept = 16 * 1024;
    expect(seen).toMatchObject([
      { type: 'notice', message: expect.stringContaining(`${20_000 - kept} lines`) },
    ]);
  });

  it('that cannot be written are said once', async () => {
    const folder = join(temporaryFolder(), 'logs');
    const { file, seen } = openFile(folder);
    await file.open();
    rmSync(folder, { recursive: true });
    file.write('lost\n'.repeat(100_000));
    file.write('lost too\n');
    await file.close();
    expect(seen).toMatchObject([{ type: 'fault', fault: { code: 'ACCESS_LOG_UNUSABLE' } }]);
  });
});
