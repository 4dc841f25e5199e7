// Which route takes a request: the first in the order of priority whose every kind of condition is
// met by one of its values, as in the listener rules of a load balancer.
//
// Invariants
//   R1. The answer is that of trying all routes in order.
//   R2. The work does not grow with the number of routes that begin differently: only routes whose
//       path begins like the request's are tried.

import ipaddr from 'ipaddr.js';
import type { QueryCondition, Route, RouteAction, TextCondition } from '../model/route.ts';
import { compileRegex } from '../model/rule-regex.ts';
import { compilePattern, literalPrefix, type Matcher } from './pattern.ts';
import { compileRewrite, type Rewriter } from './rewrite.ts';

/** What a route may look at. */
export interface RequestFacts {
  readonly method: string;
  /** Before the "?", as sent. */
  readonly path: string;
  /** After the "?", as sent; "" without one. */
  readonly query: string;
  /** Without the port. */
  readonly host: string;
  /** Address of the peer. */
  readonly source: string;
  /** All values of a header, by its lower-case name. */
  headerValues(name: string): readonly string[];
}

export type Match = Matched | Unmatched;

interface Evaluated {
  /** Rules a load balancer would have processed to get here; it charges for them. */
  readonly evaluations: number;
}

/** No route takes the request. */
export interface Unmatched extends Evaluated {
  readonly route: undefined;
}

export interface Matched extends Evaluated {
  readonly route: Route;
  /** Writes the request anew for its target. */
  readonly rewrite: Rewriter | undefined;
  /** What an HTTP API tells the target about the route. */
  readonly api: ApiMatch | undefined;
}

export interface ApiMatch {
  /** "GET /items/{id}", "ANY /items", "$default". */
  readonly routeKey: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface RouteTable {
  match(request: RequestFacts): Match;
}

interface Rule {
  readonly route: Route;
  readonly index: number;
  readonly test: (request: RequestFacts) => boolean;
  readonly rewrite: Rewriter | undefined;
}

/** `routes` in the order of their priority. */
export function compileRoutes(routes: readonly Route[]): RouteTable {
  const rules = routes.map(
    (route, index): Rule => ({
      route,
      index,
      test: compileRule(route),
      rewrite: rewriteOf(route.action),
    }),
  );
  const index = indexByPrefix(rules);
  return {
    match(request) {
      let best: Rule | undefined;
      for (const bucket of index.bucketsFor(request.path)) {
        const found = firstMatch(bucket, request, best);
        if (found !== undefined) best = found;
      }
      if (best === undefined) return { route: undefined, evaluations: rules.length };
      const { route, index: before, rewrite } = best;
      return { route, evaluations: before + 1, rewrite, api: undefined };
    },
  };
}

function rewriteOf(action: RouteAction): Rewriter | undefined {
  if (action.kind !== 'forward' && action.kind !== 'weighted') return undefined;
  return action.rewrite && compileRewrite(action.rewrite);
}

/** The first rule of `bucket` that matches and comes before `best`. */
function firstMatch(
  bucket: readonly Rule[],
  request: RequestFacts,
  best: Rule | undefined,
): Rule | undefined {
  for (const rule of bucket) {
    if (best !== undefined && rule.index > best.index) return undefined;
    if (rule.test(request)) return rule;
  }
  return undefined;
}

/** Rules by the literal text their path begins with; a rule with several paths is in several. */
function indexByPrefix(rules: readonly Rule[]) {
  const buckets = new Map<string, Rule[]>();
  for (const rule of rules) {
    const { kind, values } = rule.route.paths;
    const anywhere = kind === 'regexes' || values.length === 0;
    const prefixes = new Set(anywhere ? [''] : values.map(literalPrefix));
    for (const prefix of prefixes) {
      const bucket = buckets.get(prefix);
      if (bucket === undefined) buckets.set(prefix, [rule]);
      else bucket.push(rule);
    }
  }
  const lengths = [...new Set([...buckets.keys()].map((prefix) => prefix.length))].sort(
    (a, b) => a - b,
  );
  return {
    bucketsFor(path: string): readonly (readonly Rule[])[] {
      const found: (readonly Rule[])[] = [];
      for (const length of lengths) {
        if (length > path.length) break;
        const bucket = buckets.get(path.slice(0, length));
        if (bucket !== undefined) found.push(bucket);
      }
      return found;
    },
  };
}

function compileRule(route: Route): (request: RequestFacts) => boolean {
  const tests: ((request: RequestFacts) => boolean)[] = [];
  if (route.paths.values.length > 0) {
    const paths = compileTexts(route.paths, { ignoreCase: false });
    tests.push(({ path }) => any(paths, path));
  }
  if (route.methods.length > 0) {
    const methods = new Set(route.methods);
    tests.push(({ method }) => methods.has(method));
  }
  if (route.hosts.values.length > 0) {
    const hosts = compileTexts(route.hosts, { ignoreCase: true });
    tests.push(({ host }) => any(hosts, host));
  }
  for (const header of route.headers) {
    const values = compileTexts(header, { ignoreCase: true });
    const { name } = header;
    tests.push((request) => request.headerValues(name).some((value) => any(values, value)));
  }
  if (route.query.length > 0) tests.push(compileQuery(route.query));
  if (route.sources.length > 0) tests.push(compileSources(route.sources));
  return (request) => tests.every((test) => test(request));
}

function compileTexts(
  { kind, values }: TextCondition,
  options: { readonly ignoreCase: boolean },
): readonly Matcher[] {
  if (kind === 'patterns') return values.map((value) => compilePattern(value, options));
  return values.map((value) => compileRegex(value, options).test);
}

function any(matchers: readonly Matcher[], text: string): boolean {
  for (const matcher of matchers) if (matcher(text)) return true;
  return false;
}

const AS_QUERY = { ignoreCase: true, escapes: true };

/** Keys and values are compared as they were sent, without decoding, whatever their case. */
function compileQuery(conditions: readonly QueryCondition[]) {
  const pairs = conditions.map(({ key, value }) => ({
    key: key === undefined ? () => true : compilePattern(key, AS_QUERY),
    value: compilePattern(value, AS_QUERY),
  }));
  return ({ query }: RequestFacts): boolean => {
    if (query === '') return false;
    return query.split('&').some((part) => {
      const equals = part.indexOf('=');
      const key = equals === -1 ? part : part.slice(0, equals);
      const value = equals === -1 ? '' : part.slice(equals + 1);
      return pairs.some((pair) => pair.key(key) && pair.value(value));
    });
  };
}

function compileSources(blocks: readonly string[]) {
  const ranges = blocks.map((block) => ipaddr.parseCIDR(block));
  return ({ source }: RequestFacts): boolean => {
    if (!ipaddr.isValid(source)) return false;
    const address = ipaddr.process(source);
    return ranges.some((range) => address.kind() === range[0].kind() && address.match(range));
  };
}
