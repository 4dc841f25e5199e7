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
  /** Says what time it is; what is added afterwards belongs to that minute. */
  tick(wall: Millis): void;
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

/** The minute in which values are counted, shared by all series of a store. */
interface Now {
  minute: Millis;
}

class Series implements MetricHandle {
  readonly id: MetricId;
  readonly #now: Now;
  readonly #minutes: Minute[] = [];
  #last: Minute | undefined;

  constructor(id: MetricId, now: Now) {
    this.id = id;
    this.#now = now;
  }

  add(value: number): void {
    const last = this.#last;
    const minute = last?.at === this.#now.minute ? last : this.#begin();
    minute.sampleCount += 1;
    minute.sum += value;
    if (value < minute.minimum) minute.minimum = value;
    if (value > minute.maximum) minute.maximum = value;
  }

  datapoints(): readonly Datapoint[] {
    return this.#minutes.map((minute) => ({ ...minute }));
  }

  #begin(): Minute {
    const next: Minute = {
      at: this.#now.minute,
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

export function metricStore(wall: Millis): MetricStore {
  const all = new Map<string, Series>();
  const now: Now = { minute: minuteOf(wall) };
  return {
    // A clock that was set back goes on counting in the minute it had reached.
    tick(next) {
      now.minute = Math.max(now.minute, minuteOf(next));
    },
    handle(namespace, name, dimensions) {
      const key = JSON.stringify([namespace, name, dimensions]);
      let series = all.get(key);
      if (series === undefined) {
        series = new Series({ namespace, name, dimensions }, now);
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

function minuteOf(wall: Millis): Millis {
  return Math.floor(wall / MS_PER_MINUTE) * MS_PER_MINUTE;
}
