// What routes may do: actions, rewrites, regular expressions; and how a person is told what is wrong.

import { describe, expect, it } from 'vitest';
import type { Fault } from '../base/fault.ts';
import { loadApp } from './load.ts';

const APP = `app: shop
services:
  both: { command: run, lambda: {}, fargate: {} }
  web: { command: run, fargate: {} }
  sticky: { command: run, fargate: { targetGroup: { stickiness: {} } } }
  own: { command: run, fargate: { targetGroup: { stickiness: { cookie: SID } } } }
functions: { hello: { handler: a.b } }
routes:
`;

const load = (route: string, more = '') =>
  loadApp({ name: 'fulcrum.yml', text: `${APP}  - ${route}\n${more}` }, undefined);

const actionOf = (route: string) => load(route).routes[0]?.action;

/** "line:column path: what — fix" of each problem. */
function problems(route: string, more = ''): readonly string[] {
  try {
    load(route, more);
    return [];
  } catch (error) {
    return (error as Fault<'CONFIG_INVALID'>).facts.problems.map(
      ({ line, column, path, say, fix }) => `${line}:${column} ${path}: ${say} — ${fix}`,
    );
  }
}

const KEPT = {
  kind: 'redirect',
  protocol: '#{protocol}',
  host: '#{host}',
  port: '#{port}',
  path: '/#{path}',
  query: '#{query}',
  status: 302,
};

describe('a redirect', () => {
  it.each([
    ['{ port: 8443 }', { port: '8443' }],
    [
      '{ protocol: https, port: 443, status: 301 }',
      { protocol: 'https', port: '443', status: 301 },
    ],
    ['{ path: "/new/#{path}", query: "" }', { path: '/new/#{path}', query: '' }],
    ['"https://#{host}:443/#{path}?#{query}"', { protocol: 'https', port: '443' }],
    ['"https://#{host}/#{path}"', { protocol: 'https', port: '443', query: '' }],
    [
      'http://www.example.com/',
      { protocol: 'http', host: 'www.example.com', port: '80', path: '/', query: '' },
    ],
    ['"#{protocol}://b.#{host}/#{path}"', { host: 'b.#{host}', query: '' }],
  ])('%s changes what it names', (text, change) => {
    expect(actionOf(`{ path: /a, redirect: ${text} }`)).toEqual({ ...KEPT, ...change });
  });

  it.each([
    ['{ query: a=b }', 'leads back to where it comes from — Change the protocol'],
    ['"#{protocol}://#{host}:#{port}/#{path}?x=y"', 'leads back to where it comes from'],
    ['"https://a.example"', 'must be a URL with protocol, host and path'],
    ['"ftp://a.example/"', 'must be a URL with protocol, host and path'],
    ['{ host: "a b" }', 'host: must be a host name; "#{host}" is that of the request'],
    ['{ path: new }', 'path: must begin with "/"'],
    [
      '{ path: "/#{query}" }',
      'path: must begin with "/"; may contain #{host}, #{port} and #{path}',
    ],
    ['{ port: 70000 }', 'port: must be a port from 1 to 65535, or "#{port}"'],
    ['{ protocol: ftp }', 'protocol: must be one of http, https, #{protocol}, was: "ftp"'],
    ['{ host: a, status: 308 }', 'status: must be one of 301, 302, was: 308'],
    ['{ port: 1, hots: a }', 'unknown key "hots" — Did you mean "host"?'],
    [`"https://a.example/${'x'.repeat(128)}"`, 'must have a path of at most 128 characters'],
    ['"https://a.example:70000/"', 'must have a port of at most 65535, was: 70000'],
  ])('%s is refused', (text, problem) => {
    const said = problems(`{ path: /a, redirect: ${text} }`);
    expect(said.join('\n')).toContain(problem);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^9:\d+ routes\.0\.redirect/);
  });
});

