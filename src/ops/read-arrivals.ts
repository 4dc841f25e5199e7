// Reads when each request of a log came, from a file of this machine or from what is piped in.

import { Fault } from '../base/fault.ts';
import type { Rng } from '../base/ports.ts';
import { type ArrivalChunk, ArrivalOrder } from '../traffic/arrivals.ts';
import { requestReader, trafficReader } from '../traffic/read.ts';
import { RequestCounts } from '../traffic/request-counts.ts';
import {
  MAX_STORED_ARRIVALS,
  type RecordedArrivals,
  StoredArrivals,
} from '../traffic/stored-arrivals.ts';
import type { TrafficRead } from '../traffic/traffic-read.ts';
import type { Machine } from './machine.ts';
import { bytesOf, nameOf, type TrafficChoice } from './read-traffic.ts';

export interface ArrivalChoice extends TrafficChoice {
  /** Places requests in their second where the log only tells whole seconds. */
  readonly rng: Rng;
  /** So many are kept back to be put in order. Default 1,048,576. */
  readonly window?: number;
}

/**
 * Each chunk as soon as it is known, in bounded memory; in the end the counts, as `readTraffic` gives
 * them. Throws what that throws, and TRAFFIC_NOT_BY_REQUEST for a file of counts.
 */
export async function* readArrivals(
  machine: Pick<Machine, 'openBytes' | 'clock'>,
  file: string,
  choice: ArrivalChoice,
): AsyncGenerator<ArrivalChunk, TrafficRead> {
  const { bySecond = false } = choice;
  const order = new ArrivalOrder(new RequestCounts({ bySecond }), choice);
  const reader = requestReader(nameOf(file), choice, order);
  for await (const chunk of bytesOf(machine, file, choice)) {
    reader.push(chunk);
    yield* order.take();
  }
  const read = reader.end();
  yield* order.take();
  return read;
}

export interface ArrivalsStored {
  readonly arrivals: StoredArrivals;
  readonly read: TrafficRead;
}

/** All of them, to be gone through more than once. Also throws TRAFFIC_TOO_LONG. */
export async function storeArrivals(
  machine: Pick<Machine, 'openBytes' | 'clock'>,
  file: string,
  choice: ArrivalChoice,
): Promise<ArrivalsStored> {
  const arrivals = new StoredArrivals();
  const chunks = readArrivals(machine, file, choice);
  try {
    for (;;) {
      const { done, value } = await chunks.next();
      if (done === true) return { arrivals, read: value };
      if (!arrivals.push(value)) {
        const most = MAX_STORED_ARRIVALS.toLocaleString('en');
        const what = `it has more than ${most} requests, whose times are too many to keep`;
        throw new Fault('TRAFFIC_TOO_LONG', { file: nameOf(file), what });
      }
    }
  } finally {
    await chunks.return(undefined as never);
  }
}

export interface TrafficAndArrivals {
  readonly read: TrafficRead;
  /** Undefined: the source tells counts, or more requests than are kept. */
  readonly arrivals: RecordedArrivals | undefined;
}

/** Counts as `readTraffic` gives them, and the requests where the source tells them. Throws what that does. */
export async function readTrafficAndArrivals(
  machine: Pick<Machine, 'openBytes' | 'clock'>,
  file: string,
  choice: ArrivalChoice,
): Promise<TrafficAndArrivals> {
  const { bySecond = false } = choice;
  const order = new ArrivalOrder(new RequestCounts({ bySecond }), choice);
  const reader = trafficReader(nameOf(file), choice, order);
  let arrivals: StoredArrivals | undefined = new StoredArrivals();
  const store = (): void => {
    for (const chunk of order.take()) {
      if (arrivals?.push(chunk) === false) arrivals = undefined;
    }
  };
  for await (const chunk of bytesOf(machine, file, choice)) {
    reader.push(chunk);
    store();
  }
  const read = reader.end();
  store();
  if (arrivals === undefined || arrivals.length === 0) return { read, arrivals: undefined };
  // A thread is handed plain values.
  const { blocks, length, seconds } = arrivals;
  return { read, arrivals: { blocks, length, seconds } };
}
