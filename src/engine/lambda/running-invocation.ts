// One invocation in its environment: the event as the runtime and the extensions get it, the answer
// on its way to the caller, and the times that are reported.

import type { Fault } from '../../base/fault.ts';
import type { Clock } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import { StreamBandwidth } from '../../fleet/stream-bandwidth.ts';
import { LAMBDA_RESPONSE_BYTES, LAMBDA_STREAM_BYTES } from '../../model/aws-limits.ts';
import type { PlatformStatus, Span, Tracing } from '../../model/platform-event.ts';
import type { AnswerCall } from './answer-call.ts';
import type { Admitted } from './environment.ts';
import type { WordedError } from './function-errors.ts';
import type { FunctionError, FunctionInvocation, InvocationOutcome } from './invocation.ts';
import type { RuntimeEvent } from './runtime-api.ts';

export interface RunningFacts {
  /** Unique for every attempt at an event. */
  readonly attempt: string;
  /** The runtime is told the attempt. */
  readonly tellsAttempt: boolean;
  readonly startedAt: Millis;
  readonly startedWall: Millis;
  readonly timeoutMs: Millis;
  readonly cold: boolean;
  readonly environment: string;
  readonly initMs: Millis | undefined;
  readonly clock: Clock;
}

/** What the caller is told, without what is only known at the end. */
type Ended =
  | { readonly kind: 'answered'; readonly payload: Buffer; readonly contentType: string }
  | { readonly kind: 'streamed'; readonly error: FunctionError | undefined }
  | { readonly kind: 'failed'; readonly error: FunctionError; readonly fault: Fault };

const EMPTY = Buffer.alloc(0);

export class Running {
  readonly requestId: string;
  readonly facts: RunningFacts;
  readonly tracing: Tracing;
  status: PlatformStatus = 'success';
  errorType: string | undefined;
  /** The function or its runtime failed. */
  failed = false;
  /** The runtime has asked for the next event. */
  runtimeIsDone = false;
  /** Of the answer so far. */
  bytes = 0;
  readonly #admitted: Admitted<FunctionInvocation>;
  readonly #chunks: Buffer[] = [];
  #call: Pick<AnswerCall, 'resume'> | undefined;
  #contentType = 'application/json';
  #limitBytes = LAMBDA_RESPONSE_BYTES;
  #bandwidth: StreamBandwidth | undefined;
  /** Why the answer stands still. */
  #callerHolds = false;
  #bandwidthHolds = false;
  #begun = false;
  #ended: Ended | undefined;
  #told = false;
  #firstByteAt: Millis | undefined;
  #lastByteAt: Millis | undefined;
  #askedAt: Millis | undefined;

  constructor(admitted: Admitted<FunctionInvocation>, facts: RunningFacts) {
    this.#admitted = admitted;
    this.facts = facts;
    this.requestId = admitted.request.requestId;
    this.tracing = { type: 'X-Amzn-Trace-Id', value: admitted.request.traceId };
  }

  get request(): FunctionInvocation {
    return this.#admitted.request;
  }

  /** The caller has been told, or is told as soon as the log is complete. */
  get isSettled(): boolean {
    return this.#ended !== undefined;
  }

  /** Gives the unit of concurrency back; again does nothing. */
  release(): void {
    this.#admitted.unit.release(this.facts.clock.now());
  }

  /** As `/runtime/invocation/next` hands it out. [RIE rapi/rendering/rendering.go] */
  event(): RuntimeEvent {
    const { request, facts } = this;
    let fields =
      `Content-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: ${request.requestId}\r\n` +
      `Lambda-Runtime-Deadline-Ms: ${this.#deadline()}\r\n` +
      `Lambda-Runtime-Invoked-Function-Arn: ${request.invokedArn}\r\n` +
      `Lambda-Runtime-Trace-Id: ${request.traceId}\r\n`;
    if (facts.tellsAttempt) fields += `Lambda-Runtime-Invocation-Id: ${facts.attempt}\r\n`;
    if (request.clientContext !== undefined) {
      fields += `Lambda-Runtime-Client-Context: ${request.clientContext}\r\n`;
    }
    if (request.tenantId !== undefined) {
      fields += `Lambda-Runtime-Aws-Tenant-Id: ${request.tenantId}\r\n`;
    }
    return { fields, payload: request.payload };
  }

  /** As `/extension/event/next` hands it out. */
  extensionEvent(): Readonly<Record<string, unknown>> {
    const { requestId, invokedArn } = this.request;
    return {
      eventType: 'INVOKE',
      deadlineMs: this.#deadline(),
      requestId,
      invokedFunctionArn: invokedArn,
      tracing: this.tracing,
    };
  }

