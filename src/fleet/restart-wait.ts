// How long to wait before a program that does not start is tried again.

import { type Millis, MS_PER_SECOND } from '../base/units.ts';

/**
 * ECS waits up to 27 minutes and does not publish how the wait grows; on one machine a minute is
 * enough to be calm. [ECS:service-throttle-logic]
 */
export const RESTART_WAIT = {
  firstMs: MS_PER_SECOND,
  factor: 2,
  maxMs: 60 * MS_PER_SECOND,
} as const;

/** After so many failures in a row, from 1. */
export function restartWait(failures: number): Millis {
  const { firstMs, factor, maxMs } = RESTART_WAIT;
  return Math.min(maxMs, firstMs * factor ** (failures - 1));
}
