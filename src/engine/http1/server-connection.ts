// A client's connection: reads requests one after another, hands each to the front door as an
// exchange, writes the answers.
//
// Invariants
//   H1. One exchange at a time; the next request is read when the answer to the last is complete.
//   H2. Never more than one read of a body, and one head, is held in memory: the socket is paused
//       while nobody takes what it brings.
//   H3. Whatever happens, an exchange ends with a complete answer, with a broken connection, or
//       with `clientGone`.

import type { Socket } from 'node:net';
import type { Millis } from '../../base/units.ts';
import { ConnectionExchange, type ExchangeOwner, headOf } from './connection-exchange.ts';
import type { KeptConnection } from './connection-set.ts';
import type { Exchange, ResponseStart } from './exchange.ts';
import { Malformed, parseRequestHead, type RequestHead } from './head.ts';
import { Outbox } from './outbox.ts';
import { Peer } from './peer.ts';

export interface ConnectionLimits {
  readonly headBytes: number;
  readonly lineBytes: number;
  /** Nothing moving for this long ends the connection. */
  readonly idleMs: Millis;
  /** A connection older than this ends with the answer to its next request. Default: never. */
  readonly keepAliveMs?: Millis;
}

export interface ConnectionEvents {
  request(exchange: Exchange): void;
  /** A request that could not be read; answer it with `reply` or not at all. */
  malformed(
    problem: Malformed | 'timeout',
    reply: (start: ResponseStart, body: Buffer) => void,
    peer: Peer,
  ): void;
  closed(): void;
}

/** After an answer that ends the connection, this much more is read and dropped. */
const MAX_LINGER_BYTES = 4 * 1024 * 1024;
const LINGER_MS = 2000;

const EMPTY = Buffer.alloc(0);

export class ServerConnection implements ExchangeOwner, KeptConnection {
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  readonly #events: ConnectionEvents;
  readonly #limits: ConnectionLimits;
  readonly #now: () => Millis;
  #state: 'head' | 'exchange' | 'lingering' | 'tunnel' | 'closed' = 'head';
  /** Bytes not read yet: part of a head, or requests sent ahead. */
  #ahead: Buffer = EMPTY;
  #exchange: ConnectionExchange | undefined;
  #lastMoveAt: Millis;
  readonly #closesAfter: Millis;
  #peer: Peer | undefined;
  #headSince: Millis | undefined;
  #lingered = 0;

