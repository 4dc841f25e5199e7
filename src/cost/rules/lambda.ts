// Lambda: what is billed of invocations and of what is kept ready for them.
//
// Rules [aws.amazon.com/lambda/pricing, LDG:lambda-runtime-environment]:
//   M1. Whole milliseconds of every invocation, rounded up, times memory; since 2025-08-01 with INIT.
//       What timed out and asynchronous retries are invocations like any other.
//   M2. Provisioned concurrency from enabling to disabling, in steps of 5 minutes. Requests and the
//       duration in it are billed too, INIT is not. The free tier does not apply to such a function.
//   M7. Storage over 512 MB times duration, whatever the memory.
//   M8. Streamed answers: the first 6 MB of each are free, then by the GB.
//   M9. SnapStart (not for Java): memory times the time a version is cached, 3 hours at least, and
//       memory for every restore.

import { type MiB, type Millis, MS_PER_HOUR, MS_PER_MINUTE } from '../../base/units.ts';
import type { Architecture } from '../../model/app.ts';
import { type Amount, divided, exact, largest, minus, NONE, plus, times } from '../amount.ts';
import type { Quantity } from '../quantity.ts';
import type { LambdaUsage } from '../usage.ts';
import { BYTES_PER_GB, line } from './line.ts';

/** Storage that comes with a function for nothing. */
export const LAMBDA_FREE_EPHEMERAL_MIB = 512;

const PROVISIONED_STEP_MS = 5 * MS_PER_MINUTE;

/** Of each streamed answer. */
const LAMBDA_FREE_STREAM_BYTES = 6 * 1024 * 1024;

const SNAPSTART_LEAST_MS = 3 * MS_PER_HOUR;

const MB_MS_PER_GB_SECOND = 1024 * 1000;

export interface LambdaUse {
  readonly architecture: Architecture;
  readonly memoryMiB: MiB;
  /** Default 512. */
  readonly ephemeralMiB?: MiB | undefined;
  readonly invocations: readonly Invocations[];
  readonly provisioned?: readonly Provisioned[] | undefined;
  /** Left out for Java, which pays nothing. */
  readonly snapStart?: SnapStart | undefined;
}

/** So many invocations that are alike. */
export interface Invocations {
  readonly count: number;
  /** Of each, before it is rounded up. */
  readonly durationMs: Millis;
  /** Of each, in the same REPORT. Default 0. Never billed of a provisioned environment. */
  readonly initMs?: Millis | undefined;
  /**
   * What is billed of each, INIT included, in place of the two above: from REPORT, or as a mean of
   * many, which need not be whole.
   */
  readonly billedMs?: Millis | undefined;
  readonly provisioned?: boolean | undefined;
  /** Of the answer of each, if it is streamed. */
  readonly streamedBytes?: number | undefined;
}

export interface Provisioned {
  readonly environments: number;
  /** From enabling to disabling. */
  readonly keptMs: Millis;
}

export interface SnapStart {
  readonly versions: { readonly count: number; readonly cachedMs: Millis };
  readonly restores: number;
}

/** Whole milliseconds that are billed of one invocation (M1). */
export function billedDuration(durationMs: Millis, initMs: Millis): number {
  return Math.ceil(durationMs + initMs);
}

/** Milliseconds that are billed of what is kept provisioned (M2). */
export function billedProvisioned(keptMs: Millis): number {
  return Math.ceil(Math.max(1, keptMs) / PROVISIONED_STEP_MS) * PROVISIONED_STEP_MS;
}

