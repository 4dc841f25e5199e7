// The way of a request: route, choice, track, and what is told about it at the end.

import { Fault } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import type { DoorMeter } from '../../cost/door-meter.ts';
import type { Answered } from '../../cost/profile-meter.ts';
import type { RouteTable } from '../../routing/route-table.ts';
import type { EventStream } from '../control/event-stream.ts';
import type { Exchange, ResponseStart } from '../http1/exchange.ts';
import type { Malformed } from '../http1/head.ts';
import type { Peer } from '../http1/peer.ts';
import type { AccessLog } from './access-log.ts';
import { Admission } from './admission.ts';
import { fieldValue, rootOf, traceIdFor } from './alb-headers.ts';
import type { DoorKind, OwnAnswer, Refused } from './door-kind.ts';
import type { DoorMetrics } from './door-metrics.ts';
import { learnFrom } from './learn-from.ts';
import { factsOf, malformedFault, oneLine, pathOf } from './request-facts.ts';
import { type ActionEnd, RuleActions } from './rule-actions.ts';
import type { ServedRequest, Waiting } from './served-request.ts';
import { type TargetParts, Targets } from './targets.ts';

export interface WayParts extends TargetParts {
  readonly kind: DoorKind;
  readonly routes: RouteTable;
  readonly events: EventStream;
  readonly meter: Pick<DoorMeter, 'connected' | 'disconnected' | 'routed'>;
  readonly metrics: DoorMetrics;
  readonly accessLog?: AccessLog | undefined;
}

function bytesOf(exchange: Exchange, heads: boolean): number {
  const bodies = exchange.bytesReceived + exchange.bytesSent;
  return heads ? bodies + exchange.headBytesReceived + exchange.headBytesSent : bodies;
}

/** Undefined where the front door answered by itself. */
function answeredBy(request: ServedRequest, now: Millis): Answered | undefined {
  const { service, compute, exchange, startedAt } = request;
  if (service === undefined || compute === undefined) return undefined;
  return {
    service,
    compute,
    durationMs: now - startedAt,
    requestBytes: exchange.headBytesReceived + exchange.bytesReceived,
    responseBytes: exchange.headBytesSent + exchange.bytesSent,
  };
}

export class RequestWay implements ActionEnd {
  readonly kind: DoorKind;
  inFlight = 0;
  readonly #parts: WayParts;
  readonly #targets: Targets;
  readonly #actions: RuleActions;
  #draining = false;
  #drained: (() => void) | undefined;
  #date = '';
  #dateAt = 0;

  constructor(parts: WayParts) {
    this.#parts = parts;
    this.kind = parts.kind;
    this.#targets = new Targets(parts, this);
    this.#actions = new RuleActions(parts, this.#targets, this);
  }

