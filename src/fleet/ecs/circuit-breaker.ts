// How many failures end a deployment. [ECS:deployment-circuit-breaker]

import type { CircuitBreaker } from '../../model/fargate.ts';

/** Bounds of the percentage, in tasks. */
const BOUNDED = { min: 3, max: 200 } as const;

/** `desired` is the latest one, not that at the start of the deployment. */
export function failureThreshold(breaker: CircuitBreaker, desired: number): number {
  const { type, value } = breaker.threshold;
  if (type === 'count') return value;
  const part = Math.ceil((desired * value) / 100);
  if (type === 'unbounded-percent') return Math.max(1, part);
  return Math.min(BOUNDED.max, Math.max(BOUNDED.min, part));
}
