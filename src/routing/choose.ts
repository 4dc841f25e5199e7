// Where a request goes: route, then admission, then the capacity there is now.
//
//   lambda    goes to Lambda or gets the error the load balancer would give.
//   fargate   goes to Fargate or gets 503.
//   auto      Fargate while it has a free slot and will be in time, else Lambda; what Lambda cannot
//             take goes to a busy task, or to an unhealthy one while all are; and if there is none
//             either, to the front door's own error.
//   A load balancer whose targets are all unhealthy asks them all the same (fail open).
//
// Invariants
//   C1. A request goes only to a compute its route allows and its service has.
//   C2. With `auto`, a request is refused only when neither compute can take it.
//   C3. Every answer says why, in words.

import type { FactsOf, FaultCode } from '../base/fault.ts';
import type { Compute, RouteCompute } from '../model/app.ts';
import type { FrontRules } from './front-rules.ts';
import { type PlacementView, type TaskVerdict, taskVerdict } from './placement-view.ts';

/** What the request asks of a compute. */
export interface Needs {
  /** Protocol of an Upgrade, or undefined. */
  readonly upgrade: string | undefined;
  /** Bytes of the body as declared; undefined when it is chunked. */
  readonly bodyBytes: number | undefined;
}

export interface LambdaView {
  /** Why a request would be throttled now, or undefined. */
  readonly throttled: { readonly reason: string; readonly limit: number } | undefined;
}

export interface FargateView {
  readonly desired: number;
  /** Tasks that pass their health check. */
  readonly healthy: number;
  readonly slotsInUse: number;
  readonly slots: number;
  /** Every task is unhealthy: the load balancer asks them all the same. */
  readonly failOpen: boolean;
}

export interface Ask {
  readonly front: FrontRules;
  /** A service, or a function: that is a service on Lambda alone. */
  readonly service: string;
  readonly compute: RouteCompute;
  /** From the header `x-fulcrum-force`; undefined where it may not be used. */
  readonly force: string | undefined;
  readonly needs: Needs;
  /** Undefined when the service has no such settings. */
  readonly lambda: LambdaView | undefined;
  readonly fargate: FargateView | undefined;
  /** Of a service on both computes; undefined: a free slot is all it takes. */
  readonly placement?: PlacementView | undefined;
}

export type Choice =
  | {
      readonly kind: 'go';
      readonly compute: Compute;
      readonly reason: string;
      /** It shows whether its route is still too slow on a task. */
      readonly tries?: boolean;
    }
  | Refusal;

export interface Refusal {
  readonly kind: 'refuse';
  readonly code: FaultCode;
  readonly facts: FactsOf<FaultCode>;
  readonly status: number;
  readonly reason: string;
  /** Only Fargate could have served it, so it should be woken. */
  readonly wakes: boolean;
}

export function choose(ask: Ask): Choice {
  const { front, needs } = ask;
  if (needs.bodyBytes !== undefined && needs.bodyBytes > front.bodyBytes) {
    const reason = `the body is larger than ${front.name} takes`;
    return refuse('REQUEST_BODY_TOO_LARGE', { limitBytes: front.bodyBytes }, 413, reason);
  }
  if (ask.force !== undefined) return chooseForced(ask, ask.force);
  switch (ask.compute) {
    case 'lambda':
      return onLambda(ask, front.onlyLambda);
    case 'fargate':
      return onFargate(ask, 'the route names fargate');
    case 'auto':
      return chooseAuto(ask);
  }
}

function chooseForced(ask: Ask, force: string): Choice {
  const allowed = (['lambda', 'fargate'] as const).filter((name) => ask[name] !== undefined);
  if (force === 'lambda' && ask.lambda !== undefined) {
    return onLambda(ask, 'x-fulcrum-force asks for lambda');
  }
  if (force === 'fargate' && ask.fargate !== undefined) {
    return onFargate(ask, 'x-fulcrum-force asks for fargate');
  }
  return refuse(
    'FORCE_IMPOSSIBLE',
    { value: force, allowed },
    400,
    'x-fulcrum-force names no compute of this service',
  );
}

