// A service as those see it who invoke functions: an event becomes a request of its unmodified HTTP
// program and the answer a payload, as through the real Lambda Web Adapter.
//
// Known to differ: the adapter ends over an answer it cannot put into JSON, and its environment with
// it; here the invocation fails in the same way and the environment lives.

import type { Fault } from '../../base/fault.ts';
import type { Clock } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { Throttle } from '../../fleet/lambda-account.ts';
import type { Assumptions, LambdaSettings } from '../../model/app.ts';
import { LAMBDA_RESPONSE_BYTES } from '../../model/aws-limits.ts';
import type { Tracing } from '../../model/platform-event.ts';
import { adapterPayload, adapterPrelude } from '../../payload/adapter-answer.ts';
import { adapterRequest, type EventKind } from '../../payload/adapter-request.ts';
import { type AdapterSettings, isWithin } from '../../payload/adapter-settings.ts';
import { type BadAnswer, type BadRequest, type Field, isBad } from '../../payload/http-message.ts';
import { PRELUDE_CONTENT_TYPE } from '../../payload/prelude.ts';
import { fieldPairs, type ResponseHead } from '../http1/head.ts';
import type { Call } from '../http1/upstream.ts';
import type { Collected } from './collect.ts';
import type { Admitted } from './environment.ts';
import type { EventRequest, ServiceFailure, Taken } from './event-request.ts';
import { crashError, reportedError, timeoutError, type WordedError } from './function-errors.ts';
import type { FunctionInvocation, InvocationTarget, Ticket } from './invocation.ts';
import type { LambdaOutcome, LambdaRequest } from './running-environment.ts';
import { Running } from './running-invocation.ts';
import { sayTermination } from './sandbox.ts';
import type { ServiceTrack } from './service-environment.ts';

export interface AdapterTargetParts {
  readonly clock: Clock;
  readonly assume: Assumptions;
  readonly name: string;
  readonly functionName: string;
  readonly version: string;
  readonly settings: LambdaSettings;
  readonly adapter: AdapterSettings;
}

export class AdapterTarget implements InvocationTarget {
  readonly name: string;
  readonly functionName: string;
  readonly version: string;
  readonly #parts: AdapterTargetParts;
  readonly #track: ServiceTrack;

  constructor(parts: AdapterTargetParts, track: ServiceTrack) {
    this.name = parts.name;
    this.functionName = parts.functionName;
    this.version = parts.version;
    this.#parts = parts;
    this.#track = track;
  }

  throttled(now: Millis): Throttle | undefined {
    return this.#track.view(now).throttled;
  }

  countThrottle(): void {
    this.#track.throttled();
  }

  invoke(invocation: FunctionInvocation): Ticket {
    const call = new AdapterCall(this.#parts, invocation);
    return new AdapterTicket(this.#track, this.#track.invoke(call), call);
  }
}

class AdapterTicket implements Ticket {
  readonly #track: ServiceTrack;
  readonly #admitted: Admitted<LambdaRequest>;
  readonly #call: AdapterCall;

  constructor(track: ServiceTrack, admitted: Admitted<LambdaRequest>, call: AdapterCall) {
    this.#track = track;
    this.#admitted = admitted;
    this.#call = call;
  }

  giveUp(): void {
    this.#track.giveUp(this.#admitted);
  }

  resume(): void {
    this.#call.resume();
  }
}

const EMPTY = Buffer.alloc(0);
const NOTHING_TO_RESUME = { resume: () => {} };

class AdapterCall implements LambdaRequest, EventRequest {
  head = '';
  method = '';
  body: Buffer = EMPTY;
  readonly answerBytes = LAMBDA_RESPONSE_BYTES;
  readonly tracing: Tracing;
  readonly #parts: AdapterTargetParts;
  readonly #invocation: FunctionInvocation;
  #kind: EventKind = 'pass-through';
  #running: Running | undefined;
  #payload: Buffer = EMPTY;

  constructor(parts: AdapterTargetParts, invocation: FunctionInvocation) {
    this.#parts = parts;
    this.#invocation = invocation;
    this.tracing = { type: 'X-Amzn-Trace-Id', value: invocation.traceId };
  }

  get event(): EventRequest {
    return this;
  }

  get requestId(): string {
    return this.#invocation.requestId;
  }

  get wantsLog(): boolean {
    return this.#invocation.wantsLog;
  }

  get #streams(): boolean {
    return this.#parts.adapter.invokeMode === 'response_stream';
  }

  taken(by: Taken): BadRequest | undefined {
    const { clock, settings, adapter, functionName, version } = this.#parts;
    const { requestId, invokedArn, traceId, clientContext, tenantId } = this.#invocation;
    this.#running = new Running(
      { request: this.#invocation, unit: by.unit },
      { ...by, clock, attempt: requestId, tellsAttempt: false, timeoutMs: settings.timeoutMs },
    );
    const made = adapterRequest(this.#invocation.payload, adapter, {
      requestId,
      deadlineMs: Math.round(by.startedWall + settings.timeoutMs),
      invokedArn,
      traceId,
      clientContext,
      tenantId,
      functionName,
      memoryMiB: settings.memoryMiB,
      version,
      logGroup: by.logGroup,
      logStream: by.logStream,
    });
    if (made === undefined) return { problem: 'is not JSON' };
    this.#kind = made.kind;
    this.method = made.request.method;
    this.body = made.request.body;
    this.head = headOf(made.request.method, made.request.target, {
      fields: made.request.fields,
      bodyBytes: this.body.length,
      port: by.port,
    });
    return undefined;
  }

