// The clairvoyant optimum of a trace: what it costs at least and what it need not cost more than, and
// the two fleets that everybody is measured by. One pass; memory for levels and not for time.
// docs/design/optimum.md says why it is right.

import type { Foresight, PlacementTerms } from '../../scaling/placement.ts';
import type { Demand } from '../demand.ts';
import { type FixedFleet, type TraceSums, traceSums } from './fixed-fleet.ts';
import type { DemandSum } from './levels.ts';
import { lowerSum } from './lower-bound.ts';
import { upperSum } from './upper-bound.ts';

export interface Optimum extends TraceSums {
  /** No placement costs less, USD. */
  readonly lowerUsd: number;
  /** A placement that keeps the minimum charge costs this, USD. */
  readonly upperUsd: number;
}

/** All figures of a trace that is read chunk by chunk, beside a simulation for example. */
export function optimumSum(terms: PlacementTerms, stepSeconds: number): DemandSum<Optimum> {
  const lower = lowerSum(terms, stepSeconds);
  const upper = upperSum(terms, stepSeconds);
  const sums = traceSums(terms, stepSeconds);
  return {
    take: (chunk) => {
      lower.take(chunk);
      upper.take(chunk);
      sums.take(chunk);
    },
    result: () => {
      const lowerUsd = lower.result();
      // They are equal where no run can be too short, but for the order in which they are summed.
      return { ...sums.result(), lowerUsd, upperUsd: Math.max(lowerUsd, upper.result()) };
    },
  };
}

export function optimumOf(demand: Demand, terms: PlacementTerms): Optimum {
  return readAll(demand, optimumSum(terms, demand.stepSeconds));
}

/** USD that every placement costs at least. */
export function lowerBound(demand: Demand, terms: PlacementTerms): number {
  return readAll(demand, lowerSum(terms, demand.stepSeconds));
}

/** USD of a schedule that keeps the minimum charge. */
export function upperBound(demand: Demand, terms: PlacementTerms): number {
  return readAll(demand, upperSum(terms, demand.stepSeconds));
}

/** The cheapest fleet that never changes, its starts included. */
export function bestStatic(demand: Demand, terms: PlacementTerms): FixedFleet {
  return readAll(demand, traceSums(terms, demand.stepSeconds)).bestStatic;
}

/** What the policies are told that need foresight. */
export function foresightOf(demand: Demand, terms: PlacementTerms): Foresight {
  const { peakRate, bestStatic } = readAll(demand, traceSums(terms, demand.stepSeconds));
  return { peakRate, bestStatic: bestStatic.tasks };
}

function readAll<figure>(demand: Demand, sum: DemandSum<figure>): figure {
  for (const chunk of demand.chunks()) sum.take(chunk);
  return sum.result();
}
