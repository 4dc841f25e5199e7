// What every policy costs by the mean load: the same demand, made larger and smaller.
//
// The work is bounded, whatever the demand: a long one is cut to the window whose mean is nearest to
// that of the whole, and at high loads tasks are counted in bundles, which changes nothing but how
// finely a fleet follows the demand.

import { MS_PER_SECOND, SECONDS_PER_DAY, SECONDS_PER_HOUR, sayDuration } from '../base/units.ts';
import type { PlacementPolicy } from '../scaling/placement.ts';
import { cutOf, typicalWindow } from './cut.ts';
import type { Demand } from './demand.ts';
import { rescaled, surveyOf, toMean } from './demand-changes.ts';
import { simulateFluid } from './fluid/simulate-fluid.ts';
import { optimumOf } from './optimum/optimum.ts';
import { type SimProfile, termsOf } from './profile.ts';
import type { CostOverLoad, LoadPoint, SimProgress } from './result.ts';

export interface LoadsChoice {
  readonly demand: Demand;
  readonly profile: SimProfile;
  readonly policies: readonly PlacementPolicy[];
  readonly seed: number;
  /** Mean requests a second, rising. Default: 16 from 0.1 to 10,000. */
  readonly loads?: readonly number[] | undefined;
  /** A longer demand is cut to this. Default: a day. */
  readonly windowSeconds?: number | undefined;
  readonly progress?: SimProgress | undefined;
}

const DEFAULT_WINDOW_SECONDS = SECONDS_PER_DAY;
/** At the busiest moment there are at most so many tasks, or bundles of them. */
const MOST_BUNDLES = 128;

/** 16 from 0.1 to 10,000, each 2.15 times the one before. */
const DEFAULT_LOADS: readonly number[] = Array.from({ length: 16 }, (_, index) =>
  Number((0.1 * 10 ** (index / 3)).toPrecision(3)),
);

export function costOverLoad(choice: LoadsChoice): CostOverLoad {
  const { demand, policies, loads = DEFAULT_LOADS, progress } = choice;
  const window = windowOf(demand, choice.windowSeconds ?? DEFAULT_WINDOW_SECONDS);
  const names = ['optimum', ...policies.map(({ name }) => name)];
  const points = new Map(names.map((name) => [name, [] as LoadPoint[]]));
  const lambdaOnly: number[] = [];
  let bundledFrom = Number.POSITIVE_INFINITY;
  let stopped = false;
  for (const [index, load] of loads.entries()) {
    const part = (done: number): boolean => progress?.((index + done) / loads.length) === true;
    const costs = costsAt(choice, window.at(load), part);
    if (costs === undefined) {
      stopped = true;
      break;
    }
    lambdaOnly.push(costs.lambdaOnly);
    if (costs.bundle > 1) bundledFrom = Math.min(bundledFrom, load);
    for (const [name, usdPerHour] of costs.usdPerHour) {
      points.get(name)?.push({ requestsPerSecond: load, usdPerHour });
    }
  }
  return {
    curves: [...points].map(([name, all]) => ({
      name,
      points: all,
      cheaperFrom: cheaperFrom(all, lambdaOnly),
    })),
    notes: [...window.notes, ...bundleNotes(bundledFrom)],
    stopped,
  };
}

const bundleNotes = (from: number): readonly string[] =>
  Number.isFinite(from)
    ? [
        `From ${from} requests a second on, tasks start and stop in bundles of up to 1/${MOST_BUNDLES} of the largest fleet.`,
      ]
    : [];

interface Costs {
  /** Tasks that are counted as one. */
  readonly bundle: number;
  /** USD an hour of Lambda alone, always warm. */
  readonly lambdaOnly: number;
  /** By policy, and of the optimum. */
  readonly usdPerHour: ReadonlyMap<string, number>;
}

