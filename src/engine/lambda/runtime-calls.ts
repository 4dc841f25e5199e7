// The kinds of call the Runtime API has: one that waits for an event, one that brings a small body.

import type { Refusal } from '../../fleet/runtime-session.ts';
import { fieldValue } from '../front-door/alb-headers.ts';
import type { Exchange, ExchangeUser } from '../http1/exchange.ts';
import type { RequestHead } from '../http1/head.ts';

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  202: 'Accepted',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Request Entity Too Large',
};

/** JSON unless `fields` says otherwise. */
export function replyText(exchange: Exchange, status: number, text: string, fields = ''): void {
  const body = Buffer.from(text);
  const type = fields.includes('Content-Type') ? '' : 'Content-Type: application/json\r\n';
  exchange.respond({
    status,
    reason: REASONS[status] ?? '',
    fields: type + fields,
    body: { kind: 'length', bytes: body.length },
  });
  exchange.write(body);
  exchange.end();
}

/** The method of every call that has one path. [RIE rapi/router.go] */
const METHODS: ReadonlyMap<string, string> = new Map([
  ['/2018-06-01/ping', 'GET'],
  ['/2018-06-01/runtime/invocation/next', 'GET'],
  ['/2018-06-01/runtime/init/error', 'POST'],
  ['/2020-01-01/extension/register', 'POST'],
  ['/2020-01-01/extension/event/next', 'GET'],
  ['/2020-01-01/extension/init/error', 'POST'],
  ['/2020-01-01/extension/exit/error', 'POST'],
  ['/2020-08-15/logs', 'PUT'],
  ['/2022-07-01/telemetry', 'PUT'],
]);

/** No such call, or not with this method. */
export function replyUnknown(exchange: Exchange): void {
  const method = METHODS.get(exchange.head.target);
  const plain = 'Content-Type: text/plain; charset=utf-8\r\n';
  if (method === undefined) replyText(exchange, 404, '404 page not found\n', plain);
  else replyText(exchange, 405, '', `${plain}Allow: ${method}\r\n`);
}

export function replyJson(exchange: Exchange, status: number, value: unknown): void {
  replyText(exchange, status, JSON.stringify(value));
}

export function replyRefusal(
  exchange: Exchange,
  { status, errorMessage, errorType }: Omit<Refusal, 'status'> & { readonly status: number },
): void {
  replyJson(exchange, status, { errorMessage, errorType });
}

/** Waits for an event; tells when the caller goes away. */
export class Poll implements ExchangeUser {
  readonly exchange: Exchange;
  readonly #gone: (poll: Poll) => void;

  constructor(exchange: Exchange, gone: (poll: Poll) => void) {
    this.exchange = exchange;
    this.#gone = gone;
    exchange.attach(this);
    exchange.receive();
  }

  bodyData(): void {}
  bodyEnd(): void {}
  bodyBroken(): void {}
  clientReady(): void {}
  clientIdle(): void {}

  clientGone(): void {
    this.#gone(this);
  }
}

/** More than any registration, subscription or report of an error has. */
const MAX_BODY_BYTES = 6 * 1024 * 1024;

/** Collects a body and hands it over. A caller that goes away is forgotten. */
export class BodyCall implements ExchangeUser {
  readonly #exchange: Exchange;
  readonly #whole: (body: Buffer) => void;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(exchange: Exchange, whole: (body: Buffer) => void) {
    this.#exchange = exchange;
    this.#whole = whole;
    exchange.attach(this);
    exchange.receive();
  }

  bodyData(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= MAX_BODY_BYTES) this.#chunks.push(chunk);
    else if (!this.#exchange.begun) replyText(this.#exchange, 413, '');
  }

  bodyEnd(): void {
    if (!this.#exchange.begun) this.#whole(Buffer.concat(this.#chunks));
  }

  bodyBroken(): void {}
  clientGone(): void {}
  clientReady(): void {}
  clientIdle(): void {}
}

/** A type Lambda does not know is reported as unknown. [RIE fatalerror/fatalerror.go] */
export function errorTypeOf(head: RequestHead): string {
  const given = fieldValue(head, 'lambda-runtime-function-error-type') ?? '';
  if (/^(Runtime|Function)\.[A-Z][a-zA-Z]+$/.test(given)) return given;
  return given.startsWith('Function.') ? 'Function.Unknown' : 'Runtime.Unknown';
}
