// What is wrong with routes, by the kind of front door. The parts of a file that other rules refuse
// do not matter here.

import { describe, expect, it } from 'vitest';
import { crossCheck } from './cross-checks.ts';

const services = { api: { lambda: {} }, web: { fargate: {} } };
const functions = { hello: {} };

function findings(entry: unknown, ...routes: readonly object[]) {
  return crossCheck({ app: 'a', entry, services, functions, routes });
}

const say = (entry: unknown, ...routes: readonly object[]) =>
  findings(entry, ...routes).map((one) => `${one.path.join('.')}: ${one.say} — ${one.fix}`);

describe('the target of a route', () => {
  it('is a service or a function, each by its own key', () => {
    expect(say('alb', { path: '/a', function: 'hello' }, { path: '/b', service: 'web' })).toEqual(
      [],
    );
  });

  it.each([
    [
      {},
      'routes.0: says nothing to do with a request — Name a "service" or "function", or "forward", "redirect", "respond".',
    ],
    [
      { service: 'api', function: 'hello' },
      'routes.0: names "service" and "function", of which one is possible — Keep one of them.',
    ],
    [
      { function: 'helo' },
      'routes.0.function: there is no function "helo" — Did you mean "hello"?',
    ],
    [
      { service: 'hello' },
      'routes.0.service: "hello" is a function — Write "function: hello" instead.',
    ],
    [{ function: 'web' }, 'routes.0.function: "web" is a service — Write "service: web" instead.'],
    [
      { function: 'hello', compute: 'lambda' },
      'routes.0.compute: goes with a service; a function runs on Lambda — Remove it.',
    ],
  ])('is refused as %o', (target, problem) => {
    expect(say('alb', { path: '/a', ...target })).toEqual([problem]);
  });

  it('shares one space of names', () => {
    const found = crossCheck({ services, functions: { api: {} } });
    expect(found.map((one) => one.say)).toContain('there is a service "api" too');
  });
});

describe('behind an HTTP API', () => {
  it('paths are whole segments, variables and a greedy end', () => {
    const paths = ['/a', '/a/{id}', '/a/{id}/b', '/c/*', '/d/{proxy+}', '/*'];
    expect(say('http-api', ...paths.map((path) => ({ path, service: 'api' })))).toEqual([]);
  });

  it.each(['/a*', '/a/*/b', '/a?', '/{a}b', '/{a+}/b', '*'])('%s is not one', (path) => {
    expect(say('http-api', { path, service: 'api' })).toEqual([
      `routes.0.path: an HTTP API cannot route by the path "${path}" — Use whole segments: "/a", "/a/{id}", "/a/*" at the end, or "/*" for everything.`,
    ]);
  });

  it.each(['host', 'header', 'query', 'source', 'priority'])('%s is no condition', (key) => {
    expect(say('http-api', { path: '/a', service: 'api', [key]: 'x' })).toEqual([
      `routes.0.${key}: "${key}" does not go with the front door "http-api" — Remove it, or use "entry: alb".`,
    ]);
  });

  it.each([
    [{ service: 'api', method: 'GET' }, 'has no "path"'],
    [{ service: 'api', path: '/*', method: 'GET' }, 'takes every method'],
    [{ service: 'api', path: '/a', method: 'TRACE' }, 'cannot route by the method "TRACE"'],
  ])('%o is refused', (route, problem) => {
    expect(say('http-api', route).join()).toContain(problem);
  });

  it('the same method and path cannot be two routes, however they are written', () => {
    const twice = [
      { path: ['/a/*', '/b'], method: ['GET', 'PUT'], service: 'api' },
      { path: '/a/{proxy+}', method: 'PUT', service: 'web' },
    ];
    expect(say('http-api', ...twice)).toEqual([
      'routes.1: "PUT /a/{proxy+}" is route 1 already — Remove one of the two.',
    ]);
  });
});

describe('a token', () => {
  const guarded = { type: 'http-api', authorizer: { issuer: 'https://a.example', audience: 'a' } };

  it('may be spared, or need a scope, not both', () => {
    const open = { path: '/a', service: 'api', authorizer: 'none' };
    const scoped = { path: '/b', service: 'api', scopes: 'x' };
    expect(say(guarded, open, scoped)).toEqual([]);
    expect(say(guarded, { ...open, scopes: 'x' }).join()).toContain('there is no token');
  });

  it.each(['authorizer', 'scopes'])('%s needs an authorizer', (key) => {
    expect(say('http-api', { path: '/a', service: 'api', [key]: 'none' })).toEqual([
      `routes.0.${key}: has no effect: the entry has no authorizer — Remove it, or add "authorizer:" to the entry.`,
    ]);
  });
});

describe('behind a load balancer', () => {
  it.each(['authorizer', 'scopes'])('%s does not go', (key) => {
    expect(say('alb', { path: '/a', service: 'api', [key]: 'none' })).toEqual([
      `routes.0.${key}: "${key}" does not go with the front door "alb" — Remove it, or use "entry: http-api".`,
    ]);
  });

  it('paths have no variables', () => {
    expect(say('alb', { path: '/a/{id}', service: 'api' }).join()).toContain(
      'no variables in paths',
    );
  });

  it('there are at most 100 routes', () => {
    const many = Array.from({ length: 101 }, (_, index) => ({ path: `/${index}`, service: 'api' }));
    expect(say('alb', ...many)).toHaveLength(1);
    expect(say('alb', ...many.slice(1))).toEqual([]);
  });
});
