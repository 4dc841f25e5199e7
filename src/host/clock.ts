// The real clock: `now` is the wall time at the start plus what a monotonic clock has counted since,
// so setting the machine's clock moves `wall` only.

import type { Clock, Timer } from '../base/ports.ts';
import type { Millis } from '../base/units.ts';

export function realClock(): Clock {
  const now = () => performance.timeOrigin + performance.now();
  return {
    now,
    wall: () => Date.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal?.addEventListener('abort', done, { once: true });
      }),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    every(ms, run) {
      const timer = setInterval(run, ms);
      return () => clearInterval(timer);
    },
    timer: (run) => new LazyTimer(run),
  };
}

/** Stopping only notes that nothing is to happen; the timeout is used again by the next start. */
class LazyTimer implements Timer {
  readonly #run: () => void;
  #timeout: NodeJS.Timeout | undefined;
  #started = false;

  constructor(run: () => void) {
    this.#run = run;
  }

  start(ms: Millis): void {
    this.#started = true;
    if (this.#timeout !== undefined) this.#timeout.refresh();
    else this.#timeout = setTimeout(() => this.#fire(), ms).unref();
  }

  stop(): void {
    this.#started = false;
  }

  #fire(): void {
    this.#timeout = undefined;
    if (!this.#started) return;
    this.#started = false;
    this.#run();
  }
}