/** Undefined: it was stopped. */
function costsAt(choice: LoadsChoice, demand: Demand, progress: SimProgress): Costs | undefined {
  const { peakRate } = surveyOf(demand);
  const tasks = peakRate / choice.profile.fargate.taskRate;
  const bundle = Math.max(1, Math.ceil(tasks / MOST_BUNDLES));
  const profile = bundled(choice.profile, bundle);
  const optimum = optimumOf(demand, termsOf(profile));
  const perHour = (usd: number): number => (usd / optimum.seconds) * SECONDS_PER_HOUR;
  const foresight = { peakRate, bestStatic: optimum.bestStatic.tasks };
  const costs = new Map([['optimum', perHour(optimum.lowerUsd)]]);
  const { policies, seed } = choice;
  let stopped = false;
  for (const [index, policy] of policies.entries()) {
    const part = (done: number): boolean => {
      stopped ||= progress((index + done) / policies.length);
      return stopped;
    };
    if (part(0)) return undefined;
    const result = simulateFluid({
      demand,
      profile,
      policy,
      seed,
      foresight,
      progress: part,
      points: 1,
    });
    if (stopped) return undefined;
    costs.set(policy.name, perHour(result.usd));
  }
  return { bundle, lambdaOnly: perHour(optimum.lambdaOnlyUsd), usdPerHour: costs };
}

/** Limits of an account are raised for such loads; refusing would make them look cheap. */
const NO_LIMIT = 1e12;

/** So many tasks are one: as dear, and carrying as much, as all of them. */
function bundled(profile: SimProfile, bundle: number): SimProfile {
  const { fargate, lambda } = profile;
  return {
    ...profile,
    lambda: { ...lambda, accountConcurrency: NO_LIMIT, scalingPer10s: NO_LIMIT },
    fargate: {
      ...fargate,
      taskRate: fargate.taskRate * bundle,
      concurrency: fargate.concurrency * bundle,
      taskUsdPerSecond: fargate.taskUsdPerSecond * bundle,
      minTasks: Math.ceil(fargate.minTasks / bundle),
      maxTasks: Math.ceil(fargate.maxTasks / bundle),
    },
  };
}

/** Where it begins to cost less than Lambda for good; between two loads on a straight line of logarithms. */
function cheaperFrom(points: readonly LoadPoint[], lambdaOnly: readonly number[]) {
  const over = points.map(({ usdPerHour }, index) =>
    Math.log(usdPerHour / (lambdaOnly[index] ?? Number.NaN)),
  );
  const last = over.findLastIndex((one) => !(one < -1e-9));
  const [before, after] = [points[last], points[last + 1]];
  if (points.length === 0 || (before !== undefined && after === undefined)) return undefined;
  if (before === undefined || after === undefined) return points[0]?.requestsPerSecond;
  const [from = 0, to = 0] = [over[last], over[last + 1]];
  const part = from / (from - to);
  return before.requestsPerSecond * (after.requestsPerSecond / before.requestsPerSecond) ** part;
}

interface Window {
  readonly notes: readonly string[];
  /** With this mean, requests a second. */
  at(meanRate: number): Demand;
}

function windowOf(demand: Demand, seconds: number): Window {
  const { stepSeconds } = demand;
  const steps = Math.max(1, Math.round(seconds / stepSeconds));
  const from = steps >= demand.steps ? 0 : typicalWindow(demand, steps, 'typical');
  const length = Math.min(steps, demand.steps);
  const notes =
    length === demand.steps
      ? []
      : [
          `Costs by load are of ${sayDuration(length * stepSeconds * MS_PER_SECOND)} of the trace, from ${sayDuration(from * stepSeconds * MS_PER_SECOND)} after its beginning, whose mean is nearest to that of all.`,
        ];
  const { drawn } = demand;
  if (drawn !== undefined) {
    // Traffic that is drawn is drawn anew, as a busy second is not a quiet one made larger.
    return { notes, at: (meanRate) => cutOf(drawn.at(meanRate), from, length) };
  }
  const kept = cutOf(demand, from, length);
  const { meanRate: mean } = surveyOf(kept);
  return {
    notes,
    at: (meanRate) => (mean > 0 ? rescaled(kept, meanRate / mean) : toMean(kept, meanRate)),
  };
}
