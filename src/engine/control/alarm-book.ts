// The alarms of an app and of its autoscaling policies: read from the metrics when their time has
// come, evaluated by `scaling/alarm.ts`, told when their state changes.
//
// AWS publishes the metrics of a minute some time after it; here they are there at its end.

import type { Release } from '../../base/ports.ts';
import { type Millis, MS_PER_MINUTE } from '../../base/units.ts';
import type { AlarmRule, AlarmSettings, AlarmState } from '../../model/alarm.ts';
import type { App } from '../../model/app.ts';
import { AUTOSCALING_REPEAT_MS } from '../../model/aws-limits.ts';
import { METRICS } from '../../model/metric.ts';
import {
  type AlarmMemory,
  evaluateAlarm,
  evaluationEveryMs,
  startAlarm,
} from '../../scaling/alarm.ts';
import type { AlarmView } from '../../scaling/autoscaling.ts';
import type { EventStream } from './event-stream.ts';
import { type MetricStore, statisticOf } from './metric-store.ts';

export interface AlarmStatus {
  readonly alarm: string;
  /** The service whose policy made it; undefined for an alarm of `fulcrum.yml`. */
  readonly service: string | undefined;
  readonly state: AlarmState;
  readonly reason: string;
  /** Wall time. */
  readonly since: Millis;
}

/** An alarm whose action is a policy of a service. */
export interface PolicyAlarm {
  /** As of the last tick. */
  view(): AlarmView;
}

type InAlarm = ReadonlySet<string>;

export class AlarmBook {
  readonly #store: MetricStore;
  readonly #events: EventStream;
  readonly #lookBack: number;
  readonly #alarms: Watched[] = [];
  readonly #listeners = new Set<(inAlarm: InAlarm) => void>();

  constructor(app: App, store: MetricStore, events: EventStream) {
    this.#store = store;
    this.#events = events;
    this.#lookBack = app.local.assume.alarmLookBack;
    for (const settings of app.alarms) this.#add(settings, undefined);
  }

  /** The alarm of a policy of a service. */
  watch(settings: AlarmSettings, service: string): PolicyAlarm {
    return this.#add(settings, service);
  }

  /** Once a second, when what was measured is in the metrics. */
  tick(): void {
    let declaredChanged = false;
    for (const alarm of this.#alarms) {
      const from = alarm.memory.state;
      alarm.tick(this.#store, this.#lookBack);
      const { state: to, reason } = alarm.memory;
      if (to === from) continue;
      const { service, settings } = alarm;
      const { name } = settings;
      const at = this.#store.time;
      this.#events.emit({ type: 'alarm', at, name, service, from, to, reason });
      if (service === undefined) declaredChanged = true;
    }
    if (!declaredChanged) return;
    const inAlarm = this.inAlarm();
    for (const listener of this.#listeners) listener(inAlarm);
  }

  /** Names of the alarms of `fulcrum.yml` that are in ALARM. */
  inAlarm(): InAlarm {
    const alarms = this.#alarms.filter(
      ({ service, memory }) => service === undefined && memory.state === 'ALARM',
    );
    return new Set(alarms.map(({ settings }) => settings.name));
  }

  /** Called with those that are in ALARM whenever an alarm of `fulcrum.yml` changes its state. */
  onChange(listener: (inAlarm: InAlarm) => void): Release {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  status(): readonly AlarmStatus[] {
    return this.#alarms.map(({ settings, service, memory }) => ({
      alarm: settings.name,
      service,
      ...memory,
    }));
  }

  /** How many there are; `highResolution` are those that look at less than a minute. */
  counts(): { readonly standard: number; readonly highResolution: number } {
    const short = this.#alarms.filter(({ settings }) => settings.periodMs < MS_PER_MINUTE);
    return { standard: this.#alarms.length - short.length, highResolution: short.length };
  }

  #add(settings: AlarmSettings, service: string | undefined): Watched {
    const alarm = new Watched(settings, service, this.#store.time);
    if (hasHighResolution(settings)) this.#store.refine(settings.metric);
    this.#alarms.push(alarm);
    return alarm;
  }
}

/** How many minutes of metrics the alarms of an app look at. */
export function minutesNeeded({ alarms, services, local }: App): number {
  const { trackingHigh, trackingLow, alarmLookBack } = local.assume;
  const policies = services.flatMap(({ fargate }) => fargate?.autoscaling ?? []);
  const rules: readonly Pick<AlarmRule, 'periodMs' | 'of'>[] = [
    ...alarms,
    ...policies.flatMap(({ steps }) => steps.map(({ alarm }) => alarm)),
    { periodMs: MS_PER_MINUTE, of: Math.max(trackingHigh.of, trackingLow.of) },
  ];
  const spans = rules.map(({ periodMs, of }) => periodMs * (of + alarmLookBack));
  return Math.ceil(Math.max(...spans) / MS_PER_MINUTE);
}

/**
 * Asking for less than a minute of processor or memory use makes ECS publish it every 20 s. Other
 * metrics of AWS have a datapoint a minute whatever is asked. [ECS:target-tracking-faster-auto-scaling]
 */
function hasHighResolution({ metric, periodMs }: AlarmSettings): boolean {
  if (periodMs >= MS_PER_MINUTE) return false;
  const { namespace, name } = metric;
  if (!(namespace in METRICS)) return true;
  return namespace === 'AWS/ECS' && name !== 'LiveTaskCount';
}

class Watched implements PolicyAlarm {
  readonly settings: AlarmSettings;
  readonly service: string | undefined;
  memory: AlarmMemory;
  /** End of the window it was evaluated on last. */
  #end: Millis;
  #actedAt: Millis = Number.NEGATIVE_INFINITY;
  #due = false;
  #values: readonly number[] = [];

  constructor(settings: AlarmSettings, service: string | undefined, now: Millis) {
    this.settings = settings;
    this.service = service;
    this.memory = startAlarm(now);
    this.#end = this.#endAt(now);
  }

  view(): AlarmView {
    const { name } = this.settings;
    return { name, state: this.memory.state, due: this.#due, values: this.#values };
  }

  tick(store: MetricStore, lookBack: number): void {
    this.#due = false;
    const end = this.#endAt(store.time);
    if (end === this.#end) return;
    this.#end = end;
    const { metric, periodMs, statistic, of } = this.settings;
    const read = store.read(metric, { end, periodMs, count: of + lookBack });
    const range = read.map((statistics, index) => ({
      at: end - (index + 1) * periodMs,
      value: statistics && statisticOf(statistics, statistic),
    }));
    const before = this.memory;
    this.memory = evaluateAlarm(this.settings, range, before, store.time);
    this.#values = range.flatMap(({ value }) => (value === undefined ? [] : [value])).slice(0, of);
    if (this.memory.state !== 'ALARM') return;
    const lasts = before.state === 'ALARM' && end - this.#actedAt < AUTOSCALING_REPEAT_MS;
    if (lasts) return;
    this.#actedAt = end;
    this.#due = true;
  }

  #endAt(time: Millis): Millis {
    const every = evaluationEveryMs(this.settings);
    return Math.floor(time / every) * every;
  }
}
