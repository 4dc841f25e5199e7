// What was measured of a service, as it is kept in a file and printed, and what a bill takes of it.

import type { Figure, RequestProfile } from '../estimate/set-up.ts';

/**
 * How the processor was held to that of a task or a function. `limited`: by the kernel, and what is
 * said was observed. `computed`: it was not, and what is said follows from the processor time.
 */
export type Method = 'limited' | 'computed';

/** What of several observations is smallest, likely, and largest. */
export interface Spread {
  readonly smallest: number;
  readonly likely: number;
  readonly largest: number;
}

/** Of durations, in milliseconds. */
export interface Distribution {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Requests it is made of. */
  readonly count: number;
}

export interface Target {
  readonly ms: number;
  /** Of the requests, the percentage that is to be answered within it: 95, 99. */
  readonly percentile: number;
}

/** One load that was put on a task. */
export interface Step {
  /** `closed`: so many requests are always in flight. `open`: so many come in a second. */
  readonly kind: 'closed' | 'open';
  /** In flight, or a second. */
  readonly load: number;
  readonly perSecond: number;
  readonly ms: Distribution;
  /** Processor time of the program for each request. */
  readonly cpuMs: number;
  readonly failed: number;
  /** The part of one core that sending took: 0 to 1. */
  readonly senderBusy: number;
  readonly within: boolean;
}

export interface TaskMeasurement {
  readonly vcpu: number;
  readonly memoryMiB: number;
  readonly method: Method;
  readonly target: Target;
  /** One request at a time. */
  readonly aloneMs: Distribution;
  /** At `perSecond`. Null where nothing is within the target, or nothing was observed. */
  readonly loadedMs: Distribution | null;
  /** Requests a second that it carries within the target, as they come. Null: none. */
  readonly perSecond: Spread | null;
  /** Requests in flight within the target. Null: none. */
  readonly inFlight: Spread | null;
  /** What ended the search. `bound`: nothing did, it carries more. */
  readonly limitedBy: 'target' | 'failures' | 'sender' | 'bound' | 'time';
  readonly steps: readonly Step[];
}

export interface LambdaMeasurement {
  readonly memoryMiB: number;
  readonly method: Method;
  /** One request at a time, in an environment that is warm. */
  readonly ms: Distribution;
  readonly durationMs: Spread;
  /** Of each start. */
  readonly initMs: Spread;
  readonly starts: number;
}

/** One program, in one stage. */
export interface Measurement {
  readonly app: string;
  readonly service: string;
  readonly stage: string | null;
  /** ISO 8601, UTC. */
  readonly measuredAt: string;
  /** Version of Fulcrum. */
  readonly version: string;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly platform: string;
  };
  /** Hashes: when one is another, the measurement is stale. */
  readonly of: { readonly settings: string; readonly sources: string };
  /** With their weights. */
  readonly requests: readonly { readonly request: string; readonly weight: number }[];
  /** Nobody said what to send, so it is the health check. */
  readonly healthOnly: boolean;
  /** Of the program, user and system, for each request. */
  readonly cpuMs: Spread;
  readonly requestBytes: Spread;
  readonly responseBytes: Spread;
  readonly logBytes: Spread;
  readonly memory: { readonly residentMiB: number; readonly peakMiB: number };
  /** Answers by status; `none` got no answer. */
  readonly answers: Readonly<Record<string, number>>;
  /** Null: it does not run there, or was not asked about. */
  readonly task: TaskMeasurement | null;
  readonly lambda: LambdaMeasurement | null;
  /** What makes it less sure, in sentences. */
  readonly warnings: readonly string[];
}

/** What `fulcrum.measured.json` holds. */
export interface MeasuredFile {
  readonly schemaVersion: 1;
  readonly measurements: readonly Measurement[];
}

/** Two of the same place replace each other. */
export const isSamePlace = (
  one: Pick<Measurement, 'app' | 'service' | 'stage'>,
  other: Pick<Measurement, 'app' | 'service' | 'stage'>,
): boolean => one.app === other.app && one.service === other.service && one.stage === other.stage;

/** "measured on 2026-11-21". */
export const sayMeasured = ({ measuredAt }: Pick<Measurement, 'measuredAt'>): string =>
  `measured on ${measuredAt.slice(0, 10)}`;

/** What a bill takes of it. Figures that were not measured are missing. */
export function profileOf(measurement: Measurement): Partial<RequestProfile> {
  const { task, lambda } = measurement;
  const from = sayMeasured(measurement);
  const figure = ({ smallest, likely, largest }: Spread): Figure => ({
    low: smallest,
    expected: likely,
    high: largest,
    from,
  });
  const room = task?.limitedBy === 'sender' ? null : (task?.inFlight ?? null);
  return {
    cpuMs: figure(measurement.cpuMs),
    requestBytes: figure(measurement.requestBytes),
    responseBytes: figure(measurement.responseBytes),
    logBytes: figure(measurement.logBytes),
    ...(task !== null && { fargateMs: figure(durationOf(task)) }),
    ...(room !== null && { concurrency: figure(room) }),
    ...(lambda !== null && {
      lambdaMs: figure(lambda.durationMs),
      initMs: figure(lambda.initMs),
    }),
  };
}

/** By itself it takes least; as one of as many as the target allows, most. */
function durationOf({ aloneMs, loadedMs }: TaskMeasurement): Spread {
  const loaded = loadedMs?.mean ?? aloneMs.mean;
  return {
    smallest: Math.min(aloneMs.mean, loaded),
    likely: aloneMs.mean,
    largest: Math.max(aloneMs.mean, loaded),
  };
}
