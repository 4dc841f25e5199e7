// The HTTPS listener on the loopback address: TLS 1.2 and 1.3, and with the client's choice of
// protocol either HTTP/2 or the reader of HTTP/1.1 that the plain listener has.

import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Clock } from '../../base/ports.ts';
import { ConnectionSet, type KeptConnection } from '../http1/connection-set.ts';
import { type LoopbackUser, listenOnLoopback } from '../http1/loopback-server.ts';
import {
  type ConnectionEvents,
  type ConnectionLimits,
  ServerConnection,
} from '../http1/server-connection.ts';
import { Http2Connection } from './http2-connection.ts';

export interface SecureUser extends LoopbackUser {
  /** A client and this listener did not agree on how to speak. */
  handshakeFailed(): void;
}

export interface SecureSettings {
  /** In PEM. */
  readonly key: string;
  readonly certificate: string;
  readonly http2: boolean;
}

/** A client has this long to finish its handshake. */
const HANDSHAKE_MS = 10_000;

export class SecureServer {
  readonly #clock: Clock;
  readonly #limits: ConnectionLimits;
  readonly #user: SecureUser;
  readonly #server: Server;
  readonly #connections = new ConnectionSet();
  /** With those whose handshake is under way. */
  readonly #sockets = new Set<Socket>();

  constructor(clock: Clock, limits: ConnectionLimits, user: SecureUser, settings: SecureSettings) {
    this.#clock = clock;
    this.#limits = limits;
    this.#user = user;
    const { key, certificate, http2 } = settings;
    this.#server = createServer(
      {
        key,
        cert: certificate,
        minVersion: 'TLSv1.2',
        ALPNProtocols: http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
        allowHalfOpen: true,
        handshakeTimeout: HANDSHAKE_MS,
      },
      (socket) => this.#accept(socket),
    );
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      user.connected?.();
      socket.once('close', () => {
        this.#sockets.delete(socket);
        user.disconnected?.();
      });
    });
    this.#server.on('tlsClientError', (_error: Error, socket: TLSSocket) => {
      user.handshakeFailed();
      socket.destroy();
    });
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** 0 takes a free port. Resolves to the port; rejects with the error of the system. */
  async listen(port: number): Promise<number> {
    const taken = await listenOnLoopback(this.#server, port);
    this.#server.once('close', this.#connections.sweepAlways(this.#clock));
    return taken;
  }

  /** Takes no more connections; those it has end with the answers they wait for. */
  closeSoon(): void {
    this.#server.close();
    this.#connections.closeSoon();
  }

  /** Breaks what is left. */
  close(): void {
    this.#server.close();
    this.#connections.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: TLSSocket): void {
    const user = this.#user;
    const events: ConnectionEvents = {
      request: (exchange) => user.request(exchange),
      malformed: (problem, reply, peer) => user.malformed(problem, reply, peer),
      closed: () => this.#connections.delete(connection),
    };
    const { now } = this.#clock;
    const connection: KeptConnection =
      socket.alpnProtocol === 'h2'
        ? new Http2Connection(socket, this.#limits, events, now)
        : new ServerConnection(socket, this.#limits, events, now);
    this.#connections.add(connection);
  }
}