function chooseAuto(ask: Ask): Choice {
  const { fargate } = ask;
  const task = onTask(ask);
  if (task.goes) {
    const { reason, tries } = task;
    return { kind: 'go', compute: 'fargate', reason: `auto: ${reason}`, ...(tries && { tries }) };
  }
  const lambda = onLambda(ask, `auto: ${task.reason}`);
  if (lambda.kind === 'go' || fargate === undefined) return lambda;
  if (fargate.healthy > 0) {
    const reason = `auto: ${lambda.reason}, so a task beyond its slots takes it`;
    return { kind: 'go', compute: 'fargate', reason };
  }
  if (fargate.failOpen) {
    const reason = `auto: ${lambda.reason}, so an unhealthy task takes it`;
    return { kind: 'go', compute: 'fargate', reason };
  }
  if (lambda.code === 'LAMBDA_THROTTLED') return { ...lambda, wakes: true };
  return noTask(ask, fargate.desired, `auto: ${lambda.reason}, and ${whyNotFargate(fargate)}`);
}

/** Whether a task takes a request that may go to either compute, and why. */
export function onTask({ fargate, placement }: Ask): TaskVerdict {
  if (fargate === undefined || fargate.healthy === 0) {
    return { goes: false, reason: whyNotFargate(fargate), tries: false };
  }
  if (placement !== undefined) return taskVerdict(fargate, placement);
  const { slotsInUse, slots } = fargate;
  if (slotsInUse >= slots) return { goes: false, reason: whyNotFargate(fargate), tries: false };
  const reason = `Fargate has a free slot (${slotsInUse} of ${slots} in use)`;
  return { goes: true, reason, tries: false };
}

function onLambda(ask: Ask, why: string): Choice {
  const out = lambdaStruckOut(ask);
  return out ?? { kind: 'go', compute: 'lambda', reason: why };
}

function onFargate(ask: Ask, why: string): Choice {
  const { fargate } = ask;
  if (fargate !== undefined && fargate.healthy > 0) {
    return { kind: 'go', compute: 'fargate', reason: why };
  }
  if (fargate?.failOpen === true) {
    const reason = `${why}; every task is unhealthy, so any of them is asked`;
    return { kind: 'go', compute: 'fargate', reason };
  }
  const desired = fargate?.desired ?? 0;
  return noTask(ask, desired, `${why}, and ${whyNotFargate(fargate)}`);
}

/** Why Lambda cannot take this request, or undefined. */
export function lambdaStruckOut({ front, needs, lambda }: Ask): Refusal | undefined {
  if (needs.upgrade !== undefined) {
    const reason = 'Lambda cannot upgrade a connection';
    return refuse('LAMBDA_UPGRADE', { protocol: needs.upgrade }, 400, reason);
  }
  if (needs.bodyBytes !== undefined && needs.bodyBytes > front.lambdaBodyBytes) {
    const reason = `the body is larger than Lambda gets from ${front.name}`;
    const facts = { limitBytes: front.lambdaBodyBytes };
    return refuse('LAMBDA_REQUEST_TOO_LARGE', facts, 413, reason);
  }
  if (lambda?.throttled !== undefined) {
    const reason = `Lambda throttles (${lambda.throttled.reason})`;
    return refuse('LAMBDA_THROTTLED', lambda.throttled, 502, reason);
  }
  return undefined;
}

/** Why no free slot of Fargate takes a request, in words. */
export function whyNotFargate(fargate: FargateView | undefined): string {
  if (fargate === undefined) return 'the service has no Fargate';
  if (fargate.desired === 0 && fargate.healthy === 0) return 'Fargate sleeps at zero';
  if (fargate.failOpen) return 'every task is unhealthy';
  if (fargate.healthy === 0) return `no task is healthy yet (${fargate.desired} wanted)`;
  return `all ${fargate.slots} slots of ${fargate.healthy} ${fargate.healthy === 1 ? 'task' : 'tasks'} are in use`;
}

function noTask(ask: Ask, desired: number, reason: string): Refusal {
  const facts = { service: ask.service, desired };
  return { ...refuse('FARGATE_NO_TASK', facts, 503, reason), wakes: true };
}

function refuse<code extends FaultCode>(
  code: code,
  facts: FactsOf<code>,
  status: number,
  reason: string,
): Refusal {
  return { kind: 'refuse', code, facts, status, reason, wakes: false };
}
