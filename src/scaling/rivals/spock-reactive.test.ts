import { describe, expect, it } from 'vitest';
import { begin, ROUND, stay } from '../../../test/support/placement.ts';
import { spockReactive } from './spock-reactive.ts';

describe('Spock, reactive', () => {
  it('asks at once for what found no task, and ends what was idle for a minute', () => {
    const memory = begin(spockReactive, ROUND);
    expect(stay(spockReactive, memory, ROUND, 1, {})).toBe(0);
    expect(stay(spockReactive, memory, ROUND, 1, { requests: 1 })).toBe(1);
    expect(stay(spockReactive, memory, ROUND, 1, { requests: 35 })).toBe(4); // ⌈35/10⌉
    expect(stay(spockReactive, memory, ROUND, 59, { requests: 12 })).toBe(4);
    expect(stay(spockReactive, memory, ROUND, 1, { requests: 12 })).toBe(2);
    expect(stay(spockReactive, memory, ROUND, 59, {})).toBe(2);
    expect(stay(spockReactive, memory, ROUND, 1, {})).toBe(0);
  });
});
