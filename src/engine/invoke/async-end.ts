// The end of an asynchronous invocation: what it counts as, and who hears of it.
//
// A queue is told before the event is forgotten, so an engine that is killed in between tells it
// twice; a function is told in the same step.

import { Fault } from '../../base/fault.ts';
import type { Clock, Rng } from '../../base/ports.ts';
import type { Destination } from '../../model/app.ts';
import { LAMBDA_MAX_CHAIN, LAMBDA_PAYLOAD_BYTES } from '../../model/aws-limits.ts';
import type { MetricName } from '../../model/metric.ts';
import type { EventStream } from '../control/event-stream.ts';
import type { MetricStore } from '../control/metric-store.ts';
import { emitFault } from '../program.ts';
import { deadLetterAttributes, type EventEnd, recordOf } from './async-record.ts';
import type { NewEvent, StoredEvent } from './async-store.ts';
import type { FunctionBook, InvokableFunction } from './function-book.ts';

/** Puts a message into a queue of `fulcrum.yml`; it is kept when this returns. Throws when not. */
export type SendToQueue = (name: string, body: string, attributes?: MessageAttributes) => void;

export type MessageAttributes = Readonly<
  Record<string, { readonly DataType: string; readonly StringValue: string }>
>;

export interface AsyncParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: EventStream;
  readonly metrics: MetricStore;
  readonly book: FunctionBook;
  readonly sendToQueue: SendToQueue;
  /** Where the events are kept; made when the first one comes. */
  readonly file: string;
}

/** Counts the end of an event and tells the queues; the event with which a function is told. */
export function tellEnd(parts: AsyncParts, end: EventEnd): NewEvent | undefined {
  const { fn, event, condition, runs } = end;
  const { onSuccess, onFailure, deadLetter } = fn.async;
  if (condition === 'Success') {
    return onSuccess === undefined ? undefined : sendRecord(parts, end, onSuccess);
  }
  count(parts, fn, 'AsyncEventsDropped', 1);
  const facts = { function: fn.name, requestId: event.requestId, condition, runs };
  emitFault(parts.events, parts.clock, fn.name, new Fault('ASYNC_EVENT_DROPPED', facts));
  if (deadLetter !== undefined) {
    attempt(parts, fn, { to: deadLetter, failures: 'DeadLetterErrors' }, () => {
      parts.sendToQueue(deadLetter, event.payload.toString(), deadLetterAttributes(end));
    });
  }
  return onFailure === undefined ? undefined : sendRecord(parts, end, onFailure);
}

function sendRecord(parts: AsyncParts, end: EventEnd, to: Destination): NewEvent | undefined {
  const { fn, event } = end;
  const { book, clock } = parts;
  const record = recordOf(end, book.region, clock.wall());
  return attempt(parts, fn, { to: to.name, failures: 'DestinationDeliveryFailures' }, () => {
    if (to.kind === 'function') return eventFor(parts, event, to.name, Buffer.from(record));
    parts.sendToQueue(to.name, record);
    return undefined;
  });
}

interface Telling {
  readonly to: string;
  readonly failures: 'DeadLetterErrors' | 'DestinationDeliveryFailures';
}

function attempt<value>(
  parts: AsyncParts,
  fn: InvokableFunction,
  { to, failures }: Telling,
  tell: () => value,
): value | undefined {
  try {
    return tell();
  } catch (error) {
    count(parts, fn, failures, 1);
    const reason = error instanceof Error ? error.message : String(error);
    const facts = { function: fn.name, destination: to, reason };
    emitFault(parts.events, parts.clock, fn.name, new Fault('DESTINATION_FAILED', facts));
    return undefined;
  }
}

/** Throws why a function cannot be told. */
function eventFor(parts: AsyncParts, event: StoredEvent, name: string, payload: Buffer): NewEvent {
  const receiver = parts.book.function({ name, region: undefined, qualifier: undefined });
  if (receiver === undefined) throw new Error('there is no such function');
  if (payload.length > LAMBDA_PAYLOAD_BYTES.Event) {
    throw new Error(
      `the record has ${payload.length} bytes, and an event at most ${LAMBDA_PAYLOAD_BYTES.Event}`,
    );
  }
  const depth = event.depth + 1;
  if (depth > LAMBDA_MAX_CHAIN) {
    throw new Error(
      `functions have invoked each other ${LAMBDA_MAX_CHAIN} times, which Lambda stops as a loop`,
    );
  }
  count(parts, receiver, 'AsyncEventsReceived', 1);
  return {
    requestId: parts.rng.uuid(),
    function: receiver.name,
    qualifier: undefined,
    payload,
    traceId: event.traceId,
    clientContext: undefined,
    tenantId: undefined,
    acceptedAt: parts.clock.now(),
    depth,
  };
}

export function count(
  { metrics }: AsyncParts,
  fn: InvokableFunction,
  name: MetricName<'AWS/Lambda'>,
  value: number,
): void {
  metrics.handle('AWS/Lambda', name, { FunctionName: fn.functionName }).add(value);
}
