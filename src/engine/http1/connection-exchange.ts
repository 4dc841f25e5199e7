// One exchange on a client's connection: the body as it arrives, the answer as it is written.

import type { Socket } from 'node:net';
import { type BodyReader, bodyReader, chunkOf, LAST_CHUNK } from './body.ts';
import type { Exchange, ExchangeUser, ResponseStart } from './exchange.ts';
import { Malformed, type RequestHead } from './head.ts';
import type { Outbox } from './outbox.ts';
import { isTls, type Peer } from './peer.ts';

/** Requests a client may send ahead while its last is served, before the socket is paused. */
const MAX_AHEAD_BYTES = 64 * 1024;

const EMPTY = Buffer.alloc(0);
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

export interface ExchangeOwner {
  readonly peer: Peer;
  finished(outcome: 'keep' | 'close' | 'linger', ahead: Buffer): void;
  moved(): void;
  malformed(problem: Malformed): void;
  tunnelled(): void;
}

export class ConnectionExchange implements Exchange {
  readonly head: RequestHead;
  headBytesReceived = 0;
  headBytesSent = 0;
  bytesReceived = 0;
  bytesSent = 0;
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  readonly #owner: ExchangeOwner;
  readonly #body: BodyReader;
  #user: ExchangeUser | undefined;
  #receiving = false;
  /** What arrived before anybody took it, and after the body. */
  #held: Buffer = EMPTY;
  #bodyEnded = false;
  #paused = false;
  #headText: string | undefined;
  #framing: ResponseStart['body'] = { kind: 'none' };
  #begun = false;
  #ended = false;
  #keepAlive: boolean;

  constructor(socket: Socket, outbox: Outbox, head: RequestHead, owner: ExchangeOwner) {
    this.#socket = socket;
    this.#outbox = outbox;
    this.head = head;
    this.#owner = owner;
    this.#body = bodyReader(head.body);
    this.#bodyEnded = head.body.kind === 'none';
    this.#keepAlive = head.keepAlive;
  }

  get begun(): boolean {
    return this.#begun || this.#ended;
  }

  get bodyComplete(): boolean {
    return this.#bodyEnded;
  }

  get trailers(): readonly string[] {
    return this.#body.trailers;
  }

  get trailed(): undefined {
    return undefined;
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

  closeAfter(): void {
    this.#keepAlive = false;
  }

  arrived(chunk: Buffer): void {
    if (this.#bodyEnded || !this.#receiving || this.#paused) this.#hold(chunk);
    else this.#deliver(chunk);
  }

  attach(user: ExchangeUser): void {
    this.#user = user;
  }

  receive(): void {
    this.#receiving = true;
    if (this.#bodyEnded) {
      this.#user?.bodyEnd();
      return;
    }
    if (this.head.expectsContinue && this.#held.length === 0 && !this.#begun) {
      this.#outbox.write(CONTINUE);
    }
    this.resume();
  }

  ready(): void {
    this.#user?.clientReady();
  }

  idle(): void {
    this.#user?.clientIdle();
  }

  pause(): void {
    if (this.#bodyEnded) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    const held = this.#held;
    if (held.length > 0 && !this.#bodyEnded) {
      this.#held = EMPTY;
      this.#deliver(held);
    }
    if (!this.#paused && this.#socket.isPaused()) this.#socket.resume();
  }

  #hold(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (this.#held.length > MAX_AHEAD_BYTES || !this.#bodyEnded) this.#socket.pause();
  }

  #deliver(chunk: Buffer): void {
    const user = this.#user;
    if (user === undefined) return;
    let rest: Buffer | undefined;
    try {
      rest = this.#body.push(chunk, (data) => {
        this.bytesReceived += data.length;
        user.bodyData(data);
      });
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      user.bodyBroken(error.message);
      this.#owner.malformed(error);
      return;
    }
    if (rest === undefined) return;
    this.#bodyEnded = true;
    if (rest.length > 0) this.#hold(rest);
    user.bodyEnd();
  }

  respond(start: ResponseStart): void {
    if (this.begun) return;
    this.#begun = true;
    const old = this.head.minorVersion === 0;
    this.#framing = old && start.body.kind === 'chunked' ? { kind: 'close' } : start.body;
    if (!this.#bodyEnded || this.#framing.kind === 'close') this.#keepAlive = false;
    this.#headText = headOf({ ...start, body: this.#framing }, this.#keepAlive);
    this.headBytesSent = this.#headText.length;
  }

  write(chunk: Buffer): boolean {
    if (this.#ended || this.#socket.destroyed) return true;
    this.#owner.moved();
    this.bytesSent += chunk.length;
    this.flush();
    return this.#outbox.write(this.#framing.kind === 'chunked' ? chunkOf(chunk) : chunk);
  }

  flush(): void {
    if (this.#headText !== undefined) this.#outbox.write(this.#headText);
    this.#headText = undefined;
  }

  end(): void {
    if (this.#ended) return;
    this.flush();
    if (this.#framing.kind === 'chunked') this.#outbox.write(LAST_CHUNK);
    this.#ended = true;
    const ahead = this.#bodyEnded ? this.#held : EMPTY;
    if (!this.#bodyEnded) this.#owner.finished('linger', EMPTY);
    else this.#owner.finished(this.#keepAlive ? 'keep' : 'close', ahead);
  }

  abort(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#socket.destroyed) return;
    // Beneath TLS there is no way to the socket to reset it; without a closing alert the client
    // knows as well that something is missing.
    if (isTls(this.#socket)) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  tunnel(): { readonly socket: Socket; readonly early: Buffer } {
    this.#ended = true;
    this.#outbox.flush();
    this.#owner.tunnelled();
    return { socket: this.#socket, early: this.#held };
  }

  tunnelled(received: number, sent: number): void {
    this.bytesReceived += received;
    this.bytesSent += sent;
  }

  gone(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#user?.clientGone();
  }
}

/** The head of an answer, with its empty line. */
export function headOf(
  { status, reason, fields, body }: ResponseStart,
  keepAlive: boolean,
): string {
  let head = `HTTP/1.1 ${status} ${reason}\r\n${fields}`;
  if (body.kind === 'length') head += `Content-Length: ${body.bytes}\r\n`;
  else if (body.kind === 'chunked') head += 'Transfer-Encoding: chunked\r\n';
  return `${head}Connection: ${keepAlive ? 'keep-alive' : 'close'}\r\n\r\n`;
}
