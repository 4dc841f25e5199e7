// What an app would cost on Lambda, on Fargate and on both, from its fulcrum.yml and its traffic.

import type { AssumptionLine, Comparison, Mix, MixCost } from '../cost/compare/comparison.ts';

export type { AssumptionLine, Comparison, Mix, MixCost };

export interface CostReport {
  readonly comparison: Comparison;
  /** Where the app, the traffic and measured figures are from, as clauses. */
  readonly basis: readonly string[];
}
