// A client stays with one task of a service, by the cookies of a load balancer.

import { describe, expect, it } from 'vitest';
import { startApp, type TestApp } from './support/app.ts';
import { rawRequest } from './support/raw-client.ts';

const sticky = (stickiness: string, entry = 'alb') => `
app: sticky
entry: ${entry}
services:
  api:
    source: FIXTURES
    command: node session.mjs
    health: { path: /health, interval: 5s, timeout: 2s, unhealthy: 2 }
    fargate:
      cpu: 1024
      memory: 2048
      stopTimeout: 2s
      tasks: { min: 2, max: 2 }
      targetGroup: { stickiness: ${stickiness} }
`;

async function started(yaml: string): Promise<TestApp> {
  const app = await startApp(yaml);
  await expect.poll(() => app.session.engine.status().services[0]?.fargate?.healthy).toBe(2);
  return app;
}

/** A browser, as far as cookies go: it keeps names and values. */
function browser(app: TestApp) {
  const jar = new Map<string, string>();
  const header = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const get = async (path = '/') => {
    const headers = jar.size === 0 ? {} : { cookie: header() };
    const response = await fetch(`${app.url}${path}`, { headers });
    const set = response.headers.getSetCookie();
    for (const line of set) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    return { status: response.status, body: await response.text(), set };
  };
  return { jar, header, get };
}

async function pids(get: ReturnType<typeof browser>['get'], count: number) {
  const seen: string[] = [];
  for (let time = 0; time < count; time += 1) seen.push((await get()).body);
  return new Set(seen);
}

describe("the load balancer's cookie", () => {
  it('brings a client back to its task, and to another when that is gone', async () => {
    const app = await started(sticky('{ duration: 1h }'));
    const { get, jar } = browser(app);
    const first = await get();
    expect(first.set.map((line) => line.replace(/=[^;]*;/, '=…;'))).toEqual([
      expect.stringMatching(/^AWSALB=…; Expires=\w{3}, .* GMT; Path=\/$/),
      expect.stringMatching(/^AWSALBCORS=…; Expires=\w{3}, .* GMT; Path=\/; SameSite=None$/),
    ]);
    expect(await pids(get, 6)).toEqual(new Set([first.body]));
    const before = jar.get('AWSALB');
    expect((await get('/crash')).status).toBe(502);
    expect(jar.get('AWSALB')).toBe(before);
    // Until its end is noticed, requests still go to it.
    await expect.poll(async () => (await get()).status, { interval: 20 }).toBe(200);
    const other = await get();
    expect(other.body).not.toBe(first.body);
    expect(await pids(get, 4)).toEqual(new Set([other.body]));
  });

  it('leads to another task when its own fails its health checks', async () => {
    const app = await started(sticky('{}'));
    const { get, jar } = browser(app);
    const first = await get('/sick');
    expect(await pids(get, 4)).toEqual(new Set([first.body]));
    const before = jar.get('AWSALB');
    const statuses = new Set<number>();
    const moved = async () => {
      const { status, body } = await get();
      statuses.add(status);
      return body !== first.body;
    };
    await expect.poll(moved, { interval: 100, timeout: 20_000 }).toBe(true);
    const other = await get();
    expect(statuses).toEqual(new Set([200]));
    expect(jar.get('AWSALB')).not.toBe(before);
    expect(await pids(get, 4)).toEqual(new Set([other.body]));
  }, 30_000);

  it('is for those who keep it: others take turns', async () => {
    const app = await started(sticky('{}'));
    expect(await pids(() => browser(app).get(), 4)).toHaveProperty('size', 2);
  });

  it('comes with the answer that changes to WebSocket, and leads one to its task', async () => {
    const app = await started(sticky('{}'));
    const { get, header } = browser(app);
    const { body: pid } = await get();
    for (let time = 0; time < 3; time += 1) {
      const answer = await rawRequest(
        app.port,
        `GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nCookie: ${header()}\r\n` +
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
      );
      expect(answer).toContain('HTTP/1.1 101');
      expect(answer).toMatch(/\r\nSet-Cookie: AWSALB=[^;]+; Expires/);
      expect(answer).toContain(`pid ${pid}`);
    }
  });
});

describe("the application's cookie", () => {
  it('begins to keep a client when the program sets it', async () => {
    const app = await started(sticky('{ cookie: session }'));
    const { get, jar } = browser(app);
    expect((await pids(get, 4)).size).toBe(2);
    expect(jar.get('AWSALBAPP-0')).toBe('_remove_');
    const login = await get('/login');
    expect(jar.get('session')).toBe(login.body);
    expect(await pids(get, 6)).toEqual(new Set([login.body]));
    jar.delete('session');
    expect((await pids(get, 4)).size).toBe(2);
  });
});

it('works at the end of a VPC link too', async () => {
  const app = await started(sticky('{}', 'http-api'));
  const { get, jar } = browser(app);
  const first = await get();
  expect([...jar.keys()]).toEqual(['AWSALB', 'AWSALBCORS']);
  expect(await pids(get, 4)).toEqual(new Set([first.body]));
});

it('sets no cookie where it is not asked for', async () => {
  const app = await started(sticky('{}').replace('{ stickiness: {} }', '{}'));
  expect((await browser(app).get()).set).toEqual([]);
});
