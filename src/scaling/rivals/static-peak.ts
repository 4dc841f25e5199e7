// As many tasks as the busiest second needs, all the time; Lambda is not used. What is bought where
// nobody dares to scale.

import type { PlacementPolicy } from '../placement.ts';
import { foreseen } from './foreseen.ts';
import { tasksFor, tasksWithin } from './tasks-within.ts';

export interface StaticPeakMemory {
  /** Requests in the busiest second. */
  readonly peakRate: number;
}

export const staticPeak: PlacementPolicy<StaticPeakMemory> = {
  name: 'static-peak',
  says: 'tasks for the busiest second, all the time',
  source:
    'Provisioning for the peak, the dearest fleet that Spock compares with, https://doi.org/10.1109/CLOUD.2019.00043',
  overflow: false,
  needsForesight: true,
  start: (_now, _terms, _rng, foresight) => ({
    peakRate: foreseen('static-peak', foresight).peakRate,
  }),
  decide: ({ peakRate }, _seen, terms) => tasksWithin(terms, tasksFor(peakRate, terms.taskRate)),
  why: ({ peakRate }, terms) => {
    const tasks = tasksWithin(terms, tasksFor(peakRate, terms.taskRate));
    return {
      text: `${tasks} tasks carry the busiest second, ${peakRate.toFixed(1)} requests`,
      figures: { peakRate, taskRate: terms.taskRate, tasks },
    };
  },
};
