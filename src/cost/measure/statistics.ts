// What samples say, and how sure that is.

import type { Distribution, Spread } from './measurement.ts';

/** Two-sided 95 % of a normal distribution. */
const Z95 = 1.96;

/** The value below which `percentile` percent of `sorted` lie (nearest rank). 0 of nothing. */
export function percentileOf(sorted: readonly number[], percentile: number): number {
  const rank = Math.ceil((percentile / 100) * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] ?? 0;
}

export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function distributionOf(values: readonly number[]): Distribution {
  const sorted = [...values].sort((one, other) => one - other);
  return {
    mean: meanOf(sorted),
    p50: percentileOf(sorted, 50),
    p95: percentileOf(sorted, 95),
    p99: percentileOf(sorted, 99),
    count: sorted.length,
  };
}

/** Half the width of the 95 % confidence interval of the mean; infinite below two values. */
export function meanError(values: readonly number[]): number {
  if (values.length < 2) return Number.POSITIVE_INFINITY;
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Z95 * Math.sqrt(squares / (values.length - 1) / values.length);
}

/** The mean, with its 95 % confidence interval. Of positive values, so it does not go below 0. */
export function meanSpread(values: readonly number[]): Spread {
  const likely = meanOf(values);
  const error = meanError(values);
  if (!Number.isFinite(error)) return { smallest: likely, likely, largest: likely };
  return { smallest: Math.max(0, likely - error), likely, largest: likely + error };
}

export type Verdict = 'within' | 'over' | 'unclear';

/**
 * Whether `percentile` percent of all that could have been sampled take at most `limit`: by the ranks
 * between which that percentile lies with 95 % confidence (the binomial distribution, as normal).
 */
export function verdictOf(sorted: readonly number[], percentile: number, limit: number): Verdict {
  const share = percentile / 100;
  const middle = sorted.length * share;
  const half = Z95 * Math.sqrt(sorted.length * share * (1 - share));
  const below = sorted[Math.floor(middle - half) - 1];
  const above = sorted[Math.ceil(middle + half)];
  if (above !== undefined && above <= limit) return 'within';
  if (below !== undefined && below > limit) return 'over';
  return 'unclear';
}

/** Of several observations of the same, weighted. */
export function spreadOf(
  observed: readonly { readonly value: number; readonly weight: number }[],
): Spread {
  const weight = observed.reduce((sum, one) => sum + one.weight, 0);
  const sum = observed.reduce((total, one) => total + one.value * one.weight, 0);
  const values = observed.map(({ value }) => value);
  if (weight === 0) return { smallest: 0, likely: 0, largest: 0 };
  return { smallest: Math.min(...values), likely: sum / weight, largest: Math.max(...values) };
}
