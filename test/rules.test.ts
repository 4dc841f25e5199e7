// Listener rules of a load balancer on real sockets: every condition and every action, before
// functions that the tests play and before programs on both computes.

import { describe, expect, it } from 'vitest';
import { startApp, type TestApp } from './support/app.ts';
import { startDoor, type TestDoor } from './support/door.ts';
import { rawRequest } from './support/raw-client.ts';

const said = (body: string) => () => ({
  statusCode: 200,
  headers: {},
  multiValueHeaders: { 'content-type': ['text/plain'] },
  body,
});

/** Functions "one" and "two" that say their names, behind `routes`. */
function doorTo(routes: string, more = ''): Promise<TestDoor> {
  return startDoor(
    `app: rules\n${more}functions:\n  one: { handler: a.b }\n  two: { handler: a.b }\nroutes:\n${routes}`,
    { one: said('one'), two: said('two') },
  );
}

const get = (door: { readonly url: string }, path: string, headers: Record<string, string> = {}) =>
  fetch(`${door.url}${path}`, { headers, redirect: 'manual' });

const bodyOf = async (...asked: Parameters<typeof get>) => (await get(...asked)).text();

/** Pairs "name=value" of the cookies an answer sets, as a client sends them back. */
const cookiesOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');

describe('a condition', () => {
  it('can be a path, a host, a method, a header, a query, an address, or several', async () => {
    const door = await doorTo(`
  - { path: "/p/*", respond: { status: 200, body: path } }
  - { host: "*.shop.example", respond: { status: 200, body: host } }
  - { method: PUT, respond: { status: 200, body: method } }
  - { header: { X-Kind: "a*" }, respond: { status: 200, body: header } }
  - { query: { v: "2" }, respond: { status: 200, body: query } }
  - { query: { "*": 'x\\*' }, respond: { status: 200, body: any key } }
  - { source: 127.0.0.0/8, path: /here, respond: { status: 200, body: source } }
  - { source: 10.0.0.0/8, respond: { status: 200, body: elsewhere } }
`);
    expect(await bodyOf(door, '/p/1')).toBe('path');
    expect(
      await rawRequest(
        door.port,
        'GET / HTTP/1.1\r\nHost: WWW.shop.example:80\r\nConnection: close\r\n\r\n',
      ),
    ).toMatch(/host$/);
    expect(await (await fetch(`${door.url}/`, { method: 'PUT' })).text()).toBe('method');
    expect(await bodyOf(door, '/', { 'x-kind': 'ABC' })).toBe('header');
    expect(await bodyOf(door, '/?v=2')).toBe('query');
    expect(await bodyOf(door, '/?z=x*')).toBe('any key');
    expect(await bodyOf(door, '/here')).toBe('source');
    expect((await get(door, '/nowhere')).status).toBe(404);
  });

  it('can be a regular expression of path, host or header', async () => {
    const door = await doorTo(`
  - { path: { regex: "^/v[0-9]+/" }, respond: { status: 200, body: path } }
  - { host: { regex: ["^m\\\\.", "^www\\\\."] }, respond: { status: 200, body: host } }
  - { header: { User-Agent: { regex: "bot|crawler" } }, respond: { status: 403, body: header } }
`);
    expect(await bodyOf(door, '/v10/a')).toBe('path');
    expect(
      await rawRequest(door.port, 'GET / HTTP/1.1\r\nHost: M.example\r\nConnection: close\r\n\r\n'),
    ).toMatch(/host$/);
    expect((await get(door, '/', { 'user-agent': 'GoogleBot/2' })).status).toBe(403);
    expect((await get(door, '/va/')).status).toBe(404);
  });

  it('is evaluated in the order of priorities, and counted', async () => {
    const door = await doorTo(`
  - { path: /a, priority: 7, function: two }
  - { path: "/*", priority: 3, method: POST, function: one }
  - { path: "/*", priority: 9, function: one }
`);
    expect(await bodyOf(door, '/a')).toBe('two');
    expect(await bodyOf(door, '/b')).toBe('one');
    await expect.poll(() => door.metric('RuleEvaluations')).toBe(5);
  });
});