  constructor(
    socket: Socket,
    limits: ConnectionLimits,
    events: ConnectionEvents,
    now: () => Millis,
  ) {
    this.#socket = socket;
    this.#outbox = new Outbox(socket);
    this.#limits = limits;
    this.#events = events;
    this.#now = now;
    this.#lastMoveAt = now();
    this.#closesAfter = this.#lastMoveAt + (limits.keepAliveMs ?? Number.POSITIVE_INFINITY);
    socket.setNoDelay(true);
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
    socket.on('drain', this.#onDrain);
  }

  get peer(): Peer {
    this.#peer ??= new Peer(this.#socket, false);
    return this.#peer;
  }

  sweep(now: Millis): void {
    const stillFor = now - this.#lastMoveAt;
    if (this.#state === 'lingering' && stillFor >= LINGER_MS) this.#socket.destroy();
    else if (this.#state === 'head') this.#sweepHead(now, stillFor);
    else if (this.#state === 'exchange' && stillFor >= this.#limits.idleMs) {
      this.#lastMoveAt = now;
      this.#exchange?.idle();
    }
  }

  closeSoon(): void {
    // Nobody can say when a changed protocol is through.
    if (this.#state === 'head' || this.#state === 'tunnel') this.#socket.destroy();
    else this.#exchange?.closeAfter();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #sweepHead(now: Millis, stillFor: Millis): void {
    const { idleMs } = this.#limits;
    if (this.#headSince !== undefined && now - this.#headSince >= idleMs) this.#refuse('timeout');
    else if (this.#headSince === undefined && stillFor >= idleMs) this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#lastMoveAt = this.#now();
    switch (this.#state) {
      case 'head':
        this.#ahead = this.#ahead.length === 0 ? chunk : Buffer.concat([this.#ahead, chunk]);
        this.#readHead();
        return;
      case 'exchange':
        this.#exchange?.arrived(chunk);
        return;
      case 'lingering':
        this.#lingered += chunk.length;
        if (this.#lingered > MAX_LINGER_BYTES) this.#socket.destroy();
        return;
      default:
    }
  };

  #readHead(): void {
    while (this.#ahead.length >= 2 && this.#ahead[0] === 0x0d && this.#ahead[1] === 0x0a) {
      this.#ahead = this.#ahead.subarray(2);
    }
    if (this.#ahead.length === 0) return;
    this.#headSince ??= this.#lastMoveAt;
    const end = this.#ahead.indexOf('\r\n\r\n', 0, 'latin1');
    const { headBytes, lineBytes } = this.#limits;
    if (end === -1 || end > headBytes) {
      if (this.#ahead.length > headBytes) this.#refuse(new Malformed('head', 'too-large'));
      else if (this.#ahead.includes('\n\n', 0, 'latin1')) {
        this.#refuse(new Malformed('its lines end with a bare line break'));
      }
      return;
    }
    let head: RequestHead;
    try {
      head = parseRequestHead(this.#ahead.toString('latin1', 0, end), lineBytes);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#refuse(error);
      return;
    }
    this.#begin(head, end + 4);
  }

  #begin(head: RequestHead, headBytes: number): void {
    const rest = this.#ahead.subarray(headBytes);
    this.#ahead = EMPTY;
    this.#headSince = undefined;
    this.#state = 'exchange';
    const exchange = new ConnectionExchange(this.#socket, this.#outbox, head, this);
    exchange.headBytesReceived = headBytes;
    if (this.#lastMoveAt >= this.#closesAfter) exchange.closeAfter();
    this.#exchange = exchange;
    if (rest.length > 0) exchange.arrived(rest);
    this.#events.request(exchange);
  }

  /** The answer is complete. `ahead` is what the client has sent beyond its request. */
  finished(outcome: 'keep' | 'close' | 'linger', ahead: Buffer): void {
    this.#exchange = undefined;
    if (this.#state !== 'exchange') return;
    if (outcome === 'keep') {
      this.#state = 'head';
      this.#ahead = ahead;
      if (this.#socket.isPaused()) this.#socket.resume();
      // The next request must not be handled inside the answer to the last.
      if (ahead.length > 0) setImmediate(this.#readAhead);
    } else if (outcome === 'close') {
      this.#state = 'lingering';
      this.#outbox.flush();
      this.#socket.destroySoon();
    } else {
      this.#state = 'lingering';
      this.#outbox.flush();
      this.#socket.end();
      this.#socket.resume();
    }
  }

  readonly #readAhead = (): void => {
    if (this.#state === 'head') this.#readHead();
  };

  moved(): void {
    this.#lastMoveAt = this.#now();
  }

  malformed(problem: Malformed): void {
    this.#refuse(problem);
  }

  #refuse(problem: Malformed | 'timeout'): void {
    if (this.#state === 'lingering' || this.#state === 'closed') return;
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#state = 'lingering';
    this.#events.malformed(
      problem,
      (start, body) => {
        if (exchange?.begun !== true) {
          this.#outbox.write(headOf(start, false));
          this.#outbox.write(body);
        }
      },
      this.peer,
    );
    this.#outbox.flush();
    this.#socket.end();
    this.#socket.resume();
  }

  /** The socket belongs to somebody else now. */
  tunnelled(): void {
    this.#state = 'tunnel';
    this.#exchange = undefined;
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('drain', this.#onDrain);
  }

  readonly #onDrain = (): void => {
    this.#lastMoveAt = this.#now();
    this.#exchange?.ready();
  };

  /** A client that closes its side gives up its request, as a load balancer sees it. */
  readonly #onEnd = (): void => {
    if (this.#state === 'exchange') this.#socket.destroy();
    else this.#socket.end();
  };

  readonly #onError = (): void => {
    // "close" follows and says all there is to say.
  };

  readonly #onClose = (): void => {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#state = 'closed';
    exchange?.gone();
    this.#events.closed();
  };
}
