import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Queue } from './queue.ts';

it('does what an array does', () => {
  const step = fc.oneof(fc.constant('push'), fc.constant('shift'), fc.nat(60));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const queue = new Queue<number>();
      const array: number[] = [];
      let next = 0;
      for (const one of steps) {
        if (one === 'push') {
          queue.push(next);
          array.push(next);
          next += 1;
        } else if (one === 'shift') expect(queue.shift()).toBe(array.shift());
        else {
          const index = array.indexOf(Number(one));
          expect(queue.remove(Number(one))).toBe(index !== -1);
          if (index !== -1) array.splice(index, 1);
        }
        expect(queue.size).toBe(array.length);
      }
      while (array.length > 0) expect(queue.shift()).toBe(array.shift());
    }),
  );
});
