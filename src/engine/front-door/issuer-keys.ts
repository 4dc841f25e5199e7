// The public keys of an issuer of tokens: found through its openid-configuration or at a given
// place, kept for two hours at most, fetched anew for a token whose key is not among them.
// [AGW:http-api-jwt-authorizer]

import { Fault } from '../../base/fault.ts';
import type { Clock } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { JwtAuthorizer } from '../../model/app.ts';
import { JWKS_BYTES, JWKS_MAX_AGE_MS, JWKS_TIMEOUT_MS } from '../../model/aws-limits.ts';

/** Tokens with unknown keys make the keys be fetched no more often than this. */
const FETCH_AT_MOST_EVERY_MS = 1000;

export interface KeySet {
  readonly keys: readonly { readonly kid?: string; readonly [name: string]: unknown }[];
}

export class IssuerKeys {
  readonly #authorizer: JwtAuthorizer;
  readonly #clock: Clock;
  #kept: { readonly set: KeySet; readonly at: Millis } | undefined;
  #coming: Promise<KeySet> | undefined;

  constructor(authorizer: JwtAuthorizer, clock: Clock) {
    this.#authorizer = authorizer;
    this.#clock = clock;
  }

  /** Throws TOKEN_KEYS_UNAVAILABLE. */
  async get(kid: string | undefined): Promise<KeySet> {
    const kept = this.#kept;
    if (kept === undefined) return this.#fetch();
    const age = this.#clock.now() - kept.at;
    const known = kid === undefined || kept.set.keys.some((key) => key.kid === kid);
    if (age < (known ? JWKS_MAX_AGE_MS : FETCH_AT_MOST_EVERY_MS)) return kept.set;
    return this.#fetch();
  }

  /** Once for all who ask at the same time. */
  #fetch(): Promise<KeySet> {
    this.#coming ??= this.#load().finally(() => {
      this.#coming = undefined;
    });
    return this.#coming;
  }

  async #load(): Promise<KeySet> {
    const url = this.#authorizer.jwks ?? (await this.#discover());
    const found = await fetchJson(url);
    const keys = isRecord(found) ? found['keys'] : undefined;
    if (!Array.isArray(keys)) throw unavailable(url, 'it has no "keys"');
    const set = { keys: keys.filter(isRecord) };
    this.#kept = { set, at: this.#clock.now() };
    return set;
  }

  async #discover(): Promise<string> {
    const issuer = this.#authorizer.issuer.replace(/\/$/, '');
    const url = `${issuer}/.well-known/openid-configuration`;
    const found = await fetchJson(url);
    const place = isRecord(found) ? found['jwks_uri'] : undefined;
    if (typeof place !== 'string') throw unavailable(url, 'it has no "jwks_uri"');
    return place;
  }
}

async function fetchJson(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(JWKS_TIMEOUT_MS) });
    if (!response.ok) throw unavailable(url, `it answers ${response.status}`);
    return JSON.parse(await bounded(url, response)) as unknown;
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw unavailable(url, sayReason(error), error);
  }
}

async function bounded(url: string, { body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > JWKS_BYTES) throw unavailable(url, `it has more than ${JWKS_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sayReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${JWKS_TIMEOUT_MS} ms`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function unavailable(url: string, reason: string, cause?: unknown): Fault {
  return new Fault('TOKEN_KEYS_UNAVAILABLE', { url, reason }, { cause });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
