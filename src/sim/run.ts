// Runs policies over the same demand, and the optimum beside them.

import { seededRng } from '../base/rng.ts';
import type { Foresight, PlacementPolicy } from '../scaling/placement.ts';
import type { Demand } from './demand.ts';
import { type Arrivals, arrivalsOf } from './event/arrivals.ts';
import { simulateEvents } from './event/simulate-events.ts';
import { simulateFluid } from './fluid/simulate-fluid.ts';
import { type Optimum, optimumOf } from './optimum/optimum.ts';
import { type SimProfile, termsOf } from './profile.ts';
import type { ComparedPolicy, Fidelity, PolicyResult, SimProgress, SimReport } from './result.ts';

export interface SimulateChoice {
  readonly demand: Demand;
  readonly profile: SimProfile;
  readonly policies: readonly PlacementPolicy[];
  readonly seed: number;
  /** Default `fluid`. */
  readonly fidelity?: Fidelity | undefined;
  /** Parts of the time in each series. The default is that of the fidelity. */
  readonly points?: number | undefined;
  /** Told how much of all policies is done. */
  readonly progress?: SimProgress | undefined;
  /** Of the same demand and profile, where it is known already. */
  readonly optimum?: Optimum | undefined;
}

export function simulate(choice: SimulateChoice): SimReport {
  const { demand, profile, policies, seed, fidelity = 'fluid' } = choice;
  const optimum = choice.optimum ?? optimumOf(demand, termsOf(profile));
  const { lowerUsd, upperUsd, bestStatic, peakRate } = optimum;
  const foresight = { peakRate, bestStatic: bestStatic.tasks };
  const compared: ComparedPolicy[] = [];
  let stopped = false;
  for (const [index, policy] of policies.entries()) {
    const progress = (done: number): boolean => {
      stopped ||= choice.progress?.((index + done) / policies.length) === true;
      return stopped;
    };
    const result = simulatePolicy({ ...choice, fidelity, policy, foresight, progress });
    const ratio = stopped || !(lowerUsd > 0) ? Number.NaN : result.usd / lowerUsd;
    compared.push({ ...result, ratio });
    if (stopped) break;
  }
  return {
    trace: demand.name,
    steps: demand.steps,
    stepSeconds: demand.stepSeconds,
    seconds: optimum.seconds,
    requests: optimum.requests,
    meanRate: optimum.meanRate,
    peakRate,
    profile,
    seed,
    fidelity,
    optimum: { lowerUsd, upperUsd },
    bestStatic,
    lambdaOnlyUsd: optimum.lambdaOnlyUsd,
    policies: compared,
    stopped,
  };
}

export interface PolicyChoice extends Pick<SimulateChoice, 'demand' | 'profile' | 'seed'> {
  readonly points?: number | undefined;
  readonly policy: PlacementPolicy;
  readonly fidelity: Fidelity;
  readonly foresight: Foresight;
  /** Of the events, made anew for each policy. Default: the counts of the demand, placed by chance. */
  readonly arrivals?: (() => Arrivals) | undefined;
  readonly progress?: SimProgress | undefined;
}

/** One policy; each sees the same requests. */
export function simulatePolicy(choice: PolicyChoice): PolicyResult {
  if (choice.fidelity === 'fluid') return simulateFluid(choice);
  const { demand, profile, policy, seed, foresight, progress, points } = choice;
  const chance = () => arrivalsOf(demand, seededRng(seed, 'arrivals'));
  return simulateEvents({
    arrivals: choice.arrivals?.() ?? chance(),
    profile,
    policy,
    seed,
    foresight,
    ...(progress !== undefined && { progress }),
    ...(points !== undefined && { points }),
  });
}