  #deadline(): number {
    return Math.round(this.facts.startedWall + this.facts.timeoutMs);
  }

  /** What the caller asked for decides, whatever the runtime names it. [RIE core/directinvoke] */
  begins(call: Pick<AnswerCall, 'resume'>, contentType: string): void {
    this.#call = call;
    this.#contentType = contentType;
    if (!this.request.streams) return;
    this.#limitBytes = LAMBDA_STREAM_BYTES;
    this.#bandwidth = new StreamBandwidth(this.facts.clock.now());
  }

  data(chunk: Buffer): 'more' | 'wait' | 'too-large' {
    const { clock } = this.facts;
    const now = clock.now();
    this.#firstByteAt ??= now;
    this.#lastByteAt = now;
    this.bytes += chunk.length;
    if (this.#ended !== undefined || this.bytes > this.#limitBytes) return 'too-large';
    if (!this.request.streams) {
      this.#chunks.push(chunk);
      return 'more';
    }
    this.#beginOnce();
    if (!this.request.data(chunk)) this.#callerHolds = true;
    const waitMs = this.#bandwidth?.take(chunk.length, now) ?? 0;
    if (waitMs > 0) {
      this.#bandwidthHolds = true;
      clock.after(waitMs, () => {
        this.#bandwidthHolds = false;
        this.#goOn();
      });
    }
    return this.#callerHolds || this.#bandwidthHolds ? 'wait' : 'more';
  }

  #beginOnce(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.request.begin(this.#contentType);
  }

  /** The caller takes more. */
  resume(): void {
    this.#callerHolds = false;
    this.#goOn();
  }

  #goOn(): void {
    if (!this.#callerHolds && !this.#bandwidthHolds) this.#call?.resume();
  }

  /** All of the answer came; a stream may have failed half-way. */
  ends(error: WordedError | undefined): void {
    this.#lastByteAt ??= this.facts.clock.now();
    if (error !== undefined) this.#note('error', error.type);
    if (this.request.streams) {
      this.#beginOnce();
      this.#end({ kind: 'streamed', error });
      return;
    }
    const [only = EMPTY] = this.#chunks;
    const payload = this.#chunks.length <= 1 ? only : Buffer.concat(this.#chunks);
    this.#end({ kind: 'answered', payload, contentType: this.#contentType });
  }

  /** After the caller was answered only the report changes. */
  fails(error: WordedError, status: PlatformStatus, fault: Fault): void {
    const untyped = status === 'timeout' || status === 'success';
    this.#note(status, untyped ? undefined : error.type);
    if (this.#begun) this.#end({ kind: 'streamed', error });
    else this.#end({ kind: 'failed', error, fault });
  }

  #note(status: PlatformStatus, errorType: string | undefined): void {
    this.failed = true;
    this.status = status;
    this.errorType = errorType;
  }

  #end(ended: Ended): void {
    if (this.#ended !== undefined) return;
    this.#ended = ended;
    if (!this.request.wantsLog) this.tell(EMPTY);
  }

  /** Tells the caller the end, once. */
  tell(logTail: Buffer): void {
    if (this.#told || this.#ended === undefined) return;
    this.#told = true;
    const { environment, cold, clock, startedAt } = this.facts;
    const durationMs = clock.now() - startedAt;
    const outcome: InvocationOutcome = {
      ...this.#ended,
      environment,
      cold,
      durationMs,
      logTail,
    };
    this.request.settled(outcome);
  }

  runtimeAsked(): void {
    this.runtimeIsDone = true;
    this.#askedAt = this.facts.clock.now();
  }

  runtimeMetrics(): { readonly durationMs: Millis; readonly producedBytes: number } {
    const until = this.#askedAt ?? this.facts.clock.now();
    return { durationMs: until - this.facts.startedAt, producedBytes: this.bytes };
  }

  /** From the event to the first byte, to the last, to the next question. */
  runtimeSpans(): readonly Span[] {
    const { startedAt } = this.facts;
    const first = this.#firstByteAt;
    const last = this.#lastByteAt;
    const asked = this.#askedAt;
    if (first === undefined || last === undefined || asked === undefined) return [];
    return [
      this.#span('responseLatency', startedAt, first),
      this.#span('responseDuration', first, last),
      this.#span('runtimeOverhead', last, asked),
    ];
  }

  /** From the next question of the runtime to that of the last extension. */
  extensionSpans(): readonly Span[] {
    const asked = this.#askedAt;
    return asked === undefined
      ? []
      : [this.#span('extensionOverhead', asked, this.facts.clock.now())];
  }

  #span(name: Span['name'], from: Millis, to: Millis): Span {
    const wall = this.facts.startedWall + (from - this.facts.startedAt);
    return { name, start: new Date(wall).toISOString(), durationMs: to - from };
  }
}
