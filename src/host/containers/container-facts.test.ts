import { expect, it } from 'vitest';
import { cpuQuota, exitOf } from './container-facts.ts';

it.each([
  [0, { code: 0 }],
  [1, { code: 1 }],
  [129, { code: 129 }],
  [137, { signal: 'SIGKILL' }],
  [139, { signal: 'SIGSEGV' }],
  [143, { signal: 'SIGTERM' }],
])('status %i is said as a process says it', (status, exit) => {
  expect(exitOf(status)).toEqual(exit);
});

it.each([
  [0.25, 5000],
  [1, 20_000],
  [0.01, 1000],
  [undefined, -1],
])('%s cores are a quota of %i', (cores, quota) => {
  expect(cpuQuota(cores)).toBe(quota);
});
