import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Clock } from '../../base/ports.ts';
import type { CheckResult } from '../../fleet/balancer/target-health.ts';
import { realClock } from '../../host/clock.ts';
import type { HealthCheck } from '../../model/app.ts';
import { HealthChecker } from './health-checker.ts';

const HEALTH: HealthCheck = {
  path: '/health?deep=1',
  codes: 'http',
  intervalMs: 50,
  timeoutMs: 30,
  healthyAfter: 3,
  unhealthyAfter: 2,
  matcher: [{ from: 200, to: 299 }],
};

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const BUSY = 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n';

interface Asked {
  readonly request: string;
  readonly socket: Socket;
}

/** A target on a real socket, answered by the test. */
async function target() {
  const waiting: Asked[] = [];
  let arrived: ((asked: Asked) => void) | undefined;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const asked = { request: chunk.toString('latin1'), socket };
      if (arrived === undefined) waiting.push(asked);
      else arrived(asked);
      arrived = undefined;
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  onTestFinished(() => {
    server.close();
  });
  const asked = (): Promise<Asked> => {
    const first = waiting.shift();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => {
      arrived = resolve;
    });
  };
  return { port, asked, close };
}

/** Time passes when the test says so. */
function manualClock() {
  let now = 1000;
  const timers = new Map<number, { readonly at: number; readonly run: () => void }>();
  let count = 0;
  const after: Clock['after'] = (ms, run) => {
    count += 1;
    const id = count;
    timers.set(id, { at: now + ms, run });
    return () => timers.delete(id);
  };
  const pass = (ms: number): void => {
    now += ms;
    for (const [id, { at, run }] of [...timers]) {
      if (at > now || !timers.delete(id)) continue;
      run();
    }
  };
  /** In how many milliseconds something is due. */
  const due = () => [...timers.values()].map(({ at }) => at - now);
  return { clock: { ...realClock(), now: () => now, after }, pass, due };
}

/** A checker that keeps what it tells. */
function checker(over: Partial<HealthCheck> = {}) {
  const { clock, pass, due } = manualClock();
  const told: Array<readonly [id: string, result: CheckResult]> = [];
  let heard: (() => void) | undefined;
  const made = new HealthChecker({
    clock,
    health: { ...HEALTH, ...over },
    checked: (id, result) => {
      told.push([id, result]);
      heard?.();
    },
  });
  onTestFinished(() => made.close());
  /** What is told next. */
  const next = async (): Promise<readonly [string, CheckResult]> => {
    if (told.length === 0) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
    return told.shift() as readonly [string, CheckResult];
  };
  return { made, told, next, pass, due };
}

const status = (code: number): CheckResult => ({ kind: 'status', status: code });

describe('a question', () => {
  it('is a GET in the words of a load balancer, on a connection of its own', async () => {
    const { port, asked } = await target();
    const { made, next } = checker();
    made.add('t1', port);
    const { request, socket } = await asked();
    expect(request).toBe(
      `GET /health?deep=1 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
        'User-Agent: ELB-HealthChecker/2.0\r\nConnection: close\r\n\r\n',
    );
    socket.write(BUSY);
    expect(await next()).toEqual(['t1', status(503)]);
  });

  it('may find that nothing listens', async () => {
    const { port, close } = await target();
    await close();
    const { made, next } = checker();
    made.add('t1', port);
    expect(await next()).toEqual(['t1', { kind: 'failed', problem: 'nothing listens' }]);
  });

  it.each([
    ['other words', '220 mail.example ESMTP ready\r\n'],
    ['nothing before the end', ''],
  ])('may find %s', async (_what, answer) => {
    const { port, asked } = await target();
    const { made, next } = checker();
    made.add('t1', port);
    (await asked()).socket.end(answer);
    expect(await next()).toEqual(['t1', { kind: 'failed', problem: 'the answer is not HTTP' }]);
  });

  it('is given up when its time is over', async () => {
    const { port, asked } = await target();
    const { made, next, pass, due } = checker();
    made.add('t1', port);
    await asked();
    expect(due()).toEqual([30]);
    pass(30);
    expect(await next()).toEqual(['t1', { kind: 'timeout' }]);
  });
});

describe('the checks of a target', () => {
  it('follow each other fast until the first success, then at their interval', async () => {
    const { port, asked } = await target();
    const { made, next, pass, due } = checker();
    made.add('t1', port);
    for (const answer of [BUSY, BUSY]) {
      (await asked()).socket.end(answer);
      expect(await next()).toEqual(['t1', status(503)]);
      expect(due()).toEqual([20]);
      pass(20);
    }
    (await asked()).socket.end(OK);
    expect(await next()).toEqual(['t1', status(200)]);
    for (const [answer, code] of [
      [BUSY, 503],
      [OK, 200],
    ] as const) {
      expect(due()).toEqual([50]);
      pass(50);
      (await asked()).socket.end(answer);
      expect(await next()).toEqual(['t1', status(code)]);
    }
  });

  it('are fast no longer than failures may take', async () => {
    const { port, asked } = await target();
    const { made, next, pass, due } = checker();
    made.add('t1', port);
    for (const waits of [20, 20, 20, 20, 20, 50, 50]) {
      (await asked()).socket.end(BUSY);
      await next();
      expect(due()).toEqual([waits]);
      pass(waits);
    }
  });

  it('begin at the interval, however long an answer takes', async () => {
    const { port, asked } = await target();
    const { made, next, pass, due } = checker();
    made.add('t1', port);
    const { socket } = await asked();
    pass(12);
    socket.end(OK);
    await next();
    expect(due()).toEqual([38]);
  });

  it('share one timer with those of others', async () => {
    const [first, second] = [await target(), await target()];
    const { made, next, pass, due } = checker();
    made.add('t1', first.port);
    (await first.asked()).socket.end(OK);
    await next();
    pass(30);
    made.add('t2', second.port);
    (await second.asked()).socket.end(BUSY);
    expect(await next()).toEqual(['t2', status(503)]);
    expect(due()).toEqual([20]);
    pass(20);
    (await first.asked()).socket.end(OK);
    expect(await next()).toEqual(['t1', status(200)]);
    (await second.asked()).socket.end(OK);
    expect(await next()).toEqual(['t2', status(200)]);
    expect(due()).toEqual([50]);
  });
});

describe('a target that has left', () => {
  it('is not waited for, and nothing is told of it', async () => {
    const { port, asked } = await target();
    const { made, told, due } = checker();
    made.add('t1', port);
    const { socket } = await asked();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    made.remove('t1');
    await closed;
    expect([due(), told]).toEqual([[], []]);
  });

  it('is not asked again', async () => {
    const [first, second] = [await target(), await target()];
    const { made, next, pass, due } = checker();
    made.add('t1', first.port);
    (await first.asked()).socket.end(OK);
    await next();
    pass(10);
    made.add('t2', second.port);
    (await second.asked()).socket.end(OK);
    await next();
    expect(due()).toEqual([40]);
    made.remove('t1');
    expect(due()).toEqual([50]);
    made.remove('t2');
    expect(due()).toEqual([]);
    made.remove('t2');
  });

  it('may leave because of what is told of it', async () => {
    const { port, asked } = await target();
    const { clock, due } = manualClock();
    const told = new Promise<void>((resolve) => {
      const made = new HealthChecker({
        clock,
        health: HEALTH,
        checked: (id) => {
          made.remove(id);
          resolve();
        },
      });
      made.add('t1', port);
    });
    (await asked()).socket.end(OK);
    await told;
    expect(due()).toEqual([]);
  });
});
