// The same decision as `choose`, told in full for one request: which route, which computes are
// struck out and why, where it would go.

import type { Compute, Route } from '../model/app.ts';
import { type Ask, choose, lambdaStruckOut, whyNotFargate } from './choose.ts';
import type { FrontRules } from './front-rules.ts';
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

/** Answers from the routes, and from how busy each service is. */
export function explainRequest(
  { routes, front }: { readonly routes: RouteTable; readonly front: FrontRules },
  request: DescribedRequest,
  views: (service: string) => Pick<Ask, 'lambda' | 'fargate'> | undefined,
): Explanation | undefined {
  const { target, headers } = request;
  const mark = target.indexOf('?');
  const named = (name: string) =>
    headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  const { route } = routes.match({
    method: request.method,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? '' : target.slice(mark + 1),
    host: (named('host')[0] ?? '127.0.0.1').replace(/:\d+$/, ''),
    source: request.source,
    headerValues: named,
  });
  const view = route === undefined ? undefined : views(route.service);
  if (route === undefined || view === undefined) return undefined;
  return explain(route, {
    front,
    service: route.service,
    compute: route.compute,
    force: named('x-fulcrum-force')[0],
    needs: {
      upgrade: front.upgrades ? named('upgrade')[0] : undefined,
      bodyBytes: request.bodyBytes,
    },
    ...view,
  });
}

export interface Explanation {
  readonly route: {
    readonly priority: number;
    readonly conditions: readonly string[];
    readonly service: string;
    readonly compute: string;
  };
  readonly computes: readonly ComputeVerdict[];
  readonly goes: Compute | undefined;
  /** Set when the front door would answer by itself. */
  readonly status: number | undefined;
  readonly reason: string;
}

export interface ComputeVerdict {
  readonly compute: Compute;
  readonly verdict: 'can take it' | 'struck out';
  readonly why: string;
}

function explain(route: Route, ask: Ask): Explanation {
  const choice = choose(ask);
  return {
    route: {
      priority: route.priority,
      conditions: [...sayConditions(route), ...sayToken(route, ask.front)],
      service: route.service,
      compute: route.compute,
    },
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
  if (fargate.slotsInUse < fargate.slots) return { compute, verdict: 'can take it', why: use };
  return { compute, verdict: 'can take it', why: `${use}; only for what Lambda cannot take` };
}

function out(compute: Compute, why: string): ComputeVerdict {
  return { compute, verdict: 'struck out', why };
}

/** `path /lambda/*`, `method GET or POST`, … */
export function sayConditions(route: Route): readonly string[] {
  const or = (values: readonly string[]) => values.join(' or ');
  const conditions: string[] = [];
  if (route.paths.length > 0) conditions.push(`path ${or(route.paths)}`);
  if (route.hosts.length > 0) conditions.push(`host ${or(route.hosts)}`);
  if (route.methods.length > 0) conditions.push(`method ${or(route.methods)}`);
  for (const { name, values } of route.headers) conditions.push(`header ${name}: ${or(values)}`);
  if (route.query.length > 0) {
    conditions.push(`query ${or(route.query.map(({ key, value }) => `${key ?? '*'}=${value}`))}`);
  }
  if (route.sources.length > 0) conditions.push(`source ${or(route.sources)}`);
  return conditions;
}

/** What else a request needs to be taken. */
function sayToken({ open, scopes }: Route, { guarded }: FrontRules): readonly string[] {
  if (!guarded || open) return [];
  return [scopes.length === 0 ? 'with a token' : `with a token for ${scopes.join(' or ')}`];
}
