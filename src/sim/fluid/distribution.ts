// Latencies as a mixture of distributions, each with how many requests have it.

import type { Spread } from '../profile.ts';
import { meanMs } from '../profile.ts';
import type { Latencies } from '../result.ts';
import { normalBelow, normalOf } from './normal.ts';

export interface Part {
  readonly requests: number;
  /** The part of them that takes no longer than `ms`. */
  below(ms: number): number;
}

/** How long a request waits before it is served. */
export interface Wait {
  /** The part of the requests that wait at all. */
  readonly part: number;
  /** Of those the mean, ms; their waits are exponential. */
  readonly meanMs: number;
  /** None waits longer, ms. Infinity: no limit. */
  readonly mostMs: number;
}

/** The part of a spread that is no longer than `ms`. */
export function spreadBelow({ medianMs, sigma }: Spread, ms: number): number {
  if (ms <= 0) return 0;
  if (sigma === 0 || medianMs === 0) return ms >= medianMs ? 1 : 0;
  return normalBelow(Math.log(ms / medianMs) / sigma);
}

/** What a part `probability` of a spread does not exceed, ms. */
export function quantileMs({ medianMs, sigma }: Spread, probability: number): number {
  return sigma === 0 ? medianMs : medianMs * Math.exp(sigma * normalOf(probability));
}

/** The lognormal of the mean and variance of a sum. [Fenton 1960; Wilkinson] */
export function sumOf(spreads: readonly Spread[]): Spread {
  let mean = 0;
  let variance = 0;
  for (const spread of spreads) {
    const part = meanMs(spread);
    mean += part;
    variance += part ** 2 * Math.expm1(spread.sigma ** 2);
  }
  if (variance === 0) return { medianMs: mean, sigma: 0 };
  const sigma = Math.sqrt(Math.log1p(variance / mean ** 2));
  return { medianMs: mean * Math.exp(-(sigma ** 2) / 2), sigma };
}

export function spreadPart(requests: number, spread: Spread, laterMs = 0): Part {
  return { requests, below: (ms) => spreadBelow(spread, ms - laterMs) };
}

/** Ends of the equal steps that the time of service is taken in: finer where quantiles are asked for. */
const STEPS = [
  ...Array.from({ length: 18 }, (_, index) => index * 0.05),
  ...[0.9, 0.93, 0.95, 0.97, 0.98, 0.985, 0.99, 0.993, 0.996, 0.998, 0.999, 0.9995, 1],
];

/** The time of service after a wait. */
export function waitPart(requests: number, service: Spread, wait: Wait): Part {
  const { part, meanMs: mean, mostMs } = wait;
  if (part === 0 || mean === 0 || mostMs <= 0) return spreadPart(requests, service);
  const nodes = nodesOf(service);
  const within = Number.isFinite(mostMs) ? -Math.expm1(-mostMs / mean) : 1;
  // Who would wait longer is not here at all, so fewer of those that are here wait.
  const waits = (part * within) / (1 - part * (1 - within));
  return {
    requests,
    below(ms) {
      let waited = 0;
      for (const { chance, ms: takes } of nodes) {
        const left = ms - takes;
        if (left > 0) waited += chance * (left >= mostMs ? 1 : -Math.expm1(-left / mean) / within);
      }
      return (1 - waits) * spreadBelow(service, ms) + waits * waited;
    },
  };
}

function nodesOf(service: Spread): readonly { readonly chance: number; readonly ms: number }[] {
  if (service.sigma === 0) return [{ chance: 1, ms: service.medianMs }];
  return STEPS.slice(1).map((to, index) => {
    const from = STEPS[index] ?? 0;
    return { chance: to - from, ms: quantileMs(service, (from + to) / 2) };
  });
}

/** Requests of the parts that take longer than `ms`. */
export function requestsOver(parts: readonly Part[], ms: number): number {
  return parts.reduce((sum, part) => sum + part.requests * (1 - part.below(ms)), 0);
}

export function latenciesOf(parts: readonly Part[]): Latencies {
  return {
    p50Ms: quantile(parts, 0.5),
    p95Ms: quantile(parts, 0.95),
    p99Ms: quantile(parts, 0.99),
    p999Ms: quantile(parts, 0.999),
  };
}

/** From a microsecond to a day. */
const LEAST_LOG = Math.log(1e-3);
const MOST_LOG = Math.log(86_400_000);

/** By halving, to a nanosecond and a billionth part. NaN: there is no request. */
function quantile(parts: readonly Part[], probability: number): number {
  const requests = parts.reduce((sum, part) => sum + part.requests, 0);
  if (!(requests > 0)) return Number.NaN;
  const least = requests * probability;
  let low = LEAST_LOG;
  let high = MOST_LOG;
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    const ms = Math.exp(middle);
    const below = parts.reduce((sum, part) => sum + part.requests * part.below(ms), 0);
    if (below >= least) high = middle;
    else low = middle;
  }
  return Math.round(Math.exp(high) * 1e6) / 1e6;
}
