// What the two payload formats of an HTTP API and the events of a function URL have in common.

import type { Millis } from '../base/units.ts';
import type { Assumptions } from '../model/app.ts';
import { clfTime } from './clf-time.ts';
import type { HttpRequest } from './http-message.ts';
import { splitTarget } from './http-message.ts';
import type { JsonObject } from './json.ts';
import { percentDecode } from './query.ts';
import { fromLatin1Lossy, isTextRequest, utf8Of } from './text.ts';

/**
 * Keys without a value: left out, as captures of HTTP APIs and function URLs show, or null, as the
 * documentation of function URLs allows.
 */
export type EmptyKeys = Assumptions['emptyKeys'];

/** What an API knows of a request besides the request. */
export interface ApiCall {
  readonly accountId: string;
  /** Id of the API or of the function URL. */
  readonly apiId: string;
  /** Its first label is the "domainPrefix". */
  readonly domainName: string;
  readonly requestId: string;
  /** When the request came. */
  readonly timeMs: Millis;
}

export interface HttpApiCall extends ApiCall {
  /** "POST /items/{id}" or "$default". */
  readonly routeKey: string;
  /** "$default" or the name of the stage. */
  readonly stage: string;
  /** Decoded. Empty: the route has none. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly stageVariables: Readonly<Record<string, string>>;
  /** As it stands in "requestContext", e.g. { jwt: { claims, scopes } }. */
  readonly authorizer: JsonObject | undefined;
  /** "requestContext.authentication.clientCert", with mutual TLS. */
  readonly clientCert: JsonObject | undefined;
}

/** Leaves empty keys out or writes them as null; says so once for all of them. */
export function withEmpty(keys: EmptyKeys, value: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => {
      if (one !== undefined) return [[key, one] as const];
      return keys === 'null' ? [[key, null] as const] : [];
    }),
  );
}

/** Undefined instead of an empty object. */
export function unlessEmpty<Value extends object>(value: Value): Value | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

export function domainPrefixOf(domainName: string): string {
  const dot = domainName.indexOf('.');
  return dot === -1 ? domainName : domainName.slice(0, dot);
}

/** The body of an event; undefined without one. Text that is not UTF-8 travels in base64. */
export function encodedBody({ body, fields }: HttpRequest) {
  if (body.length === 0) return { body: undefined, isBase64Encoded: false };
  const text = isTextRequest(fields) ? utf8Of(body) : undefined;
  if (text !== undefined) return { body: text, isBase64Encoded: false };
  return { body: body.toString('base64'), isBase64Encoded: true };
}

/** The query as it was sent, without "?". */
export const rawQueryOf = ({ target }: HttpRequest): string => splitTarget(target).query ?? '';

/**
 * The path as an HTTP API passes it on: decoded, and cut off at a "?" that comes to light.
 * REST APIs, function URLs and load balancers leave it as it was sent. (Captures published with
 * hotsock/voker#8; fastify/aws-lambda-fastify#169.)
 */
export function decodedPathOf({ target }: HttpRequest): string {
  return splitTarget(percentDecode(splitTarget(target).path)).path;
}

/** Lower-case names; the values of the same name joined with ",". */
export function joinedHeaders(request: HttpRequest): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [written, value] of request.fields) {
    const name = written.toLowerCase();
    const text = fromLatin1Lossy(value);
    const before = joined.get(name);
    joined.set(name, before === undefined ? text : `${before},${text}`);
  }
  return Object.fromEntries(joined);
}

/** Each cookie of each Cookie field. */
export function cookiesOf(request: HttpRequest): readonly string[] {
  return request.fields
    .filter(([name]) => name.toLowerCase() === 'cookie')
    .flatMap(([, value]) => fromLatin1Lossy(value).split(';'))
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== '');
}

/** Time and names, as "requestContext" of payload 2.0 has them. */
export function timeOf({ timeMs }: ApiCall) {
  return { time: clfTime(timeMs), timeEpoch: timeMs };
}
