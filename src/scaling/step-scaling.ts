// Step scaling: how far a metric is beyond the threshold of an alarm chooses how many tasks are added
// or removed. [AAS:step-scaling-policy-overview]

import type { AlarmRule } from '../model/alarm.ts';
import type { Step, StepScaling } from '../model/autoscaling.ts';

/**
 * The step for a value. Above the threshold the lower bound belongs to it, below the threshold the
 * upper one. On the threshold the alarm decides: one that asks for less looks below.
 */
export function stepFor(
  steps: readonly Step[],
  rule: Pick<AlarmRule, 'threshold' | 'comparison'>,
  value: number,
): Step | undefined {
  const beyond = value - rule.threshold;
  const below = beyond < 0 || (beyond === 0 && rule.comparison.startsWith('Less'));
  return steps.find(({ from, to }) => {
    const low = from ?? Number.NEGATIVE_INFINITY;
    const high = to ?? Number.POSITIVE_INFINITY;
    return below ? low < beyond && beyond <= high : low <= beyond && beyond < high;
  });
}

/** How many tasks there should be after the step, before minimum and maximum. */
export function adjusted(
  { adjustment, minMagnitude }: Pick<StepScaling, 'adjustment' | 'minMagnitude'>,
  capacity: number,
  by: number,
): number {
  if (adjustment === 'exact') return by;
  if (adjustment === 'change') return Math.max(0, capacity + by);
  const change = round((capacity * by) / 100);
  const least = Math.sign(change) * Math.max(Math.abs(change), minMagnitude);
  return Math.max(0, capacity + least);
}

/** Towards zero, but what is not zero is at least one: 12.7 → 12, 0.67 → 1, −0.58 → −1, −6.67 → −6. */
export function round(change: number): number {
  if (change === 0) return 0;
  return Math.sign(change) * Math.max(1, Math.floor(Math.abs(change) + 1e-9));
}

/** The one value of the latest datapoints that chooses the step. */
export function aggregate(
  how: StepScaling['aggregation'],
  values: readonly number[],
): number | undefined {
  if (values.length === 0) return undefined;
  if (how === 'Minimum') return Math.min(...values);
  if (how === 'Maximum') return Math.max(...values);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
