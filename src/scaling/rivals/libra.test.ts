import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { begin, ROUND, seenOf, stay } from '../../../test/support/placement.ts';
import { libra } from './libra.ts';

/** m4.large of the paper: 16 requests a second, 100 s to start. */
const M4 = { ...ROUND, taskRate: 16, startSeconds: 100, maxTasks: 292 };

describe('LIBRA', () => {
  it('plans every five minutes; more tasks take their share once they have started', () => {
    const memory = begin(libra, M4);
    const offered = () => libra.offered?.(memory, M4);
    // First second: mean 100, deviation 0, share 100, ⌈100/16⌉ = 7; ⌊0.8·100⌋ = 80 after 100 s.
    expect(stay(libra, memory, M4, 1, { requests: 100 })).toBe(7);
    expect(offered()).toBe(0);
    stay(libra, memory, M4, 99, { requests: 100 });
    expect(offered()).toBe(0);
    stay(libra, memory, M4, 1, { requests: 100 });
    expect(offered()).toBe(80);
    expect(stay(libra, memory, M4, 199, { requests: 100 })).toBe(7);
    // Second 301: deviation 0.2·|100−200| = 20, mean 0.8·100 + 0.2·200 = 120, share 140, ⌈140/16⌉ = 9.
    expect(stay(libra, memory, M4, 1, { requests: 200 })).toBe(9);
    stay(libra, memory, M4, 99, { requests: 10 });
    expect(offered()).toBe(80);
    stay(libra, memory, M4, 1, { requests: 10 });
    expect(offered()).toBe(112); // ⌊0.8·140⌋
    // Second 601: it has been 10 for 300 s, share 10: one machine, at once.
    expect(stay(libra, memory, M4, 199, { requests: 10 })).toBe(9);
    expect(stay(libra, memory, M4, 1, { requests: 10 })).toBe(1);
    expect(offered()).toBe(8);
  });

  it('changes its share at once when no more tasks are needed for it', () => {
    const memory = begin(libra, M4);
    stay(libra, memory, M4, 300, { requests: 100 });
    // Deviation 0.2·5 = 1, mean 0.8·100 + 0.2·105 = 101, share 102, ⌈102/16⌉ = 7 as before.
    expect(stay(libra, memory, M4, 1, { requests: 105 })).toBe(7);
    expect(libra.offered?.(memory, M4)).toBe(81); // ⌊0.8·102⌋
  });

  it('keeps one task without demand', () => {
    const memory = begin(libra, M4);
    expect(stay(libra, memory, M4, 1000, {})).toBe(1);
    expect(libra.offered?.(memory, M4)).toBe(0);
  });

  it('learns from a long tick what it would from its seconds', () => {
    const rate = fc.double({ min: 0, max: 1000, noNaN: true });
    fc.assert(
      fc.property(rate, rate, fc.integer({ min: 2, max: 90 }), (first, then, span) => {
        const one = begin(libra, M4);
        const other = begin(libra, M4);
        for (const memory of [one, other]) stay(libra, memory, M4, 1, { requests: first });
        stay(libra, one, M4, span, { requests: then });
        libra.decide(other, seenOf({ requests: then * span, span }), M4, 0);
        expect(other.mean).toBeCloseTo(one.mean, 6);
        expect(other.deviation).toBeCloseTo(one.deviation, 6);
      }),
    );
  });
});
