// One request and its answer on a stream of HTTP/2, as the front door sees it.
//
// Invariants
//   S1. The body is read no faster than its user takes it, and written no faster than the client
//       takes it: the windows of HTTP/2 do the rest.
//   S2. The stream ends with a complete answer, with a reset, or with `clientGone`.

import {
  constants,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
  type ServerStreamResponseOptions,
} from 'node:http2';
import type { Millis } from '../../base/units.ts';
import type { Exchange, ExchangeUser, ResponseStart, TrailedAnswer } from '../http1/exchange.ts';
import type { RequestHead } from '../http1/head.ts';
import type { Peer } from '../http1/peer.ts';
import { headersOfLines, linesOf } from './stream-answer.ts';
import { NOT_ON_STREAMS } from './stream-fields.ts';

/** node:http2 makes INTERNAL_ERROR of it. */
const INCOMPLETE = new Error('the answer cannot be completed');

const NO_TRAILERS: readonly string[] = [];

/** Beyond a status line and "connection: close", so to speak: what the status field takes. */
const STATUS_BYTES = 16;

export interface StreamOwner {
  readonly peer: Peer;
  readonly now: () => Millis;
  /** The stream is over. */
  ended(exchange: StreamExchange): void;
}

export class StreamExchange implements Exchange, TrailedAnswer {
  readonly head: RequestHead;
  readonly headBytesReceived: number;
  headBytesSent = 0;
  bytesReceived = 0;
  bytesSent = 0;
  trailers: readonly string[] = NO_TRAILERS;
  readonly #stream: ServerHttp2Stream;
  readonly #owner: StreamOwner;
  #user: ExchangeUser | undefined;
  #bodyEnded: boolean;
  #begun = false;
  #ended = false;
  /** What follows the answer. */
  #trailersOut = NO_TRAILERS;
  #lastMoveAt: Millis;

