// Processor and memory use of a service's tasks as ECS publishes it: a sample every 20 s, the mean
// over the tasks that run; three of them are the datapoint of a minute. Without a task there is no
// sample. [ECS:available-metrics], [ECS:service_utilization]

import type { Millis } from '../../base/units.ts';
import type { Dimensions } from '../../model/metric.ts';
import type { TaskUse } from '../fargate/task-use.ts';
import type { MetricHandle, MetricStore } from './metric-store.ts';

const SAMPLE_MS: Millis = 20_000;

export class Utilization {
  readonly #store: MetricStore;
  readonly #cpu: MetricHandle;
  readonly #memory: MetricHandle;
  #sampleAt: Millis;
  #seen = 0;
  #cpuSum = 0;
  #memorySum = 0;

  constructor(store: MetricStore, dimensions: Dimensions) {
    this.#store = store;
    this.#cpu = store.handle('AWS/ECS', 'CPUUtilization', dimensions);
    this.#memory = store.handle('AWS/ECS', 'MemoryUtilization', dimensions);
    this.#sampleAt = startOfSample(store.time);
  }

  /** What was used since the last call. */
  note({ cpuPercent, memoryPercent }: Pick<TaskUse, 'cpuPercent' | 'memoryPercent'>): void {
    if (cpuPercent !== undefined && memoryPercent !== undefined) {
      this.#seen += 1;
      this.#cpuSum += cpuPercent;
      this.#memorySum += memoryPercent;
    }
    const now = startOfSample(this.#store.time);
    if (now === this.#sampleAt) return;
    if (this.#seen > 0) {
      this.#cpu.addAt(this.#cpuSum / this.#seen, this.#sampleAt);
      this.#memory.addAt(this.#memorySum / this.#seen, this.#sampleAt);
    }
    this.#seen = 0;
    this.#cpuSum = 0;
    this.#memorySum = 0;
    this.#sampleAt = now;
  }
}

function startOfSample(time: Millis): Millis {
  return Math.floor(time / SAMPLE_MS) * SAMPLE_MS;
}