  /** The caller takes more. */
  resume(): void {
    this.#running?.resume();
  }

  answerBegins(head: ResponseHead, call: Pick<Call, 'resume'>): 'whole' | 'stream' | BadAnswer {
    const { errorStatusCodes } = this.#parts.adapter;
    const running = this.#running;
    const fails = isWithin(head.status, errorStatusCodes);
    if (!this.#streams || !this.#invocation.streams || fails || running === undefined) {
      return 'whole';
    }
    const prelude = adapterPrelude({ status: head.status, fields: fieldPairs(head) });
    if (isBad(prelude)) return prelude;
    running.begins(call, PRELUDE_CONTENT_TYPE);
    running.data(prelude);
    return 'stream';
  }

  answerData(chunk: Buffer): 'more' | 'wait' | 'too-large' {
    return this.#running?.data(chunk) ?? 'more';
  }

  streamed(logTail: Buffer): void {
    this.#running?.ends(undefined);
    this.#running?.tell(logTail);
  }

  payload({ head, body }: Collected): Buffer | BadAnswer {
    const answer = { status: head.status, fields: fieldPairs(head), body };
    const made = this.#streams ? wholeStream(answer) : adapterPayload(this.#kind, answer);
    if (!isBad(made)) this.#payload = made;
    return made;
  }

  settled(outcome: LambdaOutcome): void {
    const running = this.#running;
    if (running === undefined) {
      if (outcome.kind === 'failed') this.#notStarted(outcome);
      return;
    }
    if (outcome.kind === 'answered') {
      const type = this.#streams ? PRELUDE_CONTENT_TYPE : 'application/json';
      running.begins(NOTHING_TO_RESUME, type);
      running.data(this.#payload);
      running.ends(undefined);
    } else {
      const { failure, fault } = outcome;
      const error = this.#errorOf(failure, fault);
      running.fails(error, failure.kind === 'timed-out' ? 'timeout' : 'error', fault);
    }
    running.tell(outcome.logTail);
  }

  /** No environment has taken it. */
  #notStarted({ environment, fault }: LambdaOutcome & { readonly kind: 'failed' }): void {
    const error = this.#errorOf({ kind: 'no-environment' }, fault);
    const facts = { environment, cold: true, durationMs: 0, logTail: EMPTY };
    this.#invocation.settled({ kind: 'failed', error, fault, ...facts });
  }

  #errorOf(failure: ServiceFailure, fault: Fault): WordedError {
    const { requestId } = this.#invocation;
    const { assume, settings } = this.#parts;
    switch (failure.kind) {
      case 'exited':
        return crashError(requestId, exitFailure(failure.exit));
      case 'timed-out': {
        const { startedWall } = failure;
        return timeoutError({ requestId, startedWall }, settings.timeoutMs, assume);
      }
      case 'reported':
        return reportedError({ type: 'Runtime.Unknown', payload: failure.payload }, assume);
      case 'too-large':
        return crashError(requestId, TOO_LARGE, 'plain');
      case 'no-environment':
        return crashError(requestId, { errorType: 'Sandbox.Failure', message: fault.message });
    }
  }
}

const TOO_LARGE = {
  errorType: 'Function.ResponseSizeTooLarge',
  message: `Response payload size exceeded maximum allowed payload size (${LAMBDA_RESPONSE_BYTES} bytes).`,
} as const;

function exitFailure(exit: Parameters<typeof sayTermination>[0]) {
  const message =
    'code' in exit && exit.code === 0
      ? 'Runtime exited without providing a reason'
      : `Runtime exited with error: ${sayTermination(exit)}`;
  return { errorType: 'Runtime.ExitError', message };
}

interface Answer {
  readonly status: number;
  readonly fields: readonly Field[];
  readonly body: Buffer;
}

/** A stream whose caller waits for the end of it. */
function wholeStream(answer: Answer): Buffer | BadAnswer {
  const prelude = adapterPrelude(answer);
  return isBad(prelude) ? prelude : Buffer.concat([prelude, answer.body]);
}

/** Fields that frame the body, or that only a front door deals with. */
const NOT_SENT = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

interface Sending {
  readonly fields: readonly Field[];
  readonly bodyBytes: number;
  readonly port: number;
}

function headOf(method: string, target: string, { fields, bodyBytes, port }: Sending): string {
  let text = `${method} ${target} HTTP/1.1\r\n`;
  let host = `host: 127.0.0.1:${port}\r\n`;
  for (const [name, value] of fields) {
    if (NOT_SENT.has(name)) continue;
    if (name === 'host') host = '';
    text += `${name}: ${value}\r\n`;
  }
  return `${text}${host}content-length: ${bodyBytes}\r\n\r\n`;
}
