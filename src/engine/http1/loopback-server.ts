// An HTTP/1.1 server on the loopback address: accepts connections, reads their requests and ends what
// stands still. What a request means is its user's.

import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../base/ports.ts';
import { ConnectionSet } from './connection-set.ts';
import type { Exchange, ResponseStart } from './exchange.ts';
import type { Malformed } from './head.ts';
import type { Peer } from './peer.ts';
import { type ConnectionLimits, ServerConnection } from './server-connection.ts';

export interface LoopbackUser {
  request(exchange: Exchange): void;
  /** A request that could not be read; answer it with `reply` or not at all. */
  malformed(
    problem: Malformed | 'timeout',
    reply: (start: ResponseStart, body: Buffer) => void,
    peer: Peer,
  ): void;
  connected?(): void;
  disconnected?(): void;
}

/** Resolves to the port a server listens on at 127.0.0.1; rejects with the error of the system. */
export async function listenOnLoopback(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', backlog: 4096 }, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

export class LoopbackServer {
  readonly #clock: Clock;
  readonly #limits: ConnectionLimits;
  readonly #user: LoopbackUser;
  readonly #server: Server;
  readonly #connections = new ConnectionSet();

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
    const taken = await listenOnLoopback(this.#server, port);
    if (Number.isFinite(this.#limits.idleMs)) {
      this.#server.once('close', this.#connections.sweepAlways(this.#clock));
    }
    return taken;
  }

  /** Takes no more connections; those it has end with the answer they wait for. */
  closeSoon(): void {
    this.#server.close();
    this.#connections.closeSoon();
  }

  /** Breaks what is left. */
  close(): void {
    this.#server.close();
    this.#connections.destroy();
  }

  #accept(socket: Socket): void {
    const user = this.#user;
    user.connected?.();
    const connection: ServerConnection = new ServerConnection(
      socket,
      this.#limits,
      {
        request: (exchange) => user.request(exchange),
        malformed: (problem, reply, peer) => user.malformed(problem, reply, peer),
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
