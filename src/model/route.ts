// What a route is: conditions that a request meets, and what is then done with it. On a load balancer
// it is a listener rule.

import type { Millis } from '../base/units.ts';
import type { Compute, RouteCompute } from './app.ts';

/** Matches when every kind of condition it has is met; a kind is met by any of its values. */
export interface Route {
  /** 1 to 50000, unique, lowest first, as in an ALB listener rule. */
  readonly priority: number;
  readonly paths: TextCondition;
  readonly hosts: TextCondition;
  readonly methods: readonly string[];
  readonly headers: readonly HeaderCondition[];
  readonly query: readonly QueryCondition[];
  /** CIDR blocks. */
  readonly sources: readonly string[];
  readonly action: RouteAction;
  /** Needs no token, though the entry has an authorizer. */
  readonly open: boolean;
  /** The token must have one of these; none means any token will do. */
  readonly scopes: readonly string[];
}

/** Met by a text that one of its values matches. Without values it is no condition. */
export interface TextCondition {
  /** Patterns with "*" and "?", or regular expressions: never both in one condition. */
  readonly kind: 'patterns' | 'regexes';
  readonly values: readonly string[];
}

export interface HeaderCondition extends TextCondition {
  /** Lower case. */
  readonly name: string;
}

export interface QueryCondition {
  /** Undefined matches any key. */
  readonly key: string | undefined;
  readonly value: string;
}

export type RouteAction = ForwardAction | WeightedAction | RedirectAction | RespondAction;

/** To one service or function. */
export interface ForwardAction {
  readonly kind: 'forward';
  /** The service or function that answers. */
  readonly service: string;
  /** Always lambda for a function. */
  readonly compute: RouteCompute;
  readonly rewrite: Rewrite | undefined;
}

/** To one of several target groups, by chance. None stands in for another. */
export interface WeightedAction {
  readonly kind: 'weighted';
  /** One to five. */
  readonly groups: readonly WeightedGroup[];
  /** A client stays with its group for this long; undefined: it does not. */
  readonly stickyMs: Millis | undefined;
  readonly rewrite: Rewrite | undefined;
}

export interface WeightedGroup {
  readonly service: string;
  readonly compute: Compute;
  /** 0 to 999. Its part is the weight over the sum of the weights. */
  readonly weight: number;
}

/** What of a request is written anew before it goes to its target: the transforms of a rule. */
export interface Rewrite {
  /** Of path and query together. */
  readonly path: Replacement | undefined;
  readonly host: Replacement | undefined;
}

export interface Replacement {
  /** A regular expression. */
  readonly match: string;
  /** "$1" is the text of the first group. */
  readonly replace: string;
}

/** Each part may have keywords: #{protocol}, #{host}, #{port}, #{path} without its "/", #{query}. */
export interface RedirectAction {
  readonly kind: 'redirect';
  readonly protocol: 'http' | 'https' | '#{protocol}';
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;
  readonly status: 301 | 302;
}

export interface RespondAction {
  readonly kind: 'respond';
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The services and functions that a route leads to. */
export function targetsOf({ action }: Route): readonly RouteTarget[] {
  switch (action.kind) {
    case 'forward':
      return [action];
    case 'weighted':
      return action.groups;
    case 'redirect':
    case 'respond':
      return [];
  }
}

export interface RouteTarget {
  readonly service: string;
  readonly compute: RouteCompute;
}

/** No condition on a text. */
export const ANY_TEXT: TextCondition = { kind: 'patterns', values: [] };

/** "api on auto", "web on lambda (90 of 100) or api on fargate (10 of 100)", "302 to https://…". */
export function sayAction({ action }: Route): string {
  switch (action.kind) {
    case 'forward':
      return `${action.service} on ${action.compute}`;
    case 'weighted': {
      const sum = action.groups.reduce((total, { weight }) => total + weight, 0);
      return action.groups
        .map(({ service, compute, weight }) => `${service} on ${compute} (${weight} of ${sum})`)
        .join(' or ');
    }
    case 'redirect': {
      const { protocol, host, port, path, query, status } = action;
      return `${status} to ${protocol}://${host}:${port}${path}${query === '' ? '' : `?${query}`}`;
    }
    case 'respond':
      return `an answer ${action.status}`;
  }
}

/** `path /lambda/*`, `method GET or POST`, … */
export function sayConditions(route: Route): readonly string[] {
  const or = (values: readonly string[]) => values.join(' or ');
  const text = ({ kind, values }: TextCondition) =>
    kind === 'patterns' ? or(values) : or(values.map((value) => `like ${value}`));
  const conditions: string[] = [];
  if (route.paths.values.length > 0) conditions.push(`path ${text(route.paths)}`);
  if (route.hosts.values.length > 0) conditions.push(`host ${text(route.hosts)}`);
  if (route.methods.length > 0) conditions.push(`method ${or(route.methods)}`);
  for (const header of route.headers) conditions.push(`header ${header.name}: ${text(header)}`);
  if (route.query.length > 0) {
    conditions.push(`query ${or(route.query.map(({ key, value }) => `${key ?? '*'}=${value}`))}`);
  }
  if (route.sources.length > 0) conditions.push(`source ${or(route.sources)}`);
  return conditions;
}
