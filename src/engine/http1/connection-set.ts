// The connections of a server: swept for what stands still, and ended together.

import type { Clock, Release } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';

export interface KeptConnection {
  /** Called about once a second: ends what has been still for too long. */
  sweep(now: Millis): void;
  /** Closes at once if nothing is under way or it is a tunnel, else after the answers. */
  closeSoon(): void;
  destroy(): void;
}

/** What stands still is looked for this often. */
const SWEEP_EVERY_MS: Millis = 500;

export class ConnectionSet {
  readonly #connections = new Set<KeptConnection>();

  get size(): number {
    return this.#connections.size;
  }

  add(connection: KeptConnection): void {
    this.#connections.add(connection);
  }

  delete(connection: KeptConnection): void {
    this.#connections.delete(connection);
  }

  sweepAlways(clock: Clock): Release {
    return clock.every(SWEEP_EVERY_MS, () => {
      const now = clock.now();
      for (const connection of this.#connections) connection.sweep(now);
    });
  }

  closeSoon(): void {
    for (const connection of this.#connections) connection.closeSoon();
  }

  destroy(): void {
    for (const connection of this.#connections) connection.destroy();
  }
}
