// Which route of an HTTP API takes a request: the most exact path, whatever the order they are
// written in. [AGW:http-api-develop-routes]
//
// Invariants
//   R3. A path without a greedy variable goes before one with; $default goes last.
//   R4. Of two such paths the one goes first whose first differing segment is more exact: a literal
//       before a variable, a variable before the greedy one.
//   R5. For the same path an explicit method goes before ANY.

import { type ApiPath, type ApiSegment, parseApiPath, routeKey } from '../model/api-path.ts';
import type { Route } from '../model/route.ts';
import type { Match, RouteTable } from './route-table.ts';

interface Rule {
  readonly route: Route;
  /** Undefined is ANY. */
  readonly method: string | undefined;
  readonly path: ApiPath;
}

/** Paths that an HTTP API cannot express are left out; the config refuses them. */
export function compileApiRoutes(routes: readonly Route[]): RouteTable {
  const rules = routes.flatMap(rulesOf).sort(byExactness);
  return {
    match({ method, path }): Match {
      const parts = path.slice(1).split('/');
      for (const { route, method: wanted, path: pattern } of rules) {
        if (wanted !== undefined && wanted !== method) continue;
        const parameters = take(pattern, parts);
        if (parameters === undefined) continue;
        const api = { routeKey: routeKey(wanted, pattern), parameters };
        return { route, evaluations: 0, rewrite: undefined, api };
      }
      return { route: undefined, evaluations: 0 };
    },
  };
}

function rulesOf(route: Route): readonly Rule[] {
  const methods = route.methods.length === 0 ? [undefined] : route.methods;
  return route.paths.values.flatMap((text) => {
    const path = parseApiPath(text);
    return path === undefined ? [] : methods.map((method) => ({ route, method, path }));
  });
}

function byExactness(a: Rule, b: Rule): number {
  return (
    Number(a.path.isDefault) - Number(b.path.isDefault) ||
    Number(a.path.greedy !== undefined) - Number(b.path.greedy !== undefined) ||
    compareSegments(a.path.segments, b.path.segments) ||
    Number(a.method === undefined) - Number(b.method === undefined)
  );
}

function compareSegments(a: readonly ApiSegment[], b: readonly ApiSegment[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = vagueness(a[index]) - vagueness(b[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function vagueness(segment: ApiSegment | undefined): number {
  return segment === undefined ? 2 : segment.kind === 'variable' ? 1 : 0;
}

/** The parameters, decoded, if the path matches. */
function take(
  { segments, greedy, isDefault }: ApiPath,
  parts: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const parameters: Record<string, string> = {};
  if (isDefault) return parameters;
  if (greedy === undefined ? parts.length !== segments.length : parts.length <= segments.length) {
    return undefined;
  }
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? '';
    if (segment.kind === 'literal' && segment.text !== part) return undefined;
    if (segment.kind === 'variable' && part === '') return undefined;
    if (segment.kind === 'variable') parameters[segment.name] = decoded(part);
  }
  if (greedy === undefined) return parameters;
  const rest = parts.slice(segments.length).join('/');
  if (rest === '') return undefined;
  parameters[greedy] = decoded(rest);
  return parameters;
}

/** What is not a valid escape stays as it was sent. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
