// The Invoke API of an app, put together: the functions by name, the server, the events that nobody
// waits for.

import { join } from 'node:path';
import type { Clock, Rng } from '../../base/ports.ts';
import type { EventStream } from '../control/event-stream.ts';
import type { MetricStore } from '../control/metric-store.ts';
import type { SendToQueue } from './async-end.ts';
import { AsyncInvocations } from './async-invocations.ts';
import { FunctionBook, type InvokableFunction } from './function-book.ts';
import { InvokeServer } from './invoke-server.ts';
import { Dates } from './respond.ts';

export interface InvokeApiParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: EventStream;
  readonly metrics: MetricStore;
  readonly app: string;
  readonly region: string;
  readonly functions: readonly InvokableFunction[];
  readonly sendToQueue: SendToQueue;
  /** `.fulcrum` of the app. */
  readonly stateFolder: string;
}

export interface InvokeApi {
  readonly book: FunctionBook;
  /**
   * Listens on 127.0.0.1 and finds the events of an earlier run; 0 takes a free port. The URL.
   * Throws INVOKE_PORT_TAKEN, PORT_REFUSED, ASYNC_STORE_BROKEN.
   */
  open(port: number): Promise<string>;
  /** Goes on with the events that were found. */
  resume(): void;
  /** Takes nothing more; resolves when what is under way has ended. */
  drain(): Promise<void>;
  /** Leaves the events that are under way to the next engine. */
  closeEvents(): void;
  close(): void;
}

export function invokeApi(parts: InvokeApiParts): InvokeApi {
  const { clock, rng, events, metrics, app, region, functions, sendToQueue, stateFolder } = parts;
  const book = new FunctionBook(region, functions);
  const file = join(stateFolder, 'async-events.db');
  const async = new AsyncInvocations({ clock, rng, events, metrics, book, sendToQueue, file });
  const lastModified = new Date(clock.wall()).toISOString().replace('Z', '+0000');
  const dates = new Dates(clock);
  const server = new InvokeServer({ app, book, lastModified, clock, rng, events, async, dates });
  return {
    book,
    async open(port) {
      const url = await server.listen(port);
      async.open();
      return url;
    },
    async drain() {
      // Who is answered with 202 has an event to be tried, so the server comes first.
      await server.drain();
      await async.drain();
    },
    resume: () => async.resume(),
    closeEvents: () => async.close(),
    close() {
      server.close();
      async.close();
    },
  };
}
