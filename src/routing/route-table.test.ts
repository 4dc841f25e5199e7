import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_TEXT, type Route, type TextCondition, targetsOf } from '../model/route.ts';
import { compilePattern } from './pattern.ts';
import { compileRoutes, type RequestFacts } from './route-table.ts';

const route = (priority: number, conditions: Partial<Route>): Route => ({
  priority,
  paths: ANY_TEXT,
  hosts: ANY_TEXT,
  methods: [],
  headers: [],
  query: [],
  sources: [],
  action: { kind: 'forward', service: `s${priority}`, compute: 'auto', rewrite: undefined },
  open: false,
  scopes: [],
  ...conditions,
});

const patterns = (...values: string[]): TextCondition => ({ kind: 'patterns', values });
const regexes = (...values: string[]): TextCondition => ({ kind: 'regexes', values });
const serviceOf = (route: Route | undefined) => route && targetsOf(route)[0]?.service;

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
  serviceOf(compileRoutes(routes).match(request(facts)).route);

describe('a route', () => {
  it('needs every kind of condition it has, and any value of each', () => {
    const routes = [
      route(1, {
        paths: patterns('/a/*', '/b'),
        methods: ['POST', 'PUT'],
        hosts: patterns('*.example'),
      }),
    ];
    expect(serviceFor(routes, { path: '/a/x', method: 'PUT' })).toBe('s1');
    expect(serviceFor(routes, { path: '/b', method: 'POST' })).toBe('s1');
    expect(serviceFor(routes, { path: '/b' })).toBeUndefined();
    expect(serviceFor(routes, { path: '/b', method: 'POST', host: 'b.test' })).toBeUndefined();
  });

  it('matches headers whatever their case, and any of several', () => {
    const routes = [route(1, { headers: [{ name: 'x-version', ...patterns('2*', 'NEXT') }] })];
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

  it('matches paths, hosts and headers by regular expressions', () => {
    const table = [
      route(1, { paths: regexes('^/api/v[0-9]+/') }),
      route(2, { hosts: regexes('^(www|m)\\.shop\\.') }),
      route(3, { headers: [{ name: 'user-agent', ...regexes('chrome/1[0-9]{2}') }] }),
    ];
    expect(serviceFor(table, { path: '/api/v12/x' })).toBe('s1');
    expect(serviceFor(table, { path: '/API/v12/x' })).toBeUndefined();
    expect(serviceFor(table, { host: 'WWW.shop.example' })).toBe('s2');
    expect(serviceFor(table, { host: 'shop.example' })).toBeUndefined();
    expect(serviceFor(table, { headers: { 'user-agent': ['Chrome/120.0'] } })).toBe('s3');
    expect(serviceFor(table, { headers: { 'user-agent': ['Chrome/99.0'] } })).toBeUndefined();
  });

  it('takes escaped wildcards in queries for themselves', () => {
    const table = [route(1, { query: [{ key: 'q', value: 'a\\*b?' }] })];
    expect(serviceFor(table, { query: 'q=a*bc' })).toBe('s1');
    expect(serviceFor(table, { query: 'q=axbc' })).toBeUndefined();
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
      route(1, { paths: patterns('/a/b') }),
      route(2, { paths: patterns('/a/*') }),
      route(3, { paths: patterns('*') }),
    ]);
    const match = (path: string) => {
      const { route: found, evaluations } = table.match(request({ path }));
      return [serviceOf(found), evaluations];
    };
    expect(match('/a/b')).toEqual(['s1', 1]);
    expect(match('/a/c')).toEqual(['s2', 2]);
    expect(match('/z')).toEqual(['s3', 3]);
    expect(
      compileRoutes([route(1, { paths: patterns('/a') })]).match(request({ path: '/b' })),
    ).toEqual({
      route: undefined,
      evaluations: 1,
    });
  });

  it('answers as trying every route in order would (R1)', () => {
    const unit = fc.constantFrom('/', 'a', 'b', '*', '?');
    const path = fc.string({ unit, minLength: 1, maxLength: 6 });
    const regex = fc.constantFrom('^/a', 'b$', 'a.b', '^/(a|b)*$', '[^a]/');
    const paths = fc.oneof(
      fc.array(path, { maxLength: 3 }).map((values) => patterns(...values)),
      fc.array(regex, { minLength: 1, maxLength: 2 }).map((values) => regexes(...values)),
    );
    const methods = fc.subarray(['GET', 'POST']);
    const routes = fc.array(fc.record({ paths, methods }), { maxLength: 30, size: 'max' });
    const text = fc.string({ unit: fc.constantFrom('/', 'a', 'b'), maxLength: 8 });
    const fits = ({ paths: { kind, values } }: Route, asked: string) =>
      values.length === 0 ||
      values.some((value) =>
        kind === 'regexes'
          ? new RegExp(value).test(asked)
          : compilePattern(value, { ignoreCase: false })(asked),
      );
    fc.assert(
      fc.property(
        routes,
        text,
        fc.constantFrom('GET', 'POST', 'PUT'),
        (conditions, asked, method) => {
          const all = conditions.map((one, index) => route(index + 1, one));
          const brute = all.findIndex(
            (one) => fits(one, asked) && (one.methods.length === 0 || one.methods.includes(method)),
          );
          const found = compileRoutes(all).match(request({ path: asked, method }));
          expect(found.route).toBe(all[brute]);
          expect(found.evaluations).toBe(brute === -1 ? all.length : brute + 1);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
