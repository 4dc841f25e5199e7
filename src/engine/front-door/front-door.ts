// The front door of the app. It accepts connections, finds the route, asks where the request goes,
// and hands it over.

import { createServer, type Server, type Socket } from 'node:net';
import { Fault } from '../../base/fault.ts';
import { ServerConnection } from '../http1/server-connection.ts';
import { RequestWay, type WayParts } from './request-way.ts';

export interface FrontDoor {
  /** Listens on 127.0.0.1; 0 takes a free port. Returns the port. Throws PORT_TAKEN or PORT_REFUSED. */
  listen(port: number): Promise<number>;
  connections(): number;
  inFlight(): number;
  /** Takes no more connections and requests; resolves when those under way are answered. */
  drain(): Promise<void>;
  /** Breaks what is left. */
  close(): void;
}

const SWEEP_EVERY_MS = 500;

export function frontDoor(parts: WayParts): FrontDoor {
  return new Door(parts);
}

class Door implements FrontDoor {
  readonly #parts: WayParts;
  readonly #server: Server;
  readonly #connections = new Set<ServerConnection>();
  readonly #way: RequestWay;

  constructor(parts: WayParts) {
    this.#parts = parts;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#way = new RequestWay(parts);
  }

  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        reject(
          error.code === 'EADDRINUSE'
            ? new Fault('PORT_TAKEN', { port })
            : new Fault('PORT_REFUSED', { port, reason: error.code ?? error.message }),
        );
      });
      this.#server.listen({ port, host: '127.0.0.1', backlog: 4096 }, resolve);
    });
    const { clock } = this.#parts;
    const stop = clock.every(SWEEP_EVERY_MS, () => {
      const now = clock.now();
      for (const connection of this.#connections) connection.sweep(now);
    });
    this.#server.once('close', stop);
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  connections(): number {
    return this.#connections.size;
  }

  inFlight(): number {
    return this.#way.inFlight;
  }

  drain(): Promise<void> {
    this.#server.close();
    const answered = this.#way.drain();
    for (const connection of this.#connections) connection.closeSoon();
    return answered;
  }

  close(): void {
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
  }

  #accept(socket: Socket): void {
    const { clock, meter, metrics, kind } = this.#parts;
    meter.connected(clock.now());
    metrics.connected();
    const connection = new ServerConnection(
      socket,
      {
        headBytes: kind.headLimits.total,
        lineBytes: kind.headLimits.line,
        idleMs: kind.idleTimeoutMs,
      },
      {
        request: (exchange) => this.#way.request(exchange),
        malformed: (problem, reply) => this.#way.malformed(problem, reply),
        closed: () => {
          this.#connections.delete(connection);
          meter.disconnected(clock.now());
        },
      },
      clock.now,
    );
    this.#connections.add(connection);
  }
}
