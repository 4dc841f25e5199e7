import { describe, expect, it } from 'vitest';
import { ANY_TEXT, type Route, type RouteAction } from '../model/route.ts';
import { type Explanation, explainRequest } from './explain.ts';
import { ALB_FRONT } from './front-rules.ts';
import { compileRoutes } from './route-table.ts';

const route = (action: RouteAction): Route => ({
  priority: 3,
  paths: { kind: 'regexes', values: ['^/a'] },
  hosts: ANY_TEXT,
  methods: [],
  headers: [],
  query: [],
  sources: [],
  action,
  open: false,
  scopes: [],
});

const BUSY = { reason: 'ConcurrentInvocationLimitExceeded', limit: 1 };

/** Lambda throttles, and one task of "web" runs. */
function explained(action: RouteAction, target = '/a?b=c'): Explanation | undefined {
  return explainRequest(
    { routes: compileRoutes([route(action)]), front: ALB_FRONT },
    {
      method: 'GET',
      target,
      headers: [['Host', 'shop.example:8080']],
      source: '127.0.0.1',
      bodyBytes: 0,
    },
    (service) => ({
      lambda: { throttled: BUSY },
      fargate:
        service === 'web'
          ? { desired: 1, healthy: 1, slots: 10, slotsInUse: 0, failOpen: false }
          : undefined,
    }),
  );
}

const ROUTE = { priority: 3, conditions: ['path like ^/a'] };

describe('an explanation', () => {
  it('tells the verdict of every group, and its part of the requests', () => {
    const groups = [
      { service: 'web', compute: 'fargate', weight: 3 },
      { service: 'hello', compute: 'lambda', weight: 1 },
    ] as const;
    const rewrite = { path: { match: '^/a', replace: '/b' }, host: undefined };
    expect(explained({ kind: 'weighted', groups, stickyMs: 1000, rewrite })).toMatchObject({
      kind: 'weighted',
      route: ROUTE,
      rewritten: { status: 'TransformSuccess', target: '/b?b=c', host: 'shop.example:8080' },
      stickyMs: 1000,
      groups: [
        { service: 'web', weight: 3, share: 0.75, goes: 'fargate', status: undefined },
        { service: 'hello', weight: 1, share: 0.25, goes: undefined, status: 502 },
      ],
    });
  });

  it('tells where a redirect leads, and what is answered', () => {
    const redirect: RouteAction = {
      kind: 'redirect',
      protocol: 'https',
      host: '#{host}',
      port: '#{port}',
      path: '/#{path}',
      query: '#{query}',
      status: 301,
    };
    expect(explained(redirect)).toEqual({
      kind: 'redirect',
      route: ROUTE,
      rewritten: undefined,
      status: 301,
      location: 'https://shop.example:8080/a?b=c',
    });
    const respond = { kind: 'respond', status: 418, type: 'text/plain', body: '' } as const;
    expect(explained(respond)).toMatchObject({ kind: 'respond', status: 418, location: undefined });
    expect(explained(respond, '/')).toBeUndefined();
  });
});
