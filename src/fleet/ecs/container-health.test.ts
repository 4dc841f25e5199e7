import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ContainerChecks, noteCheck, UNCHECKED } from './container-health.ts';

const RULE = { retries: 3, startPeriodMs: 0 };

/** Checks every second; true has passed. */
function checked(results: readonly boolean[], rule = RULE): ContainerChecks {
  return results.reduce((before, passed, index) => {
    return noteCheck(before, passed, index * 1000, rule);
  }, UNCHECKED);
}

describe('health of a container', () => {
  it('is unknown until a check says something', () => {
    expect(UNCHECKED.health).toBe('UNKNOWN');
    expect(checked([false, false]).health).toBe('UNKNOWN');
    expect(checked([true]).health).toBe('HEALTHY');
  });

  it('takes failures in a row to be unhealthy, and one success to be healthy', () => {
    expect(checked([true, false, false]).health).toBe('HEALTHY');
    expect(checked([true, false, false, false]).health).toBe('UNHEALTHY');
    expect(checked([true, false, false, true, false, false]).health).toBe('HEALTHY');
    expect(checked([false, false, false, true]).health).toBe('HEALTHY');
  });

  it('does not count failures in the start period', () => {
    const rule = { retries: 2, startPeriodMs: 3000 };
    expect(checked([false, false, false], rule).health).toBe('UNKNOWN');
    expect(checked([false, false, false, false], rule).health).toBe('UNKNOWN');
    expect(checked([false, false, false, false, false], rule).health).toBe('UNHEALTHY');
  });

  it('counts failures in the start period once a check has passed', () => {
    const rule = { retries: 2, startPeriodMs: 60_000 };
    expect(checked([true, false, false], rule).health).toBe('UNHEALTHY');
  });

  it('is UNHEALTHY exactly when the last `retries` checks failed, without a start period', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), fc.integer({ min: 1, max: 10 }), (results, retries) => {
        const failing = results.length - 1 - results.lastIndexOf(true);
        const { health } = checked(results, { retries, startPeriodMs: 0 });
        expect(health === 'UNHEALTHY').toBe(failing >= retries);
      }),
    );
  });
});
