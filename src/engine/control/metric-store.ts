// Metrics as CloudWatch would have them: one set of statistics per metric and minute, and for those
// of high resolution one for every 10 s too. They are kept for three hours, or for as long as an
// alarm looks back (CloudWatch keeps one-minute data for 15 days, and finer data for three hours).

import { type Millis, MS_PER_MINUTE } from '../../base/units.ts';
import type { Statistic } from '../../model/alarm.ts';
import type {
  Datapoint,
  Dimensions,
  MetricId,
  MetricName,
  Namespace,
  Statistics,
} from '../../model/metric.ts';

const KEPT_MINUTES = 180;

/** The finest period an alarm has. */
const FINE_MS: Millis = 10_000;
const KEPT_FINE = 3 * 360;

/** A metric that is added to often: looked up once, then counted without a search. */
export interface MetricHandle {
  add(value: number): void;
  /** For what is known only after its time: a mean of the last 20 s. */
  addAt(value: number, at: Millis): void;
}

export interface MetricSeries extends MetricId {
  readonly datapoints: readonly Datapoint[];
}

/** Periods that end at `end`, one after the other into the past. */
export interface MetricWindow {
  readonly end: Millis;
  readonly periodMs: Millis;
  readonly count: number;
}

export interface MetricStore {
  /** Says what time it is; what is added afterwards belongs to that minute. */
  tick(wall: Millis): void;
  /** The latest time it was told. */
  readonly time: Millis;
  handle<namespace extends Namespace>(
    namespace: namespace,
    name: MetricName<namespace>,
    dimensions: Dimensions,
  ): MetricHandle;
  /** A metric by its id, also one of a program's own. */
  metric(id: MetricId): MetricHandle;
  /** What is added from now on is kept for every 10 s too. */
  refine(id: MetricId): void;
  /** The statistics of each period of the window, the latest first. */
  read(id: MetricId, window: MetricWindow): readonly (Statistics | undefined)[];
  series(): readonly MetricSeries[];
}

export function metricStore(wall: Millis, keptMinutes = KEPT_MINUTES): MetricStore {
  const all = new Map<string, Series>();
  const now = new Now(wall);
  const kept = Math.max(KEPT_MINUTES, keptMinutes);
  const seriesOf = (id: MetricId): Series => {
    const key = keyOf(id);
    let series = all.get(key);
    if (series === undefined) {
      series = new Series(id, now, kept);
      all.set(key, series);
    }
    return series;
  };
  return {
    tick: (next) => now.tick(next),
    get time() {
      return now.time;
    },
    handle: (namespace, name, dimensions) => seriesOf({ namespace, name, dimensions }),
    metric: seriesOf,
    refine: (id) => seriesOf(id).refine(),
    read: (id, window) =>
      all.get(keyOf(id))?.read(window) ?? Array.from({ length: window.count }, () => undefined),
    series: () =>
      [...all.values()]
        .map((series) => ({ ...series.id, datapoints: series.datapoints() }))
        .filter(({ datapoints }) => datapoints.length > 0),
  };
}

/** Of one period. */
export function statisticOf(of: Statistics, statistic: Statistic): number {
  switch (statistic) {
    case 'Average':
      return of.sum / of.sampleCount;
    case 'Sum':
      return of.sum;
    case 'Minimum':
      return of.minimum;
    case 'Maximum':
      return of.maximum;
    case 'SampleCount':
      return of.sampleCount;
  }
}

/** The same whatever the order of the dimensions. */
function keyOf({ namespace, name, dimensions }: MetricId): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
}

/** The time in which values are counted, shared by all series of a store. */
class Now {
  time: Millis;
  minute: Millis;
  fine: Millis;

  constructor(wall: Millis) {
    this.time = wall;
    this.minute = startOf(wall, MS_PER_MINUTE);
    this.fine = startOf(wall, FINE_MS);
  }

  /** A clock that was set back goes on counting in the time it had reached. */
  tick(wall: Millis): void {
    this.time = Math.max(this.time, wall);
    this.minute = startOf(this.time, MS_PER_MINUTE);
    this.fine = startOf(this.time, FINE_MS);
  }
}

class Series implements MetricHandle {
  readonly id: MetricId;
  readonly #now: Now;
  readonly #minutes: Buckets;
  #fine: Buckets | undefined;

  constructor(id: MetricId, now: Now, keptMinutes: number) {
    this.id = id;
    this.#now = now;
    this.#minutes = new Buckets(keptMinutes);
  }

  add(value: number): void {
    this.#minutes.add(value, this.#now.minute);
    this.#fine?.add(value, this.#now.fine);
  }

  addAt(value: number, at: Millis): void {
    this.#minutes.add(value, startOf(at, MS_PER_MINUTE));
    this.#fine?.add(value, startOf(at, FINE_MS));
  }

  refine(): void {
    this.#fine ??= new Buckets(KEPT_FINE);
  }

  datapoints(): readonly Datapoint[] {
    return this.#minutes.all().map((bucket) => ({ ...bucket }));
  }

  read(window: MetricWindow): readonly (Statistics | undefined)[] {
    const buckets = window.periodMs < MS_PER_MINUTE ? this.#fine : undefined;
    return (buckets ?? this.#minutes).read(window);
  }
}

interface Bucket {
  readonly at: Millis;
  sampleCount: number;
  sum: number;
  minimum: number;
  maximum: number;
}

/** In the order of time, as many as are kept. */
class Buckets {
  readonly #kept: number;
  readonly #buckets: Bucket[] = [];
  #last: Bucket | undefined;

  constructor(kept: number) {
    this.#kept = kept;
  }

  add(value: number, at: Millis): void {
    const last = this.#last;
    merge(last?.at === at ? last : this.#find(at), value);
  }

  all(): readonly Bucket[] {
    return this.#buckets;
  }

  read({ end, periodMs, count }: MetricWindow): readonly (Statistics | undefined)[] {
    const found: (Bucket | undefined)[] = Array.from({ length: count }, () => undefined);
    for (let index = this.#buckets.length - 1; index >= 0; index -= 1) {
      const bucket = this.#buckets[index];
      if (bucket === undefined || bucket.at >= end) continue;
      const period = Math.floor((end - bucket.at - 1) / periodMs);
      if (period >= count) break;
      const before = found[period];
      found[period] = before === undefined ? { ...bucket } : together(before, bucket);
    }
    return found;
  }

  #find(at: Millis): Bucket {
    const index = this.#buckets.findLastIndex((bucket) => bucket.at <= at);
    const there = this.#buckets[index];
    if (there?.at === at) return there;
    const next: Bucket = {
      at,
      sampleCount: 0,
      sum: 0,
      minimum: Number.POSITIVE_INFINITY,
      maximum: Number.NEGATIVE_INFINITY,
    };
    this.#buckets.splice(index + 1, 0, next);
    if (this.#buckets.length > this.#kept) this.#buckets.shift();
    this.#last = this.#buckets.at(-1);
    return next;
  }
}

function merge(bucket: Bucket, value: number): void {
  bucket.sampleCount += 1;
  bucket.sum += value;
  if (value < bucket.minimum) bucket.minimum = value;
  if (value > bucket.maximum) bucket.maximum = value;
}

function together(a: Bucket, b: Bucket): Bucket {
  return {
    at: Math.min(a.at, b.at),
    sampleCount: a.sampleCount + b.sampleCount,
    sum: a.sum + b.sum,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
  };
}

function startOf(wall: Millis, length: Millis): Millis {
  return Math.floor(wall / length) * length;
}
