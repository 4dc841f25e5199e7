// The answer of a function to an HTTP API or a function URL.

import {
  bodyOf,
  cookieFields,
  multiFields,
  notAnObject,
  readPayload,
  type StatusRule,
  singleFields,
  statusOf,
} from './function-answer.ts';
import {
  answerFields,
  type BadAnswer,
  type Field,
  type HttpAnswer,
  isBad,
  valuesOf,
} from './http-message.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

export interface AnswerRule {
  readonly status: StatusRule;
  /** Of an answer that says none itself. */
  readonly contentType: string;
}

/**
 * Payload format 2.0: without "statusCode" the whole JSON is the body of a 200.
 * [AGW:http-api-develop-integrations-lambda], [LDG:urls-invocation]
 */
export function inferredAnswer(payload: Buffer, rule: AnswerRule): HttpAnswer | BadAnswer {
  const { json } = readPayload(payload);
  if (json === undefined) return notAnObject(json);
  if (!isObject(json) || json['statusCode'] === undefined) {
    const fields = [['content-type', 'application/json'] as const];
    return { status: 200, reason: undefined, fields, body: payload };
  }
  const cookies = cookieFields(json['cookies']);
  if (isBad(cookies)) return cookies;
  return answerOf(json, rule, { cookies, multi: false });
}

/** Payload format 1.0: the answer has to be an object with a "statusCode". */
export function strictAnswer(payload: Buffer, rule: AnswerRule): HttpAnswer | BadAnswer {
  const { json } = readPayload(payload);
  if (!isObject(json)) return notAnObject(json);
  return answerOf(json, rule, { cookies: [], multi: true });
}

function answerOf(
  answer: JsonObject,
  rule: AnswerRule,
  { cookies, multi }: { cookies: readonly Field[]; multi: boolean },
): HttpAnswer | BadAnswer {
  const status = statusOf(answer, rule.status);
  if (typeof status !== 'number') return status;
  const body = bodyOf(answer, false);
  if (isBad(body)) return body;
  const written = multi ? mergedFields(answer) : fieldsOf(answer['headers'], singleFields);
  if (isBad(written)) return written;
  const fields = answerFields([...written, ...cookies]);
  if (isBad(fields)) return fields;
  const typed = valuesOf(fields, 'content-type').length > 0;
  return {
    status,
    reason: undefined,
    fields: typed ? fields : [...fields, ['content-type', rule.contentType]],
    body,
  };
}

function fieldsOf(
  value: Json | undefined,
  read: typeof singleFields,
): readonly Field[] | BadAnswer {
  return value === undefined || value === null ? [] : read(value, false);
}

/** A name that is in both has the values of "multiValueHeaders". */
function mergedFields(answer: JsonObject): readonly Field[] | BadAnswer {
  const single = fieldsOf(answer['headers'], singleFields);
  if (isBad(single)) return single;
  const multi = fieldsOf(answer['multiValueHeaders'], multiFields);
  if (isBad(multi)) return multi;
  const names = new Set(multi.map(([name]) => name.toLowerCase()));
  return [...single.filter(([name]) => !names.has(name.toLowerCase())), ...multi];
}
