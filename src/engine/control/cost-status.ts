// What the app has cost since the start, what a month like this would cost, and what the same traffic
// would cost on each compute alone.

import {
  type Millis,
  MONTH_MS,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  sayDuration,
} from '../../base/units.ts';
import { breakEvenOf } from '../../cost/compare/break-even.ts';
import { pricingOf } from '../../cost/compare/pricing.ts';
import { billOf, estimate } from '../../cost/estimate/estimate.ts';
import type { SetUp } from '../../cost/estimate/set-up.ts';
import { setUpOf } from '../../cost/estimate/set-up-of.ts';
import { measuredProfiles, withShares } from '../../cost/measured.ts';
import type { Meter } from '../../cost/meter.ts';
import { usdOf } from '../../cost/money.ts';
import { type PriceBook, priceBook } from '../../cost/prices/price-book.ts';
import type { PriceSource } from '../../cost/prices/price-data.ts';
import { quantitiesOf } from '../../cost/quantities.ts';
import { type Bill, rate } from '../../cost/rating.ts';
import type { MeasuredTraffic } from '../../cost/traffic-meter.ts';
import type { App, Compute } from '../../model/app.ts';
import { namedShape, peakWithin, shapeOf } from '../../traffic/shape.ts';
import type { Traffic } from '../../traffic/traffic.ts';
import type { AloneStatus, CostStatus, MoneyStatus } from './status.ts';

/** Before this nothing is said of a month: the first requests are not like the others. */
const ENOUGH = { requests: 100, ms: MS_PER_MINUTE } as const;

export interface CostParts {
  readonly app: App;
  readonly meter: Meter;
  readonly now: Millis;
  readonly uptimeMs: Millis;
  /** Default: the prices that came with Fulcrum. */
  readonly source?: PriceSource | undefined;
}

export function costStatus(parts: CostParts): CostStatus {
  const { app, meter, now, uptimeMs, source } = parts;
  const prices = priceBook(app.region, source?.data);
  const bill = rate(quantitiesOf(meter.usage(now)), prices);
  const pace = rate(quantitiesOf(meter.pace(now)), prices);
  const measured = meter.measured(now);
  const requests = measured.profiles.reduce((sum, one) => sum + one.requests, 0);
  const why = tooLittle(prices, requests, uptimeMs);
  return {
    ...totals(bill, 1),
    monthly: totals(pace, MONTH_MS / Math.max(1, uptimeMs)),
    alone: why === undefined ? alone(parts, prices, measured, requests) : null,
    aloneWhy: why,
    lines: bill.lines.map(({ service, compute, item, quantity, unit, pico, note }) => ({
      service,
      compute,
      item,
      quantity,
      unit,
      usd: pico === undefined ? undefined : usdOf(pico),
      note,
    })),
    unknown: bill.unknown,
    prices: {
      from: source?.from ?? 'bundled',
      asOf: prices.asOf,
      known: prices.price('lambda.request') !== undefined,
    },
  };
}

function totals({ total, lines }: Bill, times: number): MoneyStatus {
  const door = lines.reduce(
    (sum, { part, compute, pico }) =>
      part === 'entry' && compute === undefined ? sum + (pico ?? 0n) : sum,
    0n,
  );
  return {
    lambdaUsd: usdOf(total.lambda) * times,
    fargateUsd: usdOf(total.fargate) * times,
    frontDoorUsd: usdOf(door) * times,
    otherUsd: usdOf(total.shared - door) * times,
    totalUsd: usdOf(total.all) * times,
  };
}

function tooLittle(prices: PriceBook, requests: number, uptimeMs: Millis): string | undefined {
  if (prices.price('lambda.request') === undefined) return `no price of ${prices.region} is known`;
  if (requests >= ENOUGH.requests && uptimeMs >= ENOUGH.ms) return undefined;
  const seen = `${requests.toLocaleString('en')} ${requests === 1 ? 'request' : 'requests'} in ${sayDuration(uptimeMs)}`;
  return `told after ${ENOUGH.requests} requests and ${sayDuration(ENOUGH.ms)}; so far ${seen}`;
}

function alone(
  { app, uptimeMs }: CostParts,
  book: PriceBook,
  measured: MeasuredTraffic,
  requests: number,
): AloneStatus {
  const from = 'measured';
  const { profiles, perConnection, traffic } = measured;
  const measuredHere = measuredProfiles({ profiles, perConnection, from });
  const setUp = withoutCommon(withShares(setUpOf(app, measuredHere), profiles));
  const requestsPerMonth = (requests * MONTH_MS) / uptimeMs;
  const workload = { requestsPerMonth, ...shapeAndPeak(traffic) };
  const on = (mix: Compute) => {
    const estimated = estimate(setUp, workload, mix, 'expected', { book });
    return { usd: usdOf(billOf(estimated, book).total.all), not: estimated.notApplicable };
  };
  const [lambda, fargate] = [on('lambda'), on('fargate')];
  return {
    requestsPerMonth,
    lambdaUsd: lambda.usd,
    fargateUsd: fargate.usd,
    lambdaNot: lambda.not,
    fargateNot: fargate.not,
    breakEven: breakEvenOf(
      setUp,
      workload,
      pricingOf('none', {}, () => book),
    ).breakEven,
  };
}

/** What costs the same on both is no part of the comparison: databases, certificates, images. */
function withoutCommon(setUp: SetUp): SetUp {
  return { ...setUp, cdn: undefined, resources: setUp.resources.filter(({ on }) => on !== 'both') };
}

/** A day of traffic has a shape; less is taken as steady, with the peaks that its minutes have. */
function shapeAndPeak(traffic: Traffic) {
  const spanMs = traffic.counts.length * traffic.intervalMs;
  const seen = spanMs >= 24 * MS_PER_HOUR ? shapeOf(traffic, 'measured') : undefined;
  if (seen === undefined) return { shape: namedShape('flat'), peak: 1 };
  return { shape: seen, peak: peakWithin(traffic, seen) };
}