describe('a fixed response', () => {
  it('is text unless it says otherwise', () => {
    expect(actionOf('{ path: /a, respond: { status: 404 } }')).toEqual({
      kind: 'respond',
      status: 404,
      type: 'text/plain',
      body: '',
    });
  });

  it.each([
    ['{ status: 302 }', 'respond.status: must be a status from 200 to 299 or from 400 to 599'],
    ['{ status: 200, type: image/png }', 'respond.type: must be one of text/plain'],
    [`{ status: 200, body: ${'x'.repeat(1025)} }`, 'respond.body: must be at most 1024 characters'],
    ['{ status: 204, body: x }', 'respond.body: an answer 204 has no body'],
    ['{ body: x }', 'respond.status: is missing'],
  ])('%s is refused', (text, problem) => {
    expect(problems(`{ path: /a, respond: ${text} }`).join('\n')).toContain(problem);
  });
});

describe('a forward', () => {
  it('names services and functions, each on one compute', () => {
    const route =
      '{ path: /a, sticky: 1h, forward: [{ service: both, compute: fargate, weight: 90 }, { service: web, weight: 10 }, { function: hello, weight: 0 }] }';
    expect(actionOf(route)).toEqual({
      kind: 'weighted',
      groups: [
        { service: 'both', compute: 'fargate', weight: 90 },
        { service: 'web', compute: 'fargate', weight: 10 },
        { service: 'hello', compute: 'lambda', weight: 0 },
      ],
      stickyMs: 3_600_000,
      rewrite: undefined,
    });
  });

  it.each([
    [
      '[{ service: both, weight: 1 }]',
      'the service "both" has both computes, and a group of targets has one — Add "compute: lambda" or "compute: fargate".',
    ],
    [
      '[{ service: both, compute: auto, weight: 1 }]',
      'forward.0.compute: must be "lambda" or "fargate": a listener rule names target groups, and each is of one compute',
    ],
    ['[{ service: web, compute: lambda, weight: 1 }]', '"lambda" needs a "lambda" block'],
    ['[{ service: wbe, weight: 1 }]', 'there is no service "wbe" — Did you mean "web"?'],
    ['[{ weight: 1 }]', 'must name a "service" or a "function", and not both'],
    ['[{ service: web }]', 'forward.0.weight: is missing'],
    ['[{ service: web, weight: 1000 }]', 'forward.0.weight: must be at most 999'],
    [
      '[{ service: web, weight: 1 }, { service: web, compute: fargate, weight: 2 }]',
      'forward.1: web on fargate is group 1 already — Add up their weights.',
    ],
    [
      '[{ service: web, weight: 1 }, { service: sticky, weight: 1 }]',
      'the tasks of "sticky" keep their clients, so the groups have to as well — Add "sticky:"',
    ],
    [
      '[{ service: own, weight: 1 }]',
      'the tasks of "own" keep clients by a cookie of the application, which a weighted forward cannot',
    ],
    ['[]', 'forward: must have at least one group'],
    [
      `[${Array.from({ length: 6 }, () => '{ function: hello, weight: 1 }').join()}]`,
      'forward: must have at most 5 groups',
    ],
  ])('%s is refused', (text, problem) => {
    expect(problems(`{ path: /a, forward: ${text} }`).join('\n')).toContain(problem);
  });

  it('is sticky for one second to seven days', () => {
    const route = (sticky: string) =>
      problems(`{ path: /a, sticky: ${sticky}, forward: [{ function: hello, weight: 1 }] }`);
    expect([...route('1s'), ...route('7d')]).toEqual([]);
    expect(route('8d').join()).toContain('must be a duration from 1s to 7d');
  });
});

