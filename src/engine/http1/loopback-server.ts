// An HTTP/1.1 server on the loopback address: accepts connections, reads their requests and ends what
// stands still. What a request means is its user's.

import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { Exchange, ResponseStart } from './exchange.ts';
import type { Malformed } from './head.ts';
import { type ConnectionLimits, ServerConnection } from './server-connection.ts';

export interface LoopbackUser {
  request(exchange: Exchange): void;
  /** A request that could not be read; answer it with `reply` or not at all. */
  malformed(
    problem: Malformed | 'timeout',
    reply: (start: ResponseStart, body: Buffer) => void,
  ): void;
  connected?(): void;
  disconnected?(): void;
}

/** What stands still is looked for this often. */
const SWEEP_EVERY_MS: Millis = 500;

export class LoopbackServer {
  readonly #clock: Clock;
  readonly #limits: ConnectionLimits;
  readonly #user: LoopbackUser;
  readonly #server: Server;
  readonly #connections = new Set<ServerConnection>();

  constructor(clock: Clock, limits: ConnectionLimits, user: LoopbackUser) {
    this.#clock = clock;
    this.#limits = limits;
    this.#user = user;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** 0 takes a free port. Resolves to the port; rejects with the error of the system. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host: '127.0.0.1', backlog: 4096 }, resolve);
    });
    if (Number.isFinite(this.#limits.idleMs)) this.#sweepAlways();
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  #sweepAlways(): void {
    const stop = this.#clock.every(SWEEP_EVERY_MS, () => {
      const now = this.#clock.now();
      for (const connection of this.#connections) connection.sweep(now);
    });
    this.#server.once('close', stop);
  }

  /** Takes no more connections; those it has end with the answer they wait for. */
  closeSoon(): void {
    this.#server.close();
    for (const connection of this.#connections) connection.closeSoon();
  }

  /** Breaks what is left. */
  close(): void {
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
  }

  #accept(socket: Socket): void {
    const user = this.#user;
    user.connected?.();
    const connection: ServerConnection = new ServerConnection(
      socket,
      this.#limits,
      {
        request: (exchange) => user.request(exchange),
        malformed: (problem, reply) => user.malformed(problem, reply),
        closed: () => {
          this.#connections.delete(connection);
          user.disconnected?.();
        },
      },
      this.#clock.now,
    );
    this.#connections.add(connection);
  }
}
