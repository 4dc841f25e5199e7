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
    testTimeout: 60_000,
    // A condition is waited for, not measured: other programs may have the processor meanwhile.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
  },
});