describe('a redirect', () => {
  it('answers as a load balancer does, with the port in its Location', async () => {
    const door = await doorTo(
      `  - { path: "/*", redirect: "https://#{host}:443/#{path}?#{query}" }\n`,
    );
    const response = await get(door, '/a/b?c=%20d');
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('https://127.0.0.1:443/a/b?c=%20d');
    expect(response.headers.get('server')).toBe('awselb/2.0');
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(await response.text()).toBe(
      '<html>\r\n<head><title>302 Found</title></head>\r\n<body>\r\n<center><h1>302 Found</h1></center>\r\n</body>\r\n</html>\r\n',
    );
    await expect.poll(() => door.requests()).toHaveLength(1);
    expect(door.requests()[0]).toMatchObject({
      status: 302,
      service: undefined,
      reason: 'redirected by rule 1 to https://127.0.0.1:443/a/b?c=%20d',
      fault: undefined,
    });
  });

  it('changes the parts that are written and keeps the others', async () => {
    const door = await doorTo(
      `  - { path: "/old/*", redirect: { path: "/new/#{path}", query: "from=#{host}", status: 301 } }\n`,
    );
    const response = await get(door, '/old/x?y=z');
    expect(response.status).toBe(301);
    expect(response.headers.get('location')).toBe(`${door.url}/new/old/x?from=127.0.0.1`);
  });

  it('has no body for HEAD, and reads none of the request', async () => {
    const door = await doorTo(`  - { path: "/*", redirect: { host: b.example } }\n`);
    const head = await rawRequest(
      door.port,
      'HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(head).toMatch(/^HTTP\/1.1 302 Found\r\n/);
    expect(head).toMatch(/\r\nContent-Length: 110\r\n/i);
    expect(head.endsWith('\r\n\r\n')).toBe(true);
    const post = await rawRequest(
      door.port,
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nsome',
    );
    expect(post).toMatch(/^HTTP\/1.1 302 Found\r\n/);
  });

  it('to a URL that is too long fails', async () => {
    const door = await doorTo(
      `  - { path: "/*", redirect: { path: "/x#{path}", query: "#{query}" } }\n`,
    );
    expect((await get(door, `/a?b=${'c'.repeat(8192)}`)).status).toBe(500);
    expect((await get(door, `/a?b=${'c'.repeat(8100)}`)).status).toBe(302);
  });
});

describe('a fixed response', () => {
  it('has its status, type and body', async () => {
    const door = await doorTo(`
  - { path: /json, respond: { status: 503, type: application/json, body: '{"down":"für heute"}' } }
  - { path: /empty, respond: { status: 404 } }
  - { path: /none, respond: { status: 204 } }
`);
    const response = await get(door, '/json');
    expect([response.status, response.statusText]).toEqual([
      503,
      'Service Temporarily Unavailable',
    ]);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('server')).toBe('awselb/2.0');
    expect(await response.json()).toEqual({ down: 'für heute' });
    const empty = await get(door, '/empty');
    expect([empty.status, empty.headers.get('content-length')]).toEqual([404, '0']);
    const none = await get(door, '/none');
    expect([none.status, none.headers.get('content-length')]).toEqual([204, null]);
    await expect.poll(() => door.requests()).toHaveLength(3);
    expect(door.requests()[0]).toMatchObject({
      status: 503,
      reason: 'answered by rule 1',
      fault: undefined,
    });
  });

  it('keeps the connection, but not for a request whose body it left unread', async () => {
    const door = await doorTo(`  - { path: "/*", respond: { status: 200, body: ok } }\n`);
    const ask = (head: string) =>
      rawRequest(door.port, `${head}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    const kept = await ask('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(kept.match(/HTTP\/1.1 200 OK/g)).toHaveLength(2);
    const unread = await ask('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody');
    expect(unread).toMatch(/^HTTP\/1.1 200 OK\r\n(?:.*\r\n)*Connection: close\r\n\r\nok$/);
  });
});

describe('a rewrite', () => {
  it('gives a function another path, query and host, and the log the first', async () => {
    const door = await doorTo(`
  - path: { regex: "^/dp/" }
    function: one
    rewrite:
      path: { match: "^/dp/([A-Za-z0-9]+)/?$", replace: "/product.php?id=$1" }
      host: { match: "^(.*)$", replace: "inner.$1" }
`);
    expect(await bodyOf(door, '/dp/B09')).toBe('one');
    expect(door.of('one').event).toMatchObject({
      path: '/product.php',
      multiValueQueryStringParameters: { id: ['B09'] },
      multiValueHeaders: { host: [`inner.127.0.0.1:${door.port}`] },
    });
    await expect.poll(() => door.requests()).toHaveLength(1);
    expect(door.requests()[0]).toMatchObject({
      path: '/dp/B09',
      reason: `written anew as inner.127.0.0.1:${door.port}/product.php?id=B09; the route names lambda`,
    });
    expect(await bodyOf(door, '/dp/B09?x=y')).toBe('one');
    expect(door.of('one').event).toMatchObject({ path: '/dp/B09' });
  });

  it('that gives no path is answered with 500', async () => {
    const door = await doorTo(
      `  - { path: "/*", function: one, rewrite: { path: { match: "^/", replace: "" } } }\n`,
    );
    expect((await get(door, '/a')).status).toBe(500);
    await expect.poll(() => door.requests()).toHaveLength(1);
    expect(door.requests()[0]?.fault).toMatchObject({ code: 'REWRITE_FAILED' });
    expect(door.of('one').invocations).toHaveLength(0);
  });
});

describe('a weighted forward', () => {
  it('goes by its weights alone, also where nobody can answer', async () => {
    const door = await doorTo(`
  - { path: /down, forward: [{ function: one, weight: 1 }, { function: two, weight: 0 }] }
  - { path: /nobody, forward: [{ function: one, weight: 0 }, { function: two, weight: 0 }] }
  - { path: /both, forward: [{ function: one, weight: 500 }, { function: two, weight: 500 }] }
`);
    door.of('one').throttle = {
      reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      limit: 0,
    } as never;
    expect((await get(door, '/down')).status).toBe(502);
    expect((await get(door, '/nobody')).status).toBe(503);
    const both = await Promise.all(Array.from({ length: 64 }, () => get(door, '/both')));
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 502]));
    await expect.poll(() => door.requests()).toHaveLength(66);
    const [down, nobody, ...rest] = door.requests();
    expect(down?.reason).toMatch(/^one has weight 1 of 1; Lambda throttles/);
    expect(nobody).toMatchObject({ service: undefined, fault: { code: 'GROUPS_WITHOUT_WEIGHT' } });
    for (const { service, status } of rest) expect(status).toBe(service === 'one' ? 502 : 200);
  });

  it('keeps a client with its group, and sets the cookies anew each time', async () => {
    const door = await doorTo(`
  - { path: "/*", forward: [{ function: one, weight: 1 }, { function: two, weight: 1 }], sticky: 1h }
`);
    const first = await get(door, '/');
    const group = await first.text();
    const lines = first.headers.getSetCookie();
    expect(lines).toEqual([
      expect.stringMatching(/^AWSALBTG=[A-Za-z0-9+/=]+; Expires=\w{3}, .* GMT; Path=\/$/),
      expect.stringMatching(/^AWSALBTGCORS=[A-Za-z0-9+/=]+; Expires=.*; Path=\/; SameSite=None$/),
    ]);
    for (let time = 0; time < 20; time += 1) {
      const next = await get(door, '/', { cookie: `a=b; ${cookiesOf(first)}` });
      expect(await next.text()).toBe(group);
      expect(next.headers.getSetCookie()).toHaveLength(2);
    }
    await expect.poll(() => door.requests()).toHaveLength(21);
    expect(door.requests().at(-1)?.reason).toMatch(/^the cookie AWSALBTG names (one|two); /);
  });

  it('fails for a cookie that is none of its own, as is assumed', async () => {
    const routes = `  - { path: "/*", forward: [{ function: one, weight: 1 }], sticky: 1s }\n`;
    const door = await doorTo(routes);
    expect((await get(door, '/', { cookie: 'AWSALBTG=abc%3D' })).status).toBe(400);
    const other = await doorTo(routes, 'local: { assume: { groupCookieStatus: 502 } }\n');
    expect((await get(other, '/', { cookie: 'AWSALBTG=x' })).status).toBe(502);
    expect((await get(other, '/')).status).toBe(200);
  });

  it('has no cookie where it is not sticky', async () => {
    const door = await doorTo(`  - { path: "/*", forward: [{ function: one, weight: 1 }] }\n`);
    const response = await get(door, '/', { cookie: 'AWSALBTG=x' });
    expect([response.status, response.headers.getSetCookie()]).toEqual([200, []]);
  });
});

describe('what access logs are told', () => {
  it('is the rule, what was done, the group, and what was written anew', async () => {
    const door = await doorTo(`
  - { path: /f, function: one }
  - { path: /w, priority: 40, forward: [{ function: two, weight: 1 }], rewrite: { path: { match: w, replace: x } } }
  - { path: /bad, function: one, rewrite: { path: { match: "^/", replace: "" } } }
  - { path: /r, redirect: "https://b.example/" }
  - { path: /a, respond: { status: 200 } }
`);
    for (const path of ['/f', '/w', '/bad', '/r', '/a', '/none'])
      await (await get(door, path)).text();
    await expect.poll(() => door.served()).toHaveLength(6);
    const group = (name: string) => expect.stringContaining(`:targetgroup/rules-${name}-lambda/`);
    const facts = door
      .served()
      .map((one) => [
        one.rule,
        one.actions,
        one.targetGroup,
        one.redirectUrl ?? one.rewritten?.target,
        one.rewriteStatus,
      ]);
    expect(facts).toEqual([
      [1, 'forward', group('one'), undefined, undefined],
      [40, 'rewrite,forward', group('two'), '/x', 'TransformSuccess'],
      [41, 'rewrite', undefined, undefined, 'TransformInvalidPath'],
      [42, 'redirect', undefined, 'https://b.example:443/', undefined],
      [43, 'fixed-response', undefined, undefined, undefined],
      [0, 'fixed-response', undefined, undefined, undefined],
    ]);
  });
});

const PROGRAM = `
    source: FIXTURES
    command: node echo.mjs
    lambda: { memory: 256 }`;
const TASKS = 'fargate: { cpu: 256, memory: 512, tasks: { min: 1, max: 1 }, stopTimeout: 2s }';

const APP = `
app: rules
services:
  blue:${PROGRAM}
    ${TASKS}
  green:${PROGRAM}
    ${TASKS}
  asleep:${PROGRAM}
    fargate: { cpu: 256, memory: 512, tasks: { min: 0, max: 1 }, stopTimeout: 2s }
routes:
  - path: "/four/*"
    sticky: 7d
    forward:
      - { service: blue, compute: fargate, weight: 1 }
      - { service: blue, compute: lambda, weight: 1 }
      - { service: green, compute: fargate, weight: 1 }
      - { service: green, compute: lambda, weight: 1 }
  - path: /asleep
    forward: [{ service: asleep, compute: fargate, weight: 1 }, { service: blue, compute: lambda, weight: 0 }]
  - { path: "/f/*", service: blue, compute: fargate, rewrite: { path: { match: "^/f", replace: "" }, host: { match: ".*", replace: b.example } } }
  - { path: "/l/*", service: blue, compute: lambda, rewrite: { path: { match: "^/l", replace: "" }, host: { match: ".*", replace: b.example } } }
`;

const trackOf = (response: Response) => response.headers.get('x-fulcrum-track') ?? '';

async function echoed(app: TestApp, path: string, init: RequestInit = {}) {
  const response = await fetch(`${app.url}${path}`, init);
  return (await response.json()) as {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

describe('programs on both computes', () => {
  it('take weighted, sticky and rewritten requests', async () => {
    const app = await startApp(APP);

    // Nothing stands in for tasks that sleep: neither the other group nor Lambda of the same service.
    const asleep = await fetch(`${app.url}/asleep`);
    expect(asleep.status).toBe(503);
    const event = await app.until('request', ({ path }) => path === '/asleep');
    expect(event.reason).toBe(
      'asleep has weight 1 of 1; the route names fargate, and Fargate sleeps at zero',
    );

    // Every group is met, and whoever met one meets it again.
    const met = new Map<string, Response>();
    for (let time = 0; time < 200 && met.size < 4; time += 1) {
      const response = await fetch(`${app.url}/four/x`);
      expect(response.status).toBe(200);
      await response.arrayBuffer();
      met.set(trackOf(response), response);
    }
    expect([...met.keys()].sort()).toEqual([
      'blue@1/fargate',
      'blue@1/lambda',
      'green@1/fargate',
      'green@1/lambda',
    ]);
    for (const [track, response] of met) {
      const headers = { cookie: cookiesOf(response) };
      for (let time = 0; time < 4; time += 1) {
        const again = await fetch(`${app.url}/four/x`, { headers });
        await again.arrayBuffer();
        expect(trackOf(again)).toBe(track);
        // The program sets two of its own.
        expect(again.headers.getSetCookie()).toHaveLength(4);
      }
    }

    // The program sees the new path and host; bodies go on as they are.
    for (const prefix of ['/f', '/l']) {
      const seen = await echoed(app, `${prefix}/a%20b?c=d`, { method: 'POST', body: 'whole' });
      expect(seen).toMatchObject({ method: 'POST', url: '/a%20b?c=d' });
      expect(seen.headers['host']).toBe(`b.example:${app.port}`);
      expect(Buffer.from(seen.body, 'base64').toString()).toBe('whole');
    }
  });
});
