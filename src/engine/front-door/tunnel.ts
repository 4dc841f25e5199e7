// Two connections joined until either ends or nothing moves: what is left of a request once its
// protocol was changed. Thousands may stand open and idle, so there is one object and one timer for
// each pair, and the listeners are shared.
//
// Each side is read no faster than the other takes it.

import type { Socket } from 'node:net';
import type { Millis } from '../../base/units.ts';

export interface TunnelUser {
  /** It has ended. Bytes from the client, and to it. */
  tunnelClosed(received: number, sent: number): void;
}

/** The other end of a socket, and the tunnel both belong to. */
interface Joined extends Socket {
  [OTHER]?: Joined;
  [TUNNEL]?: Tunnel;
}

const OTHER = Symbol('other');
const TUNNEL = Symbol('tunnel');

/** When one side has ended, the other has this long to take what is left. */
const LINGER_MS: Millis = 2000;

export class Tunnel {
  readonly #client: Joined;
  readonly #target: Joined;
  readonly #user: TunnelUser;
  #received = 0;
  #sent = 0;
  #over = false;

  constructor(client: Socket, target: Socket, user: TunnelUser) {
    this.#client = client;
    this.#target = target;
    this.#user = user;
  }

  open(idleMs: Millis): void {
    join(this, this.#client, this.#target);
    join(this, this.#target, this.#client);
    // What moves in either direction moves on the client's socket: one timer sees it all.
    this.#client.setTimeout(idleMs, onTimeout);
    if (this.#client.destroyed || this.#target.destroyed) this.close();
  }

  moved(from: Socket, bytes: number): void {
    if (from === this.#client) this.#received += bytes;
    else this.#sent += bytes;
  }

  /** What was already written still leaves, for a while. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    for (const socket of [this.#client, this.#target]) {
      socket.destroySoon();
      if (!socket.destroyed) socket.setTimeout(LINGER_MS, onTimeout);
    }
    this.#user.tunnelClosed(this.#received, this.#sent);
  }

  break(): void {
    this.#client.destroy();
    this.#target.destroy();
    this.close();
  }
}

function join(tunnel: Tunnel, socket: Joined, other: Joined): void {
  socket[OTHER] = other;
  socket[TUNNEL] = tunnel;
  socket.on('data', onData);
  socket.on('drain', onDrain);
  socket.on('end', onEnd);
  socket.on('error', onBroken);
  socket.on('close', onClose);
  if (socket.isPaused()) socket.resume();
}

function onData(this: Joined, chunk: Buffer): void {
  this[TUNNEL]?.moved(this, chunk.length);
  if (this[OTHER]?.write(chunk) === false) this.pause();
}

function onDrain(this: Joined): void {
  this[OTHER]?.resume();
}

function onEnd(this: Joined): void {
  this[OTHER]?.end();
}

function onBroken(this: Joined): void {
  this[TUNNEL]?.break();
}

function onClose(this: Joined): void {
  this[TUNNEL]?.close();
}

function onTimeout(this: Joined): void {
  this[TUNNEL]?.break();
}
