// The front door of the app. It accepts connections, finds the route, asks where the request goes,
// and hands it over.

import { Fault } from '../../base/fault.ts';
import { LoopbackServer } from '../http1/loopback-server.ts';
import type { SecureServer, SecureSettings, SecureUser } from '../http2/secure-server.ts';
import { RequestWay, type WayParts } from './request-way.ts';

export interface FrontDoor {
  /** Listens on 127.0.0.1; 0 takes a free port. Returns the port. Throws PORT_TAKEN or PORT_REFUSED. */
  listen(port: number): Promise<number>;
  /** Listens for HTTPS too. Throws HTTPS_PORT_UNUSABLE. */
  listenSecurely(port: number, settings: SecureSettings): Promise<number>;
  connections(): number;
  inFlight(): number;
  /** Takes no more connections and requests; resolves when those under way are answered. */
  drain(): Promise<void>;
  /** Breaks what is left. */
  close(): void;
}

export function frontDoor(parts: WayParts): FrontDoor {
  const { clock, kind, meter, metrics } = parts;
  const way = new RequestWay(parts);
  const { total: headBytes, line: lineBytes } = kind.headLimits;
  const { idleTimeoutMs: idleMs, keepAliveMs } = kind;
  const limits = { headBytes, lineBytes, idleMs, keepAliveMs };
  const user: SecureUser = {
    request: (exchange) => way.request(exchange),
    malformed: (problem, reply, peer) => way.malformed(problem, reply, peer),
    connected() {
      meter.connected(clock.now());
      metrics.connected();
    },
    disconnected: () => meter.disconnected(clock.now()),
    handshakeFailed: () => metrics.handshakeFailed(),
  };
  const server = new LoopbackServer(clock, limits, user);
  let secure: SecureServer | undefined;
  return {
    listen: (port) =>
      server.listen(port).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') throw new Fault('PORT_TAKEN', { port });
        throw new Fault('PORT_REFUSED', { port, reason: error.code ?? error.message });
      }),
    async listenSecurely(port, settings) {
      // TLS and HTTP/2 are loaded by apps that have this listener alone.
      const { SecureServer } = await import('../http2/secure-server.ts');
      secure = new SecureServer(clock, limits, user, settings);
      return secure.listen(port).catch((error: NodeJS.ErrnoException) => {
        throw new Fault('HTTPS_PORT_UNUSABLE', { port, reason: error.code ?? error.message });
      });
    },
    connections: () => server.connections + (secure?.connections ?? 0),
    inFlight: () => way.inFlight,
    drain() {
      const answered = way.drain();
      server.closeSoon();
      secure?.closeSoon();
      return answered;
    },
    close() {
      server.close();
      secure?.close();
    },
  };
}
