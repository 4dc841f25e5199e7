// Takes the metrics that programs print into the store, as CloudWatch Logs does. They count when
// they are printed; their own timestamps are not looked at.

import type { LogEvent } from '../../model/event.ts';
import { METRICS } from '../../model/metric.ts';
import { embeddedMetrics } from '../../payload/embedded-metrics.ts';
import type { EventStream } from './event-stream.ts';
import type { MetricHandle, MetricStore } from './metric-store.ts';

/** A program that makes a dimension of every request would else fill the memory. */
const MAX_METRICS = 1000;

export class PrintedMetrics {
  readonly #store: MetricStore;
  readonly #events: EventStream;
  readonly #handles = new Map<string, MetricHandle>();
  #full = false;

  constructor(store: MetricStore, events: EventStream) {
    this.#store = store;
    this.#events = events;
  }

  note({ source, line, service }: LogEvent): void {
    if (source !== 'program') return;
    for (const { values, highResolution, ...id } of embeddedMetrics(line)) {
      // The namespaces of AWS are its own.
      if (id.namespace in METRICS) continue;
      const key = JSON.stringify(id);
      let handle = this.#handles.get(key);
      if (handle === undefined) {
        if (this.#handles.size >= MAX_METRICS) {
          this.#tellFull(service);
          return;
        }
        if (highResolution) this.#store.refine(id);
        handle = this.#store.metric(id);
        this.#handles.set(key, handle);
      }
      for (const value of values) handle.add(value);
    }
  }

  #tellFull(service: string): void {
    if (this.#full) return;
    this.#full = true;
    const message = `${service} prints more than ${MAX_METRICS} metrics of its own; further ones are not kept. Use fewer dimensions: on AWS each is charged.`;
    this.#events.emit({ type: 'notice', at: this.#store.time, message });
  }
}
