// The real clock: `now` is the wall time at the start plus what a monotonic clock has counted since,
// so setting the machine's clock moves `wall` only.

import type { Clock } from '../base/ports.ts';

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
  };
}
