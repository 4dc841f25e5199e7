// The cheapest fleet that never changes, with Lambda for what it cannot carry. It is known only
// afterwards: no policy has to be worse than this, and few people choose it so well.

import type { PlacementPolicy } from '../placement.ts';
import { foreseen } from './foreseen.ts';
import { tasksWithin } from './tasks-within.ts';

export interface StaticBestMemory {
  readonly tasks: number;
}

export const staticBest: PlacementPolicy<StaticBestMemory> = {
  name: 'static-best',
  says: 'the cheapest fleet that never changes, and Lambda for the rest',
  source: 'Best fixed decision in hindsight, Lin et al., https://doi.org/10.1109/TNET.2012.2226216',
  overflow: true,
  needsForesight: true,
  start: (_now, _terms, _rng, foresight) => ({
    tasks: foreseen('static-best', foresight).bestStatic,
  }),
  decide: ({ tasks }, _seen, terms) => tasksWithin(terms, tasks),
  why: ({ tasks }) => ({
    text: `${tasks} tasks are the cheapest that never change`,
    figures: { tasks },
  }),
};
