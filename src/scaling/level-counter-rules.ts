// The counters that the policy chooses among, and the figures of the choice.
//
// Each figure has a meaning, and thresholds are steps of three to twelve apart. Lead, memory, sway and
// the number of counters were moved by a factor of two and more: the mean cost moved by less than half
// a percent (docs/decisions/024-placement.md).

export interface CounterRule {
  readonly name: string;
  readonly kind: CounterKind;
  /** A level starts when it has saved so many thresholds. */
  readonly start: number;
  /** A level stops when it has lost so many thresholds. */
  readonly stop: number;
  /** A start is taken back after so many thresholds lost, while nobody bills it. */
  readonly cancel: number;
  /** What sways its thresholds. */
  readonly by: Sway;
}

/**
 * A counter that begins anew at zero and at each start and stop; the sum of all savings and losses of
 * the last six hours; or no task at all.
 */
export type CounterKind = 'counter' | 'sum' | 'never';

/** Nothing, what the level saved in the last hour, or a forecast. */
export type Sway = 'nothing' | 'hour' | 'forecast';

/** Memory of the shares that sway thresholds, and of the sums of savings, seconds. */
export const MEAN_SECONDS = { share: 3600, sum: 21_600 } as const;

/** Thresholds are divided or multiplied by up to e to this power. */
export const SWAY = 2;

/**
 * A level that saved less than so many thresholds of late has shown little of what it loses: half of
 * its share counts at so many. As many as the patient counter waits for.
 */
export const EVIDENCE = 3;

/** Means, scores and the choice are brought up to date this often, seconds. */
export const JUDGE_SECONDS = 30;

/** Memory of the scores of the counters, seconds. */
export const SCORE_SECONDS = 21_600;

/** A counter must be ahead by so many seconds of the price of a task, for each root of a task. */
export const LEAD_SECONDS = 30;

/** And by this part of what the leader cost: quiet hours say little of what a surge would cost. */
export const LEAD_SHARE = 0.01;

/** Memory of the size of the fleet that the demand would fill, seconds. */
export const SIZE_SECONDS = 1000;

/** The policy may cost this part more than Lambda alone, and so many seconds of the mean fleet. */
export const GUARD = { share: 0.25, seconds: 3600 } as const;

/** No fleet is larger. ECS lets a service have 5,000 tasks. */
export const MOST_LEVELS = 100_000;

const rule = (name: string, rest: Partial<CounterRule>): CounterRule => ({
  name,
  kind: 'counter',
  start: 1,
  stop: 1,
  cancel: Number.POSITIVE_INFINITY,
  by: 'nothing',
  ...rest,
});

const quick = { start: 1 / 12, stop: 1 / 4, cancel: 1 / 30 };
const patient = { start: 3, stop: 3 };

/** The first one leads until another has shown that it is cheaper. */
export const RULES: readonly CounterRule[] = [
  rule('even', {}),
  rule('quick', quick),
  rule('patient', patient),
  rule('even by the hour', { by: 'hour' }),
  rule('quick by the hour', { ...quick, by: 'hour' }),
  rule('patient by the hour', { ...patient, by: 'hour' }),
  rule('fixed', { kind: 'sum' }),
];

/** Lambda alone: the measure of what all of them must not cost much more than. */
export const NEVER: CounterRule = rule('never', { kind: 'never' });

export const FORECAST_RULE: CounterRule = rule('by forecast', { by: 'forecast' });
