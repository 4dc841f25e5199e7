// Chooses the compute of a request whose route is known, and hands it over.

import { Fault } from '../../base/fault.ts';
import type { Clock, Rng } from '../../base/ports.ts';
import type { App, Compute } from '../../model/app.ts';
import { awsNames, functionArn, targetGroupArn } from '../../model/metric.ts';
import type { RouteTarget } from '../../model/route.ts';
import { trackOf } from '../../model/track.ts';
import { type Ask, choose, type Refusal } from '../../routing/choose.ts';
import { CookieBook } from '../balancer/target-cookies.ts';
import type { LoadGauge } from '../control/load-gauge.ts';
import type { ServiceLearning } from '../control/service-learning.ts';
import type { FargateTrack } from '../fargate/fargate-track.ts';
import type { Exchange } from '../http1/exchange.ts';
import type { InvocationTarget } from '../lambda/invocation.ts';
import type { ServiceTrack } from '../lambda/service-environment.ts';
import { FORCE_FIELD, fieldValue } from './alb-headers.ts';
import { mismatchOf } from './protocol.ts';
import type { ServedRequest, WayEnd } from './served-request.ts';
import { toFunction } from './to-function.ts';
import { toLambda } from './to-lambda.ts';

/** A service as the front door sees it. */
export interface DoorService {
  readonly lambda: ServiceTrack | undefined;
  readonly fargate: FargateTrack | undefined;
  /** Load that Fargate could serve, and the part of it that nothing else may. */
  readonly load: LoadGauge;
  readonly pinned: LoadGauge;
  /** Of a service on both computes. */
  readonly learning: ServiceLearning | undefined;
  /** `api@2/lambda`: what its environments run now. */
  readonly lambdaTrack: string;
}

/** How busy its computes are. */
interface DoorViews {
  readonly lambda: Pick<ServiceTrack, 'view'> | undefined;
  readonly fargate: Pick<FargateTrack, 'view'> | undefined;
}

/** A function, seen as a service on Lambda alone. */
interface DoorFunction extends DoorViews {
  readonly target: InvocationTarget;
  /** As the front door names it. */
  readonly arn: string;
}

export interface TargetParts {
  readonly app: App;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly services: ReadonlyMap<string, DoorService>;
  /** By name; no name is that of a service too. */
  readonly functions: ReadonlyMap<string, InvocationTarget>;
  /** Adds the `x-fulcrum-…` fields and follows `x-fulcrum-force`. */
  readonly dev: boolean;
}

const REVISION = 1;

/** What a service is called on one of its computes. */
interface Place {
  readonly track: string;
  /** ARN of its target group. */
  readonly group: string;
}

export class Targets {
  readonly #parts: TargetParts;
  readonly #end: WayEnd;
  readonly #places = new Map<string, Place>();
  readonly #functions = new Map<string, DoorFunction>();
  readonly #cookies: CookieBook;

