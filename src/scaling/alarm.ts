// An alarm as CloudWatch evaluates it: M out of the last N datapoints, what missing data counts as,
// and the reason in CloudWatch's words. [CW:alarm-evaluation], [CW:alarms-and-missing-data]
//
// Invariants
//   A1. With N datapoints that are there, only the latest N of them count.
//   A2. With fewer, `missing` decides, but no datapoint that is there is left out.
//   A3. The state changes only when it is evaluated; since when it lasts, and why, is of the change.

import { type Millis, MS_PER_MINUTE } from '../base/units.ts';
import type { AlarmRule, AlarmState, Comparison } from '../model/alarm.ts';

export interface AlarmPoint {
  /** Start of its period. */
  readonly at: Millis;
  /** Undefined when there is none. */
  readonly value: number | undefined;
}

export interface AlarmMemory {
  readonly state: AlarmState;
  readonly reason: string;
  readonly since: Millis;
}

/** Alarms of 10, 20 and 30 s are evaluated this often. [CW:alarm-evaluation] */
export const HIGH_RESOLUTION_MS: Millis = 10_000;

export function startAlarm(now: Millis): AlarmMemory {
  return { state: 'INSUFFICIENT_DATA', reason: 'Unchecked: Initial alarm creation', since: now };
}

/** How often it is evaluated, and the step by which its window slides. */
export function evaluationEveryMs({ periodMs }: AlarmRule): Millis {
  return periodMs < MS_PER_MINUTE ? HIGH_RESOLUTION_MS : MS_PER_MINUTE;
}

/**
 * ECS computes for how long alarms are watched after a deployment from what they are made of, and
 * does not say how: here as long as the slowest needs to see nothing but the new tasks.
 */
export function alarmBakeMs(alarms: readonly AlarmRule[]): Millis {
  const needed = alarms.map((rule) => rule.periodMs * rule.of + evaluationEveryMs(rule));
  return Math.max(0, ...needed);
}

/** `range` are the datapoints looked at, the latest first, those that are missing too. */
export function evaluateAlarm(
  rule: AlarmRule,
  range: readonly AlarmPoint[],
  before: AlarmMemory,
  now: Millis,
): AlarmMemory {
  const there = range.filter(isThere).slice(0, rule.of);
  const state = stateOf(rule, range, there) ?? before.state;
  if (state === before.state) return before;
  return { state, reason: reasonOf(rule, there, state), since: now };
}

interface Point {
  readonly at: Millis;
  readonly value: number;
}

function isThere(point: AlarmPoint): point is Point {
  return point.value !== undefined;
}

/** Undefined keeps the state it is in. */
function stateOf(
  rule: AlarmRule,
  range: readonly AlarmPoint[],
  there: readonly Point[],
): AlarmState | undefined {
  const breaching = there.filter(({ value }) => crosses(rule, value)).length;
  const filled = rule.of - there.length;
  if (breaching >= rule.datapoints) return 'ALARM';
  if (filled === 0 || rule.missing === 'notBreaching') return 'OK';
  if (rule.missing === 'breaching') {
    return breaching + filled >= rule.datapoints ? 'ALARM' : 'OK';
  }
  if (breaching < there.length) return 'OK';
  if (rule.missing === 'ignore') return undefined;
  if (there.length === 0) return 'INSUFFICIENT_DATA';
  // All that is there crosses, yet there is too little of it: not at once, but once it is as old as
  // the datapoints that are asked for.
  const oldest = range.findLastIndex(isThere) + 1;
  return oldest >= rule.datapoints ? 'ALARM' : undefined;
}

export function crosses({ comparison, threshold }: AlarmRule, value: number): boolean {
  switch (comparison) {
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
  }
}

const COMPARISON: Readonly<Record<Comparison, string>> = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

function reasonOf(rule: AlarmRule, there: readonly Point[], state: AlarmState): string {
  if (state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${plural(rule.of, 'datapoint')} ${were(rule.of)} unknown.`;
  }
  const filled = rule.of - there.length;
  const treated = rule.missing === 'breaching' ? 'Breaching' : 'NonBreaching';
  if (there.length === 0) {
    return `Threshold Crossed: no datapoints were received for ${plural(rule.of, 'period')} and ${missing(filled)} treated as [${treated}].`;
  }
  const alarm = state === 'ALARM';
  const named = there.filter(({ value }) => crosses(rule, value) === alarm);
  const list = named.map(({ at, value }) => `${sayNumber(value)} (${sayTime(at)})`).join(', ');
  const needed = alarm ? rule.datapoints : rule.of - rule.datapoints + 1;
  const way = alarm ? 'OK -> ALARM' : 'ALARM -> OK';
  const not = alarm ? '' : 'not ';
  const fill =
    filled > 0 && named.length < needed ? ` and ${missing(filled)} treated as [${treated}]` : '';
  return `Threshold Crossed: ${named.length} out of the last ${rule.of} datapoints [${list}] ${were(named.length)} ${not}${COMPARISON[rule.comparison]} the threshold (${sayNumber(rule.threshold)})${fill} (minimum ${plural(needed, 'datapoint')} for ${way} transition).`;
}

const were = (count: number): string => (count === 1 ? 'was' : 'were');
const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
const missing = (count: number): string => `${plural(count, 'missing datapoint')} ${were(count)}`;

/** CloudWatch writes 60 as 60.0. */
function sayNumber(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

const TIME = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  year: '2-digit',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** "21/11/26 13:40:00" */
function sayTime(at: Millis): string {
  return TIME.format(at).replace(', ', ' ');
}