describe('a rewrite', () => {
  it('goes with a target or a forward', () => {
    const rewrite = 'rewrite: { path: { match: "^/a/(.*)", replace: "/$1" } }';
    expect(actionOf(`{ path: /a/*, service: both, ${rewrite} }`)).toEqual({
      kind: 'forward',
      service: 'both',
      compute: 'auto',
      rewrite: { path: { match: '^/a/(.*)', replace: '/$1' }, host: undefined },
    });
    expect(problems(`{ path: /a, redirect: { port: 1 }, ${rewrite} }`)).toEqual([
      '9:40 routes.0.rewrite: has no effect: nothing is sent on to a target — Remove it.',
    ]);
  });

  it.each([
    ['{}', 'rewrite: says nothing to write anew — Add "path:" or "host:"'],
    [
      '{ path: { match: "(", replace: x } }',
      'rewrite.path.match: is not one a load balancer takes (missing closing )',
    ],
    ['{ path: { match: "a(?=b)", replace: x } }', 'was: "a(?=b)" — Write it for RE2'],
    [
      '{ host: { match: "a", replace: "$1" } }',
      'rewrite.host.replace: there is no group "$1": the expression has 0',
    ],
    ['{ path: { match: a } }', 'rewrite.path.replace: is missing'],
  ])('%s is refused', (text, problem) => {
    const said = problems(`{ path: /a, service: web, rewrite: ${text} }`);
    expect(said.join('\n')).toContain(problem);
  });
});

describe('a regular expression', () => {
  it('stands where patterns stand', () => {
    const app = load(
      '{ path: { regex: ["^/a", "^/b"] }, host: { regex: "^www" }, header: { X-A: { regex: "." } }, service: web }',
    );
    expect(app.routes[0]).toMatchObject({
      paths: { kind: 'regexes', values: ['^/a', '^/b'] },
      hosts: { kind: 'regexes', values: ['^www'] },
      headers: [{ name: 'x-a', kind: 'regexes', values: ['.'] }],
    });
  });

  it('counts as a value, and its signs are no wildcards', () => {
    expect(problems('{ path: { regex: ["a*b*c*d?e?f?g*"] }, service: web }')).toEqual([]);
    const five = '{ path: { regex: [a, b, c, d] }, host: { regex: [e, f] }, service: web }';
    expect(problems(five).join()).toContain('at most 5 condition values in all, was: 6');
  });

  it.each([
    ['{ regex: "a(?!b)" }', 'routes.0.path.regex: is not one a load balancer takes'],
    [`{ regex: ${'a'.repeat(129)} }`, 'routes.0.path.regex: must be at most 128 characters'],
    ['{ regexes: a }', 'unknown key "regexes"'],
    ['{ regex: [] }', 'must have at least one value'],
    ['7', 'must be a text, a list of texts, or "regex:" with one of either'],
  ])('%s is refused', (text, problem) => {
    expect(problems(`{ path: ${text}, service: web }`).join('\n')).toContain(problem);
  });
});

describe('a route', () => {
  it.each([
    [
      '{ path: /a, service: web, redirect: { port: 1 } }',
      'names "service" and "redirect", of which one is possible',
    ],
    ['{ path: /a, service: web, sticky: 1m }', 'sticky: goes with "forward" only — Remove it.'],
    [
      '{ path: /a, respond: { status: 200 }, compute: lambda }',
      'compute: goes with a "service", or inside "forward"',
    ],
  ])('%s is refused', (route, problem) => {
    expect(problems(route).join('\n')).toContain(problem);
  });

  it.each([
    'forward: [{ function: hello, weight: 1 }]',
    'redirect: { port: 1 }',
    'respond: { status: 200 }',
  ])('of an HTTP API has no %s', (action) => {
    const [key = ''] = action.split(':');
    expect(problems(`{ path: /a, ${action} }`, 'entry: http-api\n').join('\n')).toContain(
      `routes.0.${key}: "${key}" does not go with the front door "http-api"`,
    );
  });

  it('of an HTTP API has no rewrite and no regular expression', () => {
    const said = problems(
      '{ path: { regex: ^/a }, service: web, rewrite: { host: { match: a, replace: b } } }',
      'entry: http-api\n',
    ).join('\n');
    expect(said).toContain('"rewrite" does not go with the front door "http-api"');
    expect(said).toContain('an HTTP API cannot route by regular expressions');
  });
});
