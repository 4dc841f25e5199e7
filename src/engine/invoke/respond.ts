// Answers of the Invoke API as HTTP.

import { STATUS_CODES } from 'node:http';
import type { Clock } from '../../base/ports.ts';
import type { Exchange } from '../http1/exchange.ts';
import type { RequestHead } from '../http1/head.ts';
import type { ApiError } from './api-error.ts';

export interface JsonAnswer {
  readonly status: number;
  readonly body: string | Buffer;
  /** Lines "Name: value\r\n". */
  readonly fields: string;
  readonly date: string;
}

export function respondJson(exchange: Exchange, { status, body, fields, date }: JsonAnswer): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const bodyless = status === 204 || exchange.head.method === 'HEAD';
  const type = status === 204 ? '' : 'Content-Type: application/json\r\n';
  exchange.respond({
    status,
    reason: STATUS_CODES[status] ?? '',
    fields: `Date: ${date}\r\n${type}${fields}`,
    body: bodyless ? { kind: 'none' } : { kind: 'length', bytes: bytes.length },
  });
  if (bytes.length > 0 && !bodyless) exchange.write(bytes);
  exchange.end();
}

export function errorFields(error: ApiError, requestId: string): string {
  return `x-amzn-RequestId: ${requestId}\r\nx-amzn-ErrorType: ${error.type}\r\n${error.fields}`;
}

export function respondError(
  exchange: Exchange,
  error: ApiError,
  requestId: string,
  date: string,
): void {
  const { status, body } = error;
  respondJson(exchange, { status, body, fields: errorFields(error, requestId), date });
}

/** The first value of a field, by its lower-case name. */
export function fieldOf(head: RequestHead, name: string): string | undefined {
  const index = head.names.indexOf(name);
  return index === -1 ? undefined : head.fields[2 * index + 1];
}

/** The Date field: written anew once a second. */
export class Dates {
  readonly #clock: Clock;
  #second = 0;
  #text = '';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): string {
    const wall = this.#clock.wall();
    const second = Math.floor(wall / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = new Date(wall).toUTCString();
    }
    return this.#text;
  }
}
