// Reads when each request of a log came, from a file of this machine or from what is piped in.

import { Fault } from '../base/fault.ts';
import type { Rng } from '../base/ports.ts';
import { type ArrivalChunk, ArrivalOrder } from '../traffic/arrivals.ts';
import { requestReader } from '../traffic/read.ts';
import { RequestCounts } from '../traffic/request-counts.ts';
import { MAX_STORED_ARRIVALS, StoredArrivals } from '../traffic/stored-arrivals.ts';
import type { TrafficRead } from '../traffic/traffic-read.ts';
import type { Machine } from './machine.ts';
import { bytesOf, nameOf, type TrafficChoice } from './read-traffic.ts';

export interface ArrivalChoice extends TrafficChoice {
  /** Places requests in their second where the log only tells whole seconds. */
  readonly rng: Rng;
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
  const { rng, bySecond = false } = choice;
  const order = new ArrivalOrder(new RequestCounts({ bySecond }), { rng });
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
