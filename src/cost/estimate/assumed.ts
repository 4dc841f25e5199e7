// What is taken where nothing is said and nothing was measured. `docs/design/cost.md` has each with
// its reason.

import { LOG_COMPRESSED_PART, SPOT_PRICE_PERCENT } from '../assumptions.ts';
import type { Figure } from './set-up.ts';

const assumed = (low: number, expected: number, high: number): Figure => ({
  low,
  expected,
  high,
  from: 'assumed',
});

export const ASSUMED = {
  lambdaMs: assumed(50, 100, 200),
  fargateMs: assumed(50, 100, 200),
  cpuMs: assumed(5, 10, 20),
  requestBytes: assumed(500, 1000, 2000),
  responseBytes: assumed(5000, 10_000, 20_000),
  /** Browsers keep connections, machines often do not. */
  perConnection: assumed(1, 5, 20),
  /** AWS: under 1 % as a rule; more where there is little traffic. */
  coldShare: assumed(0.002, 0.01, 0.05),
  initMs: assumed(200, 500, 1500),
  logBytes: assumed(0, 200, 1000),
  /** START, END and REPORT with 26 bytes for each event. AWS states none. */
  invocationLogBytes: assumed(300, 400, 500),
  natBytes: assumed(0, 2000, 10_000),
  crossZoneBytes: assumed(0, 0, 2000),
  /** Logs are compressed; AWS states no rate. */
  storedShare: assumed(0.1, LOG_COMPRESSED_PART, 0.25),
  /** Spot floats and is not in the price list: 61 to 70 % less was seen. */
  spotPricePercent: assumed(30, Number(SPOT_PRICE_PERCENT), 40),
  /** One message at a time is what little traffic gives, and costs most. */
  perBatch: assumed(1, 1, 1),
  /** Messages for each request of the app. */
  queueShare: assumed(0.1, 0.1, 0.1),
  /** Busiest moment over the mean, within a step of the shape. */
  peak: assumed(2, 2, 2),
  targetUtilization: assumed(0.6, 0.6, 0.6),
  retentionDays: assumed(30, 30, 30),
} as const satisfies Readonly<Record<string, Figure>>;

export type AssumedFigure = keyof typeof ASSUMED;
