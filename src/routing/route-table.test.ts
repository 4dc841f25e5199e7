import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Route } from '../model/app.ts';
import { compilePattern } from './pattern.ts';
import { compileRoutes, type RequestFacts } from './route-table.ts';

const route = (priority: number, conditions: Partial<Route>): Route => ({
  priority,
  paths: [],
  hosts: [],
  methods: [],
  headers: [],
  query: [],
  sources: [],
  service: `s${priority}`,
  compute: 'auto',
  open: false,
  scopes: [],
  ...conditions,
});

const request = (
  facts: Partial<RequestFacts> & { headers?: Record<string, string[]> },
): RequestFacts => ({
  method: 'GET',
  path: '/',
  query: '',
  host: 'a.example',
  source: '192.0.2.7',
  headerValues: (name) => facts.headers?.[name] ?? [],
  ...facts,
});

const serviceFor = (routes: readonly Route[], facts: Parameters<typeof request>[0]) =>
  compileRoutes(routes).match(request(facts)).route?.service;

describe('a route', () => {
  it('needs every kind of condition it has, and any value of each', () => {
    const routes = [
      route(1, { paths: ['/a/*', '/b'], methods: ['POST', 'PUT'], hosts: ['*.example'] }),
    ];
    expect(serviceFor(routes, { path: '/a/x', method: 'PUT' })).toBe('s1');
    expect(serviceFor(routes, { path: '/b', method: 'POST' })).toBe('s1');
    expect(serviceFor(routes, { path: '/b' })).toBeUndefined();
    expect(serviceFor(routes, { path: '/b', method: 'POST', host: 'b.test' })).toBeUndefined();
  });

  it('matches headers whatever their case, and any of several', () => {
    const routes = [route(1, { headers: [{ name: 'x-version', values: ['2*', 'NEXT'] }] })];
    expect(serviceFor(routes, { headers: { 'x-version': ['1', 'next'] } })).toBe('s1');
    expect(serviceFor(routes, { headers: { 'x-version': ['2.1'] } })).toBe('s1');
    expect(serviceFor(routes, { headers: { 'x-version': ['3'] } })).toBeUndefined();
    expect(serviceFor(routes, {})).toBeUndefined();
  });

  it('matches queries as they were sent, by key and value or by value alone', () => {
    const keyed = [route(1, { query: [{ key: 'version', value: 'v1*' }] })];
    expect(serviceFor(keyed, { query: 'a=b&Version=V1.2' })).toBe('s1');
    expect(serviceFor(keyed, { query: 'other=v1' })).toBeUndefined();
    const any = [route(1, { query: [{ key: undefined, value: 'debug' }] })];
    expect(serviceFor(any, { query: 'x=debug' })).toBe('s1');
    expect(serviceFor(any, { query: '' })).toBeUndefined();
  });

  it('matches the address of the client, also as IPv4 in IPv6', () => {
    const routes = [route(1, { sources: ['192.0.2.0/24', '2001:db8::/32'] })];
    expect(serviceFor(routes, { source: '192.0.2.200' })).toBe('s1');
    expect(serviceFor(routes, { source: '::ffff:192.0.2.1' })).toBe('s1');
    expect(serviceFor(routes, { source: '2001:db8::1' })).toBe('s1');
    expect(serviceFor(routes, { source: '198.51.100.1' })).toBeUndefined();
    expect(serviceFor(routes, { source: 'nonsense' })).toBeUndefined();
  });
});

describe('the table', () => {
  it('takes the first in the order of priority, and counts the rules up to it', () => {
    const table = compileRoutes([
      route(1, { paths: ['/a/b'] }),
      route(2, { paths: ['/a/*'] }),
      route(3, { paths: ['*'] }),
    ]);
    const match = (path: string) => {
      const { route: found, evaluations } = table.match(request({ path }));
      return [found?.service, evaluations];
    };
    expect(match('/a/b')).toEqual(['s1', 1]);
    expect(match('/a/c')).toEqual(['s2', 2]);
    expect(match('/z')).toEqual(['s3', 3]);
    expect(compileRoutes([route(1, { paths: ['/a'] })]).match(request({ path: '/b' }))).toEqual({
      route: undefined,
      evaluations: 1,
    });
  });

  it('answers as trying every route in order would (R1)', () => {
    const path = fc.string({
      unit: fc.constantFrom('/', 'a', 'b', '*', '?'),
      minLength: 1,
      maxLength: 6,
    });
    const paths = fc.array(path, { maxLength: 3 });
    const methods = fc.subarray(['GET', 'POST']);
    const routes = fc.array(fc.record({ paths, methods }), { maxLength: 30 });
    const text = fc.string({ unit: fc.constantFrom('/', 'a', 'b'), maxLength: 8 });
    fc.assert(
      fc.property(
        routes,
        text,
        fc.constantFrom('GET', 'POST', 'PUT'),
        (conditions, asked, method) => {
          const all = conditions.map((one, index) => route(index + 1, one));
          const brute = all.find(
            (one) =>
              (one.paths.length === 0 ||
                one.paths.some((pattern) =>
                  compilePattern(pattern, { ignoreCase: false })(asked),
                )) &&
              (one.methods.length === 0 || one.methods.includes(method)),
          );
          expect(compileRoutes(all).match(request({ path: asked, method })).route).toBe(brute);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