  constructor(stream: ServerHttp2Stream, head: RequestHead, headBytes: number, owner: StreamOwner) {
    this.#stream = stream;
    this.head = head;
    this.headBytesReceived = headBytes;
    this.#owner = owner;
    this.#bodyEnded = head.body.kind === 'none';
    this.#lastMoveAt = owner.now();
    if (!this.#bodyEnded) stream.on('trailers', this.#onTrailers);
    stream.on('drain', this.#onDrain);
    stream.on('close', this.#onClose);
  }

  get peer(): Peer {
    return this.#owner.peer;
  }

  get remoteAddress(): string {
    return this.#owner.peer.address;
  }

  get localPort(): number {
    return this.#owner.peer.localPort;
  }

  get trailed(): TrailedAnswer {
    return this;
  }

  get begun(): boolean {
    return this.#begun || this.#ended;
  }

  get bodyComplete(): boolean {
    return this.#bodyEnded;
  }

  sweep(now: Millis, idleMs: Millis): void {
    if (now - this.#lastMoveAt < idleMs) return;
    this.#lastMoveAt = now;
    this.#user?.clientIdle();
  }

  attach(user: ExchangeUser): void {
    this.#user = user;
  }

  receive(): void {
    if (this.#bodyEnded) {
      this.#stream.resume();
      this.#user?.bodyEnd();
      return;
    }
    if (this.head.expectsContinue && !this.#begun && this.#stream.writable) {
      this.#stream.additionalHeaders({ ':status': 100 });
    }
    this.#stream.on('end', this.#onEnd);
    this.#stream.on('data', this.#onData);
  }

  pause(): void {
    if (!this.#bodyEnded) this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  respond(start: ResponseStart): void {
    if (this.begun) return;
    this.#begun = true;
    this.headBytesSent = start.fields.length + STATUS_BYTES;
    if (!this.#stream.destroyed && !this.#stream.closed) sendHead(this.#stream, start);
  }

  write(chunk: Buffer): boolean {
    if (this.#ended || !this.#stream.writable) return true;
    this.#lastMoveAt = this.#owner.now();
    this.bytesSent += chunk.length;
    return this.#stream.write(chunk);
  }

  flush(): void {
    // Node gathers the frames of a turn by itself.
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stream.end();
    // The client need not send the rest of a body that nobody waits for.
    if (!this.#bodyEnded) this.#stream.close(constants.NGHTTP2_NO_ERROR);
    else this.#stream.resume();
  }

  respondTrailed(start: ResponseStart): void {
    if (this.begun) return;
    this.#begun = true;
    this.headBytesSent = start.fields.length + STATUS_BYTES;
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    if (start.body.kind === 'none') {
      sendHead(stream, start, { endStream: true });
      return;
    }
    stream.on('wantTrailers', this.#onWantTrailers);
    sendHead(stream, start, { waitForTrailers: true });
  }

  endTrailed(trailers: readonly string[]): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#trailersOut = trailers;
    for (const line of trailers) this.headBytesSent += line.length + 2;
    const stream = this.#stream;
    if (!stream.writableEnded) stream.end();
    else if (!this.#bodyEnded) stream.close(constants.NGHTTP2_NO_ERROR);
    if (this.#bodyEnded) stream.resume();
  }

  abort(): void {
    if (this.#ended) return;
    this.#ended = true;
    // "close" with a code would end the answer first, as if it were complete.
    this.#stream.destroy(INCOMPLETE);
  }

  tunnel(): never {
    throw new Error('a stream of HTTP/2 has no connection to hand over');
  }

  tunnelled(): void {
    // There is no tunnel.
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#lastMoveAt = this.#owner.now();
    this.bytesReceived += chunk.length;
    this.#user?.bodyData(chunk);
  };

  readonly #onTrailers = (_fields: unknown, _flags: number, raw: readonly string[]): void => {
    this.trailers = linesOf(raw);
  };

  /** The client need not send the rest of a body that nobody waits for. */
  readonly #onWantTrailers = (): void => {
    const stream = this.#stream;
    if (stream.closed || stream.destroyed) return;
    stream.sendTrailers(headersOfLines(this.#trailersOut));
    // Not before the trailers have left.
    if (!this.#bodyEnded) setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
  };

  /** Also comes when the client resets its stream; "close" follows and says so. */
  readonly #onEnd = (): void => {
    if (this.#bodyEnded || this.#stream.aborted || this.#stream.rstCode !== 0) return;
    this.#bodyEnded = true;
    this.#user?.bodyEnd();
  };

  readonly #onDrain = (): void => {
    this.#lastMoveAt = this.#owner.now();
    this.#user?.clientReady();
  };

  readonly #onClose = (): void => {
    this.#owner.ended(this);
    if (this.#ended) return;
    this.#ended = true;
    this.#user?.clientGone();
  };
}

/** Sends the head of an answer; the length of the body is a field like any other here. */
export function sendHead(
  stream: ServerHttp2Stream,
  { status, fields, body }: ResponseStart,
  options: ServerStreamResponseOptions = {},
): void {
  const headers = fieldsOf(status, fields);
  if (body.kind === 'length') headers['content-length'] = body.bytes;
  // A Date is the program's or the front door's. Node's types do not have the option.
  stream.respond(headers, { ...options, sendDate: false } as object);
}

/** From lines "Name: value\r\n". A name that comes again has its values joined (RFC 9110 §5.3). */
function fieldsOf(status: number, lines: string): OutgoingHttpHeaders {
  const fields: Record<string, string | string[] | number> = { ':status': status };
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf('\r\n', at);
    const colon = lines.indexOf(':', at);
    const name = lines.slice(at, colon).toLowerCase();
    const value = lines.slice(colon + 1, end).trim();
    at = end + 2;
    if (NOT_ON_STREAMS.has(name)) continue;
    const before = fields[name];
    if (name === 'set-cookie') {
      if (Array.isArray(before)) before.push(value);
      else fields[name] = [value];
    } else fields[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return fields;
}
