import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/strict.ts'],
    sequence: { shuffle: true },
    pool: 'forks',
    // Tests start real programs, and mostly wait for them: two cores are not busy with three at a time.
    maxWorkers: 3,
    // What is waited for is a condition and not a measurement: one slow core takes its time.
    testTimeout: 120_000,
    expect: { poll: { timeout: 40_000 } },
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
  },
});
