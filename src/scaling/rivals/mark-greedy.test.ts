import { describe, expect, it } from 'vitest';
import { begin, ROUND, stay } from '../../../test/support/placement.ts';
import { type MarkMemory, markGreedy } from './mark-greedy.ts';

const minute = (memory: MarkMemory, requests: number) =>
  stay(markGreedy, memory, ROUND, 60, { requests });

describe('MArk, greedy', () => {
  it('plans each minute for its busiest five seconds and a fifth more', () => {
    const memory = begin(markGreedy, ROUND);
    stay(markGreedy, memory, ROUND, 20, { requests: 5 });
    stay(markGreedy, memory, ROUND, 5, { requests: 20 });
    expect(stay(markGreedy, memory, ROUND, 34, { requests: 5 })).toBe(0);
    expect(stay(markGreedy, memory, ROUND, 1, { requests: 5 })).toBe(3); // ⌈1.2·20/10⌉
  });

  it('launches again five plans after a launch, and ends what six plans did not need', () => {
    const memory = begin(markGreedy, ROUND);
    expect(minute(memory, 20)).toBe(3);
    // Plans 2 to 5 need ⌈1.2·60/10⌉ = 8, in the cool-down; plan 6 launches.
    expect([2, 3, 4, 5, 6].map(() => minute(memory, 60))).toEqual([3, 3, 3, 3, 8]);
    // Plans 7 to 11 need nothing, but plan 6 is among the last six until plan 12.
    expect([7, 8, 9, 10, 11, 12].map(() => minute(memory, 0))).toEqual([8, 8, 8, 8, 8, 0]);
  });
});
