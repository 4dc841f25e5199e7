// The record of an asynchronous invocation, version 1.0, as its destination gets it, and what its
// dead letter says of it. [LDG:invocation-async-retain-records]

import type { Millis } from '../../base/units.ts';
import type { AsyncCondition } from '../../fleet/async-event.ts';
import { functionArn } from '../../model/metric.ts';
import { LATEST } from '../../routing/function-version.ts';
import type { InvocationOutcome } from '../lambda/invocation.ts';
import type { StoredEvent } from './async-store.ts';
import type { InvokableFunction } from './function-book.ts';

export interface EventEnd {
  readonly fn: InvokableFunction;
  readonly event: StoredEvent;
  readonly condition: AsyncCondition;
  /** How often the function was run. */
  readonly runs: number;
  /** Made by {@link answerOf}; undefined when the function never answered. */
  readonly answer: string | undefined;
}

interface Answer {
  readonly responseContext: { readonly statusCode: number };
  readonly responsePayload: unknown;
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

export function recordOf(
  { fn, event, condition, runs, answer }: EventEnd,
  region: string,
  wall: Millis,
): string {
  return JSON.stringify({
    version: '1.0',
    timestamp: new Date(wall).toISOString(),
    requestContext: {
      requestId: event.requestId,
      functionArn: functionArn(region, fn.functionName, event.qualifier ?? LATEST),
      condition,
      approximateInvokeCount: runs,
    },
    requestPayload: jsonOf(event.payload),
    ...(answer !== undefined && (JSON.parse(answer) as Answer)),
  });
}

/** Attributes of a dead letter, the body of which is the event itself. */
export function deadLetterAttributes({ event, condition, answer }: EventEnd) {
  const said = answer === undefined ? undefined : (JSON.parse(answer) as Answer);
  const payload = said?.responsePayload as { readonly errorMessage?: unknown } | null | undefined;
  const message = String(payload?.errorMessage ?? condition).slice(0, MAX_ERROR_MESSAGE);
  return {
    RequestID: { DataType: 'String', StringValue: event.requestId },
    ErrorCode: { DataType: 'Number', StringValue: String(said?.responseContext.statusCode ?? 429) },
    ErrorMessage: { DataType: 'String', StringValue: message },
  } as const;
}

/** Characters of the message in a dead letter. [LDG:invocation-async-retain-records] */
const MAX_ERROR_MESSAGE = 1024;

/** What is no JSON is shown as the text it is. */
function jsonOf(payload: Buffer): unknown {
  const text = payload.toString();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
