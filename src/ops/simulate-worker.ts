// The thread that simulates. It is started with an order and posts messages; see `simulate-work.ts`.

import { parentPort, workerData } from 'node:worker_threads';
import { Fault } from '../base/fault.ts';
import type { ThreadOrder } from '../base/ports.ts';
import type { SimulateMessage, SimulateOrder } from './simulate-order.ts';
import { simulateWork } from './simulate-work.ts';

const { order, stop } = workerData as ThreadOrder<SimulateOrder>;
const tell = (message: SimulateMessage): void => parentPort?.postMessage(message);

try {
  simulateWork(order, tell, () => Atomics.load(stop, 0) !== 0);
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  tell({ kind: 'fault', code: error.code, facts: error.facts });
}