  /** Refuses what comes from now on; resolves when what is under way is answered. */
  drain(): Promise<void> {
    this.#draining = true;
    if (this.inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  request(exchange: Exchange): void {
    const { clock, rng } = this.#parts;
    this.inFlight += 1;
    const startedWall = clock.wall();
    const request: ServedRequest = {
      exchange,
      startedAt: clock.now(),
      startedWall,
      traceId: traceIdFor(fieldValue(exchange.head, 'x-amzn-trace-id'), rng, startedWall),
      forwardedFor: fieldValue(exchange.head, 'x-forwarded-for'),
      evaluations: 0,
      rule: undefined,
      actions: '',
      redirectUrl: undefined,
      rewritten: undefined,
      rewriteStatus: undefined,
      targetGroup: undefined,
      cookies: '',
      service: undefined,
      asked: undefined,
      compute: undefined,
      track: undefined,
      instance: undefined,
      reason: '',
      cold: false,
      status: 0,
      own: false,
      fault: undefined,
      target: undefined,
      sentAt: undefined,
      answeredAt: undefined,
      load: undefined,
      pinned: undefined,
      learning: undefined,
      billedMs: undefined,
      targetCookies: undefined,
      api: undefined,
      patience: undefined,
      grpc: false,
      told: false,
    };
    const refused = this.kind.begin(request) ?? this.#refusal(request);
    if (refused !== undefined) {
      this.#refuse(request, refused);
      return;
    }
    const own = this.kind.answersItself(request);
    if (own === undefined) this.#route(request);
    else this.answers(request, own, 'the front door answers pre-flights itself');
  }

  /** What no front door takes. */
  #refusal({ exchange }: ServedRequest): Refused | undefined {
    const { method } = exchange.head;
    if (this.#draining) {
      return { status: 503, fault: new Fault('ENGINE_STOPPING', { service: '' }) };
    }
    if (method === 'TRACE' || method === 'CONNECT') {
      return { status: 405, fault: new Fault('METHOD_REFUSED', { method }) };
    }
    return undefined;
  }

  #route(request: ServedRequest): void {
    const { method } = request.exchange.head;
    const facts = factsOf(request.exchange);
    const match = this.#parts.routes.match(facts);
    request.evaluations = match.evaluations;
    if (match.route === undefined) {
      request.rule = 0;
      request.actions = 'fixed-response';
      request.reason = 'no route matches';
      this.#answer(request, 404, new Fault('ROUTE_NOT_FOUND', { method, path: facts.path }));
      return;
    }
    const { route } = match;
    const { action } = route;
    request.rule = route.priority;
    if (request.api !== undefined) request.api.match = match.api;
    if (action.kind === 'forward') {
      request.service = action.service;
      request.asked = action.compute;
    }
    const admitted = this.kind.admit(request, route);
    if (admitted === undefined) {
      this.#actions.perform(request, match, facts);
      return;
    }
    new Admission(request, this).wait(admitted, (refused) => {
      if (refused === undefined) this.#actions.perform(request, match, facts);
      else this.#refuse(request, refused);
    });
  }

  tooLarge(request: ServedRequest, early: readonly Buffer[]): boolean {
    return this.#targets.tooLarge(request, early);
  }

  answered(request: ServedRequest): void {
    request.answeredAt = this.#parts.clock.now();
    learnFrom(request, request.answeredAt);
  }

  failed(request: ServedRequest, status: number, fault: Fault): void {
    this.#answer(request, status, fault);
  }

  done(request: ServedRequest): void {
    this.#finish(request);
  }

  clientGone(request: ServedRequest): void {
    const afterMs = this.#parts.clock.now() - request.startedAt;
    request.own = true;
    request.status = 460;
    request.fault = new Fault('CLIENT_GONE', { afterMs });
    this.#finish(request);
  }

  sent(request: ServedRequest, waiting: Waiting): void {
    const { timeoutMs } = this.kind;
    if (timeoutMs === undefined) return;
    const { clock } = this.#parts;
    request.sentAt = clock.now();
    request.patience = clock.after(timeoutMs, () => {
      waiting.outOfTime();
      this.#answer(request, 503, new Fault('TARGET_TOO_SLOW', { timeoutMs }));
    });
  }

