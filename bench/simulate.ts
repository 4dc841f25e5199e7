// How fast a simulation is, by seconds of a processor: the fluid one by trace-seconds, levels and
// requests. The event one is beside it.

import { levelCounter } from '../src/scaling/level-counter.ts';
import type { PlacementPolicy } from '../src/scaling/placement.ts';
import { lambdaOnly } from '../src/scaling/rivals/lambda-only.ts';
import type { Demand, DemandChunk } from '../src/sim/demand.ts';
import { simulateFluid } from '../src/sim/fluid/simulate-fluid.ts';
import { optimumOf } from '../src/sim/optimum/optimum.ts';
import { termsOf } from '../src/sim/profile.ts';
import { PROGRAMS, type Program, profileOf, STARTS } from './policy-cases.ts';
import { median, report } from './support.ts';

const ROUNDS = 3;
const DAYS = 10;
const SECONDS_PER_DAY = 86_400;
/** Requests a second in the mean, and at most 1.9 times that. */
const MEAN_RATE = 3000;
const LEVEL_GOAL = 50e6;
const REQUEST_GOAL = 5e6;

/** Days of seconds that all differ, as cheap to make as can be: what is measured is the simulator. */
function wave(days: number, meanRate: number): Demand {
  const steps = days * SECONDS_PER_DAY;
  const day = Float64Array.from({ length: SECONDS_PER_DAY }, (_, second) => {
    const noise = ((second * 7919) % 101) / 505 - 0.1;
    return Math.round(meanRate * (1 + 0.8 * Math.sin((2 * Math.PI * second) / 86_400) + noise));
  });
  return {
    name: 'wave',
    stepSeconds: 1,
    steps,
    *chunks(): Generator<DemandChunk> {
      for (let count = 0; count < days; count += 1) yield { counts: day, length: day.length };
    },
  };
}

function fluidRows(rounds: number = ROUNDS) {
  const rows = [];
  for (const program of PROGRAMS) {
    for (const policy of [levelCounter, lambdaOnly]) {
      rows.push(...speedRows(program, policy, rounds));
    }
  }
  return rows;
}

function speedRows(program: Program, policy: PlacementPolicy, rounds: number) {
  const [start] = STARTS;
  if (start === undefined) return [];
  const demand = wave(DAYS, MEAN_RATE);
  const profile = profileOf(program, start);
  const { peakRate, bestStatic } = optimumOf(wave(1, MEAN_RATE), termsOf(profile));
  const foresight = { peakRate, bestStatic: bestStatic.tasks };
  let requests = 0;
  const seconds = median(
    Array.from({ length: rounds }, () => {
      const began = process.cpuUsage();
      requests = simulateFluid({ demand, profile, policy, seed: 1, foresight }).requests;
      const { user, system } = process.cpuUsage(began);
      return (user + system) / 1e6;
    }),
  );
  // Levels are the tasks that the busiest second needs: each is looked at in each second.
  const levels = Math.ceil(peakRate / program.taskRate);
  const levelRate = (demand.steps * levels) / seconds;
  const requestRate = requests / seconds;
  const what = `${policy.name}, ${program.name}: ${DAYS} days of seconds, ${levels} levels`;
  return [
    { what, value: `${(demand.steps / seconds / 1e6).toFixed(1)} M trace-seconds` },
    ...(policy.name === 'lambda-only'
      ? []
      : [
          {
            what: '  × levels',
            value: `${(levelRate / 1e6).toFixed(0)} M`,
            goal: { text: '≥ 50 M', met: levelRate >= LEVEL_GOAL },
          },
        ]),
    {
      what: '  requests',
      value: `${(requestRate / 1e6).toFixed(0)} M`,
      goal: { text: '≥ 5 M', met: requestRate >= REQUEST_GOAL },
    },
  ];
}

export async function simulateBench(): Promise<void> {
  report('Simulation, fluid, in a second of one processor', fluidRows());
}
