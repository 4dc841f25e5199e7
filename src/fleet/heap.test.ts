import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Heap } from './heap.ts';

it('gives the smallest first, whatever came when', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer(), fc.constantFrom('pop', 'prune'))), (steps) => {
      const heap = new Heap<number>((a, b) => a < b);
      const sorted: number[] = [];
      for (const step of steps) {
        if (step === 'prune') {
          heap.prune((item) => item % 2 === 0);
          sorted.splice(0, sorted.length, ...sorted.filter((item) => item % 2 === 0));
        } else if (typeof step === 'string') {
          expect(heap.peek()).toBe(sorted[0]);
          expect(heap.pop()).toBe(sorted.shift());
        } else {
          heap.push(step);
          sorted.push(step);
          sorted.sort((a, b) => a - b);
        }
        expect(heap.size).toBe(sorted.length);
      }
    }),
  );
});
