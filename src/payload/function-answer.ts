// What the answers of functions have in common, whoever reads them: status, body and header fields.
//
// A load balancer is strict: what is there must be of the right type, and null is not. API Gateway
// and function URLs take a status in digits, and header values that are numbers or booleans.

import type { BadAnswer, Field } from './http-message.ts';
import { isArray, isObject, type Json, type JsonObject, kindOf, parseJson } from './json.ts';
import { fromBase64, toLatin1, utf8Of } from './text.ts';

const EMPTY = Buffer.alloc(0);

/** JSON of a payload; `json` is undefined where it is none. */
export function readPayload(payload: Buffer): { readonly json: Json | undefined } {
  const text = utf8Of(payload);
  return { json: text === undefined ? undefined : parseJson(text) };
}

/** How a message names an answer that is not an object. */
export function notAnObject(json: Json | undefined): BadAnswer {
  return { problem: json === undefined ? 'is not JSON' : `is ${kindOf(json)}, not an object` };
}

export interface StatusRule {
  readonly from: number;
  readonly to: number;
  /** "200" is as good as 200. */
  readonly digits: boolean;
}

/** The status code, or what is wrong with it. */
export function statusOf({ statusCode }: JsonObject, rule: StatusRule): number | BadAnswer {
  if (statusCode === undefined) return { problem: 'has no "statusCode"' };
  const digits = rule.digits && typeof statusCode === 'string' && /^\d{3}$/.test(statusCode);
  const status = digits ? Number(statusCode) : statusCode;
  if (typeof status !== 'number') {
    return { problem: `has ${kindOf(statusCode)} as its "statusCode"` };
  }
  if (Number.isInteger(status) && status >= rule.from && status <= rule.to) return status;
  return { problem: `has the "statusCode" ${status}` };
}

/** The body as bytes, or what is wrong with it. `strict`: null is no body and no flag. */
export function bodyOf(answer: JsonObject, strict: boolean): Buffer | BadAnswer {
  const { body, isBase64Encoded: flag } = answer;
  if (flag !== undefined && typeof flag !== 'boolean' && (strict || flag !== null)) {
    return { problem: `has ${kindOf(flag)} as its "isBase64Encoded"` };
  }
  if (body === undefined || (body === null && !strict)) return EMPTY;
  if (typeof body !== 'string') return { problem: `has ${kindOf(body)} as its "body"` };
  if (flag !== true) return Buffer.from(body, 'utf8');
  return fromBase64(body) ?? { problem: 'says "isBase64Encoded", but its "body" is not base64' };
}

/** The fields of an object with one value for each name. */
export function singleFields(value: Json, strict: boolean): readonly Field[] | BadAnswer {
  if (!isObject(value)) return { problem: `has ${kindOf(value)} as its "headers"` };
  const fields: Field[] = [];
  for (const [name, one] of Object.entries(value)) {
    const text = headerText(one, strict);
    if (text === undefined) return wrongValue(name, one);
    fields.push([name, text]);
  }
  return fields;
}

/** The fields of an object with a list of values for each name. */
export function multiFields(value: Json, strict: boolean): readonly Field[] | BadAnswer {
  if (!isObject(value)) return { problem: `has ${kindOf(value)} as its "multiValueHeaders"` };
  const fields: Field[] = [];
  for (const [name, many] of Object.entries(value)) {
    if (!isArray(many)) return wrongValue(name, many);
    for (const one of many) {
      const text = headerText(one, strict);
      if (text === undefined) return wrongValue(name, one);
      fields.push([name, text]);
    }
  }
  return fields;
}

function headerText(value: Json, strict: boolean): string | undefined {
  if (typeof value === 'string') return toLatin1(value);
  const scalar = typeof value === 'number' || typeof value === 'boolean';
  return scalar && !strict ? String(value) : undefined;
}

const wrongValue = (name: string, value: Json): BadAnswer => ({
  problem: `has ${kindOf(value)} as the value of the header ${JSON.stringify(name)}`,
});

/** One Set-Cookie for each. */
export function cookieFields(cookies: Json | undefined): readonly Field[] | BadAnswer {
  if (cookies === undefined || cookies === null) return [];
  if (!isArray(cookies)) return { problem: `has ${kindOf(cookies)} as its "cookies"` };
  const fields: Field[] = [];
  for (const cookie of cookies) {
    if (typeof cookie !== 'string') return { problem: `has ${kindOf(cookie)} in its "cookies"` };
    fields.push(['set-cookie', toLatin1(cookie)]);
  }
  return fields;
}
