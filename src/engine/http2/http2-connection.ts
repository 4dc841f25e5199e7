// A client's connection that speaks HTTP/2: hands every stream to the front door as an exchange.
//
// Invariants
//   C1. At most 128 streams at a time; after 10,000 requests, or when the connection is older than
//       it may get, it takes no more (GOAWAY) and ends with those under way.
//   C2. What cannot be read is answered on its own stream; what breaks the protocol ends the
//       connection, as node:http2 sees to.

import {
  constants,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Millis } from '../../base/units.ts';
import { ALB_HTTP2 } from '../../model/aws-limits.ts';
import type { KeptConnection } from '../http1/connection-set.ts';
import type { ResponseStart } from '../http1/exchange.ts';
import { Malformed } from '../http1/head.ts';
import { Peer } from '../http1/peer.ts';
import type { ConnectionEvents, ConnectionLimits } from '../http1/server-connection.ts';
import { StreamExchange, type StreamOwner, sendHead } from './stream-exchange.ts';
import { headOfStream, headSize } from './stream-head.ts';

/** Fields of a head, whatever their size: more than any browser sends in 64 KB. */
const MAX_FIELDS = 2000;

/** What one connection may hold in memory, in MB: 128 streams with a window each and some more. */
const SESSION_MEMORY_MB = 32;

export class Http2Connection implements KeptConnection, StreamOwner {
  readonly peer: Peer;
  readonly now: () => Millis;
  readonly #session: ServerHttp2Session;
  readonly #limits: ConnectionLimits;
  readonly #events: ConnectionEvents;
  readonly #exchanges = new Set<StreamExchange>();
  readonly #closesAfter: Millis;
  #requests = 0;
  #stillSince: Millis;

  constructor(
    socket: TLSSocket,
    limits: ConnectionLimits,
    events: ConnectionEvents,
    now: () => Millis,
  ) {
    this.peer = new Peer(socket, true);
    this.now = now;
    this.#limits = limits;
    this.#events = events;
    this.#stillSince = now();
    this.#closesAfter = this.#stillSince + (limits.keepAliveMs ?? Number.POSITIVE_INFINITY);
    socket.setNoDelay(true);
    // A client that closes its side has no use for answers.
    socket.allowHalfOpen = false;
    this.#session = performServerHandshake(socket, {
      maxHeaderListPairs: MAX_FIELDS,
      maxSessionMemory: SESSION_MEMORY_MB,
      settings: {
        maxConcurrentStreams: ALB_HTTP2.streams,
        maxHeaderListSize: limits.headBytes,
        enablePush: false,
      },
    });
    this.#session.on('stream', this.#onStream);
    this.#session.on('error', this.#onError);
    this.#session.on('close', this.#onClose);
  }

  sweep(now: Millis): void {
    const { idleMs } = this.#limits;
    for (const exchange of this.#exchanges) exchange.sweep(now, idleMs);
    if (this.#exchanges.size === 0 && now - this.#stillSince >= idleMs) this.#session.close();
  }

  closeSoon(): void {
    if (!this.#session.closed) this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  ended(exchange: StreamExchange): void {
    this.#exchanges.delete(exchange);
    this.#stillSince = this.now();
  }

  readonly #onStream = (
    stream: ServerHttp2Stream,
    _headers: unknown,
    flags: number,
    raw: readonly string[],
  ): void => {
    stream.on('error', this.#onError);
    this.#requests += 1;
    const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    try {
      const head = headOfStream(raw, ended, this.#limits);
      const exchange = new StreamExchange(stream, head, headSize(raw), this);
      this.#exchanges.add(exchange);
      this.#events.request(exchange);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#refuse(stream, error);
    }
    if (this.#requests >= ALB_HTTP2.requests || this.now() >= this.#closesAfter) this.closeSoon();
  };

  #refuse(stream: ServerHttp2Stream, problem: Malformed): void {
    const reply = (start: ResponseStart, body: Buffer): void => {
      sendHead(stream, start);
      stream.end(body);
      stream.close(constants.NGHTTP2_NO_ERROR);
    };
    this.#events.malformed(problem, reply, this.peer);
  }

  readonly #onError = (): void => {
    // "close" follows and says all there is to say.
  };

  readonly #onClose = (): void => {
    this.#events.closed();
  };
}
