// Means of what requests take, gathered while they are served: what an estimate needs to know of a
// service. A sum and a sum of squares for each, so memory does not grow and the error is known.

import type { Millis } from '../base/units.ts';
import type { Compute } from '../model/app.ts';
import type { RequestFacts } from '../traffic/traffic.ts';

/** Of so many observations; null: there was none. */
export interface MeasuredMean {
  readonly count: number;
  readonly mean: number;
  /** Standard error of the mean; 0 where one observation is all. */
  readonly error: number;
}

/** A service or a function. Durations are in milliseconds. */
export interface ServiceProfile {
  readonly service: string;
  /** That came to it, however they were sent. */
  readonly requests: number;
  /** Of them, the messages of a queue. */
  readonly messages: number;
  /** Duration of an invocation, without INIT. */
  readonly lambdaMs: MeasuredMean | null;
  readonly initMs: MeasuredMean | null;
  /** Of invocations, the part that waited for INIT. */
  readonly coldShare: MeasuredMean | null;
  /** From request to answer, at the front door. */
  readonly fargateMs: MeasuredMean | null;
  /** Processor time of tasks for each request that they served. */
  readonly cpuMs: MeasuredMean | null;
  /** With heads, as load balancers are billed. */
  readonly requestBytes: MeasuredMean | null;
  readonly responseBytes: MeasuredMean | null;
  /** Written by the program for each request, with the 26 bytes of each event. */
  readonly logBytes: MeasuredMean | null;
  /** Written by Lambda for each invocation, likewise. */
  readonly invocationLogBytes: MeasuredMean | null;
}

/** A request that a service answered. */
export interface Answered {
  readonly service: string;
  readonly compute: Compute;
  readonly durationMs: Millis;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

class Mean {
  count = 0;
  #sum = 0;
  #squares = 0;

  add(value: number): void {
    this.count += 1;
    this.#sum += value;
    this.#squares += value * value;
  }

  get sum(): number {
    return this.#sum;
  }

  read(): MeasuredMean | null {
    const { count } = this;
    if (count === 0) return null;
    const mean = this.#sum / count;
    const variance = Math.max(0, this.#squares / count - mean * mean);
    return { count, mean, error: count === 1 ? 0 : Math.sqrt(variance / (count - 1)) };
  }
}

export class ProfileMeter {
  readonly service: string;
  readonly #lambdaMs = new Mean();
  readonly #initMs = new Mean();
  readonly #cold = new Mean();
  readonly #fargateMs = new Mean();
  readonly #requestBytes = new Mean();
  readonly #responseBytes = new Mean();
  #requests = 0;
  #messages = 0;
  #cpuMs = 0;
  #logBytes = 0;
  #invocationLogBytes = 0;

  constructor(service: string) {
    this.service = service;
  }

  invoked(durationMs: Millis, initMs: Millis): void {
    this.#lambdaMs.add(durationMs);
    this.#cold.add(initMs > 0 ? 1 : 0);
    if (initMs > 0) this.#initMs.add(initMs);
  }

  answered({ compute, durationMs, requestBytes, responseBytes }: Answered): void {
    this.#requests += 1;
    this.#requestBytes.add(requestBytes);
    this.#responseBytes.add(responseBytes);
    if (compute === 'fargate') this.#fargateMs.add(durationMs);
  }

  /** Requests that did not come through a front door. */
  came(requests: number, ofQueue: boolean): void {
    this.#requests += requests;
    if (ofQueue) this.#messages += requests;
  }

  logged(source: 'program' | 'platform', bytes: number): void {
    if (source === 'program') this.#logBytes += bytes;
    else this.#invocationLogBytes += bytes;
  }

  /** Processor time that tasks took. */
  worked(cpuMs: Millis): void {
    this.#cpuMs += cpuMs;
  }

  read(): ServiceProfile {
    const each = (sum: number, count: number): MeasuredMean | null =>
      count === 0 ? null : { count, mean: sum / count, error: 0 };
    return {
      service: this.service,
      requests: this.#requests,
      messages: this.#messages,
      lambdaMs: this.#lambdaMs.read(),
      initMs: this.#initMs.read(),
      coldShare: this.#cold.read(),
      fargateMs: this.#fargateMs.read(),
      cpuMs: this.#cpuMs === 0 ? null : each(this.#cpuMs, this.#fargateMs.count),
      requestBytes: this.#requestBytes.read(),
      responseBytes: this.#responseBytes.read(),
      logBytes: each(this.#logBytes, this.#requests),
      invocationLogBytes: each(this.#invocationLogBytes, this.#lambdaMs.count),
    };
  }
}

/** Means over all services together. */
export function factsOf(profiles: readonly ServiceProfile[]): RequestFacts {
  const over = (...of: readonly (MeasuredMean | null)[]): number | undefined => {
    const known = of.filter((mean) => mean !== null);
    const count = known.reduce((sum, mean) => sum + mean.count, 0);
    if (count === 0) return undefined;
    return known.reduce((sum, mean) => sum + mean.mean * mean.count, 0) / count;
  };
  return {
    requestBytes: over(...profiles.map(({ requestBytes }) => requestBytes)),
    responseBytes: over(...profiles.map(({ responseBytes }) => responseBytes)),
    durationMs: over(...profiles.flatMap(({ lambdaMs, fargateMs }) => [lambdaMs, fargateMs])),
  };
}
