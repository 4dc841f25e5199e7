import { expect, it } from 'vitest';
import { emptiest, movesToBalance } from './zones.ts';

const ZONES = ['a', 'b', 'c'];
const counts = (...numbers: number[]) =>
  new Map(ZONES.map((zone, index) => [zone, numbers[index] ?? 0]));

it('a task starts where the fewest are', () => {
  expect(emptiest(ZONES, counts(0, 0, 0))).toBe('a');
  expect(emptiest(ZONES, counts(1, 0, 0))).toBe('b');
  expect(emptiest(ZONES, counts(2, 2, 1))).toBe('c');
  expect(emptiest(['a'], counts(9, 0, 0))).toBe('a');
  expect(emptiest([], counts(0, 0, 0))).toBeUndefined();
});

it.each([
  [[0, 0, 0], 0],
  [[1, 0, 0], 0],
  [[1, 1, 0], 0],
  [[2, 1, 1], 0],
  [[2, 2, 1], 0],
  [[2, 1, 0], 1],
  [[2, 2, 0], 1],
  [[3, 1, 1], 1],
  [[3, 3, 0], 2],
  [[6, 0, 0], 4],
  [[500, 500, 0], 333],
])('%j needs %i moves', (numbers, moves) => {
  expect(movesToBalance(ZONES, counts(...numbers))).toBe(moves);
});
