// Further questions about an answer: what if, where else, and what is the cheapest that is fast enough.

import { closest } from '../base/closest.ts';
import { parseDuration } from '../base/duration.ts';
import { Fault } from '../base/fault.ts';
import { parseChanges } from '../cost/compare/change.ts';
import { type Cheapest, cheapest, type Way } from '../cost/compare/cheapest.ts';
import { type Pricing, pricingOf } from '../cost/compare/pricing.ts';
import {
  SWEEP_MEMORY,
  SWEEP_TASKS,
  type Sweep,
  type SweepOver,
  type SweepRow,
  sweep,
} from '../cost/compare/sweep.ts';
import { type Difference, type WhatIf, whatIf } from '../cost/compare/what-if.ts';
import { priceBook, pricedRegions } from '../cost/prices/price-book.ts';
import type { CostAnswer } from './cost.ts';

export type { Cheapest, Difference, Sweep, SweepRow, Way, WhatIf };

/** `texts` are as "memory=1024". Throws CHANGES_INVALID. */
export function whatIfOf(answer: CostAnswer, texts: readonly string[]): WhatIf {
  return whatIf(answer.question, parseChanges(texts), pricingIn(answer));
}

function pricingIn({ question, prices }: CostAnswer): Pricing {
  const { freeTier, freeTierUsed } = question;
  return pricingOf(freeTier, freeTierUsed, (region) => priceBook(region, prices));
}

const SWEEPS = ['region', 'entry', 'architecture', 'memory', 'task'] as const;
type SweepKey = (typeof SWEEPS)[number];

const USUAL: readonly SweepKey[] = ['region', 'entry', 'architecture'];

/** `text` is as "region,memory"; undefined: regions, entries and architectures. Throws USAGE. */
export function sweepOf(answer: CostAnswer, text: string | undefined): Sweep {
  const { question, prices } = answer;
  const over = text === undefined ? USUAL : sweepKeys(text);
  const { setUp } = question;
  const architectures = [
    ...new Set(
      setUp.services.flatMap(({ lambda, fargate }) =>
        [lambda?.architecture, fargate?.architecture].filter((one) => one !== undefined),
      ),
    ),
  ];
  const varied: SweepOver = {
    regions: over.includes('region') ? pricedRegions(prices) : [setUp.region],
    ...(!over.includes('entry') && { entries: [setUp.entry] }),
    ...(!over.includes('architecture') && { architectures }),
    ...(over.includes('memory') && { memoryMiB: SWEEP_MEMORY }),
    ...(over.includes('task') && { tasks: SWEEP_TASKS }),
  };
  return sweep(question, varied, pricingIn(answer));
}

function sweepKeys(text: string): readonly SweepKey[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)
    .map((word) => {
      const known = SWEEPS.find((key) => key === word || `${key}s` === word);
      if (known !== undefined) return known;
      const near = closest(word, SWEEPS);
      throw new Fault('USAGE', {
        problem: `--sweep goes over ${SWEEPS.join(', ')}, was: ${word}`,
        fix:
          near === undefined
            ? `Use some of them, as ${USUAL.join(',')}.`
            : `Did you mean "${near}"?`,
      });
    });
}

/** `latency` is as "200ms"; `percentile` of the requests, from 50 to 99.99. Throws USAGE. */
export function cheapestOf(
  answer: CostAnswer,
  latency: string | undefined,
  percentile: string | undefined,
): Cheapest {
  if (latency === undefined) {
    throw new Fault('USAGE', {
      problem: '--cheapest needs to know how fast is fast enough.',
      fix: 'Say it with --latency, such as --latency 200ms.',
    });
  }
  const targetMs = parseDuration(latency);
  if (targetMs === undefined || !(targetMs > 0)) {
    throw new Fault('USAGE', {
      problem: `--latency must be a duration, was: ${latency}`,
      fix: 'Write it as 200ms or 1.5s.',
    });
  }
  return cheapest(answer.question, { targetMs, percentile: partOf(percentile) }, pricingIn(answer));
}

function partOf(percentile: string | undefined): number | undefined {
  if (percentile === undefined) return undefined;
  const value = Number(/^p?(\d{2}(?:\.\d+)?)$/i.exec(percentile.trim())?.[1]);
  if (value >= 50 && value <= 99.99) return value / 100;
  throw new Fault('USAGE', {
    problem: `--percentile must be from 50 to 99.99, was: ${percentile}`,
    fix: 'Use 99 for all but one of a hundred requests.',
  });
}
