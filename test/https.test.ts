// The HTTPS listener of the load balancer, with clients that trust its authority.

import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startApp, temporaryFolder } from './support/app.ts';
import { rawRequest } from './support/raw-client.ts';
import { answerOf, ask1, ask2, connect2, secureAt } from './support/secure-client.ts';

const ON_FARGATE = `
app: door
entry: { https: true, idleTimeout: 2s }
services:
  api:
    source: FIXTURES
    command: node program.mjs
    health: /health
    fargate: { cpu: 1024, memory: 2048, tasks: { min: 1, max: 1 }, concurrency: 50, stopTimeout: 2s }
`;
const PATIENT = ON_FARGATE.replace('idleTimeout: 2s', 'idleTimeout: 60s');
const WEBSOCKET = PATIENT.replace('program.mjs', 'websocket.mjs');
const ON_LAMBDA = PATIENT.replace(/fargate: .*/, 'lambda: { memory: 1024 }');

interface Seen {
  readonly raw: readonly string[];
}

function fieldOf(body: string, name: string): readonly string[] {
  const { raw } = JSON.parse(body) as Seen;
  return raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === name);
}

const has = (command: string, flag: string) => spawnSync(command, [flag]).status === 0;

describe('HTTPS', () => {
  it('is said in what the app starts with, beside HTTP', async () => {
    const app = await startApp(ON_FARGATE);
    const [ready] = app.of('ready');
    expect(ready?.https).toEqual({
      url: app.session.https?.url,
      authority: join(app.folder, '.fulcrum', 'tls', 'authority.pem'),
    });
    expect(app.session.engine.status().https).toEqual(ready?.https);
    expect((await fetch(`${app.url}/health`)).status).toBe(200);
    expect((await ask1(secureAt(app), '/health')).body).toBe('well');
  });

  it('does not wait for WebSockets when the app stops', async () => {
    const app = await startApp(WEBSOCKET);
    const at = secureAt(app);
    const sockets = [
      new WebSocket(app.url.replace('http', 'ws')),
      new WebSocket(at.url.replace('https', 'wss'), { ca: at.ca }),
    ];
    const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    await Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.once('open', resolve))),
    );
    await app.stop();
    await Promise.all(closed);
    expect(app.of('notice').map(({ message }) => message)).toEqual([]);
    expect(app.of('request').filter(({ status }) => status === 101)).toHaveLength(2);
  });

  it('has fields that say so, for HTTP/1.1 and HTTP/2', async () => {
    const app = await startApp(ON_FARGATE);
    const at = secureAt(app);
    const one = await ask1(at, '/headers');
    const session = await connect2(at);
    const two = await ask2(session, { ':path': '/headers' });
    for (const { body } of [one, two]) {
      expect(fieldOf(body, 'x-forwarded-proto')).toEqual(['https']);
      expect(fieldOf(body, 'x-forwarded-port')).toEqual([String(at.port)]);
      expect(fieldOf(body, 'host')).toEqual([`127.0.0.1:${at.port}`]);
    }
    expect(session.alpnProtocol).toBe('h2');
  });

  it('speaks TLS 1.2 and 1.3, and nothing older', async () => {
    const app = await startApp(ON_FARGATE);
    const { ca, port } = secureAt(app);
    const protocol = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
      new Promise<string>((resolve, reject) => {
        const options = { ca, port, host: '127.0.0.1', minVersion: version, maxVersion: version };
        // The client's own library would refuse TLS 1.1 before anybody is asked.
        const ciphers = version === 'TLSv1.1' ? { ciphers: 'DEFAULT:@SECLEVEL=0' } : {};
        const socket: TLSSocket = connectTls({ ...options, ...ciphers }, () => {
          resolve(socket.getProtocol() ?? '');
          socket.destroy();
        });
        socket.on('error', reject);
      });
    expect(await protocol('TLSv1.2')).toBe('TLSv1.2');
    expect(await protocol('TLSv1.3')).toBe('TLSv1.3');
    await expect(protocol('TLSv1.1')).rejects.toThrow();
  });

  it('leaves HTTP/2 out when told to', async () => {
    const app = await startApp(ON_FARGATE.replace('https: true', 'https: { http2: false }'));
    const at = secureAt(app);
    await expect(connect2(at)).rejects.toThrow();
    expect((await ask1(at, '/health')).status).toBe(200);
  });

  it('is not spoken on the port of HTTP, nor HTTP/2 without TLS', async () => {
    const app = await startApp(ON_FARGATE);
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
    expect(await rawRequest(app.port, preface)).toMatch(/^HTTP\/1\.1 400 /);
    const upgrade =
      'Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
    const answer = await rawRequest(app.port, `GET /who HTTP/1.1\r\nHost: a\r\n${upgrade}\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('breaks the connection when the task breaks in the middle of its answer', async () => {
    const app = await startApp(ON_FARGATE);
    await expect(ask1(secureAt(app), '/crash-after-head')).rejects.toThrow();
    const event = await app.until('request', ({ path }) => path === '/crash-after-head');
    expect(event.fault?.code).toBe('UPSTREAM_CLOSED');
  });

  it('ends with whoever does not speak it, and goes on', async () => {
    const app = await startApp(ON_FARGATE);
    const at = secureAt(app);
    expect(await rawRequest(at.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).not.toContain(
      'HTTP/1.1 200',
    );
    await expect(connect2({ url: at.url, ca: '' })).rejects.toThrow();
    expect((await ask1(at, '/health')).body).toBe('well');
    await expect.poll(() => app.session.engine.status().connections).toBe(0);
  });

  it('serves programs on Lambda too', async () => {
    const app = await startApp(ON_LAMBDA);
    const at = secureAt(app);
    const { body } = await ask2(await connect2(at), { ':path': '/headers' });
    expect(fieldOf(body, 'x-forwarded-proto')).toEqual(['https']);
    expect((await ask1(at, '/health')).body).toBe('well');
  });

  it.skipIf(!has('curl', '--version'))('satisfies curl, which checks everything', async () => {
    const app = await startApp(ON_FARGATE);
    const { url } = secureAt(app);
    const authority = app.session.https?.authority ?? '';
    const flags = [
      '--silent',
      '--show-error',
      '--cacert',
      authority,
      '--write-out',
      ' %{http_version}',
    ];
    const curl = (...more: string[]) => promisify(execFile)('curl', [...flags, ...more]);
    expect((await curl('--http2', `${url}/health`)).stdout).toBe('well 2');
    expect(
      (await curl('--http1.1', url.replace('127.0.0.1', 'localhost').concat('/health'))).stdout,
    ).toBe('well 1.1');
  });
});

describe('the certificate', () => {
  it('is kept, with keys that only their owner can read', async () => {
    const app = await startApp(ON_FARGATE);
    const folder = join(app.folder, '.fulcrum', 'tls');
    for (const name of ['authority', 'localhost']) {
      expect(statSync(join(folder, `${name}.key`)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it.skipIf(!has('openssl', 'version'))('may be one’s own', async () => {
    const folder = temporaryFolder();
    const [certificate, key] = [join(folder, 'own.pem'), join(folder, 'own.key')];
    const made = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '3',
      '-subj',
      '/CN=own',
    ];
    const names = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate];
    execFileSync('openssl', [...made, ...names], { stdio: 'ignore' });
    const https = `https: { certificate: ${certificate}, key: ${key} }`;
    const app = await startApp(ON_FARGATE.replace('https: true', https));
    const { url = '', authority } = app.session.https ?? {};
    expect(authority).toBeUndefined();
    const ca = readFileSync(certificate, 'utf8');
    expect((await ask2(await connect2({ url, ca }), { ':path': '/health' })).body).toBe('well');
  });

  it('that cannot be used ends the start with its file', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'none.pem');
    const yaml = (name: string) =>
      ON_FARGATE.replace('https: true', `https: { certificate: ${name}, key: ${name} }`);
    const fault = { code: 'CERTIFICATE_UNUSABLE', facts: { file } };
    await expect(startApp(yaml(file))).rejects.toMatchObject(fault);
    writeFileSync(file, 'no certificate');
    await expect(startApp(yaml(file))).rejects.toMatchObject(fault);
  });

  it('has a port of its own, which may be taken', async () => {
    const app = await startApp(ON_FARGATE);
    const yaml = ON_FARGATE.replace('https: true', `https: { port: ${app.port} }`);
    await expect(startApp(yaml)).rejects.toMatchObject({ code: 'HTTPS_PORT_UNUSABLE' });
  });
});

describe('WebSocket', () => {
  for (const scheme of ['ws', 'wss'] as const) {
    it(`goes both ways over ${scheme}, text and large binary messages`, async () => {
      const app = await startApp(WEBSOCKET);
      const { ca, url } = secureAt(app);
      const where = scheme === 'ws' ? app.url.replace('http', 'ws') : url.replace('https', 'wss');
      const socket = new WebSocket(`${where}/chat`, { ca });
      await new Promise((resolve) => socket.once('open', resolve));
      const answer = () => new Promise<Buffer>((resolve) => socket.once('message', resolve));
      for (const message of [Buffer.from('hello'), Buffer.alloc(3_000_000, 'x')]) {
        const answered = answer();
        socket.send(message);
        expect((await answered).equals(message)).toBe(true);
      }
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.send('hang up');
      expect(await closed).toBe(4000);
      const event = await app.until('request', ({ status }) => status === 101);
      expect(event.requestBytes).toBeGreaterThan(3_000_000);
      expect(event.responseBytes).toBeGreaterThan(3_000_000);
    });
  }

  it('is not offered over HTTP/2', async () => {
    const app = await startApp(WEBSOCKET);
    const session = await connect2(secureAt(app));
    expect(session.remoteSettings.enableConnectProtocol).not.toBe(true);
  });

  it('ends when nothing moves for the idle timeout', async () => {
    const app = await startApp(WEBSOCKET.replace('idleTimeout: 60s', 'idleTimeout: 1s'));
    const { ca, url } = secureAt(app);
    const socket = new WebSocket(url.replace('https', 'wss'), { ca });
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1006);
    await app.until('request', ({ status }) => status === 101);
  });
});

describe('large bodies over TLS', () => {
  for (const version of ['HTTP/1.1', 'HTTP/2'] as const) {
    it(`arrive whole, both ways, over ${version}`, async () => {
      const app = await startApp(PATIENT);
      const at = secureAt(app);
      const size = 20_000_000;
      const path = `/bytes?n=${size}`;
      const down =
        version === 'HTTP/2'
          ? await ask2(await connect2(at), { ':path': path })
          : await ask1(at, path);
      expect(down.body.length).toBe(size);
      if (version === 'HTTP/1.1') return;
      const stream = (await connect2(at)).request({ ':path': '/sink', ':method': 'POST' });
      const answer = answerOf(stream);
      stream.end(Buffer.alloc(size));
      expect(JSON.parse((await answer).body)).toMatchObject({ bytes: size });
    });
  }
});
