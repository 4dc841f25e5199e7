// Connections from the engine to one copy of a program: kept open, used one request at a time, the
// most recently used first.
//
// Invariants
//   U1. A connection carries one request at a time; nothing is sent before the last answer ended.
//   U2. Every call ends with exactly one of `end`, `upgraded` or `fail`, unless it was aborted.
//   U3. A request is sent a second time only if it is safe to repeat, has no body, went out on a
//       kept connection and that connection ended before a single byte of an answer (RFC 9110 §9.2.2).

import type { Socket } from 'node:net';
import { chunkOf, LAST_CHUNK } from './body.ts';
import type { ResponseHead } from './head.ts';
import type {
  ConnectionCall,
  UpstreamFailure,
  UpstreamRequest,
  UpstreamSettings,
} from './upstream-call.ts';
import { UpstreamConnection } from './upstream-connection.ts';

export interface ResponseSink {
  head(head: ResponseHead): void;
  data(chunk: Buffer): void;
  /** All that arrived together has been handed over. */
  packet(): void;
  end(): void;
  /** The program changed the protocol: the socket is the caller's from now on. */
  upgraded(head: ResponseHead, socket: Socket, early: Buffer): void;
  fail(failure: UpstreamFailure): void;
  /** What was written has been taken. */
  drain(): void;
}

export interface Call {
  /** False when the program does not keep up: wait for `drain`. */
  write(chunk: Buffer): boolean;
  endBody(): void;
  pause(): void;
  resume(): void;
  /** Nobody wants the answer any more. No further callback follows. */
  abort(): void;
}

export interface Upstream {
  /** "127.0.0.1:3000" */
  readonly address: string;
  call(request: UpstreamRequest, sink: ResponseSink): Call;
  /** Ends every connection; calls under way fail. */
  close(): void;
}

const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

export function upstream(settings: UpstreamSettings): Upstream {
  return new UpstreamPool(settings);
}

class UpstreamPool implements Upstream {
  readonly address: string;
  readonly #settings: UpstreamSettings;
  readonly #idle: UpstreamConnection[] = [];
  readonly #all = new Set<UpstreamConnection>();
  #closed = false;

  constructor(settings: UpstreamSettings) {
    this.#settings = settings;
    this.address = `127.0.0.1:${settings.port}`;
  }

  call(request: UpstreamRequest, sink: ResponseSink): Call {
    const call = new PooledCall(request, sink, () => this.#fresh());
    if (this.#closed) {
      queueMicrotask(() => call.fail({ kind: 'closed', problem: 'before it was asked' }));
      return call;
    }
    const kept = this.#takeIdle();
    call.start(kept ?? this.#fresh(), kept !== undefined);
    return call;
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#all) connection.destroy();
  }

  #takeIdle(): UpstreamConnection | undefined {
    const now = this.#settings.clock.now();
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined || connection.usableAt(now)) return connection;
      connection.destroy();
    }
  }

  #fresh(): UpstreamConnection {
    const connection = new UpstreamConnection(this.#settings, {
      idle: () => this.#idle.push(connection),
      closed: () => {
        this.#all.delete(connection);
        const index = this.#idle.indexOf(connection);
        if (index !== -1) this.#idle.splice(index, 1);
      },
    });
    this.#all.add(connection);
    return connection;
  }
}

class PooledCall implements Call, ConnectionCall {
  readonly #request: UpstreamRequest;
  #sink: ResponseSink;
  readonly #fresh: () => UpstreamConnection;
  #connection: UpstreamConnection | undefined;
  #mayRepeat = false;
  #over = false;

  constructor(request: UpstreamRequest, sink: ResponseSink, fresh: () => UpstreamConnection) {
    this.#request = request;
    this.#sink = sink;
    this.#fresh = fresh;
  }

  get request(): UpstreamRequest {
    return this.#request;
  }

  start(connection: UpstreamConnection, kept: boolean): void {
    const { method, body, upgrade } = this.#request;
    this.#mayRepeat = kept && body === 'none' && !upgrade && REPEATABLE.has(method);
    this.#connection = connection;
    connection.send(this);
  }

  write(chunk: Buffer): boolean {
    if (this.#over || chunk.length === 0) return true;
    return (
      this.#connection?.write(this.#request.body === 'chunked' ? chunkOf(chunk) : chunk) ?? true
    );
  }

  endBody(): void {
    if (!this.#over && this.#request.body === 'chunked') this.#connection?.write(LAST_CHUNK);
    this.#connection?.bodySent();
  }

  pause(): void {
    this.#connection?.pause();
  }

  resume(): void {
    this.#connection?.resume();
  }

  abort(): void {
    this.#over = true;
    this.#connection?.destroy();
  }

  head(head: ResponseHead): void {
    this.#mayRepeat = false;
    if (!this.#over) this.#sink.head(head);
  }

  data(chunk: Buffer): void {
    if (!this.#over) this.#sink.data(chunk);
  }

  packet(): void {
    if (!this.#over) this.#sink.packet();
  }

  drain(): void {
    if (!this.#over) this.#sink.drain();
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#connection = undefined;
    this.#sink.end();
  }

  upgraded(head: ResponseHead, socket: Socket, early: Buffer): void {
    if (this.#over) return;
    this.#over = true;
    this.#connection = undefined;
    this.#sink.upgraded(head, socket, early);
  }

  fail(failure: UpstreamFailure): void {
    if (this.#over) return;
    if (this.#mayRepeat && failure.kind === 'closed') {
      this.start(this.#fresh(), false);
      return;
    }
    this.#over = true;
    this.#connection = undefined;
    this.#sink.fail(failure);
  }
}
