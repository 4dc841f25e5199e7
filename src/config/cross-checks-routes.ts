// Rules of `routes` that look at the services, the functions and the kind of front door.

import { parseApiPath, routeKey } from '../model/api-path.ts';
import { ALB_RULES, HTTP_API_ROUTES } from '../model/aws-limits.ts';
import { checkAction } from './cross-checks-actions.ts';
import { isBlock } from './overlay.ts';
import type { Finding } from './problems.ts';

type Block = Readonly<Record<string, unknown>>;

interface Around {
  readonly services: Block;
  readonly functions: Block;
  /** "alb" or "http-api". */
  readonly front: string;
  /** The entry has an authorizer. */
  readonly guarded: boolean;
}

/** Functions need no routes: other things than requests may call them. */
export function checkNoRoutes(services: Block): readonly Finding[] {
  if (Object.keys(services).length <= 1) return [];
  return [
    {
      path: ['services'],
      say: 'there are several services and no "routes"',
      fix: 'Add "routes:" that say which request goes to which.',
    },
  ];
}

export function checkRoutes(routes: readonly Block[], around: Around): readonly Finding[] {
  const { front } = around;
  const each = routes.flatMap((route, index) => {
    const path = ['routes', index];
    const conditions =
      front === 'alb' ? checkAlbRoute(route, path) : checkApiRoute(route, path, around);
    return [...conditions, ...checkAction(route, path, around)];
  });
  const together = front === 'alb' ? checkPriorities(routes) : checkRouteKeys(routes);
  return [...each, ...together];
}

function checkPriorities(routes: readonly Block[]): readonly Finding[] {
  const priorities = new Map<number, number>();
  return routes.flatMap(({ priority }, index) => {
    if (typeof priority !== 'number') return [];
    const before = priorities.get(priority);
    priorities.set(priority, index);
    if (before === undefined) return [];
    return [
      {
        path: ['routes', index, 'priority'],
        say: `priority ${priority} is taken by route ${before + 1}`,
        fix: 'Give every route a priority of its own.',
      },
    ];
  });
}

/** A rule of a load balancer has at most five values and six wildcards; there are at most 100. */
function checkAlbRoute(route: Block, path: Finding['path']): readonly Finding[] {
  const texts = ['path', 'host', 'method', 'header', 'query', 'source'].flatMap((key) =>
    textsOf(route[key]),
  );
  const findings: Finding[] = [...onlyWith(route, path, 'alb', ['authorizer', 'scopes'])];
  if (texts.length === 0) {
    findings.push({
      path,
      say: 'has no condition',
      fix: 'Add one; path: "/*" takes everything.',
    });
  }
  if (texts.length > ALB_RULES.values) {
    findings.push({
      path,
      say: `must have at most ${ALB_RULES.values} condition values in all, was: ${texts.length}`,
      fix: 'Split it into several routes.',
    });
  }
  const patterns = [route['path'], route['host'], route['query']].flatMap(patternsOf);
  const headers = isBlock(route['header'])
    ? Object.values(route['header']).flatMap(patternsOf)
    : [];
  const wildcards = [...patterns, ...headers].reduce(
    (sum, text) => sum + (text.replace(/\\./g, '').match(/[*?]/g)?.length ?? 0),
    0,
  );
  if (wildcards > ALB_RULES.wildcards) {
    findings.push({
      path,
      say: `must have at most ${ALB_RULES.wildcards} wildcards in all, was: ${wildcards}`,
      fix: 'Split it into several routes.',
    });
  }
  const braces = patternsOf(route['path']).find((text) => /[{}]/.test(text));
  if (braces !== undefined) {
    findings.push({
      path: [...path, 'path'],
      say: `a load balancer has no variables in paths, was: "${braces}"`,
      fix: 'Write "*" in its place, or use the front door "http-api".',
    });
  }
  const index = path[1];
  if (typeof index === 'number' && index === ALB_RULES.perBalancer) {
    findings.push({
      path: ['routes'],
      say: `must be at most ${ALB_RULES.perBalancer} routes behind a load balancer`,
      fix: 'Join routes that go to the same service.',
    });
  }
  return findings;
}

/** What listener rules have and an HTTP API has not. */
const ALB_KEYS = [
  'host',
  'header',
  'query',
  'source',
  'priority',
  'forward',
  'sticky',
  'redirect',
  'respond',
  'rewrite',
];

