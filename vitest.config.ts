import { defineConfig } from 'vitest/config';
import { failuresLast } from './test/support/failures-last.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    reporters: ['default', failuresLast],
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/strict.ts'],
    // Files in the order of their size, so that no long one is left over at the end.
    sequence: { shuffle: { files: false, tests: true } },
    pool: 'forks',
    // Tests start real programs, and mostly wait for them: two cores are hardly busy with six at a time.
    maxWorkers: 6,
    // What is waited for is a condition and not a measurement: one slow core takes its time.
    testTimeout: 120_000,
    expect: { poll: { timeout: 40_000 } },
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
  },
});