  constructor(parts: TargetParts, end: WayEnd) {
    this.#parts = parts;
    this.#end = end;
    const { name: app, region } = parts.app;
    const names = awsNames(app);
    this.#cookies = new CookieBook(parts.clock, parts.rng);
    for (const name of [...parts.services.keys(), ...parts.functions.keys()]) {
      for (const compute of ['lambda', 'fargate'] as const) {
        this.#places.set(`${name}/${compute}`, {
          track: trackOf(name, REVISION, compute).id,
          group: targetGroupArn(region, names.targetGroup(name, compute)),
        });
      }
    }
    for (const [name, target] of parts.functions) {
      this.#functions.set(name, doorFunction(target, parts.app.region));
    }
  }

  send(request: ServedRequest, target: RouteTarget): void {
    const service = this.#parts.services.get(target.service);
    if (service !== undefined && this.#end.kind.services !== undefined) {
      this.#toService(request, target, service);
      return;
    }
    const called = this.#functions.get(target.service);
    if (called !== undefined) this.#toFunction(request, target, called);
    else
      this.#end.failed(
        request,
        500,
        new Fault('INTERNAL', { what: `no service ${target.service}` }),
      );
  }

  #toService(request: ServedRequest, target: RouteTarget, service: DoorService): void {
    const { rule } = request;
    const learning = request.asked === 'auto' ? service.learning : undefined;
    const placement =
      rule === undefined ? undefined : learning?.view(rule, this.#parts.clock.now());
    const ask = { ...this.#ask(target, service, request.exchange), placement };
    const choice = choose(ask);
    noteReason(request, choice.reason);
    if (rule !== undefined && ask.force === undefined) learning?.came(rule);
    if (choice.kind === 'refuse') this.#refused(request, service, choice);
    else if (choice.compute === 'lambda') this.#lambda(request, service);
    else this.#fargate(request, service, ask, choice.tries === true);
  }

  #ask(target: RouteTarget, { lambda, fargate }: DoorViews, { head }: Exchange): Ask {
    const { body } = head;
    const { front } = this.#end.kind;
    return {
      front,
      service: target.service,
      compute: target.compute,
      force: this.#parts.dev ? fieldValue(head, FORCE_FIELD) : undefined,
      needs: {
        upgrade: front.upgrades ? head.upgrade : undefined,
        bodyBytes: body.kind === 'length' ? body.bytes : body.kind === 'none' ? 0 : undefined,
      },
      lambda: lambda?.view(this.#parts.clock.now()),
      fargate: fargate?.view(),
    };
  }

  #toFunction(request: ServedRequest, target: RouteTarget, called: DoorFunction): void {
    this.#goes(request, 'lambda');
    const choice = choose(this.#ask(target, called, request.exchange));
    noteReason(request, choice.reason);
    if (choice.kind === 'refuse') {
      if (choice.code === 'LAMBDA_THROTTLED') called.target.countThrottle();
      this.#end.failed(request, choice.status, new Fault(choice.code, choice.facts));
      return;
    }
    request.sentAt = request.startedAt;
    toFunction(request, called, this.#end);
  }

  #refused(request: ServedRequest, service: DoorService, refusal: Refusal): void {
    if (refusal.wakes) service.load.refused();
    if (request.asked === 'fargate') {
      request.targetGroup = this.#places.get(`${request.service}/fargate`)?.group;
    }
    if (refusal.code === 'LAMBDA_THROTTLED') {
      this.#goes(request, 'lambda');
      service.lambda?.throttled();
    }
    this.#end.failed(request, refusal.status, new Fault(refusal.code, refusal.facts));
  }

  #goes(request: ServedRequest, compute: Compute): void {
    request.compute = compute;
    const place = this.#places.get(`${request.service}/${compute}`);
    request.track = place?.track;
    request.targetGroup = place?.group;
  }

  #lambda(request: ServedRequest, service: DoorService): void {
    const { lambda, fargate, load } = service;
    const { services: passage } = this.#end.kind;
    if (lambda === undefined || passage === undefined) return;
    this.#goes(request, 'lambda');
    request.track = service.lambdaTrack;
    request.sentAt = request.startedAt;
    if (fargate !== undefined && request.asked === 'auto') {
      countLoad(request, load);
      request.learning = service.learning?.toLambda(request.rule ?? 0);
    }
    toLambda(request, lambda, passage, this.#end);
  }

  tooLarge(request: ServedRequest, early: readonly Buffer[]): boolean {
    const fargate = this.#parts.services.get(request.service ?? '')?.fargate;
    if (fargate === undefined || request.asked !== 'auto') return false;
    request.learning = undefined;
    request.reason = `auto: the body is larger than Lambda gets from ${this.#end.kind.front.name}`;
    return this.#takeSlot(request, fargate, early);
  }

  #fargate(request: ServedRequest, service: DoorService, ask: Ask, tries: boolean): void {
    const { fargate, load, learning } = service;
    if (fargate === undefined) return;
    const { protocol } = fargate;
    const mismatch = mismatchOf(request.exchange, protocol);
    if (mismatch !== undefined) {
      const facts = { service: ask.service, protocol, problem: mismatch };
      request.targetGroup = this.#places.get(`${request.service}/fargate`)?.group;
      this.#end.failed(request, 464, new Fault('PROTOCOL_MISMATCH', facts));
      return;
    }
    countLoad(request, load);
    if (request.asked === 'fargate') countPinned(request, service.pinned);
    if (ask.fargate !== undefined && ask.placement !== undefined) {
      const { healthy, slotsInUse } = ask.fargate;
      const inFlight = Math.floor(slotsInUse / Math.max(1, healthy)) + 1;
      request.learning = learning?.toTask(request.rule ?? 0, inFlight, tries, request.startedAt);
    }
    if (this.#takeSlot(request, fargate, [])) return;
    const desired = ask.fargate?.desired ?? 0;
    this.#end.failed(request, 503, new Fault('FARGATE_NO_TASK', { service: ask.service, desired }));
  }

  #takeSlot(request: ServedRequest, fargate: FargateTrack, early: readonly Buffer[]): boolean {
    const { services: passage } = this.#end.kind;
    const { stickiness } = fargate;
    const cookies = stickiness && this.#cookies.of(request.service ?? '', stickiness);
    const sticky = cookies?.targetOf(request.exchange.head);
    const slot = passage === undefined ? undefined : fargate.acquire(true, sticky);
    if (slot === undefined) return false;
    this.#goes(request, 'fargate');
    request.track = slot.track;
    request.targetCookies = cookies;
    request.instance = slot.task;
    request.sentAt = this.#parts.clock.now();
    passage?.toFargate(request, slot, this.#end, early);
    return true;
  }
}

/** After what is already known of its way: the group of a weighted rule, a new path. */
function noteReason(request: ServedRequest, reason: string): void {
  request.reason = request.reason === '' ? reason : `${request.reason}; ${reason}`;
}

/** Counts a request as load of Fargate until it is over. */
function countLoad(request: ServedRequest, load: LoadGauge): void {
  load.began(request.startedAt);
  request.load = load;
}

/** Counts it as load that only Fargate may serve, too. */
function countPinned(request: ServedRequest, pinned: LoadGauge): void {
  pinned.began(request.startedAt);
  request.pinned = pinned;
}

function doorFunction(target: InvocationTarget, region: string): DoorFunction {
  const version = target.version === '$LATEST' ? undefined : target.version;
  return {
    target,
    arn: functionArn(region, target.functionName, version),
    lambda: { view: (now) => ({ throttled: target.throttled(now) }) },
    fargate: undefined,
  };
}
