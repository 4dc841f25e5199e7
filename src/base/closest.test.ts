import fc from 'fast-check';
import { expect, it } from 'vitest';
import { closest, editDistance } from './closest.ts';

it('counts insertions, deletions, replacements and swaps', () => {
  expect(editDistance('memory', 'memory')).toBe(0);
  expect(editDistance('memry', 'memory')).toBe(1);
  expect(editDistance('memroy', 'memory')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
});

it('is symmetric, and bounded by the longer word', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      expect(distance === 0).toBe(a === b);
    }),
  );
});

it('suggests what is near and nothing that is far', () => {
  const known = ['lambda', 'fargate', 'auto'];
  expect(closest('lamda', known)).toBe('lambda');
  expect(closest('Fargate', known)).toBe('fargate');
  expect(closest('kubernetes', known)).toBeUndefined();
});