const API_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

function checkApiRoute(
  route: Block,
  path: Finding['path'],
  { guarded }: Around,
): readonly Finding[] {
  const findings = [
    ...checkToken(route, path, guarded),
    ...onlyWith(route, path, 'http-api', ALB_KEYS),
    ...checkNoRegex(route, path),
  ];
  const paths = patternsOf(route['path']);
  if (route['path'] === undefined) {
    findings.push({ path, say: 'has no "path"', fix: 'Add one; "/*" takes everything.' });
  }
  for (const text of paths) {
    const parsed = parseApiPath(text);
    if (parsed === undefined) {
      findings.push({
        path: [...path, 'path'],
        say: `an HTTP API cannot route by the path "${text}"`,
        fix: 'Use whole segments: "/a", "/a/{id}", "/a/*" at the end, or "/*" for everything.',
      });
    } else if (parsed.isDefault && route['method'] !== undefined) {
      findings.push({
        path: [...path, 'path'],
        say: 'the path "/*" of an HTTP API takes every method',
        fix: 'Write "/{proxy+}" for all paths below "/", or remove "method".',
      });
    }
  }
  for (const method of textsOf(route['method'])) {
    if (API_METHODS.includes(method)) continue;
    findings.push({
      path: [...path, 'method'],
      say: `an HTTP API cannot route by the method "${method}"`,
      fix: `Use some of: ${API_METHODS.join(', ')}.`,
    });
  }
  return findings;
}

function checkNoRegex(route: Block, path: Finding['path']): readonly Finding[] {
  if (!isBlock(route['path'])) return [];
  const say = 'an HTTP API cannot route by regular expressions';
  const fix = 'Use whole segments: "/a", "/a/{id}", "/a/*" at the end, or "/*" for everything.';
  return [{ path: [...path, 'path'], say, fix }];
}

function checkToken(route: Block, path: Finding['path'], guarded: boolean): readonly Finding[] {
  if (!guarded) {
    return ['authorizer', 'scopes']
      .filter((key) => route[key] !== undefined)
      .map((key) => ({
        path: [...path, key],
        say: 'has no effect: the entry has no authorizer',
        fix: 'Remove it, or add "authorizer:" to the entry.',
      }));
  }
  if (route['authorizer'] === undefined || route['scopes'] === undefined) return [];
  const say = 'cannot go with "authorizer: none": there is no token to look at';
  return [{ path: [...path, 'scopes'], say, fix: 'Remove one of the two.' }];
}

/** The same key twice would be the same route twice. */
function checkRouteKeys(routes: readonly Block[]): readonly Finding[] {
  const keys = new Map<string, number>();
  const findings: Finding[] = [];
  for (const [index, route] of routes.entries()) {
    const methods = route['method'] === undefined ? [undefined] : textsOf(route['method']);
    for (const path of patternsOf(route['path']).map(parseApiPath)) {
      if (path === undefined) continue;
      for (const method of methods) {
        const key = routeKey(method, path);
        const before = keys.get(key);
        if (before === undefined) keys.set(key, index);
        else
          findings.push({
            path: ['routes', index],
            say: `"${key}" is route ${before + 1} already`,
            fix: 'Remove one of the two.',
          });
      }
    }
  }
  if (keys.size <= HTTP_API_ROUTES) return findings;
  const say = `must be at most ${HTTP_API_ROUTES} pairs of method and path, was: ${keys.size}`;
  return [...findings, { path: ['routes'], say, fix: 'Use "/a/*" or fewer methods.' }];
}

function onlyWith(
  route: Block,
  path: Finding['path'],
  front: string,
  keys: readonly string[],
): readonly Finding[] {
  const other = front === 'alb' ? 'http-api' : 'alb';
  return keys
    .filter((key) => route[key] !== undefined)
    .map((key) => ({
      path: [...path, key],
      say: `"${key}" does not go with the front door "${front}"`,
      fix: `Remove it, or use "entry: ${other}".`,
    }));
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isBlock(value) ? Object.values(value).flatMap(textsOf) : [];
}

/** The texts in which "*" and "?" are wildcards: not those of regular expressions. */
function patternsOf(value: unknown): readonly string[] {
  return isBlock(value) && value['regex'] !== undefined ? [] : textsOf(value);
}
