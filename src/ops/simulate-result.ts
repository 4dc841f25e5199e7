// From what a simulation found to what is reported of it. What is not a number becomes null here.

import { SECONDS_PER_DAY, SECONDS_PER_HOUR } from '../base/units.ts';
import { breakEvenOf, lambdaUsdOf, meanMs, type SimProfile, type Spread } from '../sim/profile.ts';
import type { ComputeResult, Latencies, LoadCurve, PolicyResult } from '../sim/result.ts';
import type { OptimumFound, TraceFacts } from './simulate-order.ts';
import type { ProfileOrigins } from './simulate-origins.ts';
import type { SimulatedPolicy, Simulation } from './simulate-report.ts';

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** USD and the like: beyond 12 digits is what sums of fractions leave. */
const exact = (value: number): number => Number(value.toPrecision(12));

export interface PolicyAbout {
  readonly says: string;
  readonly source: string;
  readonly foresight: boolean;
}

export interface DonePolicy {
  readonly result: PolicyResult;
  /** Below 1: it was stopped there. */
  readonly done: number;
}

/** What was stopped has no ratio: the optimum is of the whole. */
export function policyReport(
  { result, done }: DonePolicy,
  about: PolicyAbout,
  { lowerUsd }: OptimumFound,
  withSeries: boolean,
): SimulatedPolicy {
  const { lambda, fargate, requests } = result;
  return {
    name: result.name,
    ...about,
    done,
    usd: exact(result.usd),
    ratio: done < 1 || !(lowerUsd > 0) ? null : orNull(exact(result.usd / lowerUsd)),
    lambdaUsd: exact(lambda.usd),
    fargateUsd: exact(fargate.usd),
    requests: exact(requests),
    overTarget: exact(result.overTarget),
    misplaced: exact(result.misplaced),
    refused: exact(result.refused),
    coldStarts: exact(result.coldStarts),
    taskStarts: exact(result.taskStarts),
    utilization: orNull(result.utilization),
    usdPerMillionRequests: orNull(exact((result.usd / requests) * 1e6)),
    ...latenciesReport(result),
    lambda: computeReport(lambda),
    fargate: computeReport(fargate),
    ...(withSeries && { series: result.series }),
  };
}

function computeReport(result: ComputeResult) {
  const { requests, usd, overTarget } = result;
  return {
    requests: exact(requests),
    usd: exact(usd),
    overTarget: exact(overTarget),
    ...latenciesReport(result),
  };
}

function latenciesReport({ p50Ms, p95Ms, p99Ms, p999Ms }: Latencies) {
  return {
    p50Ms: orNull(p50Ms),
    p95Ms: orNull(p95Ms),
    p99Ms: orNull(p99Ms),
    p999Ms: orNull(p999Ms),
  };
}

export interface ProfileAbout {
  readonly app: string;
  readonly service: string;
  readonly origins: ProfileOrigins;
}

export function profileReport(
  profile: SimProfile,
  { app, service, origins }: ProfileAbout,
): Simulation['profile'] {
  const { lambda, fargate, ...rest } = profile;
  return {
    app,
    service,
    ...rest,
    lambda: {
      ...lambda,
      duration: spreadReport(lambda.duration),
      init: spreadReport(lambda.init),
      coldExtra: spreadReport(lambda.coldExtra),
      usdPerMeanRequest: exact(lambdaUsdOf(profile, meanMs(lambda.duration))),
    },
    fargate: {
      ...fargate,
      duration: spreadReport(fargate.duration),
      taskUsdPerHour: exact(fargate.taskUsdPerSecond * SECONDS_PER_HOUR),
    },
    from: origins,
  };
}

function spreadReport(spread: Spread) {
  return { ...spread, medianMs: exact(spread.medianMs), meanMs: exact(meanMs(spread)) };
}

export interface TraceAbout {
  readonly kind: Simulation['trace']['kind'];
  readonly start: string | null;
  readonly scale: number | null;
  readonly mean: number | null;
}

export function traceReport(facts: TraceFacts, about: TraceAbout): Simulation['trace'] {
  const { name, stepSeconds, steps, requests, meanRate, peakRate, gaps, gapSeconds } = facts;
  return {
    name,
    kind: about.kind,
    start: about.start,
    stepSeconds,
    steps,
    days: exact(facts.knownSeconds / SECONDS_PER_DAY),
    requests: exact(requests),
    meanRate: exact(meanRate),
    peakRate: exact(peakRate),
    gaps,
    gapSeconds,
    scale: about.scale,
    mean: about.mean,
  };
}

export function breakEvenReport(profile: SimProfile): Simulation['breakEven'] {
  const { requestsPerSecond, reachable } = breakEvenOf(profile);
  return { requestsPerSecond: exact(requestsPerSecond), reachable };
}

export function curveReport({ name, points, cheaperFrom }: LoadCurve) {
  return { name, points, cheaperFrom: cheaperFrom ?? null };
}
