import { describe, expect, it } from 'vitest';
import { StartThrottle, throttleWait } from './start-throttle.ts';

const never = () => false;
const always = () => true;

describe('starts that fail', () => {
  it('wait twice as long each time, 27 minutes at most', () => {
    expect([1, 2, 3, 10, 11, 12, 50].map(throttleWait)).toEqual([
      1000, 2000, 4000, 512_000, 1_024_000, 1_620_000, 1_620_000,
    ]);
  });

  it('count once when they fail together, and are called consistent once', () => {
    const throttle = new StartThrottle();
    const said = [0, 0, 0, 1000, 3000, 7000].map((now) => throttle.failedToStart(now));
    expect(said).toEqual([false, false, false, true, false, false]);
    expect(throttle.limit(14_999, never)).toBe(0);
    expect(throttle.limit(15_000, never)).toBe(1);
  });

  it('are tried one at a time until one runs', () => {
    const throttle = new StartThrottle();
    throttle.failedToStart(0);
    throttle.started('a');
    expect(throttle.limit(1000, always)).toBe(0);
    expect(throttle.limit(1000, never)).toBe(1);
    throttle.ran();
    expect(throttle.limit(1000, always)).toBe(Number.POSITIVE_INFINITY);
  });

  it('are not held back after a deployment', () => {
    const throttle = new StartThrottle();
    throttle.failedToStart(0);
    throttle.crashed(1000);
    throttle.reset();
    expect(throttle.limit(1000, always)).toBe(Number.POSITIVE_INFINITY);
  });
});

it('programs that end before they were healthy wait a minute at most', () => {
  const throttle = new StartThrottle();
  let now = 0;
  const waits: number[] = [];
  for (let count = 0; count < 9; count += 1) {
    throttle.crashed(now);
    throttle.ran();
    const from = now;
    while (throttle.limit(now, never) === 0) now += 500;
    waits.push(now - from);
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  throttle.healthy();
  expect(throttle.limit(now, always)).toBe(Number.POSITIVE_INFINITY);
});
