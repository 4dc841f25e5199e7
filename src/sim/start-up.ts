// How long starts take, as named sets of figures with their sources. A profile takes its spreads from
// here unless it is told others.

import type { SimProfile, Spread } from './profile.ts';

export type LambdaRuntime =
  | 'nodejs22'
  | 'nodejs24'
  | 'python3.13'
  | 'java21'
  | 'dotnet8'
  | 'go'
  | 'rust';
export type Packaging = 'zip' | 'image';

/** ms. */
interface Measured {
  readonly p50: number;
  readonly p90: number;
}

type ByArchitecture = Readonly<Record<SimProfile['architecture'], Measured>>;

const measured = (
  x86: readonly [number, number],
  arm: readonly [number, number],
): ByArchitecture => ({
  x86_64: { p50: x86[0], p90: x86[1] },
  arm64: { p50: arm[0], p90: arm[1] },
});

/**
 * INIT of a program that says hello, with 1024 MB; the memory makes no difference there.
 * "Init Duration" of REPORT lines, about 800 cold starts each, 90 days to 2026-08-22.
 * [maxday/lambda-perf]
 */
const LAMBDA_INIT: Readonly<Record<LambdaRuntime, Readonly<Record<Packaging, ByArchitecture>>>> = {
  nodejs22: { zip: measured([144, 172], [131, 140]), image: measured([306, 615], [236, 605]) },
  nodejs24: { zip: measured([140, 170], [126, 139]), image: measured([282, 595], [229, 640]) },
  'python3.13': { zip: measured([93, 120], [82, 99]), image: measured([164, 296], [133, 234]) },
  java21: { zip: measured([244, 292], [247, 270]), image: measured([340, 537], [306, 458]) },
  dotnet8: { zip: measured([260, 342], [295, 377]), image: measured([410, 696], [419, 627]) },
  go: { zip: measured([51, 56], [43, 45]), image: measured([48, 88], [40, 60]) },
  rust: { zip: measured([16, 22], [14, 16]), image: measured([36, 59], [30, 40]) },
};

/** Of the normal distribution: nine of ten are below the mean and so many deviations. */
const DEVIATIONS_OF_P90 = 1.2815515655446004;

export interface InitOf {
  readonly runtime: LambdaRuntime;
  readonly packaging: Packaging;
  readonly architecture: SimProfile['architecture'];
  /** What the program itself does before it listens, ms. Default 0: as the one that was measured. */
  readonly programMs?: number;
}

/**
 * The billed part of a cold start: lognormal through the p50 and p90 that were measured. The time of
 * the program is on top, with the same spread.
 */
export function lambdaInit({ runtime, packaging, architecture, programMs = 0 }: InitOf): Spread {
  const { p50, p90 } = LAMBDA_INIT[runtime][packaging][architecture];
  return { medianMs: p50 + programMs, sigma: Math.log(p90 / p50) / DEVIATIONS_OF_P90 };
}

/**
 * What a cold start takes beside INIT: finding a place and bringing the code there, for which nobody is
 * billed. Between STeLLAR 2021 and the 458 cold starts of pacslab 2020 (285 ms beside all that was
 * billed, when an INIT was not).
 */
export const LAMBDA_COLD_EXTRA: Spread = { medianMs: 150, sigma: 0.45 };

/**
 * An idle environment ends between 5 and 11 minutes, seconds. AWS does not say; measured in 2020: some
 * stayed for 654 s, some were gone after 337 s. [pacslab/simfaas]
 */
export const LAMBDA_IDLE_SECONDS: readonly [least: number, most: number] = [300, 660];

export interface TaskStartOf {
  /** Compressed. Default 150. */
  readonly imageMb?: number;
  /** The image has an index of its content (Seekable OCI). Default false. */
  readonly soci?: boolean;
  readonly vcpu: number;
  /** What the program does before it listens, with a whole vCPU, seconds. Default 0.5. */
  readonly programSeconds?: number;
  /** Of the health check of the target group. Default 5 s, healthy after 2. */
  readonly healthIntervalSeconds?: number;
  readonly healthyCount?: number;
}

export type TaskStart = Pick<
  SimProfile['fargate'],
  'startSeconds' | 'startSigma' | 'billedStartSeconds'
>;

/** Until a task has a place, a network interface with it; not billed. */
const PLACING_SECONDS = 12;
const PULL_MB_PER_SECOND = 25;
const LEAST_PULL_SECONDS = 2;
/** AWS: "up to 50 % faster", and only for images of more than 250 MB compressed. */
const SOCI = { part: 0.5, fromMb: 250 };
/**
 * p95 ÷ median of about 65 s ÷ 35 s gives ln(65/35)/1.645 = 0.38. The weakest figure here: it is an
 * assumption until it is measured.
 */
const START_SIGMA = 0.38;

/**
 * From the decision until a task takes requests: its place, the pull, the program, the health check.
 * Billed from the pull. 30 s for 150 MB with a quarter of a vCPU, 18 of them billed.
 */
export function taskStart({
  imageMb = 150,
  soci = false,
  vcpu,
  programSeconds = 0.5,
  healthIntervalSeconds = 5,
  healthyCount = 2,
}: TaskStartOf): TaskStart {
  const helps = soci && imageMb > SOCI.fromMb;
  const pull = Math.max(LEAST_PULL_SECONDS, imageMb / PULL_MB_PER_SECOND) * (helps ? SOCI.part : 1);
  const program = programSeconds / Math.min(1, vcpu);
  const billedStartSeconds = pull + program + healthIntervalSeconds * healthyCount;
  const startSeconds = PLACING_SECONDS + billedStartSeconds;
  return { startSeconds, startSigma: START_SIGMA, billedStartSeconds };
}
