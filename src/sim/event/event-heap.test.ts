import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventHeap } from './event-heap.ts';

describe('the heap of events', () => {
  it('gives the earliest first, each with what it was pushed with', () => {
    const pushes = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 3000 });
    fc.assert(
      fc.property(pushes, fc.nat(5), (times, every) => {
        const heap = new EventHeap();
        const left = new Map<number, number>();
        const popped: number[] = [];
        const pop = () => {
          heap.pop();
          popped.push(heap.time);
          expect(left.get(heap.code)).toBe(heap.time);
          expect(heap.value).toBe(heap.time + 1);
          expect(Math.min(...left.values())).toBe(heap.time);
          left.delete(heap.code);
        };
        for (const [index, time] of times.entries()) {
          heap.push(time, index, time + 1);
          left.set(index, time);
          expect(heap.nextTime).toBe(Math.min(...left.values()));
          if (every > 0 && index % (every + 1) === 0) pop();
        }
        while (heap.size > 0) pop();
        expect(popped.length).toBe(times.length);
        expect(heap.nextTime).toBe(Number.POSITIVE_INFINITY);
      }),
      { numRuns: 25 },
    );
  });
});
