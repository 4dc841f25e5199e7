// The JWT authorizer of an HTTP API, with tokens and keys of an issuer that runs in the test.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startDoor } from './support/door.ts';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

let first: Pair;
let second: Pair;

beforeAll(async () => {
  first = await generateKeyPair('RS256');
  second = await generateKeyPair('RS256');
});

interface Issuer {
  readonly url: string;
  /** Paths asked for so far. */
  readonly asked: readonly string[];
  keys: object;
}

/** Answers as an issuer does; `keys` can be exchanged while it runs. */
async function startIssuer(): Promise<Issuer> {
  const asked: string[] = [];
  const issuer = { url: '', asked, keys: await jwks(first, 'one') };
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const found: Record<string, object> = {
      '/pool/.well-known/openid-configuration': { jwks_uri: `${issuer.url}/keys` },
      '/pool/keys': issuer.keys,
    };
    const answer = found[request.url ?? ''];
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  issuer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pool`;
  return issuer;
}

async function jwks(pair: Pair, kid: string) {
  return { keys: [{ ...(await exportJWK(pair.publicKey)), kid, alg: 'RS256', use: 'sig' }] };
}

const NOW_S = Math.floor(Date.now() / 1000);

function sign(claims: JWTPayload, kid = 'one', pair = first): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(pair.privateKey);
}

const good = (issuer: Issuer): JWTPayload => ({
  iss: issuer.url,
  aud: 'app-1',
  iat: NOW_S - 10,
  nbf: NOW_S - 10,
  exp: NOW_S + 600,
  scope: 'read write',
  'cognito:groups': ['a', 'b'],
});

function startGuarded(issuer: Issuer, more = '', assume = '') {
  const yaml = `
app: doors
entry: { type: http-api, authorizer: { issuer: "${issuer.url}", audience: [app-1, app-2]${more} } }
functions: { hello: { handler: index.handler } }
routes:
  - { path: /open, function: hello, authorizer: none }
  - { path: /admin, function: hello, scopes: [admin, write] }
  - { path: /root, function: hello, scopes: root }
  - { path: /*, function: hello }
${assume}`;
  return startDoor(yaml, { hello: () => 'in' });
}

const ask = (url: string, token: string | undefined) =>
  fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

describe('a good token', () => {
  it('passes, and its claims are in the event as texts', async () => {
    const issuer = await startIssuer();
    const door = await startGuarded(issuer);
    const response = await ask(`${door.url}/x`, await sign(good(issuer)));
    expect(response.status).toBe(200);
    expect(door.of('hello').event.requestContext.authorizer).toEqual({
      jwt: {
        claims: {
          iss: issuer.url,
          aud: 'app-1',
          iat: String(NOW_S - 10),
          nbf: String(NOW_S - 10),
          exp: String(NOW_S + 600),
          scope: 'read write',
          'cognito:groups': '[a b]',
        },
        scopes: null,
      },
    });
  });

  it('needs one of the scopes of the route', async () => {
    const issuer = await startIssuer();
    const door = await startGuarded(issuer);
    const token = await sign(good(issuer));
    expect((await ask(`${door.url}/admin`, token)).status).toBe(200);
    expect(door.of('hello').event.requestContext.authorizer.jwt.scopes).toEqual(['admin', 'write']);
    const refused = await ask(`${door.url}/root`, token);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toEqual({ message: 'Forbidden' });
    expect(refused.headers.get('www-authenticate')).toMatch(/scope="root" error="insufficient_/);
  });

  it('without the scope is 401 where that is assumed', async () => {
    const issuer = await startIssuer();
    const door = await startGuarded(issuer, '', 'local: { assume: { jwtScopeStatus: 401 } }');
    expect((await ask(`${door.url}/root`, await sign(good(issuer)))).status).toBe(401);
  });

  it('may name its client in place of an audience, and scopes in "scp"', async () => {
    const issuer = await startIssuer();
    const door = await startGuarded(issuer);
    const { aud: _aud, scope: _scope, ...rest } = good(issuer);
    const token = await sign({ ...rest, client_id: 'app-2', scp: ['admin'] });
    expect((await ask(`${door.url}/admin`, token)).status).toBe(200);
  });
});

describe('401', () => {
  const without = (claims: JWTPayload, ...names: string[]) =>
    Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));

  it.each([
    ['no token', () => undefined, /^Bearer$/],
    [
      'nonsense',
      () => 'abc.def',
      /error="invalid_token" error_description="the token is not valid/,
    ],
    [
      'another issuer',
      (issuer: Issuer) => sign({ ...good(issuer), iss: 'https://else.example' }),
      /the token has another issuer/,
    ],
    [
      'another audience',
      (issuer: Issuer) => sign({ ...good(issuer), aud: 'app-3' }),
      /does not have a valid audience/,
    ],
    [
      'a client_id beside a wrong audience',
      (issuer: Issuer) => sign({ ...good(issuer), aud: 'app-3', client_id: 'app-1' }),
      /does not have a valid audience/,
    ],
    [
      'a token that has expired',
      (issuer: Issuer) => sign({ ...good(issuer), exp: NOW_S - 1 }),
      /the token has expired/,
    ],
    [
      'a token without an end',
      (issuer: Issuer) => sign(without(good(issuer), 'exp')),
      /missing required 'exp' claim/,
    ],
    [
      'a token that is not valid yet',
      (issuer: Issuer) => sign({ ...good(issuer), nbf: NOW_S + 600 }),
      /nbf/,
    ],
    [
      'a token from the future',
      (issuer: Issuer) => sign({ ...good(issuer), iat: NOW_S + 600 }),
      /used before it was issued/,
    ],
    [
      'the signature of another key',
      (issuer: Issuer) => sign(good(issuer), 'one', second),
      /signature verification failed/,
    ],
    [
      'a key nobody knows',
      (issuer: Issuer) => sign(good(issuer), 'two', second),
      /no applicable key/,
    ],
    [
      'a secret instead of RSA',
      (issuer: Issuer) =>
        new SignJWT(good(issuer))
          .setProtectedHeader({ alg: 'HS256', kid: 'one' })
          .sign(Buffer.alloc(32, 1)),
      /"alg" \(Algorithm\) Header Parameter value not allowed|'alg'/,
    ],
  ])('to %s', async (_what, make, challenge) => {
    const issuer = await startIssuer();
    const door = await startGuarded(issuer);
    const response = await ask(`${door.url}/x`, await make(issuer));
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ message: 'Unauthorized' });
    expect(response.headers.get('www-authenticate')).toMatch(challenge);
    expect(response.headers.get('apigw-requestid')).toMatch(/^.{15}=$/);
    expect(door.of('hello').invocations).toEqual([]);
    expect(door.requests()).toMatchObject([{ status: 401, fault: { code: 'TOKEN_REFUSED' } }]);
  });

  it('while the issuer cannot be reached, and not after', async () => {
    const issuer = await startIssuer();
    const token = await sign(good(issuer));
    const keys = issuer.keys;
    issuer.keys = { none: true };
    const door = await startGuarded(issuer);
    const refused = await ask(`${door.url}/x`, token);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toMatch(/OIDC discovery endpoint comm/);
    expect(door.requests()).toMatchObject([{ fault: { code: 'TOKEN_KEYS_UNAVAILABLE' } }]);
    issuer.keys = keys;
    expect((await ask(`${door.url}/x`, token)).status).toBe(200);
  });

  it('when the keys are more than 150 000 bytes', async () => {
    const issuer = await startIssuer();
    issuer.keys = { ...issuer.keys, more: 'x'.repeat(150_000) };
    const door = await startGuarded(issuer);
    expect((await ask(`${door.url}/x`, await sign(good(issuer)))).status).toBe(401);
    expect(door.requests()[0]?.fault?.message).toMatch(/more than 150000 bytes/);
  });
});

describe('keys', () => {
  it('are found through the issuer, once for many requests', async () => {
    const issuer = await startIssuer();
    const door = await startGuarded(issuer);
    const token = await sign(good(issuer));
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(door.url, token)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await ask(door.url, token);
    expect(issuer.asked).toEqual(['/pool/.well-known/openid-configuration', '/pool/keys']);
  });

  it('can be named, for an issuer that does not tell where they are', async () => {
    const issuer = await startIssuer();
    const door = await startGuarded(issuer, `, jwks: "${issuer.url}/keys"`);
    expect((await ask(door.url, await sign(good(issuer)))).status).toBe(200);
    expect(issuer.asked).toEqual(['/pool/keys']);
  });

  it('are fetched anew for a token whose key is not among them', async () => {
    const issuer = await startIssuer();
    const door = await startGuarded(issuer);
    expect((await ask(door.url, await sign(good(issuer)))).status).toBe(200);
    issuer.keys = await jwks(second, 'two');
    const token = await sign(good(issuer), 'two', second);
    await expect.poll(async () => (await ask(door.url, token)).status, { timeout: 5000 }).toBe(200);
  });
});

it('lets a route without the authorizer pass without a token', async () => {
  const issuer = await startIssuer();
  const door = await startGuarded(issuer);
  expect((await ask(`${door.url}/open`, undefined)).status).toBe(200);
  expect(door.of('hello').event.requestContext.authorizer).toBeUndefined();
});