  #refuse(request: ServedRequest, { status, fault, more }: Refused): void {
    this.#answer(request, status, fault, more);
  }

  /** The front door's own answer, or a broken connection if the program's has begun. */
  #answer(request: ServedRequest, status: number, fault: Fault, more = ''): void {
    if (request.told) return;
    const { exchange } = request;
    request.fault = fault;
    request.own = true;
    if (request.compute === 'lambda') {
      const reason = this.kind.errorReason(fault);
      if (reason !== undefined) request.reason += ` (${reason})`;
    }
    if (exchange.begun) {
      exchange.abort();
    } else {
      request.status = this.kind.front.status(status, fault.code);
      if (request.reason === '') request.reason = fault.message;
      const lines = `Date: ${this.date()}\r\n${more}${this.#devFields(request)}`;
      this.#send(request, this.kind.ownAnswer(request.status, request, lines));
    }
    if (
      fault.code === 'UPSTREAM_CLOSED' &&
      request.service !== undefined &&
      request.compute !== undefined
    ) {
      this.#parts.metrics.connectionError(request.service, request.compute);
    }
    this.#finish(request);
  }

  answers(request: ServedRequest, { start, body }: OwnAnswer, reason: string): void {
    request.own = true;
    request.status = start.status;
    request.reason = reason;
    const fields = `${start.fields}Date: ${this.date()}\r\n${this.#devFields(request)}`;
    this.#send(request, { start: { ...start, fields }, body });
    this.#finish(request);
  }

  #send({ exchange }: ServedRequest, { start, body }: OwnAnswer): void {
    exchange.respond(start);
    if (exchange.head.method !== 'HEAD' && body.length > 0) exchange.write(body);
    exchange.end();
  }

  malformed(
    problem: Malformed | 'timeout',
    reply: (start: ResponseStart, body: Buffer) => void,
    peer: Peer,
  ): void {
    const { clock, events, metrics, accessLog } = this.#parts;
    const { status, fault } = malformedFault(problem, this.kind);
    const dev = this.#parts.dev ? `x-fulcrum-reason: ${oneLine(fault.message)}\r\n` : '';
    const lines = `Date: ${this.date()}\r\n${dev}`;
    const answered = this.kind.front.status(status, fault.code);
    const { start, body } = this.kind.ownAnswer(answered, undefined, lines);
    reply(start, body);
    metrics.malformed(answered);
    accessLog?.malformed(peer, answered, start.fields.length + body.length);
    events.emit({ type: 'fault', at: clock.wall(), service: undefined, fault: fault.toJSON() });
  }

  #finish(request: ServedRequest): void {
    if (request.told) return;
    request.told = true;
    const { clock, events, meter, metrics, accessLog } = this.#parts;
    const now = clock.now();
    learnFrom(request, now);
    request.load?.ended(now);
    request.pinned?.ended(now);
    request.patience?.();
    this.inFlight -= 1;
    const { exchange } = request;
    const { head } = exchange;
    metrics.served(request, now);
    accessLog?.note(request, now);
    meter.routed(
      {
        lambda: request.compute === 'lambda',
        bytes: bytesOf(exchange, this.kind.paysForHeads),
        ruleEvaluations: request.evaluations,
        sentBytes: exchange.headBytesSent + exchange.bytesSent,
        answered: answeredBy(request, now),
      },
      now,
    );
    events.emit({
      type: 'request',
      at: request.startedWall + (now - request.startedAt),
      id: rootOf(request.traceId),
      method: head.method,
      path: pathOf(head.target),
      status: request.status,
      service: request.service,
      compute: request.compute,
      track: request.track,
      instance: request.instance,
      reason: request.reason,
      durationMs: now - request.startedAt,
      cold: request.cold,
      requestBytes: exchange.bytesReceived,
      responseBytes: exchange.bytesSent,
      fault: request.fault?.toJSON(),
    });
    if (this.inFlight === 0) this.#drained?.();
  }

  addedFields(request: ServedRequest): string {
    return request.cookies + this.#devFields(request);
  }

  /** Lines that say, in development, who answered and why. */
  #devFields({ compute, track, reason }: ServedRequest): string {
    if (!this.#parts.dev) return '';
    const where =
      compute === undefined ? '' : `x-fulcrum-compute: ${compute}\r\nx-fulcrum-track: ${track}\r\n`;
    return `${where}x-fulcrum-reason: ${oneLine(reason)}\r\n`;
  }

  uuid(): string {
    return this.#parts.rng.uuid();
  }

  /** Made once a second. */
  date(): string {
    const wall = this.#parts.clock.wall();
    if (Math.abs(wall - this.#dateAt) >= 1000 || this.#date === '') {
      this.#dateAt = wall;
      this.#date = new Date(wall).toUTCString();
    }
    return this.#date;
  }
}
