// What an app would cost on Lambda, on Fargate and on both, from its fulcrum.yml and its traffic. The
// program need not be there: only what is declared, measured and said is looked at.

import { resolve } from 'node:path';
import { MONTH_DAYS } from '../base/units.ts';
import { applyChanges } from '../cost/compare/apply-change.ts';
import { parseChanges } from '../cost/compare/change.ts';
import type { Question } from '../cost/compare/compare.ts';
import type { AssumptionLine, Comparison, Mix, MixCost } from '../cost/compare/comparison.ts';
import { answer } from '../cost/compare/what-if.ts';
import { setUpOf } from '../cost/estimate/set-up-of.ts';
import type { FreeTierMode } from '../cost/free-tier.ts';
import { withShares } from '../cost/measured.ts';
import { priceBook } from '../cost/prices/price-book.ts';
import type { PriceData } from '../cost/prices/price-data.ts';
import { costApp } from './cost-app.ts';
import { measuredOf, NOTHING_MEASURED, withFacts } from './cost-figures.ts';
import { type TrafficAsked, trafficOf, type Watch } from './cost-traffic.ts';
import type { AppChoice } from './find-app.ts';
import type { Machine } from './machine.ts';
import { readMeasuredTraffic } from './measured-traffic.ts';
import { pricesInUse } from './price-file.ts';

export type { AssumptionLine, Comparison, Mix, MixCost };

export interface CostReport {
  readonly comparison: Comparison;
  /** Where the app, the traffic and measured figures are from, as clauses. */
  readonly basis: readonly string[];
}

export interface CostOptions extends AppChoice {
  readonly traffic: TrafficAsked;
  readonly region: string | undefined;
  readonly freeTier: FreeTierMode | undefined;
  /** Settings of the command that stand in for those of the file, as "memory=512". */
  readonly settings: readonly string[];
  /** What "fulcrum measure" has found is used. */
  readonly measured: boolean;
}

export interface CostAnswer extends CostReport {
  readonly question: Question;
  readonly prices: PriceData;
}

/**
 * Throws CONFIG_NOT_FOUND where --config names no file, CONFIG_INVALID, STAGE_UNKNOWN,
 * COST_NOTHING_TO_PRICE, COST_TRAFFIC_MISSING, PRICES_REGION_UNKNOWN, CHANGES_INVALID, USAGE,
 * MEASURED_FILE_DAMAGED, and what reading traffic throws.
 */
export async function costOf(
  machine: Machine,
  options: CostOptions,
  watch: Watch,
): Promise<CostAnswer> {
  const changes = parseChanges(options.settings);
  const { data: prices } = pricesInUse(machine, options);
  const { app, file, folder, basis } = costApp(machine, options, prices);
  const place = {
    file,
    said: app.cost.traffic,
    pathOf: (name: string) => resolve(folder, name),
    fromHere: (name: string) => resolve(options.cwd, name),
    seen: () => readMeasuredTraffic(machine, options),
  };
  const traffic = await trafficOf(machine, options.traffic, place, watch);
  watch.onRead();
  const reads = options.measured && file !== undefined;
  const figures = reads ? await measuredOf(machine, options) : NOTHING_MEASURED;
  const source = options.traffic.trace ?? options.traffic.accessLog ?? 'seen by the engine';
  const measured = { ...traffic.figures, ...figures.profiles };
  const profiles = withFacts(app, measured, traffic.facts, source);
  const asDeclared: Question = {
    app: app.name,
    setUp: withShares(setUpOf(app, profiles), traffic.profiles),
    workload: traffic.workload,
    freeTier: options.freeTier ?? app.cost.freeTier,
    book: priceBook(app.region, prices),
    today: new Date(machine.clock.wall()).toISOString().slice(0, 10),
  };
  const { subject: question, follows } = applyChanges(asDeclared, changes);
  const comparison = answer(question);
  const warnings = [...traffic.warnings, ...figures.warnings, ...comparison.warnings];
  return {
    question,
    prices,
    comparison: { ...comparison, warnings },
    basis: [basis, ...traffic.basis, ...figures.basis, ...follows],
  };
}
