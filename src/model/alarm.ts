// Alarms of CloudWatch as `fulcrum.yml` declares them, and as an autoscaling policy makes them.

import type { Millis } from '../base/units.ts';
import type { MetricId } from './metric.ts';

export type Statistic = 'Average' | 'Sum' | 'Minimum' | 'Maximum' | 'SampleCount';

/** [BOTO cloudwatch ComparisonOperator] */
export type Comparison =
  | 'GreaterThanThreshold'
  | 'GreaterThanOrEqualToThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

/** What a period without data counts as. [CW:alarms-and-missing-data] */
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

/** "M out of N". */
export interface DatapointsOf {
  readonly datapoints: number;
  readonly of: number;
}

/** When an alarm is in ALARM: `datapoints` of the last `of` periods cross the threshold. */
export interface AlarmRule extends DatapointsOf {
  readonly statistic: Statistic;
  readonly comparison: Comparison;
  readonly threshold: number;
  /** 10, 20 or 30 s, or whole minutes. */
  readonly periodMs: Millis;
  readonly missing: MissingData;
}

export interface AlarmSettings extends AlarmRule {
  readonly name: string;
  readonly metric: MetricId;
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
