// What the checks inside a container say of its health. [BOTO ecs HealthCheck]
//
// Invariants
//   H1. UNKNOWN until the first check that counts; one success makes it HEALTHY.
//   H2. `retries` failures in a row make it UNHEALTHY.
//   H3. Failures within the start period do not count, until a check has passed.

import type { Millis } from '../../base/units.ts';
import type { ContainerHealth } from '../../model/ecs.ts';
import type { ContainerHealthCheck } from '../../model/fargate.ts';

export interface ContainerChecks {
  readonly health: ContainerHealth;
  /** Failures in a row that count. */
  readonly failures: number;
  readonly hasPassed: boolean;
}

export const UNCHECKED: ContainerChecks = { health: 'UNKNOWN', failures: 0, hasPassed: false };

/** `sinceStart` is when the check began, counted from the start of the container. */
export function noteCheck(
  before: ContainerChecks,
  passed: boolean,
  sinceStart: Millis,
  { retries, startPeriodMs }: Pick<ContainerHealthCheck, 'retries' | 'startPeriodMs'>,
): ContainerChecks {
  if (passed) return { health: 'HEALTHY', failures: 0, hasPassed: true };
  if (!before.hasPassed && sinceStart < startPeriodMs) return before;
  const failures = before.failures + 1;
  return { ...before, failures, health: failures >= retries ? 'UNHEALTHY' : before.health };
}
