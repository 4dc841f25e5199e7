import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Admission, lambdaAccount } from './lambda-account.ts';

const account = (
  functions: Record<string, number | undefined>,
  concurrency?: number,
  provisioned = 0,
) =>
  lambdaAccount({
    idleMs: 60_000,
    scalingThrottle: 'ConcurrentInvocationLimitExceeded',
    ...(concurrency !== undefined && { concurrency }),
    functions: new Map(
      Object.entries(functions).map(([name, reserved]) => [name, { reserved, provisioned }]),
    ),
  });

describe('concurrency', () => {
  it('is the ceiling that was reserved', () => {
    const lambda = account({ api: 2 });
    const first = lambda.admit('api', 0);
    lambda.admit('api', 0);
    expect(lambda.throttled('api', 0)).toEqual({
      reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      limit: 2,
    });
    first.release(1);
    expect(lambda.throttled('api', 1)).toBeUndefined();
  });

  it('of the others is what reservations leave of the account', () => {
    const lambda = account({ kept: 700, a: undefined, b: undefined });
    for (let index = 0; index < 200; index += 1) lambda.admit('a', 0);
    for (let index = 0; index < 100; index += 1) lambda.admit('b', 0);
    expect(lambda.throttled('a', 0)).toEqual({
      reason: 'ConcurrentInvocationLimitExceeded',
      limit: 300,
    });
    expect(lambda.throttled('kept', 0)).toBeUndefined();
  });

  it('reserved at zero takes nothing', () => {
    expect(account({ off: 0 }).throttled('off', 0)?.limit).toBe(0);
  });
});

describe('new environments', () => {
  it('come 1000 at once and 100 a second after that', () => {
    const lambda = account({ api: undefined }, 5000);
    for (let index = 0; index < 1000; index += 1) lambda.admit('api', 0);
    expect(lambda.throttled('api', 0)).toEqual({
      reason: 'ConcurrentInvocationLimitExceeded',
      limit: 1000,
    });
    expect(lambda.throttled('api', 9)).toBeDefined();
    expect(lambda.throttled('api', 10)).toBeUndefined();
  });

  it('are not needed for what stays warm', () => {
    const lambda = account({ api: undefined });
    const burst = (at: number) => {
      const releases = Array.from({ length: 900 }, () => lambda.admit('api', at));
      expect(lambda.throttled('api', at)).toBeUndefined();
      for (const one of releases) one.release(at + 100);
    };
    for (let at = 0; at < 30_000; at += 1000) burst(at);
  });

  it('are needed again once the old ones have been idle for too long', () => {
    const lambda = account({ api: undefined }, 3000);
    const burst = (at: number, size: number) => {
      const releases = Array.from({ length: size }, () => lambda.admit('api', at));
      for (const one of releases) one.release(at + 1);
    };
    burst(0, 1000);
    burst(200_000, 1000);
    for (let index = 0; index < 1000; index += 1) lambda.admit('api', 200_002);
    expect(lambda.throttled('api', 200_002)?.limit).toBe(1000);
  });
});

describe('requests', () => {
  it.each([
    [{ api: 2 }, 20, 'ReservedFunctionInvocationRateLimitExceeded'],
    [{ api: undefined }, 300, 'FunctionInvocationRateLimitExceeded'],
  ])('of %j come %d a second (A3)', (functions, limit, reason) => {
    const lambda = account(functions, 30);
    for (let index = 0; index < limit; index += 1) lambda.admit('api', 1000).release(1000);
    expect(lambda.throttled('api', 1000)).toEqual({ reason, limit });
    expect(lambda.throttled('api', 1000 + 1000 / limit)).toBeUndefined();
  });

  it('find provisioned environments without waiting for new ones', () => {
    const lambda = account({ api: undefined }, 5000, 500);
    for (let index = 0; index < 1500; index += 1) lambda.admit('api', 0);
    expect(lambda.throttled('api', 0)?.limit).toBe(1000);
  });
});

it('holds A1, A2 and A4 whatever comes in whatever order', () => {
  const step = fc.record({
    name: fc.constantFrom('kept', 'a', 'b'),
    action: fc.constantFrom('admit', 'admit', 'admit', 'release', 'release-twice'),
    wait: fc.nat(500),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const lambda = account({ kept: 5, a: undefined, b: undefined }, 25);
      const open: { name: string; unit: Admission }[] = [];
      let now = 0;
      for (const { name, action, wait } of steps) {
        now += wait;
        if (action === 'admit') {
          if (lambda.throttled(name, now) === undefined)
            open.push({ name, unit: lambda.admit(name, now) });
        } else {
          const one = open.shift();
          one?.unit.release(now);
          if (action === 'release-twice') one?.unit.release(now);
        }
        const inFlight = (which: string) => open.filter((one) => one.name === which).length;
        for (const which of ['kept', 'a', 'b'])
          expect(lambda.inFlight(which)).toBe(inFlight(which));
        expect(lambda.inFlight('kept')).toBeLessThanOrEqual(5);
        expect(lambda.unreservedInFlight()).toBeLessThanOrEqual(20);
      }
    }),
  );
});
