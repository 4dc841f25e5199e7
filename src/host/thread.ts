// A thread of this process that runs a module: for work that would keep the program from hearing
// Ctrl-C for minutes.

import { Worker } from 'node:worker_threads';
import type { Thread, ThreadOrder } from '../base/ports.ts';

export function startThread(
  module: URL,
  order: unknown,
  onMessage: (message: unknown) => void,
): Thread {
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const given: ThreadOrder<unknown> = { order, stop };
  const worker = new Worker(module, { workerData: given });
  worker.on('message', onMessage);
  const ended = new Promise<void>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
  return {
    ended,
    stop: () => {
      Atomics.store(stop, 0, 1);
    },
    kill: () => {
      void worker.terminate();
    },
  };
}
