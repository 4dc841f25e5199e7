// What `aws cloudwatch get-metric-statistics` and `get-metric-data` print. [CloudWatch API]

import { CsvTime } from './csv-time.ts';
import type { LinesEnd } from './line-format.ts';
import { Points, seriesOf } from './series.ts';

/** Why it cannot be read. */
export class CloudWatchProblem extends Error {}

interface Datapoint {
  readonly time: unknown;
  readonly count: unknown;
}

/** Throws CloudWatchProblem. */
export function cloudWatchJson(
  text: string,
  gapsAreZero: boolean,
): LinesEnd & { readonly datapoints: number } {
  const { found, notes } = datapointsOf(parse(text));
  const points = new Points();
  const time = new CsvTime();
  for (const [index, datapoint] of found.entries()) {
    const where = `datapoint ${index + 1}`;
    const at = String(datapoint.time);
    const bytes = Uint8Array.from(at, (letter) => letter.charCodeAt(0));
    if (!time.read(bytes, 0, bytes.length))
      throw new CloudWatchProblem(`"${at}" of ${where} is no time`);
    const { count } = datapoint;
    if (typeof count !== 'number' || !(count >= 0)) {
      throw new CloudWatchProblem(
        `the count ${JSON.stringify(count)} of ${where} is no number from 0 on`,
      );
    }
    points.push(time.seconds * 1000 + Math.round(time.micros / 1000), count, index + 1);
  }
  return { ...seriesOf(points.sorted(), { gapsAreZero, notes }), datapoints: found.length };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const at = /position (\d+)/.exec(reason)?.[1];
    const line = at === undefined ? '' : `line ${text.slice(0, Number(at)).split('\n').length}: `;
    throw new CloudWatchProblem(`${line}it is no whole JSON (${reason})`);
  }
}

function datapointsOf(json: unknown): { found: readonly Datapoint[]; notes: readonly string[] } {
  const answer = fieldsOf(json);
  if (Array.isArray(answer['Datapoints'])) {
    return { found: answer['Datapoints'].map(statisticOf), notes: [] };
  }
  const results = answer['MetricDataResults'];
  if (!Array.isArray(results)) {
    throw new CloudWatchProblem('it has neither "Datapoints" nor "MetricDataResults"');
  }
  if (results.length !== 1) {
    const ids = results.map((result) => String(fieldsOf(result)['Id'])).join(', ');
    throw new CloudWatchProblem(
      results.length === 0
        ? 'its "MetricDataResults" are empty'
        : `it has ${results.length} metrics (${ids}): ask for the one with the requests alone`,
    );
  }
  const { Timestamps: times, Values: values, StatusCode: status } = fieldsOf(results[0]);
  if (!Array.isArray(times) || !Array.isArray(values) || times.length !== values.length) {
    throw new CloudWatchProblem('its "Timestamps" and "Values" are not two lists of one length');
  }
  const isPart = status === 'PartialData' || answer['NextToken'] !== undefined;
  return {
    found: times.map((time, index) => ({ time: time as unknown, count: values[index] as unknown })),
    notes: isPart ? ['CloudWatch says that there is more: this is a part of the metric.'] : [],
  };
}

/** The sum; for what has only a number of samples, that. */
function statisticOf(datapoint: unknown, index: number): Datapoint {
  const { Timestamp: time, Sum: sum, SampleCount: samples } = fieldsOf(datapoint);
  if (sum === undefined && samples === undefined) {
    throw new CloudWatchProblem(
      `datapoint ${index + 1} has neither "Sum" nor "SampleCount": ask for --statistics Sum`,
    );
  }
  return { time, count: sum ?? samples };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
