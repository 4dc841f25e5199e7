// An invocation of a function, as whoever invokes it sees it: a front door, the Invoke API, a queue.

import type { Fault } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import type { Throttle } from '../../fleet/lambda-account.ts';

/**
 * One event on its way to a function, and whoever wants to know the end of it. An object and not a
 * bundle of functions, as `docs/decisions/002-garbage.md` says.
 */
export interface FunctionInvocation {
  /** UUID. The same for every attempt at one event. */
  readonly requestId: string;
  readonly payload: Buffer;
  /** As the caller named the function, with the qualifier if one was given. */
  readonly invokedArn: string;
  /** Value of X-Amzn-Trace-Id. */
  readonly traceId: string;
  /** JSON text of the client context, decoded. */
  readonly clientContext: string | undefined;
  readonly tenantId: string | undefined;
  /** The caller wants `logTail`: it is told the end when the log of the invocation is complete. */
  readonly wantsLog: boolean;
  /** The caller takes a stream: `begin` and `data` are called. Else all comes with `settled`. */
  readonly streams: boolean;
  /** The function has begun to answer; no error can come in its place any more. */
  begin(contentType: string): void;
  /** False: the caller does not keep up, and calls `resume` of the ticket when it does. */
  data(chunk: Buffer): boolean;
  /** Called once, last. */
  settled(outcome: InvocationOutcome): void;
}

/** What every end of an invocation has. */
export interface InvocationFacts {
  /** Undefined when no environment could be started. */
  readonly environment: string | undefined;
  /** It waited for an environment to start. */
  readonly cold: boolean;
  readonly durationMs: Millis;
  /** The last 4 KB of the log of the invocation, if it was wanted; else empty. */
  readonly logTail: Buffer;
}

export type InvocationOutcome = InvocationFacts &
  (
    | { readonly kind: 'answered'; readonly payload: Buffer; readonly contentType: string }
    /** All data was given; with an error when the function failed half-way. */
    | { readonly kind: 'streamed'; readonly error: FunctionError | undefined }
    | { readonly kind: 'failed'; readonly error: FunctionError; readonly fault: Fault }
  );

/** What the caller of a function that failed is given, with HTTP status 200. */
export interface FunctionError {
  /** `X-Amz-Function-Error`. Handled: the runtime reported it. [BOTO lambda InvocationResponse] */
  readonly kind: 'Handled' | 'Unhandled';
  /** E.g. "Runtime.ExitError", or what the runtime said. */
  readonly type: string;
  /** JSON with errorType and errorMessage. */
  readonly payload: Buffer;
}

/** An invocation that was taken. */
export interface Ticket {
  /** Nobody wants the answer any more. What still waits is forgotten, what runs runs on. */
  giveUp(): void;
  /** The caller takes more data. */
  resume(): void;
}

/** One version of a function: the thing that is invoked. */
export interface InvocationTarget {
  /** Name in `fulcrum.yml`. */
  readonly name: string;
  /** Name on AWS. */
  readonly functionName: string;
  /** "$LATEST" or a number. */
  readonly version: string;
  /** Why an invocation would be throttled now, or undefined. */
  throttled(now: Millis): Throttle | undefined;
  /** Counts an invocation that was turned away. */
  countThrottle(): void;
  /** Takes an invocation that is not throttled. */
  invoke(invocation: FunctionInvocation): Ticket;
}
