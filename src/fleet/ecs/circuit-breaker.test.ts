import { expect, it } from 'vitest';
import type { CircuitBreaker } from '../../model/fargate.ts';
import { failureThreshold } from './circuit-breaker.ts';

type Kind = CircuitBreaker['threshold']['type'];

const threshold = (type: Kind, value: number, desired: number) =>
  failureThreshold(
    { rollback: false, resetOnHealthyTask: true, threshold: { type, value } },
    desired,
  );

// The table of [ECS:deployment-circuit-breaker] is in the first four rows.
it.each([
  ['bounded-percent', 50, 1, 3],
  ['bounded-percent', 50, 25, 13],
  ['bounded-percent', 50, 400, 200],
  ['bounded-percent', 50, 800, 200],
  ['bounded-percent', 50, 6, 3],
  ['bounded-percent', 50, 7, 4],
  ['bounded-percent', 10, 100, 10],
  ['bounded-percent', 1, 100, 3],
  ['bounded-percent', 100, 150, 150],
  ['unbounded-percent', 50, 1, 1],
  ['unbounded-percent', 50, 25, 13],
  ['unbounded-percent', 50, 800, 400],
  ['unbounded-percent', 100, 3, 3],
  ['unbounded-percent', 1, 10, 1],
  ['count', 5, 1, 5],
  ['count', 5, 800, 5],
  ['count', 1, 10, 1],
] as const)('%s of %i with %i tasks: %i failures', (type, value, desired, failures) => {
  expect(threshold(type, value, desired)).toBe(failures);
});
