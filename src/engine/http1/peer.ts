// The client at the other end of a connection, and how it speaks. One object for all its requests.

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

export interface PeerTls {
  /** As OpenSSL names it. */
  readonly cipher: string;
  /** "TLSv1.3" */
  readonly protocol: string;
  /** The name it asked for (SNI), or undefined. */
  readonly serverName: string | undefined;
}

export class Peer {
  /** IPv4 in its plain form. */
  readonly address: string;
  readonly port: number;
  /** Port of the listener. */
  readonly localPort: number;
  /** Undefined without TLS. */
  readonly tls: PeerTls | undefined;
  readonly http2: boolean;
  /** By which access logs know the connection; given with its first line. */
  traceId: string | undefined = undefined;

  constructor(socket: Socket, http2: boolean) {
    const address = socket.remoteAddress ?? '';
    this.address = address.startsWith('::ffff:') ? address.slice(7) : address;
    this.port = socket.remotePort ?? 0;
    this.localPort = socket.localPort ?? 0;
    this.tls = isTls(socket) ? tlsOf(socket) : undefined;
    this.http2 = http2;
  }
}

/** Without loading what only TLS needs. */
export function isTls(socket: Socket): socket is TLSSocket {
  return (socket as Partial<TLSSocket>).encrypted === true;
}

function tlsOf(socket: TLSSocket): PeerTls {
  // Node types it as always there; it is false or missing where the client sent none.
  const { servername } = socket as { readonly servername?: string | false };
  return {
    cipher: socket.getCipher()?.name ?? '-',
    protocol: socket.getProtocol() ?? '-',
    serverName: typeof servername === 'string' && servername !== '' ? servername : undefined,
  };
}
