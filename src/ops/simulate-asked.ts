// The options of a simulation as they are written → what they mean. Each that does not make sense is a
// USAGE fault with the rule, the value and what to write instead.

import { requestsPerMonth } from '../base/amount.ts';
import { parseDuration, writtenSeconds } from '../base/duration.ts';
import { Fault } from '../base/fault.ts';
import { MONTH_MS, MS_PER_SECOND } from '../base/units.ts';
import type { Scaling } from './simulate-order.ts';

/** Ten years. */
const MOST_DAYS = 3660;
const MOST_TIMES = 1e6;
const MOST_SEED = 2 ** 32 - 1;

export const DEFAULT_SEED = 1;

/** Throws USAGE. */
export function scalingOf(scale: string | undefined, mean: string | undefined): Scaling {
  if (scale !== undefined && mean !== undefined) {
    throw new Fault('USAGE', {
      problem: '--scale and --mean each say how much traffic there is.',
      fix: 'Use one of them.',
    });
  }
  if (scale !== undefined) return { factor: factorOf(scale) };
  return mean === undefined ? undefined : { meanRate: meanOf(mean) };
}

function factorOf(text: string): number {
  const [, before, after] = /^(?:[x×]\s*(\S+)|(\S+?)\s*[x×]?)$/i.exec(text.trim()) ?? [];
  const factor = numberOf(before ?? after ?? '');
  if (factor !== undefined && factor > 0 && factor <= MOST_TIMES) return factor;
  throw new Fault('USAGE', {
    problem: `--scale must be a number over 0, up to ${MOST_TIMES.toLocaleString('en')}, was: ${text}`,
    fix: 'Write how many times as much, as 10x or 0.1x.',
  });
}

function meanOf(text: string): number {
  const perMonth = requestsPerMonth(text, 's');
  if (typeof perMonth === 'number' && perMonth > 0) return (perMonth / MONTH_MS) * MS_PER_SECOND;
  const what = typeof perMonth === 'number' ? 'must be more than 0' : perMonth;
  throw new Fault('USAGE', {
    problem: `--mean ${what}, was: ${text}`,
    fix: 'Write it as 10, 50/s, 100000/day or 1.5M/month; a number alone is a second.',
  });
}

/** Throws USAGE. */
export function daysOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const days = numberOf(text.trim().replace(/\s*d(ays?)?$/i, ''));
  if (days !== undefined && days > 0 && days <= MOST_DAYS) return days;
  throw new Fault('USAGE', {
    problem: `--days must be a number over 0, up to ${MOST_DAYS}, was: ${text}`,
    fix: 'Write days, as 7 or 0.5.',
  });
}

/** Throws USAGE. */
export function seedOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_SEED;
  const seed = Number(text);
  if (/^\d+$/.test(text.trim()) && seed <= MOST_SEED) return seed;
  throw new Fault('USAGE', {
    problem: `--seed must be a whole number from 0 to ${MOST_SEED}, was: ${text}`,
    fix: 'The same seed gives the same chance again, as --seed 42.',
  });
}

export interface SecondsRule {
  readonly option: string;
  /** Seconds. */
  readonly min: number;
  readonly max: number;
  /** How it may be written. */
  readonly example: string;
}

/** A duration, in seconds. Throws USAGE. */
export function secondsOf(text: string | undefined, rule: SecondsRule): number | undefined {
  if (text === undefined) return undefined;
  const ms = text.trim() === '0' ? 0 : parseDuration(text);
  const seconds = ms === undefined ? Number.NaN : ms / MS_PER_SECOND;
  if (seconds >= rule.min && seconds <= rule.max) return seconds;
  throw new Fault('USAGE', {
    problem: `${rule.option} must be a duration from ${writtenSeconds(rule.min)} to ${writtenSeconds(rule.max)}, was: ${text}`,
    fix: `Write it as ${rule.example}.`,
  });
}

export interface NumberRule {
  readonly option: string;
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
  /** What it is, as a sentence. */
  readonly fix: string;
}

/** Throws USAGE. */
export function amountOf(text: string | undefined, rule: NumberRule): number | undefined {
  if (text === undefined) return undefined;
  const { option, min, max, whole, fix } = rule;
  const value = numberOf(text);
  const fits = value !== undefined && value >= min && value <= max;
  if (fits && (!whole || Number.isInteger(value))) return value;
  throw new Fault('USAGE', {
    problem: `${option} must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, was: ${text}`,
    fix,
  });
}

/** Undefined for what is no plain number. */
function numberOf(text: string): number | undefined {
  const plain = text.trim().replaceAll(/[,_](?=\d{3}(\D|$))/g, '');
  return /^(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?$/i.test(plain) ? Number(plain) : undefined;
}
