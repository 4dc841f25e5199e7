import { expect, it } from 'vitest';
import { launchBucket } from './launch-bucket.ts';

it('gives 100 at once and 20 a second, never more than 100 together', () => {
  const bucket = launchBucket();
  const taken = (now: number, spot = false): number => {
    let count = 0;
    while (bucket.take(spot, now)) count += 1;
    return count;
  };
  expect(taken(5000)).toBe(100);
  expect(taken(5000)).toBe(0);
  expect(taken(5050)).toBe(1);
  expect(taken(6050)).toBe(20);
  expect(taken(6550)).toBe(10);
  expect(taken(600_000)).toBe(100);
});

it('has a bucket of its own for Spot', () => {
  const bucket = launchBucket();
  for (let count = 0; count < 100; count += 1) expect(bucket.take(true, 0)).toBe(true);
  expect(bucket.take(true, 0)).toBe(false);
  expect(bucket.take(false, 0)).toBe(true);
});
