// The way of a request: route, choice, track, and what is told about it at the end.

import { Fault } from '../../base/fault.ts';
import type { Clock, Rng } from '../../base/ports.ts';
import type { Meter } from '../../cost/meter.ts';
import type { App, Compute, Route } from '../../model/app.ts';
import { ALB_HEAD_BYTES, ALB_MAX_FORWARDERS } from '../../model/aws-limits.ts';
import { type Track, trackOf } from '../../model/track.ts';
import { type Ask, choose, type Refusal } from '../../routing/choose.ts';
import type { RequestFacts, RouteTable } from '../../routing/route-table.ts';
import type { EventStream } from '../control/event-stream.ts';
import type { LoadGauge } from '../control/load-gauge.ts';
import type { FargateTrack } from '../fargate/fargate-track.ts';
import type { Exchange, ResponseStart } from '../http1/exchange.ts';
import type { Malformed } from '../http1/head.ts';
import type { ServiceTrack } from '../lambda/service-environment.ts';
import {
  countForwarders,
  FORCE_FIELD,
  fieldValue,
  fieldValues,
  rootOf,
  traceIdFor,
} from './alb-headers.ts';
import type { DoorMetrics } from './door-metrics.ts';
import { ownAnswer } from './own-answers.ts';
import type { ServedRequest, WayEnd } from './served-request.ts';
import { toFargate } from './to-fargate.ts';
import { toLambda } from './to-lambda.ts';

/** A service as the front door sees it. */
export interface DoorService {
  readonly lambda: ServiceTrack | undefined;
  readonly fargate: FargateTrack | undefined;
  /** Load that Fargate could serve. */
  readonly load: LoadGauge;
}

export interface WayParts {
  readonly app: App;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly routes: RouteTable;
  readonly services: ReadonlyMap<string, DoorService>;
  readonly events: EventStream;
  readonly meter: Meter;
  readonly metrics: DoorMetrics;
  /** Adds the `x-fulcrum-…` fields and follows `x-fulcrum-force`. */
  readonly dev: boolean;
}

const REVISION = 1;

export class RequestWay implements WayEnd {
  readonly idleTimeoutMs: number;
  inFlight = 0;
  readonly #parts: WayParts;
  readonly #tracks = new Map<string, Track>();
  #draining = false;
  #drained: (() => void) | undefined;
  #date = '';
  #dateAt = 0;

