// What becomes of one request, gathered on its way and told once at its end: one event, the metrics
// of the front door, the meter.

import type { Fault } from '../../base/fault.ts';
import type { Release } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { Compute, RouteCompute } from '../../model/app.ts';
import type { JsonObject } from '../../payload/json.ts';
import type { Addressed, Rewritten } from '../../routing/rewrite.ts';
import type { ApiMatch } from '../../routing/route-table.ts';
import type { TargetCookies } from '../balancer/target-cookies.ts';
import type { LoadGauge } from '../control/load-gauge.ts';
import type { RequestLearning } from '../control/service-learning.ts';
import type { Exchange } from '../http1/exchange.ts';
import type { DoorKind } from './door-kind.ts';

export interface ServedRequest {
  readonly exchange: Exchange;
  readonly startedAt: Millis;
  /** The same moment on the wall clock. */
  readonly startedWall: Millis;
  readonly traceId: string;
  /** X-Forwarded-For as the client sent it. */
  readonly forwardedFor: string | undefined;
  evaluations: number;
  /** Priority of the rule that took it; 0 if none did; undefined if none was looked for. */
  rule: number | undefined;
  /** What was done with it, in the words of access logs: "forward", "rewrite,forward", "redirect". */
  actions: string;
  redirectUrl: string | undefined;
  /** What its target is asked for instead of what the client asked for. */
  rewritten: Addressed | undefined;
  rewriteStatus: Rewritten['status'] | undefined;
  /** ARN of the target group it goes to, also if nothing there takes it. */
  targetGroup: string | undefined;
  /** Lines "Set-Cookie: …" of the front door that go with the answer of a target. */
  cookies: string;
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
  /** "127.0.0.1:3000", where a task took it. */
  target: string | undefined;
  /** When the request went out to its target. */
  sentAt: Millis | undefined;
  /** When the head of its answer came; an answer of Lambda comes whole, at the end. */
  answeredAt: Millis | undefined;
  /** Counts it as load of Fargate until it is over. */
  load: LoadGauge | undefined;
  /** The same, where only Fargate may serve it. */
  pinned: LoadGauge | undefined;
  /** What it takes is learned from, once. */
  learning: RequestLearning | undefined;
  /** By Lambda. */
  billedMs: Millis | undefined;
  /** Keeps its client with the task that answers it. */
  targetCookies: TargetCookies | undefined;
  /** What an HTTP API or a function URL knows of it besides. */
  api: ApiFacts | undefined;
  /** Ends the wait for its target, where the front door limits it. */
  patience: Release | undefined;
  /** It is a call of gRPC to a target group that takes those. */
  grpc: boolean;
  /** The event has been told. */
  told: boolean;
}

export interface ApiFacts {
  /** "apigw-requestid", or the UUID a function URL gives. */
  readonly requestId: string;
  /** Set when its route is known. */
  match: ApiMatch | undefined;
  /** As it stands in "requestContext" of events. */
  authorizer: JsonObject | undefined;
}

/** Whoever waits for the answer of a target. */
export interface Waiting {
  /** The front door waits no longer and has answered. */
  outOfTime(): void;
}

/** Where the way of a request ends; the front door implements it. */
export interface WayEnd {
  readonly kind: DoorKind;
  /** All of the request is on its way to its target. */
  sent(request: ServedRequest, waiting: Waiting): void;
  /** The head of the target's answer is there. */
  answered(request: ServedRequest): void;
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
  /** Lines added to the answer of a target: cookies; in development, who answered and why. */
  addedFields(request: ServedRequest): string;
  /** "Thu, 01 Jan 2026 00:00:00 GMT" */
  date(): string;
  /** A new UUID. */
  uuid(): string;
}
