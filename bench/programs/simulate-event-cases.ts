// What the event simulator is measured with.

import { seededRng } from '../../src/base/rng.ts';
import { arrivalsOf } from '../../src/sim/event/arrivals.ts';
import type { EventSettings } from '../../src/sim/event/event-result.ts';
import type { SimProfile } from '../../src/sim/profile.ts';
import { constantDemand } from '../../test/support/demand.ts';
import { eventProfile, fixedTasks } from '../../test/support/sim.ts';

export interface Case {
  readonly what: string;
  readonly rate: number;
  readonly tasks: number;
  readonly overflow: boolean;
  readonly profile: SimProfile;
}

const spread = { medianMs: 100, sigma: 0.3 };
const profile = (taskRate: number): SimProfile =>
  eventProfile(
    {
      duration: spread,
      init: { medianMs: 145, sigma: 0.13 },
      coldExtra: { medianMs: 150, sigma: 0.45 },
    },
    { duration: spread, concurrency: 4, taskRate, startSeconds: 35, billedStartSeconds: 25 },
  );

/** Some 100 requests in flight in each. */
export const LAMBDA: Case = {
  what: 'Lambda alone',
  rate: 1000,
  tasks: 0,
  overflow: true,
  profile: profile(Number.POSITIVE_INFINITY),
};
export const HYBRID: Case = {
  what: '20 tasks, and Lambda for a third',
  rate: 1000,
  tasks: 20,
  overflow: true,
  profile: profile(35),
};
export const QUEUE: Case = {
  what: '27 tasks, before which requests wait',
  rate: 1000,
  tasks: 27,
  overflow: false,
  profile: profile(Number.POSITIVE_INFINITY),
};

export function settingsOf(of: Case, seconds: number, seed: number): EventSettings {
  const demand = constantDemand(of.rate, seconds);
  return {
    arrivals: arrivalsOf(demand, seededRng(seed, 'arrivals'), 'poisson'),
    profile: of.profile,
    policy: fixedTasks(of.tasks, of.overflow),
    seed,
  };
}
