// The bill of one mix, with its range and what it hangs on.

import { billOf, type Estimate, estimate, estimatedQuantities } from '../estimate/estimate.ts';
import type { End } from '../estimate/figures.ts';
import type { SetUp } from '../estimate/set-up.ts';
import type { Workload } from '../estimate/workload.ts';
import type { Allowance } from '../free-tier.ts';
import type { Pico } from '../money.ts';
import type { PriceBook } from '../prices/price-book.ts';
import { type Bill, type BillLine, totalOf } from '../rating.ts';
import type { CostLine, Mix, MixCost } from './comparison.ts';
import { FIGURE_WORDS, figuresOf } from './figures-of.ts';

export interface Priced {
  readonly setUp: SetUp;
  readonly workload: Workload;
  readonly book: PriceBook;
  readonly allowances: readonly Allowance[];
}

/** Dollars as the nearest number to the exact decimal, so that it prints without noise. */
export function usdNumber(pico: Pico): number {
  const sign = pico < 0n ? '-' : '';
  const digits = String(pico < 0n ? -pico : pico).padStart(13, '0');
  return Number(`${sign}${digits.slice(0, -12)}.${digits.slice(-12)}`);
}

/** Without the last digits of a double, which are noise. */
export function tidy(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(12)) : value;
}

export interface MixEstimate {
  readonly estimate: Estimate;
  readonly bill: Bill;
}

export function priceMix(priced: Priced, mix: Mix, at: End): MixEstimate {
  const { setUp, workload, book, allowances } = priced;
  const made = estimate(setUp, workload, mix, at, { book, allowances });
  return { estimate: made, bill: billOf(made, book, allowances) };
}

/** The total of `priceMix`, without its lines and words. */
export function totalOfMix(priced: Priced, mix: Mix, at: End): Pico {
  const { setUp, workload, book, allowances } = priced;
  const quantities = estimatedQuantities(setUp, workload, mix, at, { book, allowances });
  return totalOf(quantities, book, allowances);
}

export function mixCost(priced: Priced, mix: Mix, expected: MixEstimate): MixCost {
  const { estimate: made, bill } = expected;
  const monthlyUsd = usdNumber(bill.total.all);
  const { requestsPerMonth } = priced.workload;
  // A figure may cost more at an end that costs less elsewhere, so neither end is beyond the middle.
  const low = usdNumber(totalOfMix(priced, mix, 'low'));
  const high = usdNumber(totalOfMix(priced, mix, 'high'));
  return {
    monthlyUsd,
    perMillionRequestsUsd:
      requestsPerMonth > 0 ? tidy((monthlyUsd / requestsPerMonth) * 1e6) : null,
    range: { lowUsd: Math.min(low, monthlyUsd), highUsd: Math.max(high, monthlyUsd) },
    lines: bill.lines.map(costLine),
    unknown: [...bill.unknown],
    dominatedBy: dominatedBy(bill),
    mostSensitiveTo: mostSensitive(priced, mix, bill.total.all),
    tasks: { mean: tidy(made.tasks.mean), peak: tidy(made.tasks.peak) },
    lambdaShare: tidy(Math.min(1, Math.max(0, made.lambdaShare))),
    why: [...made.why],
  };
}

function costLine(line: BillLine): CostLine {
  const { item, part, service, compute, quantity, free, unit, pico } = line;
  return {
    item,
    part,
    service: service ?? null,
    compute: compute ?? null,
    quantity: tidy(quantity),
    free: tidy(free),
    unit,
    usd: pico === undefined ? null : usdNumber(pico),
    source: line.source ?? null,
    date: line.date ?? null,
    confidence: line.confidence ?? null,
    note: line.note ?? null,
  };
}

/** The item that costs most, of all services together. */
function dominatedBy({ lines, total }: Bill): MixCost['dominatedBy'] {
  if (total.all <= 0n) return null;
  const sums = new Map<string, Pico>();
  for (const { item, pico = 0n } of lines) sums.set(item, (sums.get(item) ?? 0n) + pico);
  const [largest] = [...sums].sort(([, a], [, b]) => (a < b ? 1 : a > b ? -1 : 0));
  if (largest === undefined) return null;
  const [item, pico] = largest;
  return { item, share: tidy(Number(pico) / Number(total.all)) };
}

/** Figures are moved so far either way: tasks are whole, so a percent often shows nothing. */
const MOVED = 0.1;

/** Below it, a figure makes no difference worth a word. */
const LEAST_ELASTICITY = 0.001;

function mostSensitive(priced: Priced, mix: Mix, total: Pico): MixCost['mostSensitiveTo'] {
  if (total <= 0n) return null;
  let most: MixCost['mostSensitiveTo'] = null;
  const several = priced.setUp.services.length > 1;
  for (const { name, service, figure, matters, replace } of figuresOf(priced.setUp)) {
    if (figure.expected === 0 || !matters(mix)) continue;
    const [less = 0n, more = 0n] = [1 - MOVED, 1 + MOVED].map((times) => {
      const moved = { ...figure, expected: figure.expected * times };
      return totalOfMix({ ...priced, setUp: replace(moved) }, mix, 'expected');
    });
    const elasticity = tidy(Number(more - less) / Number(total) / (2 * MOVED));
    const size = Math.abs(elasticity);
    if (size < LEAST_ELASTICITY || size <= Math.abs(most?.elasticity ?? 0)) continue;
    const { says } = FIGURE_WORDS[name];
    most = {
      figure: several && service !== undefined ? `${says} of ${service}` : says,
      elasticity,
    };
  }
  return most;
}
