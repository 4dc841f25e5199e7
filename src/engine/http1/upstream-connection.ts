// One connection from the engine to a copy of a program.

import { connect, type Socket } from 'node:net';
import type { Release } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import { type BodyReader, bodyReader } from './body.ts';
import { Malformed, parseResponseHead, type ResponseHead } from './head.ts';
import { Outbox } from './outbox.ts';
import type { ConnectionCall, UpstreamFailure, UpstreamSettings } from './upstream-call.ts';

/** An idle connection is given up this long before the program says it will. */
const EARLY_MS = 1000;

const EMPTY = Buffer.alloc(0);

export interface ConnectionOwner {
  idle(): void;
  closed(): void;
}

export class UpstreamConnection {
  readonly #settings: UpstreamSettings;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  readonly #stopWaiting: Release;
  #connected = false;
  #call: ConnectionCall | undefined;
  #partialHead: Buffer = EMPTY;
  #response: ResponseHead | undefined;
  #body: BodyReader | undefined;
  #bodySent = true;
  #anyByte = false;
  #usableUntil: Millis = Number.POSITIVE_INFINITY;

  constructor(settings: UpstreamSettings, owner: ConnectionOwner) {
    this.#settings = settings;
    this.#owner = owner;
    this.#socket = connect({ port: settings.port, host: '127.0.0.1', noDelay: true });
    this.#outbox = new Outbox(this.#socket);
    this.#stopWaiting = settings.clock.after(settings.connectTimeoutMs, () =>
      this.#connectTimedOut(),
    );
    this.#socket.once('connect', () => {
      this.#connected = true;
      this.#stopWaiting();
    });
    this.#socket.on('data', this.#onData);
    this.#socket.on('end', this.#onEnd);
    this.#socket.on('error', this.#onError);
    this.#socket.on('close', this.#onClose);
    this.#socket.on('drain', () => this.#call?.drain());
  }

  usableAt(now: Millis): boolean {
    return !this.#socket.destroyed && now < this.#usableUntil;
  }

  send(call: ConnectionCall): void {
    this.#call = call;
    this.#response = undefined;
    this.#anyByte = false;
    this.#bodySent = call.request.body === 'none';
    this.#outbox.write(call.request.head);
  }

  write(chunk: Buffer): boolean {
    return this.#outbox.write(chunk);
  }

  bodySent(): void {
    this.#bodySent = true;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    const call = this.#call;
    if (call === undefined) {
      // An answer to nothing: this connection cannot be trusted.
      this.#socket.destroy();
      return;
    }
    this.#anyByte = true;
    try {
      if (this.#response === undefined) this.#readHead(call, chunk);
      else this.#readBody(call, chunk);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#giveUp({ kind: 'malformed', problem: error.message });
      return;
    }
    call.packet();
  };

  #readHead(call: ConnectionCall, chunk: Buffer): void {
    const all = this.#partialHead.length === 0 ? chunk : Buffer.concat([this.#partialHead, chunk]);
    const end = all.indexOf('\r\n\r\n', 0, 'latin1');
    if (end === -1 || end > this.#settings.maxHeadBytes) {
      if (all.length > this.#settings.maxHeadBytes) {
        throw new Malformed(`the head is larger than ${this.#settings.maxHeadBytes} bytes`);
      }
      this.#partialHead = all;
      return;
    }
    this.#partialHead = EMPTY;
    const head = parseResponseHead(all.toString('latin1', 0, end), call.request.method === 'HEAD');
    const rest = all.subarray(end + 4);
    if (head.status === 101 && call.request.upgrade) {
      this.#hand(call, head, rest);
    } else if (head.status < 200) {
      // 100 and 103 are for the sender alone; the answer follows.
      if (rest.length > 0) this.#readHead(call, rest);
    } else {
      this.#response = head;
      this.#body = bodyReader(head.body);
      call.head(head);
      this.#readBody(call, rest);
    }
  }

  #readBody(call: ConnectionCall, chunk: Buffer): void {
    const rest = this.#body?.push(chunk, (data) => call.data(data));
    if (rest === undefined) return;
    this.#finish(call, rest);
  }

  #finish(call: ConnectionCall, rest: Buffer): void {
    const head = this.#response;
    this.#call = undefined;
    if (rest.length > 0 || !this.#bodySent || head?.keepAlive !== true) {
      this.#socket.destroy();
    } else {
      const seconds = head.keepAliveSeconds;
      if (seconds !== undefined) {
        this.#usableUntil = this.#settings.clock.now() + seconds * 1000 - EARLY_MS;
      }
      if (this.#socket.isPaused()) this.#socket.resume();
      this.#owner.idle();
    }
    call.end();
  }

  #hand(call: ConnectionCall, head: ResponseHead, early: Buffer): void {
    this.#call = undefined;
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    this.#socket.removeAllListeners('drain');
    call.upgraded(head, this.#socket, early);
  }

  readonly #onEnd = (): void => {
    const call = this.#call;
    if (call !== undefined && this.#response?.body.kind === 'close') {
      this.#call = undefined;
      call.end();
    }
    this.#socket.destroy();
  };

  #lastError = '';

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.#lastError = error.code ?? error.message;
  };

  readonly #onClose = (): void => {
    this.#stopWaiting();
    this.#owner.closed();
    if (!this.#connected) {
      this.#giveUp({ kind: 'refused', problem: this.#lastError || 'the connection was refused' });
    } else {
      const when = this.#anyByte ? 'in the middle of its answer' : 'before it answered';
      this.#giveUp({ kind: 'closed', problem: when });
    }
  };

  #connectTimedOut(): void {
    const ms = this.#settings.connectTimeoutMs;
    this.#giveUp({ kind: 'connect-timeout', problem: `no connection within ${ms} ms` });
  }

  #giveUp(failure: UpstreamFailure): void {
    const call = this.#call;
    this.#call = undefined;
    this.#socket.destroy();
    call?.fail(failure);
  }
}
