// Lets programs in containers call what listens on 127.0.0.1 of this machine.
//
// It listens on the address this machine has on the bridge of the containers, and takes nothing but
// connections to that address: nobody outside can use it.

import { connect, createServer, type Server, type Socket } from 'node:net';

interface Opened {
  readonly server: Server;
  readonly sockets: Set<Socket>;
  readonly address: Promise<string>;
  users: number;
}

export class Relay {
  readonly #gateway: string;
  readonly #opened = new Map<string, Opened>();

  constructor(gateway: string) {
    this.#gateway = gateway;
  }

  /** The address in place of `target` ("127.0.0.1:4566"), until every `release` of it. */
  acquire(target: string): Promise<string> {
    const known = this.#opened.get(target);
    if (known !== undefined) {
      known.users += 1;
      return known.address;
    }
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true }, (socket) =>
      this.#join(socket, target, sockets),
    );
    const address = this.#listen(server);
    this.#opened.set(target, { server, sockets, address, users: 1 });
    return address;
  }

  release(target: string): void {
    const opened = this.#opened.get(target);
    if (opened === undefined) return;
    opened.users -= 1;
    if (opened.users > 0) return;
    this.#opened.delete(target);
    opened.server.close();
    for (const socket of opened.sockets) socket.destroy();
  }

  close(): void {
    for (const target of [...this.#opened.keys()]) {
      const opened = this.#opened.get(target);
      if (opened !== undefined) opened.users = 1;
      this.release(target);
    }
  }

  /** Some engines make the bridge with the first container: until then it has no address. */
  async #listen(server: Server): Promise<string> {
    const port = await listen(server, this.#gateway).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL') return listen(server, '0.0.0.0');
      throw error;
    });
    return `${this.#gateway}:${port}`;
  }

  #join(socket: Socket, target: string, sockets: Set<Socket>): void {
    socket.on('error', () => socket.destroy());
    if (socket.localAddress !== this.#gateway) {
      socket.destroy();
      return;
    }
    const [host, port] = target.split(':');
    const other = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
    socket.setNoDelay(true);
    for (const [one, mate] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.add(one);
      one.on('error', () => mate.destroy());
      one.once('close', () => {
        sockets.delete(one);
        mate.destroy();
      });
      one.pipe(mate);
    }
  }
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host }, () => {
      server.removeListener('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
