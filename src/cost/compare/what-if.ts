// What an app would cost if something were different: the answer before, after, and the difference
// line by line.

import { applyChanges } from './apply-change.ts';
import { breakEvenOf } from './break-even.ts';
import type { Change } from './change.ts';
import { compare, type Question } from './compare.ts';
import type { Comparison, CostLine, Mix, MixCost } from './comparison.ts';
import { type Pricing, pricingOf } from './pricing.ts';

export interface WhatIf {
  /** As they were written. */
  readonly changes: readonly string[];
  /** What follows from them, and what was assumed, in sentences. */
  readonly follows: readonly string[];
  readonly before: Comparison;
  readonly after: Comparison;
  /** Null where the app cannot run that way before or after. */
  readonly differences: Readonly<Record<Mix, Difference | null>>;
}

export interface Difference {
  /** After less before. */
  readonly monthlyUsd: number;
  /** Lines that differ, the largest difference first. */
  readonly lines: readonly LineDifference[];
}

export interface LineDifference {
  readonly item: string;
  readonly part: string;
  readonly service: string | null;
  /** 0: there is no such line. Null: no price is known. */
  readonly beforeUsd: number | null;
  readonly afterUsd: number | null;
  readonly differenceUsd: number | null;
}

/** `pricing` of the question unless another is given, e.g. one whose books are read already. */
export function whatIf(
  question: Question,
  changes: readonly Change[],
  pricing: Pricing = pricingOf(question.freeTier, question.freeTierUsed),
): WhatIf {
  const { subject, follows } = applyChanges(question, changes);
  const after: Question =
    subject.setUp.region === question.setUp.region
      ? subject
      : { ...subject, book: pricing.bookOf(subject.setUp.region) };
  const [was, is] = [answer(question), answer(after)];
  return {
    changes: changes.map(({ text }) => text),
    follows,
    before: was,
    after: is,
    differences: {
      lambda: differenceOf(was.computes.lambda, is.computes.lambda),
      fargate: differenceOf(was.computes.fargate, is.computes.fargate),
      hybrid: differenceOf(was.computes.hybrid, is.computes.hybrid),
    },
  };
}

/** The whole comparison, with its break-even. */
export function answer(question: Question): Comparison {
  const { setUp, workload, freeTier, freeTierUsed, book } = question;
  const pricing = pricingOf(freeTier, freeTierUsed, () => book);
  const { breakEven, notApplicable } = breakEvenOf(setUp, workload, pricing);
  return compare(question, breakEven ?? notApplicable);
}

function differenceOf(before: MixCost | null, after: MixCost | null): Difference | null {
  if (before === null || after === null) return null;
  const keys = new Map<string, CostLine>();
  for (const line of [...before.lines, ...after.lines]) keys.set(keyOf(line), line);
  const lines = [...keys.values()].flatMap((line): LineDifference[] => {
    const [beforeUsd, afterUsd] = [sumOf(before, line), sumOf(after, line)];
    if (beforeUsd === afterUsd) return [];
    const { item, part, service } = line;
    const differenceUsd =
      beforeUsd === null || afterUsd === null ? null : exactly(afterUsd - beforeUsd);
    return [{ item, part, service, beforeUsd, afterUsd, differenceUsd }];
  });
  const size = ({ differenceUsd }: LineDifference) => Math.abs(differenceUsd ?? Infinity);
  return {
    monthlyUsd: exactly(after.monthlyUsd - before.monthlyUsd),
    lines: lines.sort((a, b) => size(b) - size(a)),
  };
}

/** Lines of one item for one service are one here: Spot and on-demand, say. */
function keyOf({ item, part, service }: CostLine): string {
  return `${item} ${part} ${service}`;
}

function sumOf({ lines }: MixCost, like: CostLine): number | null {
  const alike = lines.filter((line) => keyOf(line) === keyOf(like));
  if (alike.some(({ usd }) => usd === null)) return null;
  return exactly(alike.reduce((sum, { usd }) => sum + (usd ?? 0), 0));
}

/** To the pico-dollar, without the noise of doubles. */
function exactly(usd: number): number {
  return Math.round(usd * 1e12) / 1e12;
}
