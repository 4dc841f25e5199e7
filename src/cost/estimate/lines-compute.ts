// What a plan takes of Lambda and of Fargate, with the log lines of each, as quantities.
//
// Durations are means. Lambda rounds every invocation up to a millisecond; we round the mean up, as
// people check by hand: 200 ms are billed as 200. The difference is below a millisecond for each.

import { MONTH_DAYS, MONTH_HOURS, MONTH_MS } from '../../base/units.ts';
import type { Quantity } from '../quantity.ts';
import { logQuantities } from '../rules/cloudwatch.ts';
import { fargateQuantities } from '../rules/fargate.ts';
import { lambdaQuantities } from '../rules/lambda.ts';
import { addressQuantities } from '../rules/network.ts';
import type { AppNumbers } from './figures.ts';
import type { Demand } from './plan.ts';
import type { LogSetUp } from './set-up.ts';

/** Of a month. */
export interface LambdaShare {
  /** Requests, or messages, beyond what is provisioned. */
  readonly onDemand: number;
  readonly provisioned: number;
  /** The provisioned environments are kept. */
  readonly kept: boolean;
}

/** Of a month. */
export interface FargateShare {
  readonly taskHours: number;
  readonly requests: number;
}

/** So much too much is rounding. */
const ALMOST = 1e-9;

export function lambdaLines(
  { service, requests, perBatch }: Demand,
  { onDemand, provisioned, kept }: LambdaShare,
): readonly Quantity[] {
  const { lambda, name } = service;
  if (lambda === undefined) return [];
  const durationMs = wholeMs(requests.lambdaMs * perBatch);
  const coldMs = wholeMs(requests.lambdaMs * perBatch + requests.initMs);
  const cold = Math.min(1, requests.coldShare) * (onDemand / perBatch);
  const environments = kept ? lambda.provisioned : 0;
  return lambdaQuantities(
    {
      architecture: lambda.architecture,
      memoryMiB: lambda.memoryMiB,
      ephemeralMiB: lambda.ephemeralMiB,
      invocations: [
        { count: onDemand / perBatch - cold, durationMs },
        { count: cold, durationMs: coldMs },
        { count: provisioned / perBatch, durationMs, provisioned: true },
      ],
      provisioned: [{ environments, keptMs: MONTH_MS }],
    },
    name,
  );
}

function wholeMs(ms: number): number {
  return Math.ceil(ms - ALMOST);
}

export function fargateLines(
  { service: { name, fargate } }: Demand,
  { taskHours }: FargateShare,
  publicTasks: boolean,
  { spotPricePercent }: AppNumbers,
): readonly Quantity[] {
  if (fargate === undefined || taskHours === 0) return [];
  const { architecture, cpuUnits, memoryMiB, ephemeralGiB, spotShare } = fargate;
  const count = taskHours / MONTH_HOURS;
  const ranMs = MONTH_MS;
  return [
    ...fargateQuantities(
      {
        architecture,
        cpuUnits,
        memoryMiB,
        ephemeralGiB,
        tasks: [
          { count: count * (1 - spotShare), ranMs },
          { count: count * spotShare, ranMs, spot: true },
        ],
        spotPricePercent: Math.round(spotPricePercent),
      },
      name,
    ),
    ...(publicTasks
      ? addressQuantities(
          { addresses: count, hours: MONTH_HOURS },
          { service: name, compute: 'fargate' },
        )
      : []),
  ];
}

/** What the program writes for each request, and Lambda for each invocation, kept for a while. */
export function logLines(
  { service, requests, perBatch }: Demand,
  lambda: LambdaShare,
  fargate: FargateShare,
  { retentionDays }: LogSetUp,
  { storedShare }: AppNumbers,
): readonly Quantity[] {
  const served = lambda.onDemand + lambda.provisioned;
  const lines = (compute: 'lambda' | 'fargate', bytes: number): readonly Quantity[] =>
    bytes === 0
      ? []
      : logQuantities(
          {
            events: 0,
            bytes,
            compressedPart: storedShare,
            keptMonths: retentionDays / MONTH_DAYS,
          },
          { service: service.name, compute },
        );
  const ofLambda = served * requests.logBytes + (served / perBatch) * requests.invocationLogBytes;
  return [...lines('lambda', ofLambda), ...lines('fargate', fargate.requests * requests.logBytes)];
}
