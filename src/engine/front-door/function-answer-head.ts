// The head of the answer of a function, as it goes to the client.

import { STATUS_CODES } from 'node:http';
import type { HttpAnswer } from '../../payload/http-message.ts';
import type { BodyFraming } from '../http1/head.ts';
import type { ServedRequest, WayEnd } from './served-request.ts';

export const NO_BODY: BodyFraming = { kind: 'none' };

/** No body goes with it, whatever the function says. RFC 9110 §6.4.1. */
export function isBodyless(status: number): boolean {
  return status === 204 || status === 304;
}

/** What is wrong with a status after which another answer would have to come, or undefined. */
export function notFinal(status: number): string | undefined {
  return status < 200
    ? `has the "statusCode" ${status}, after which another has to come`
    : undefined;
}

export function beginAnswer(
  request: ServedRequest,
  end: WayEnd,
  { status, reason, fields }: Pick<HttpAnswer, 'status' | 'reason' | 'fields'>,
  body: BodyFraming,
): void {
  request.status = status;
  const lines = end.kind.functionFields(request, fields);
  const dated = fields.some(([name]) => name.toLowerCase() === 'date');
  request.exchange.respond({
    status,
    reason: reason ?? STATUS_CODES[status] ?? '',
    fields: `${lines}${dated ? '' : `Date: ${end.date()}\r\n`}${end.addedFields(request)}`,
    body,
  });
}