  constructor(parts: WayParts) {
    this.#parts = parts;
    this.idleTimeoutMs = parts.app.entry.idleTimeoutMs;
    for (const [name] of parts.services) {
      for (const compute of ['lambda', 'fargate'] as const) {
        this.#tracks.set(`${name}/${compute}`, trackOf(name, REVISION, compute));
      }
    }
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
      sentAt: undefined,
      load: undefined,
      told: false,
    };
    const refused = this.#refusal(request);
    if (refused !== undefined) this.#answer(request, refused.status, refused.fault);
    else this.#route(request);
  }

  /** What a load balancer takes from nobody. */
  #refusal({ exchange, forwardedFor }: ServedRequest) {
    const { method } = exchange.head;
    if (this.#draining) {
      return { status: 503, fault: new Fault('ENGINE_STOPPING', { service: '' }) };
    }
    if (method === 'TRACE' || method === 'CONNECT') {
      return { status: 405, fault: new Fault('METHOD_REFUSED', { method }) };
    }
    const count = countForwarders(forwardedFor);
    if (count > ALB_MAX_FORWARDERS) {
      const facts = { count, limit: ALB_MAX_FORWARDERS };
      return { status: 463, fault: new Fault('TOO_MANY_FORWARDERS', facts) };
    }
    return undefined;
  }

  #route(request: ServedRequest): void {
    const { head } = request.exchange;
    const facts = factsOf(request.exchange);
    const { route, evaluations } = this.#parts.routes.match(facts);
    request.evaluations = evaluations;
    if (route === undefined) {
      request.reason = 'no route matches';
      const { method } = head;
      this.#answer(request, 404, new Fault('ROUTE_NOT_FOUND', { method, path: facts.path }));
      return;
    }
    request.service = route.service;
    request.asked = route.compute;
    const service = this.#parts.services.get(route.service);
    if (service === undefined) {
      this.#answer(request, 500, new Fault('INTERNAL', { what: `no service ${route.service}` }));
      return;
    }
    const ask = this.#ask(route, service, request.exchange);
    const choice = choose(ask);
    request.reason = choice.reason;
    if (choice.kind === 'refuse') this.#refused(request, service, choice);
    else if (choice.compute === 'lambda') this.#lambda(request, service);
    else this.#fargate(request, service, ask);
  }

  #ask(route: Route, { lambda, fargate }: DoorService, { head }: Exchange): Ask {
    const { body } = head;
    return {
      service: route.service,
      compute: route.compute,
      force: this.#parts.dev ? fieldValue(head, FORCE_FIELD) : undefined,
      needs: {
        upgrade: head.upgrade,
        bodyBytes: body.kind === 'length' ? body.bytes : body.kind === 'none' ? 0 : undefined,
      },
      lambda: lambda?.view(this.#parts.clock.now()),
      fargate: fargate?.view(),
    };
  }

  #refused(request: ServedRequest, service: DoorService, refusal: Refusal): void {
    if (refusal.wakes) service.load.refused();
    if (refusal.code === 'LAMBDA_THROTTLED') {
      this.#goes(request, 'lambda');
      service.lambda?.throttled();
    }
    this.#answer(request, refusal.status, new Fault(refusal.code, refusal.facts));
  }

  #goes(request: ServedRequest, compute: Compute): void {
    request.compute = compute;
    request.track = this.#tracks.get(`${request.service}/${compute}`)?.id;
  }

  #lambda(request: ServedRequest, { lambda, fargate, load }: DoorService): void {
    if (lambda === undefined) return;
    this.#goes(request, 'lambda');
    request.sentAt = request.startedAt;
    if (fargate !== undefined && request.asked === 'auto') countLoad(request, load);
    toLambda(request, lambda, this);
  }

  tooLarge(request: ServedRequest, early: readonly Buffer[]): boolean {
    const fargate = this.#parts.services.get(request.service ?? '')?.fargate;
    if (fargate === undefined || request.asked !== 'auto') return false;
    request.reason = 'auto: the body is larger than Lambda gets from a load balancer';
    return this.#takeSlot(request, fargate, early);
  }

  #fargate(request: ServedRequest, service: DoorService, ask: Ask): void {
    const { fargate, load } = service;
    if (fargate === undefined) return;
    countLoad(request, load);
    if (this.#takeSlot(request, fargate, [])) return;
    const desired = ask.fargate?.desired ?? 0;
    this.#answer(request, 503, new Fault('FARGATE_NO_TASK', { service: ask.service, desired }));
  }

  #takeSlot(request: ServedRequest, fargate: FargateTrack, early: readonly Buffer[]): boolean {
    const slot = fargate.acquire(true);
    if (slot === undefined) return false;
    this.#goes(request, 'fargate');
    request.instance = slot.task;
    request.sentAt = this.#parts.clock.now();
    toFargate(request, slot, this, early);
    return true;
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

  /** The front door's own answer, or a broken connection if the program's has begun. */
  #answer(request: ServedRequest, status: number, fault: Fault): void {
    const { exchange } = request;
    request.fault = fault;
    request.own = true;
    if (exchange.begun) {
      exchange.abort();
    } else {
      request.status = status;
      if (request.reason === '') request.reason = fault.message;
      const { start, body } = ownAnswer(status, this.date(), this.devFields(request));
      exchange.respond(start);
      if (exchange.head.method !== 'HEAD') exchange.write(body);
      exchange.end();
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

  malformed(
    problem: Malformed | 'timeout',
    reply: (start: ResponseStart, body: Buffer) => void,
  ): void {
    const { clock, events, app } = this.#parts;
    const { status, fault } = malformedFault(problem, app.entry.idleTimeoutMs);
    const more = this.#parts.dev ? `x-fulcrum-reason: ${oneLine(fault.message)}\r\n` : '';
    const { start, body } = ownAnswer(status, this.date(), more);
    reply(start, body);
    events.emit({ type: 'fault', at: clock.wall(), service: undefined, fault: fault.toJSON() });
  }

  #finish(request: ServedRequest): void {
    if (request.told) return;
    request.told = true;
    const { clock, events, meter, metrics } = this.#parts;
    const now = clock.now();
    request.load?.ended(now);
    this.inFlight -= 1;
    const { exchange } = request;
    const { head } = exchange;
    metrics.served(request, now);
    meter.routed(
      {
        lambda: request.compute === 'lambda',
        bytes: exchange.bytesReceived + exchange.bytesSent,
        ruleEvaluations: request.evaluations,
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

  devFields({ compute, track, reason }: ServedRequest): string {
    if (!this.#parts.dev) return '';
    const where =
      compute === undefined ? '' : `x-fulcrum-compute: ${compute}\r\nx-fulcrum-track: ${track}\r\n`;
    return `${where}x-fulcrum-reason: ${oneLine(reason)}\r\n`;
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

/** Counts a request as load of Fargate until it is over. */
function countLoad(request: ServedRequest, load: LoadGauge): void {
  load.began(request.startedAt);
  request.load = load;
}

function factsOf(exchange: Exchange): RequestFacts {
  const { head } = exchange;
  const path = pathOf(head.target);
  return {
    method: head.method,
    path,
    query: path.length === head.target.length ? '' : head.target.slice(path.length + 1),
    host: head.host.replace(/:\d+$/, ''),
    source: exchange.remoteAddress,
    headerValues: (name) => fieldValues(head, name),
  };
}

/** Nothing in a message may end the line it is sent in. */
function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e\x80-\xff]+/g, ' ');
}

function pathOf(target: string): string {
  const mark = target.indexOf('?');
  return mark === -1 ? target : target.slice(0, mark);
}

function malformedFault(problem: Malformed | 'timeout', idleMs: number) {
  if (problem === 'timeout') {
    return { status: 408, fault: new Fault('REQUEST_TOO_SLOW', { waitedMs: idleMs }) };
  }
  switch (problem.kind) {
    case 'coding':
      return {
        status: 501,
        fault: new Fault('TRANSFER_CODING_UNKNOWN', { coding: problem.message }),
      };
    case 'too-large': {
      const limitBytes = problem.message === 'head' ? ALB_HEAD_BYTES.total : ALB_HEAD_BYTES.line;
      const facts = { what: problem.message, limitBytes };
      return { status: 400, fault: new Fault('REQUEST_HEAD_TOO_LARGE', facts) };
    }
    case 'syntax':
      return { status: 400, fault: new Fault('REQUEST_MALFORMED', { problem: problem.message }) };
  }
}
