import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_TEXT, type Route, targetsOf } from '../model/route.ts';
import { compileApiRoutes } from './api-routes.ts';

const route = (service: string, path: string, ...methods: string[]): Route => ({
  priority: 1,
  paths: { kind: 'patterns', values: [path] },
  hosts: ANY_TEXT,
  methods,
  headers: [],
  query: [],
  sources: [],
  action: { kind: 'forward', service, compute: 'lambda', rewrite: undefined },
  open: false,
  scopes: [],
});

function match(routes: readonly Route[], method: string, path: string) {
  const found = compileApiRoutes(routes).match({
    method,
    path,
    query: '',
    host: 'a.example',
    source: '192.0.2.7',
    headerValues: () => [],
  });
  if (found.route === undefined) return { service: undefined, api: undefined };
  return { service: targetsOf(found.route)[0]?.service, api: found.api };
}

const keyOf = (routes: readonly Route[], method: string, path: string) =>
  match(routes, method, path).api?.routeKey;

/** The example of AWS. [AGW:http-api-develop-routes] */
const PETS = [
  route('default', '/*'),
  route('any', '/{proxy+}'),
  route('greedy', '/pets/{proxy+}', 'GET'),
  route('variable', '/pets/dog/{id}', 'GET'),
  route('static', '/pets/dog/1', 'GET'),
];

describe('the most exact route', () => {
  it.each([
    ['GET', '/pets/dog/1', 'GET /pets/dog/1'],
    ['GET', '/pets/dog/2', 'GET /pets/dog/{id}'],
    ['GET', '/pets/cat/1', 'GET /pets/{proxy+}'],
    ['POST', '/test/5', 'ANY /{proxy+}'],
    ['POST', '/pets/dog/1', 'ANY /{proxy+}'],
    ['GET', '/', '$default'],
  ])('of %s %s is %s', (method, path, key) => {
    expect(keyOf(PETS, method, path)).toBe(key);
  });

  it('does not depend on the order in which routes are written', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(PETS, { minLength: PETS.length }),
        fc.constantFrom('GET', 'POST'),
        fc.constantFrom('/pets/dog/1', '/pets/dog/2', '/pets/cat', '/pets', '/', '/x/y'),
        (routes, method, path) => {
          expect(keyOf(routes, method, path)).toBe(keyOf(PETS, method, path));
        },
      ),
    );
  });

  it('has an explicit method before ANY', () => {
    const routes = [route('any', '/a'), route('get', '/a', 'GET')];
    expect(match(routes, 'GET', '/a').service).toBe('get');
    expect(match(routes, 'PUT', '/a').service).toBe('any');
  });

  it('is none where no path fits whole', () => {
    const routes = [route('a', '/a'), route('b', '/b/{id}'), route('c', '/c/*')];
    for (const path of ['/', '/a/', '/b', '/b/', '/b/1/2', '/c', '/c/', '/A']) {
      expect(match(routes, 'GET', path).service, path).toBeUndefined();
    }
  });
});

describe('parameters', () => {
  it('are decoded, the greedy one with all the rest', () => {
    const routes = [route('a', '/a/{one}/b/{rest+}'), route('c', '/c/*')];
    expect(match(routes, 'GET', '/a/x%20y/b/1/2%2F3').api?.parameters).toEqual({
      one: 'x y',
      rest: '1/2/3',
    });
    expect(match(routes, 'GET', '/c/d/e').api).toEqual({
      routeKey: 'ANY /c/{proxy+}',
      parameters: { proxy: 'd/e' },
    });
  });

  it('stay as they were sent where they are no valid escape', () => {
    expect(match([route('a', '/{id}')], 'GET', '/%zz').api?.parameters).toEqual({ id: '%zz' });
  });
});