export function lambdaQuantities(use: LambdaUse, service?: string): readonly Quantity[] {
  const { memoryMiB, ephemeralMiB = LAMBDA_FREE_EPHEMERAL_MIB, provisioned = [] } = use;
  const invocations = use.invocations.map((one) => ({ one, count: exact(one.count) }));
  const durationMs = (inside: boolean): Amount =>
    plus(
      ...invocations
        .filter(({ one }) => (one.provisioned ?? false) === inside)
        .map(({ one, count }) => times(count, billedMsOf(one))),
    );
  const [onDemand, inside] = [durationMs(false), durationMs(true)];
  const overMiB = exact(Math.max(0, ephemeralMiB - LAMBDA_FREE_EPHEMERAL_MIB));
  return lines(
    use.architecture,
    {
      requests: plus(...invocations.map(({ count }) => count)),
      mbMs: times(onDemand, memoryMiB),
      provisionedDurationMbMs: times(inside, memoryMiB),
      provisionedMbMs: times(
        memoryMiB,
        plus(
          ...provisioned.map(({ environments, keptMs }) =>
            times(environments, environments > 0 ? billedProvisioned(keptMs) : 0),
          ),
        ),
      ),
      ephemeralMbMs: times(plus(onDemand, inside), overMiB),
      streamedBytes: plus(
        ...invocations.map(({ one: { streamedBytes = 0 }, count }) =>
          times(count, minus(exact(streamedBytes), exact(LAMBDA_FREE_STREAM_BYTES))),
        ),
      ),
      snapStart: snapStartOf(use),
    },
    service,
  );
}

/** What was metered → quantities. */
export function meteredLambda(usage: LambdaUsage, service?: string): readonly Quantity[] {
  return lines(
    usage.architecture,
    {
      requests: exact(usage.requests),
      mbMs: exact(usage.mbMs),
      provisionedDurationMbMs: exact(usage.provisionedDurationMbMs),
      provisionedMbMs: exact(usage.provisionedMbMs),
      ephemeralMbMs: exact(usage.ephemeralMbMs),
      streamedBytes: NONE,
      snapStart: { cachedMbMs: NONE, restoredMb: NONE },
    },
    service,
  );
}

function billedMsOf({ durationMs, initMs = 0, billedMs, provisioned }: Invocations): Amount {
  if (billedMs !== undefined) return exact(billedMs);
  return exact(billedDuration(durationMs, provisioned === true ? 0 : initMs));
}

function snapStartOf({ memoryMiB, snapStart }: LambdaUse): LambdaSums['snapStart'] {
  if (snapStart === undefined) return { cachedMbMs: NONE, restoredMb: NONE };
  const { versions, restores } = snapStart;
  const cachedMs = largest(exact(versions.cachedMs), exact(SNAPSTART_LEAST_MS));
  return {
    cachedMbMs: times(versions.count, cachedMs, memoryMiB),
    restoredMb: times(restores, memoryMiB),
  };
}

type LambdaSums = Readonly<
  Record<
    | 'requests'
    | 'mbMs'
    | 'provisionedDurationMbMs'
    | 'provisionedMbMs'
    | 'ephemeralMbMs'
    | 'streamedBytes',
    Amount
  >
> & { readonly snapStart: { readonly cachedMbMs: Amount; readonly restoredMb: Amount } };

function lines(
  architecture: Architecture,
  sums: LambdaSums,
  service: string | undefined,
): readonly Quantity[] {
  const withoutFreeTier = sums.provisionedMbMs.amount > 0n;
  const owner = { service, compute: 'lambda' } as const;
  const add = (item: Quantity['item'], amount: Amount, note?: string): Quantity =>
    line('compute', item, amount, { owner, note, withoutFreeTier });
  const gbSeconds = (mbMs: Amount): Amount => divided(mbMs, MB_MS_PER_GB_SECOND);
  return [
    add('lambda.request', sums.requests),
    add(`lambda.${architecture}.gbSecond`, gbSeconds(sums.mbMs)),
    add(
      `lambda.${architecture}.provisionedDurationGbSecond`,
      gbSeconds(sums.provisionedDurationMbMs),
      'in provisioned environments',
    ),
    add(
      `lambda.${architecture}.provisionedConcurrencyGbSecond`,
      gbSeconds(sums.provisionedMbMs),
      'kept provisioned',
    ),
    add('lambda.ephemeralStorageGbSecond', gbSeconds(sums.ephemeralMbMs), '/tmp over 512 MB'),
    add(
      'lambda.responseStreamingGb',
      divided(sums.streamedBytes, BYTES_PER_GB),
      'streamed, over 6 MB of each answer',
    ),
    add('lambda.snapstartCacheGbSecond', gbSeconds(sums.snapStart.cachedMbMs), 'SnapStart cache'),
    add(
      'lambda.snapstartRestoreGb',
      divided(sums.snapStart.restoredMb, 1024),
      'SnapStart restores',
    ),
  ];
}
