// The same decision as `choose`, told in full for one request: which route, which computes are
// struck out and why, where it would go.

import type { Millis } from '../base/units.ts';
import type { Compute, RouteCompute } from '../model/app.ts';
import {
  type RedirectAction,
  type RespondAction,
  type Route,
  type RouteTarget,
  sayConditions,
  type WeightedAction,
} from '../model/route.ts';
import { type Ask, choose, lambdaStruckOut, onTask, whyNotFargate } from './choose.ts';
import type { FrontRules } from './front-rules.ts';
import { locationOf, type RequestUrl } from './redirect.ts';
import type { Rewritten } from './rewrite.ts';
import type { RouteTable } from './route-table.ts';

/** A request that is only described. */
export interface DescribedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Address of the client. */
  readonly source: string;
  readonly bodyBytes: number;
}

export interface ExplainingDoor {
  readonly routes: RouteTable;
  readonly front: FrontRules;
  /** Where it listens. Default: what the request's Host says, else 80. */
  readonly port?: number;
}

/** Answers from the routes, and from how busy each service is. */
export function explainRequest(
  { routes, front, port }: ExplainingDoor,
  request: DescribedRequest,
  views: (
    service: string,
    route: Route,
  ) => Pick<Ask, 'lambda' | 'fargate' | 'placement'> | undefined,
): Explanation | undefined {
  const { target, headers } = request;
  const mark = target.indexOf('?');
  const named = (name: string) =>
    headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  const field = named('host')[0] ?? (port === undefined ? '127.0.0.1' : `127.0.0.1:${port}`);
  const facts = {
    method: request.method,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? '' : target.slice(mark + 1),
    host: field.replace(/:\d+$/, ''),
    source: request.source,
    headerValues: named,
  };
  const match = routes.match(facts);
  if (match.route === undefined) return undefined;
  const { route, rewrite } = match;
  const { action } = route;
  if (action.kind === 'redirect' || action.kind === 'respond') {
    return explainAnswer(route, action, {
      ...facts,
      port: port ?? Number(/:(\d+)$/.exec(field)?.[1] ?? 80),
    });
  }
  const verdictOf = ({ service, compute }: RouteTarget): TargetVerdict | undefined => {
    const view = views(service, route);
    if (view === undefined) return undefined;
    return judge({
      front,
      service,
      compute,
      force: named('x-fulcrum-force')[0],
      needs: {
        upgrade: front.upgrades ? named('upgrade')[0] : undefined,
        bodyBytes: request.bodyBytes,
      },
      ...view,
    });
  };
  const said = {
    route: {
      priority: route.priority,
      conditions: [...sayConditions(route), ...sayToken(route, front)],
    },
    rewritten: rewrite?.({ target, host: field }),
  };
  if (action.kind === 'weighted') return { ...said, ...explainGroups(action, verdictOf) };
  const verdict = verdictOf(action);
  return verdict && { kind: 'forward', ...said, ...verdict };
}

export type Explanation = ForwardExplanation | WeightedExplanation | AnswerExplanation;

interface Explained {
  readonly route: { readonly priority: number; readonly conditions: readonly string[] };
  /** What its target is asked for, if the route writes requests anew. */
  readonly rewritten: Rewritten | undefined;
}

/** Where a target would be looked for, and whether one would be found. */
export interface TargetVerdict {
  readonly service: string;
  /** What the route asks for. */
  readonly compute: RouteCompute;
  readonly computes: readonly ComputeVerdict[];
  readonly goes: Compute | undefined;
  /** Set when the front door would answer by itself. */
  readonly status: number | undefined;
  readonly reason: string;
}

export interface ForwardExplanation extends Explained, TargetVerdict {
  readonly kind: 'forward';
}

export interface WeightedExplanation extends Explained {
  readonly kind: 'weighted';
  readonly groups: readonly (TargetVerdict & {
    readonly weight: number;
    /** Part of the requests, from 0 to 1. */
    readonly share: number;
  })[];
  readonly stickyMs: Millis | undefined;
}

export interface AnswerExplanation extends Explained {
  readonly kind: 'redirect' | 'respond';
  readonly status: number;
  /** Where a redirect leads. */
  readonly location: string | undefined;
}

export interface ComputeVerdict {
  readonly compute: Compute;
  readonly verdict: 'can take it' | 'struck out';
  readonly why: string;
}

function explainAnswer(
  route: Route,
  action: RedirectAction | RespondAction,
  url: Omit<RequestUrl, 'protocol'>,
): AnswerExplanation {
  return {
    kind: action.kind,
    route: { priority: route.priority, conditions: sayConditions(route) },
    rewritten: undefined,
    status: action.status,
    location:
      action.kind === 'redirect' ? locationOf(action, { ...url, protocol: 'http' }) : undefined,
  };
}

function explainGroups(
  { groups, stickyMs }: WeightedAction,
  verdictOf: (target: RouteTarget) => TargetVerdict | undefined,
): Pick<WeightedExplanation, 'kind' | 'groups' | 'stickyMs'> {
  const sum = groups.reduce((total, { weight }) => total + weight, 0);
  return {
    kind: 'weighted',
    groups: groups.flatMap((group) => {
      const verdict = verdictOf(group);
      const share = sum === 0 ? 0 : group.weight / sum;
      return verdict === undefined ? [] : [{ ...verdict, weight: group.weight, share }];
    }),
    stickyMs,
  };
}

function judge(ask: Ask): TargetVerdict {
  const choice = choose(ask);
  return {
    service: ask.service,
    compute: ask.compute,
    computes: [lambdaVerdict(ask), fargateVerdict(ask)],
    goes: choice.kind === 'go' ? choice.compute : undefined,
    status: choice.kind === 'go' ? undefined : ask.front.status(choice.status, choice.code),
    reason: choice.reason,
  };
}

function lambdaVerdict(ask: Ask): ComputeVerdict {
  const compute = 'lambda';
  if (ask.lambda === undefined) return out(compute, 'the service has no "lambda" block');
  if (ask.compute === 'fargate') return out(compute, 'the route names fargate');
  const struck = lambdaStruckOut(ask);
  if (struck !== undefined) return out(compute, struck.reason);
  return {
    compute,
    verdict: 'can take it',
    why: 'always there; an environment is started if none is idle',
  };
}

function fargateVerdict(ask: Ask): ComputeVerdict {
  const compute = 'fargate';
  const { fargate } = ask;
  if (fargate === undefined) return out(compute, 'the service has no "fargate" block');
  if (ask.compute === 'lambda') return out(compute, 'the route names lambda');
  if (fargate.healthy === 0) return out(compute, whyNotFargate(fargate));
  const use = `${fargate.slotsInUse} of ${fargate.slots} slots in use`;
  if (ask.compute === 'fargate') return { compute, verdict: 'can take it', why: use };
  const { goes, reason } = onTask(ask);
  if (!goes) {
    return { compute, verdict: 'can take it', why: `only what Lambda cannot take: ${reason}` };
  }
  return { compute, verdict: 'can take it', why: ask.placement === undefined ? use : reason };
}

function out(compute: Compute, why: string): ComputeVerdict {
  return { compute, verdict: 'struck out', why };
}

/** What else a request needs to be taken. */
function sayToken({ open, scopes }: Route, { guarded }: FrontRules): readonly string[] {
  if (!guarded || open) return [];
  return [scopes.length === 0 ? 'with a token' : `with a token for ${scopes.join(' or ')}`];
}
