// Metrics as CloudWatch would have them: one set of statistics per metric and minute, for the last
// three hours (CloudWatch keeps one-minute data for 15 days).

import { type Millis, MS_PER_MINUTE } from '../../base/units.ts';
import type { Datapoint, Dimensions, MetricId, MetricName, Namespace } from '../../model/metric.ts';

const KEPT_MINUTES = 180;

/** A metric that is added to often: looked up once, then counted without a search. */
export interface MetricHandle {
  add(value: number): void;
}

export interface MetricSeries extends MetricId {
  readonly datapoints: readonly Datapoint[];
}

export interface MetricStore {
  handle<namespace extends Namespace>(
    namespace: namespace,
    name: MetricName<namespace>,
    dimensions: Dimensions,
  ): MetricHandle;
  series(): readonly MetricSeries[];
}

interface Minute {
  at: Millis;
  sampleCount: number;
  sum: number;
  minimum: number;
  maximum: number;
}

class Series implements MetricHandle {
  readonly id: MetricId;
  readonly #wall: () => Millis;
  readonly #minutes: Minute[] = [];
  #last: Minute | undefined;

  constructor(id: MetricId, wall: () => Millis) {
    this.id = id;
    this.#wall = wall;
  }

  add(value: number): void {
    const minute = this.#minute();
    minute.sampleCount += 1;
    minute.sum += value;
    if (value < minute.minimum) minute.minimum = value;
    if (value > minute.maximum) minute.maximum = value;
  }

  datapoints(): readonly Datapoint[] {
    return this.#minutes.map((minute) => ({ ...minute }));
  }

  #minute(): Minute {
    const now = this.#wall();
    const last = this.#last;
    // A clock that was set back goes on counting in the minute it had reached.
    if (last !== undefined && now < last.at + MS_PER_MINUTE) return last;
    const at = Math.floor(now / MS_PER_MINUTE) * MS_PER_MINUTE;
    const next: Minute = {
      at,
      sampleCount: 0,
      sum: 0,
      minimum: Number.POSITIVE_INFINITY,
      maximum: Number.NEGATIVE_INFINITY,
    };
    this.#minutes.push(next);
    if (this.#minutes.length > KEPT_MINUTES) this.#minutes.shift();
    this.#last = next;
    return next;
  }
}

export function metricStore(wall: () => Millis): MetricStore {
  const all = new Map<string, Series>();
  return {
    handle(namespace, name, dimensions) {
      const key = JSON.stringify([namespace, name, dimensions]);
      let series = all.get(key);
      if (series === undefined) {
        series = new Series({ namespace, name, dimensions }, wall);
        all.set(key, series);
      }
      return series;
    },
    series: () =>
      [...all.values()]
        .map((series) => ({ ...series.id, datapoints: series.datapoints() }))
        .filter(({ datapoints }) => datapoints.length > 0),
  };
}
