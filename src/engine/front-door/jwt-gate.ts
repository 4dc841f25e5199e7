// The JWT authorizer of an HTTP API: lets a request pass whose token the issuer signed with RSA, for
// one of the audiences, within its time, with one of the scopes of the route.
// [AGW:http-api-jwt-authorizer], [AGW:http-api-troubleshooting-jwt]

import { Fault, isFault } from '../../base/fault.ts';
import type { Clock } from '../../base/ports.ts';
import type { JwtAuthorizer } from '../../model/app.ts';
import type { JsonObject } from '../../payload/json.ts';
import type { Refused } from './door-kind.ts';
import { IssuerKeys } from './issuer-keys.ts';

export type Verdict =
  | { readonly kind: 'passed'; readonly jwt: JsonObject }
  | ({ readonly kind: 'refused' } & Refused);

const ALGORITHMS = ['RS256', 'RS384', 'RS512'];

type Claims = Readonly<Record<string, unknown>>;

export class JwtGate {
  readonly #authorizer: JwtAuthorizer;
  readonly #scopeStatus: number;
  readonly #clock: Clock;
  readonly #keys: IssuerKeys;

  /** `scopeStatus` is answered to a good token without a scope of the route. */
  constructor(authorizer: JwtAuthorizer, scopeStatus: number, clock: Clock) {
    this.#authorizer = authorizer;
    this.#scopeStatus = scopeStatus;
    this.#clock = clock;
    this.#keys = new IssuerKeys(authorizer, clock);
  }

  /** `authorization`: the field of the request. */
  async ask(authorization: string | undefined, scopes: readonly string[]): Promise<Verdict> {
    const token = authorization?.replace(/^bearer +/i, '');
    if (token === undefined || token === '') return missing();
    const read = await this.#read(token);
    if (typeof read === 'string') return invalid(read);
    if (read instanceof Fault) return unavailable(read);
    const problem = this.#problemOf(read);
    if (problem !== undefined) return invalid(problem);
    const granted = scopesOf(read);
    if (scopes.length > 0 && !scopes.some((scope) => granted.includes(scope))) {
      return this.#lacksScope(scopes);
    }
    const jwt = { claims: claimTexts(read), scopes: scopes.length === 0 ? null : [...scopes] };
    return { kind: 'passed', jwt };
  }

  /** The claims, what is wrong with the token, or why its keys cannot be had. */
  async #read(token: string): Promise<Claims | string | Fault> {
    const { createLocalJWKSet, decodeProtectedHeader, errors, jwtVerify } = await import('jose');
    try {
      const { kid } = decodeProtectedHeader(token);
      const set = await this.#keys.get(kid);
      const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [...set.keys] }), {
        algorithms: ALGORITHMS,
        currentDate: new Date(this.#clock.wall()),
        requiredClaims: ['exp'],
      });
      return payload;
    } catch (error) {
      if (isFault(error, 'TOKEN_KEYS_UNAVAILABLE')) return error;
      if (error instanceof errors.JWTExpired) return 'the token has expired';
      if (error instanceof Error) return sayJose(error.message);
      throw error;
    }
  }

  #problemOf({ iss, aud, client_id: client, iat }: Claims): string | undefined {
    const { issuer, audience } = this.#authorizer;
    if (iss !== issuer) return 'the token has another issuer';
    // Only a token without "aud" is judged by its "client_id".
    const meant = aud === undefined ? [client] : Array.isArray(aud) ? aud : [aud];
    if (!meant.some((one) => typeof one === 'string' && audience.includes(one))) {
      return 'the token does not have a valid audience';
    }
    const early = typeof iat === 'number' && iat * 1000 > this.#clock.wall();
    return early ? 'the token is used before it was issued' : undefined;
  }

  #lacksScope(scopes: readonly string[]): Verdict {
    const problem = `the token has none of the scopes ${scopes.join(', ')}`;
    return {
      kind: 'refused',
      status: this.#scopeStatus,
      fault: new Fault('TOKEN_REFUSED', { problem }),
      more: challenge('insufficient_scope', problem, scopes.join(' ')),
    };
  }
}

function missing(): Verdict {
  const fault = new Fault('TOKEN_REFUSED', { problem: 'there is no Authorization' });
  return { kind: 'refused', status: 401, fault, more: 'www-authenticate: Bearer\r\n' };
}

function invalid(problem: string): Verdict {
  const fault = new Fault('TOKEN_REFUSED', { problem });
  return { kind: 'refused', status: 401, fault, more: challenge('invalid_token', problem) };
}

function unavailable(fault: Fault): Verdict {
  const problem = 'OIDC discovery endpoint communication error';
  return { kind: 'refused', status: 401, fault, more: challenge('invalid_token', problem) };
}

function challenge(error: string, description: string, scope = ''): string {
  const said = description.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'");
  return `www-authenticate: Bearer scope="${scope}" error="${error}" error_description="${said}"\r\n`;
}

/** "Invalid Compact JWS" → "the token is not valid: Invalid Compact JWS". */
function sayJose(message: string): string {
  return `the token is not valid: ${message}`;
}

/** OAuth has them in "scope" as one text; some issuers have a list in "scp". */
function scopesOf({ scope, scp }: Claims): readonly string[] {
  return [scope, scp].flatMap((value) => {
    if (typeof value === 'string') return value.split(' ');
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  });
}

/** Every claim is a text in the event; a list looks like "[a b]". */
function claimTexts(claims: Claims): Record<string, string> {
  const text = (value: unknown): string => {
    if (typeof value === 'string') return value;
    if (Array.isArray(value)) return `[${value.map(text).join(' ')}]`;
    return JSON.stringify(value) ?? '';
  };
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, text(value)]));
}
