// One execution environment as its track sees it, whatever kind of program runs in it: a service
// behind a web adapter, or a function that speaks the Runtime API.

import type { Fault } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import type { Admission } from '../../fleet/lambda-account.ts';
import type { ServiceLog } from '../program.ts';

/** A request that was admitted, with its unit of concurrency. */
export interface Admitted<request> {
  readonly request: request;
  readonly unit: Admission;
  /** Set while an environment streams the answer: goes on after the caller did not keep up. */
  resume?: () => void;
}

export interface Environment<request> {
  readonly id: string;
  /** How long INIT took; undefined when it is still to come, inside the first request. */
  readonly initMs: Millis | undefined;
  /** `cold`: the request waited for this environment to start. */
  serve(admitted: Admitted<request>, cold: boolean): void;
  freeze(): void;
  thaw(): void;
  /** Ends it as Lambda ends an environment it no longer needs. */
  stop(): Promise<unknown>;
}

/** What an environment tells its track. */
export interface EnvironmentOwner {
  /** The request is answered: the environment is free in a moment. */
  answered(): void;
  /** The request is over, the environment can take the next. */
  finished(): void;
  /** It has ended and is of no more use. */
  ended(why: string): void;
  /** Something went wrong that no request will tell. */
  failed(fault: Fault): void;
}

export interface EnvironmentSpec {
  readonly id: string;
  readonly provisioned: boolean;
  readonly log: ServiceLog;
  /** A folder of its own for temporary files. */
  readonly temporary: string;
  /** Aborts when the engine stops: what was started is killed at once. */
  readonly signal: AbortSignal;
}

/** How environments of one program are made. */
export interface EnvironmentKind<request> {
  /** Rejects when it cannot be started; then nothing is left running. */
  start(spec: EnvironmentSpec, owner: EnvironmentOwner): Promise<Environment<request>>;
  /** Answers a request whose environment `id` could not be started. */
  refuse(request: request, id: string, fault: Fault): void;
}
