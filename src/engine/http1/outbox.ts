// Writes to sockets at the end of the turn in which they were asked for.
//
// Whatever a turn of the event loop wants to send on one socket leaves in one piece, and the pieces
// for all sockets leave one right after the other. A receiver that was woken for the first is still
// awake for the second, which is worth a tenth of the throughput on a busy machine
// (`bench/README.md`). The order on each socket is that of the calls.

import type { Socket } from 'node:net';

/** Up to this size pieces are copied together; larger ones are handed to the system as they are. */
const JOIN_BYTES = 16 * 1024;

/** More than this is not held back until the end of the turn. */
const HOLD_BYTES = 64 * 1024;

let due: Outbox[] = [];

function flushDue(): void {
  const outboxes = due;
  due = [];
  for (const outbox of outboxes) outbox.flush();
}

export class Outbox {
  readonly #socket: Socket;
  /** Buffers, and texts in latin1. */
  #pieces: (Buffer | string)[] = [];
  #bytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** False when the socket does not keep up: wait for its "drain". */
  write(piece: Buffer | string): boolean {
    if (this.#pieces.length === 0) {
      if (due.length === 0) setImmediate(flushDue);
      due.push(this);
    }
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes > HOLD_BYTES) this.flush();
    return !this.#socket.writableNeedDrain;
  }

  /** Sends what waits, now. */
  flush(): void {
    const pieces = this.#pieces;
    const bytes = this.#bytes;
    if (pieces.length === 0) return;
    this.#pieces = [];
    this.#bytes = 0;
    const socket = this.#socket;
    if (socket.destroyed || !socket.writable) return;
    const [only] = pieces;
    if (pieces.length === 1 && only !== undefined) {
      socket.write(only, 'latin1');
    } else if (bytes <= JOIN_BYTES) {
      socket.write(join(pieces, bytes));
    } else {
      socket.cork();
      for (const piece of pieces) socket.write(piece, 'latin1');
      socket.uncork();
    }
  }
}

function join(pieces: readonly (Buffer | string)[], bytes: number): Buffer {
  const joined = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') joined.write(piece, at, 'latin1');
    else piece.copy(joined, at);
    at += piece.length;
  }
  return joined;
}
