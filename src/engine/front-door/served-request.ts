// What becomes of one request, gathered on its way and told once at its end: one event, the metrics
// of the load balancer, the meter.

import type { Fault } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import type { Compute, RouteCompute } from '../../model/app.ts';
import type { LoadGauge } from '../control/load-gauge.ts';
import type { Exchange } from '../http1/exchange.ts';

export interface ServedRequest {
  readonly exchange: Exchange;
  readonly startedAt: Millis;
  /** The same moment on the wall clock. */
  readonly startedWall: Millis;
  readonly traceId: string;
  /** X-Forwarded-For as the client sent it. */
  readonly forwardedFor: string | undefined;
  evaluations: number;
  service: string | undefined;
  /** What its route asks for. */
  asked: RouteCompute | undefined;
  compute: Compute | undefined;
  track: string | undefined;
  instance: string | undefined;
  reason: string;
  cold: boolean;
  status: number;
  /** The status is the front door's own, not the program's. */
  own: boolean;
  fault: Fault | undefined;
  /** When the request went out to its target. */
  sentAt: Millis | undefined;
  /** Counts it as load of Fargate until it is over. */
  load: LoadGauge | undefined;
  /** The event has been told. */
  told: boolean;
}

/** Where the way of a request ends; the front door implements it. */
export interface WayEnd {
  /** Answers with an error of the front door's own, or breaks the connection if it is too late. */
  failed(request: ServedRequest, status: number, fault: Fault): void;
  /** The answer is complete. */
  done(request: ServedRequest): void;
  clientGone(request: ServedRequest): void;
  /**
   * The body turned out too large for Lambda. True if a task takes the request, with what was read
   * of the body so far.
   */
  tooLarge(request: ServedRequest, early: readonly Buffer[]): boolean;
  /** Lines that say, in development, who answered and why. */
  devFields(request: ServedRequest): string;
  /** "Thu, 01 Jan 2026 00:00:00 GMT" */
  date(): string;
  readonly idleTimeoutMs: Millis;
}
