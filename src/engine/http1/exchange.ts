// One request and its answer on a client's connection, as the front door sees it.

import type { Socket } from 'node:net';
import type { BodyFraming, RequestHead } from './head.ts';
import type { Peer } from './peer.ts';

/**
 * Whoever serves an exchange. An object and not a bundle of functions: functions made anew for every
 * request outlive it in the garbage collector's young generation (`docs/decisions/`).
 */
export interface ExchangeUser {
  bodyData(chunk: Buffer): void;
  bodyEnd(): void;
  /** The rest of the body is not what it should be; the connection answers 400 by itself. */
  bodyBroken(problem: string): void;
  /** The client went away before the answer was complete. Called once. */
  clientGone(): void;
  /** The client takes more. */
  clientReady(): void;
  /** Nothing moved for the idle timeout. */
  clientIdle(): void;
}

export interface ResponseStart {
  readonly status: number;
  readonly reason: string;
  /** Lines "Name: value\r\n", without those that frame the message. */
  readonly fields: string;
  readonly body: BodyFraming;
}

/** In place of `respond` and `end`. */
export interface TrailedAnswer {
  /** Without a body the head is all of the answer, and no trailers follow. */
  respondTrailed(start: ResponseStart): void;
  /** Lines "name: value". */
  endTrailed(trailers: readonly string[]): void;
}

export interface Exchange {
  readonly head: RequestHead;
  readonly peer: Peer;
  /** Address of the peer; IPv4 in its plain form. */
  readonly remoteAddress: string;
  readonly localPort: number;
  /** The answer has begun, or the connection has ended. */
  readonly begun: boolean;
  /** All of the request has arrived and been taken. */
  readonly bodyComplete: boolean;
  /** Of the head of the request, and of that of the answer once it has begun. */
  readonly headBytesReceived: number;
  readonly headBytesSent: number;
  /** Of the bodies, or of what went through the tunnel. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** Lines "Name: value" that followed the body. */
  readonly trailers: readonly string[];
  /** How an answer with trailers is given; undefined where the client does not speak HTTP/2. */
  readonly trailed: TrailedAnswer | undefined;
  /** Who serves it from now on. */
  attach(user: ExchangeUser): void;
  /** Starts handing out the body. May be called once, also later; nothing is lost meanwhile. */
  receive(): void;
  pause(): void;
  resume(): void;
  respond(start: ResponseStart): void;
  /** False when the client does not keep up: wait for `clientReady`. */
  write(chunk: Buffer): boolean;
  /** Sends what `respond` and `write` left in the buffer. */
  flush(): void;
  end(): void;
  /** The answer cannot be completed: breaks the connection so that the client notices. */
  abort(): void;
  /** Hands the connection over. `early` is what the client has sent already. */
  tunnel(): { readonly socket: Socket; readonly early: Buffer };
  /** What has gone through the connection since. */
  tunnelled(received: number, sent: number): void;
}
