// The end of an asynchronous invocation: what it counts as, and the record, version 1.0, that its
// destination gets. [LDG:invocation-async-retain-records]

import { Fault } from '../../base/fault.ts';
import type { Clock, Rng } from '../../base/ports.ts';
import type { AsyncCondition } from '../../fleet/async-event.ts';
import { LAMBDA_MAX_CHAIN, LAMBDA_PAYLOAD_BYTES } from '../../model/aws-limits.ts';
import { functionArn, type MetricName } from '../../model/metric.ts';
import { LATEST } from '../../routing/function-version.ts';
import type { EventStream } from '../control/event-stream.ts';
import type { MetricStore } from '../control/metric-store.ts';
import type { InvocationOutcome } from '../lambda/invocation.ts';
import { emitFault } from '../program.ts';
import type { NewEvent, StoredEvent } from './async-store.ts';
import type { FunctionBook, InvokableFunction } from './function-book.ts';

export interface AsyncParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: EventStream;
  readonly metrics: MetricStore;
  readonly book: FunctionBook;
  /** Where the events are kept; made when the first one comes. */
  readonly file: string;
}

export interface EventEnd {
  readonly fn: InvokableFunction;
  readonly event: StoredEvent;
  readonly condition: AsyncCondition;
  /** How often the function was run. */
  readonly runs: number;
  /** Made by {@link answerOf}; undefined when the function never answered. */
  readonly answer: string | undefined;
}

/** `responseContext` and `responsePayload` as JSON: kept between attempts. */
export function answerOf(outcome: InvocationOutcome, executedVersion: string): string {
  const error = outcome.kind === 'answered' ? undefined : outcome.error;
  const payload = outcome.kind === 'answered' ? outcome.payload : error?.payload;
  return JSON.stringify({
    responseContext: {
      statusCode: 200,
      executedVersion,
      ...(error && { functionError: error.kind }),
    },
    responsePayload: payload === undefined ? null : jsonOf(payload),
  });
}

/** Counts the end of an event; the event that carries the record of it, if one is wanted. */
export function recordToSend(parts: AsyncParts, end: EventEnd): NewEvent | undefined {
  const { fn, event, condition, runs } = end;
  const { events, clock } = parts;
  if (condition !== 'Success') {
    count(parts, fn, 'AsyncEventsDropped', 1);
    const facts = { function: fn.name, requestId: event.requestId, condition, runs };
    emitFault(events, clock, fn.name, new Fault('ASYNC_EVENT_DROPPED', facts));
  }
  const to = condition === 'Success' ? fn.async.onSuccess : fn.async.onFailure;
  if (to === undefined) return undefined;
  const payload = Buffer.from(JSON.stringify(recordOf(parts, end)));
  const receiver = parts.book.function({ ...to, region: undefined, qualifier: undefined });
  const reason = undeliverable(payload, event, receiver);
  if (reason !== undefined || receiver === undefined) {
    count(parts, fn, 'DestinationDeliveryFailures', 1);
    const facts = { function: fn.name, destination: to.name, reason: reason ?? 'it is not there' };
    emitFault(events, clock, fn.name, new Fault('DESTINATION_FAILED', facts));
    return undefined;
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
    acceptedAt: clock.now(),
    depth: event.depth + 1,
  };
}

function undeliverable(
  payload: Buffer,
  event: StoredEvent,
  receiver: InvokableFunction | undefined,
): string | undefined {
  if (receiver === undefined) return 'there is no such function';
  if (payload.length > LAMBDA_PAYLOAD_BYTES.Event) {
    return `the record has ${payload.length} bytes, and an event at most ${LAMBDA_PAYLOAD_BYTES.Event}`;
  }
  return event.depth + 1 > LAMBDA_MAX_CHAIN
    ? `functions have invoked each other ${LAMBDA_MAX_CHAIN} times, which Lambda stops as a loop`
    : undefined;
}

function recordOf({ book, clock }: AsyncParts, { fn, event, condition, runs, answer }: EventEnd) {
  return {
    version: '1.0',
    timestamp: new Date(clock.wall()).toISOString(),
    requestContext: {
      requestId: event.requestId,
      functionArn: functionArn(book.region, fn.functionName, event.qualifier ?? LATEST),
      condition,
      approximateInvokeCount: runs,
    },
    requestPayload: jsonOf(event.payload),
    ...(answer !== undefined && (JSON.parse(answer) as object)),
  };
}

/** What is no JSON is shown as the text it is. */
function jsonOf(payload: Buffer): unknown {
  const text = payload.toString();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

export function count(
  { metrics }: AsyncParts,
  fn: InvokableFunction,
  name: MetricName<'AWS/Lambda'>,
  value: number,
): void {
  metrics.handle('AWS/Lambda', name, { FunctionName: fn.functionName }).add(value);
}
