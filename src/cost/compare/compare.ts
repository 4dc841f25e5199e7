// From a set-up and a workload to the whole answer: three bills, break-even, what it all rests on.

import { MONTH_DAYS } from '../../base/units.ts';
import { peakOverMean } from '../estimate/load.ts';
import type { SetUp } from '../estimate/set-up.ts';
import type { Workload } from '../estimate/workload.ts';
import { type FreeTierMode, freeTierOf } from '../free-tier.ts';
import type { PriceItem } from '../prices/catalogue.ts';
import type { PriceBook } from '../prices/price-book.ts';
import { priceWarnings } from '../prices/warnings.ts';
import { unitsOf } from '../rating.ts';
import { NOT_MODELLED } from '../rules/not-modelled.ts';
import type { AssumptionLine, BreakEven, Comparison, Mix, MixCost } from './comparison.ts';
import { FIGURE_WORDS, figuresOf, type NamedFigure } from './figures-of.ts';
import { type MixEstimate, mixCost, type Priced, priceMix, tidy, totalOfMix } from './mix-cost.ts';

export interface Question {
  /** For people. */
  readonly app: string;
  readonly setUp: SetUp;
  readonly workload: Workload;
  readonly freeTier: FreeTierMode;
  /** What the rest of the account uses of what is free, by the name of the allowance. */
  readonly freeTierUsed?: Readonly<Record<string, number>> | undefined;
  readonly book: PriceBook;
  /** As 2026-11-21: prices are judged old by it. */
  readonly today: string;
}

/** `breakEven`: what was found; a text says why it does not apply. */
export function compare(question: Question, breakEven: BreakEven | string): Comparison {
  const { app, setUp, workload, freeTier, freeTierUsed, book, today } = question;
  const priced: Priced = { setUp, workload, book, allowances: freeTierOf(freeTier, freeTierUsed) };
  const lambda = part(priced, 'lambda');
  const fargate = part(priced, 'fargate');
  const hybrid = part(priced, 'hybrid');
  const found = [lambda, fargate, hybrid];
  const units = mostOf(found.map(({ made }) => unitsOf(made.bill.lines)));
  const perDay = workload.requestsPerMonth / MONTH_DAYS;
  return {
    schemaVersion: 1,
    app,
    region: setUp.region,
    pricesAsOf: book.asOf,
    freeTier,
    workload: {
      requestsPerDay: tidy(perDay),
      requestsPerMonth: tidy(workload.requestsPerMonth),
      shape: workload.shape.name,
      peakOverAverage: tidy(peakOverMean(workload.shape, workload.peak)),
      averageConcurrency: tidy(lambda.made.estimate.averageConcurrency),
    },
    computes: { lambda: lambda.cost, fargate: fargate.cost, hybrid: hybrid.cost },
    notApplicable: {
      ...reason('lambda', lambda),
      ...reason('fargate', fargate),
      ...reason('hybrid', hybrid),
      ...(typeof breakEven === 'string' && { breakEven }),
    },
    breakEven: typeof breakEven === 'string' ? null : tidyBreakEven(breakEven),
    assumptions: assumptionsOf(priced),
    warnings: [...priceWarnings(book, units.keys(), today, units)],
    notModelled: [...NOT_MODELLED],
  };
}

/** Of each item, the units of the bill that has most of it. */
function mostOf(bills: readonly ReadonlyMap<PriceItem, number>[]): ReadonlyMap<PriceItem, number> {
  const most = new Map<PriceItem, number>();
  for (const [item, units] of bills.flatMap((bill) => [...bill])) {
    most.set(item, Math.max(units, most.get(item) ?? 0));
  }
  return most;
}

function tidyBreakEven(breakEven: BreakEven): BreakEven {
  const { averageConcurrency } = breakEven;
  return {
    ...breakEven,
    averageConcurrency: averageConcurrency === null ? null : tidy(averageConcurrency),
  };
}

interface Part {
  readonly made: MixEstimate;
  readonly cost: MixCost | null;
}

function part(priced: Priced, mix: Mix): Part {
  const made = priceMix(priced, mix, 'expected');
  const applies = made.estimate.notApplicable === undefined;
  return { made, cost: applies ? mixCost(priced, mix, made) : null };
}

function reason(mix: Mix, { made }: Part): { readonly [mix in Mix]?: string } {
  const { notApplicable } = made.estimate;
  return notApplicable === undefined ? {} : { [mix]: notApplicable };
}

/** Those that make the largest difference first. */
function assumptionsOf(priced: Priced): AssumptionLine[] {
  return figuresOf(priced.setUp)
    .map((figure) => ({ figure, usd: differenceOf(priced, figure) }))
    .sort((a, b) => b.usd - a.usd)
    .map(({ figure: { name, service, figure } }) => {
      const { says, unit } = FIGURE_WORDS[name];
      const { low, expected, high, from } = figure;
      return {
        figure: says,
        service: service ?? null,
        low: tidy(Math.min(low, expected, high)),
        expected: tidy(expected),
        high: tidy(Math.max(low, expected, high)),
        unit,
        from,
      };
    });
}

/** Dollars between its two ends, on whichever compute it matters more. */
function differenceOf(priced: Priced, { figure, matters, replace }: NamedFigure): number {
  const { low, high } = figure;
  if (low === high) return 0;
  const billAt = (expected: number, mix: Mix): number =>
    Number(totalOfMix({ ...priced, setUp: replace({ ...figure, expected }) }, mix, 'expected'));
  return Math.max(
    ...(['lambda', 'fargate'] as const).map((mix) =>
      matters(mix) ? Math.abs(billAt(high, mix) - billAt(low, mix)) : 0,
    ),
  );
}
