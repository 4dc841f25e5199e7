// One session of HTTP/2 from the engine to a copy of a program.

import { type ClientHttp2Session, connect as connectSession, constants } from 'node:http2';
import { connect } from 'node:net';
import type { Release } from '../../base/ports.ts';
import { ALB_HTTP2 } from '../../model/aws-limits.ts';
import type { UpstreamSettings } from '../http1/upstream-call.ts';
import type { PooledStream } from './pooled-stream.ts';
import type { StreamFailure } from './stream-call.ts';

/** Fields of an answer, and what one session may hold in memory, as towards clients. */
const MAX_FIELDS = 2000;
const SESSION_MEMORY_MB = 32;

/**
 * Of the streams a program takes at a time. Some (node:http2) count a stream until they have tidied
 * up behind it, and reset the next one if they are full.
 */
const PART_OF_LIMIT = 0.75;

/** Numbers of streams are not used twice, and there are 2^30 of them. */
const MAX_CALLS = 1_000_000;

/** node:http2 takes `undefined` for no code either; its types know nothing else. */
const NO_ERROR = null as unknown as Error;

export interface SessionOwner {
  /** Finds another session for a call that was not begun. */
  place(call: PooledStream): void;
  ended(session: TaskSession): void;
}

export class TaskSession {
  readonly #settings: UpstreamSettings;
  readonly #owner: SessionOwner;
  readonly #session: ClientHttp2Session;
  readonly #stopWaiting: Release;
  /** Calls until the program has said how many streams it takes. */
  #waiting: PooledStream[] = [];
  #connected = false;
  #heard = false;
  /** It takes no more calls. */
  #leaving = false;
  #streams = 0;
  #calls = 0;
  #limit: number = ALB_HTTP2.streams;
  #lastError: NodeJS.ErrnoException | undefined;

  constructor(settings: UpstreamSettings, owner: SessionOwner) {
    this.#settings = settings;
    this.#owner = owner;
    const { port, connectTimeoutMs, maxHeadBytes, clock } = settings;
    this.#session = connectSession(`http://127.0.0.1:${port}`, {
      createConnection: () => connect({ port, host: '127.0.0.1', noDelay: true }),
      settings: { enablePush: false, maxHeaderListSize: maxHeadBytes },
      maxHeaderListPairs: MAX_FIELDS,
      maxSessionMemory: SESSION_MEMORY_MB,
    });
    this.#stopWaiting = clock.after(connectTimeoutMs, () => this.#timedOut());
    this.#session.once('connect', () => {
      this.#connected = true;
    });
    this.#session.on('remoteSettings', this.#onSettings);
    this.#session.on('goaway', this.#onGoaway);
    this.#session.on('error', this.#onError);
    this.#session.on('close', this.#onClose);
  }

  /** Calls it can take now. */
  get room(): number {
    if (this.#leaving || this.#lost || this.#calls >= MAX_CALLS) return 0;
    return this.#limit - this.#streams - this.#waiting.length;
  }

  get kept(): boolean {
    return this.#calls > 1;
  }

  add(call: PooledStream): void {
    if (this.#heard) this.#begin(call);
    else this.#waiting.push(call);
  }

  destroy(): void {
    // Without a code, node:http2 ends its streams as if their answers were complete.
    this.#session.destroy(NO_ERROR, constants.NGHTTP2_CANCEL);
  }

  get #lost(): boolean {
    return this.#session.destroyed || this.#session.closed;
  }

  #begin(call: PooledStream): void {
    if (call.over) return;
    this.#streams += 1;
    this.#calls += 1;
    call.begin(this.#session, this);
  }

  /** A stream of it is over. True if the whole session is, and not the stream alone. */
  streamEnded(): boolean {
    this.#streams -= 1;
    if (this.#calls >= MAX_CALLS && this.#streams === 0) this.#session.close();
    return this.#session.destroyed || (this.#session.closed && !this.#leaving);
  }

  readonly #onSettings = (): void => {
    const { maxConcurrentStreams = ALB_HTTP2.streams } = this.#session.remoteSettings;
    // One that takes none for now is waited for like one that does not answer.
    const most = Math.floor(maxConcurrentStreams * PART_OF_LIMIT);
    this.#limit = Math.max(1, Math.min(ALB_HTTP2.streams, most));
    if (this.#heard) return;
    this.#heard = true;
    this.#stopWaiting();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) {
      if (this.room > 0) this.#begin(call);
      else if (!call.over) this.#owner.place(call);
    }
  };

  /** node:http2 ends the session with the calls under way. */
  readonly #onGoaway = (code: number): void => {
    if (code === 0) this.#leaving = true;
  };

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.#lastError = error;
  };

  readonly #onClose = (): void => {
    this.#stopWaiting();
    this.#owner.ended(this);
    this.#giveUp(this.#failure());
  };

  #failure(): StreamFailure {
    const { code, message } = this.#lastError ?? {};
    if (!this.#connected) {
      return { kind: 'refused', problem: code ?? message ?? 'the connection was refused' };
    }
    if (code?.startsWith('ERR_HTTP2') === true) {
      return { kind: 'malformed', problem: 'it does not speak HTTP/2' };
    }
    return { kind: 'closed', problem: 'before it answered' };
  }

  #timedOut(): void {
    const ms = this.#settings.connectTimeoutMs;
    const what = this.#connected ? 'no settings of HTTP/2' : 'no connection';
    this.#giveUp({ kind: 'connect-timeout', problem: `${what} within ${ms} ms` });
    this.#session.destroy();
  }

  #giveUp(failure: StreamFailure): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) call.fail(failure);
  }
}
