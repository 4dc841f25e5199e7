// One call that invokes a function: the event as it arrives, the invocation, and the answer in the
// form Lambda gives it. [BOTO lambda Invoke, InvokeWithResponseStream, InvokeAsync]
//
// It is the user of its exchange and the invocation in one, so that a call makes no functions
// (`docs/decisions/002-garbage.md`).

import { LAMBDA_CLIENT_CONTEXT_BYTES, LAMBDA_PAYLOAD_BYTES } from '../../model/aws-limits.ts';
import type { InvocationEvent } from '../../model/event.ts';
import type { Exchange, ExchangeUser } from '../http1/exchange.ts';
import type { FunctionInvocation, InvocationOutcome, Ticket } from '../lambda/invocation.ts';
import {
  type ApiError,
  badRequest,
  functionNotFound,
  invalidContent,
  invalidParameter,
  tooLarge,
  tooManyRequests,
  unsupportedMediaType,
  validationFailed,
} from './api-error.ts';
import { eventHeaders, frameOf } from './event-stream-frame.ts';
import type { Found } from './function-book.ts';
import type { InvokeParts } from './invoke-server.ts';
import type { Operation } from './operation.ts';
import { fieldOf, respondError, respondJson } from './respond.ts';

const EMPTY = Buffer.alloc(0);

/** What a function gets that is invoked without an event. */
const NO_EVENT = Buffer.from('{}');

/** More than this is not even read to its end. */
const MAX_READ_BYTES = 64 * 1024 * 1024;

const PAYLOAD_CHUNK = eventHeaders('PayloadChunk', 'application/octet-stream');
const INVOKE_COMPLETE = eventHeaders('InvokeComplete', 'application/json');

const TYPES = ['Event', 'RequestResponse', 'DryRun'] as const;
const STREAM_TYPES = ['RequestResponse', 'DryRun'] as const;

function isType(types: readonly string[], how: string): how is (typeof TYPES)[number] {
  return types.includes(how);
}

const TENANT = /^[a-zA-Z0-9._:/=+\-@ ]{1,256}$/;

/** `application/octet-stream` is what the SDKs say; a form is what curl says unasked. */
const JSON_TYPE =
  /^(application\/(octet-stream|x-www-form-urlencoded|[^;]*json[^;]*|x-amz-json-1\.[01])|binary\/octet-stream)\s*(;|$)/i;

/** Seconds a throttled caller is asked to wait. */
const RETRY_AFTER_S = 1;

export type InvokeOperation = Extract<Operation, { type: 'invoke' }>;

export class InvokeCall implements ExchangeUser, FunctionInvocation {
  readonly requestId: string;
  payload: Buffer = EMPTY;
  invokedArn = '';
  traceId = '';
  clientContext: string | undefined;
  tenantId: string | undefined;
  readonly wantsLog: boolean;
  readonly streams: boolean;
  readonly #exchange: Exchange;
  readonly #operation: InvokeOperation;
  readonly #parts: InvokeParts;
  readonly #over: () => void;
  readonly #startedAt: number;
  #state: 'collecting' | 'invoked' | 'streaming' | 'over' = 'collecting';
  #chunks: Buffer[] = [];
  #bytes = 0;
  #how: InvocationEvent['how'] = 'RequestResponse';
  #found: Found | undefined;
  #ticket: Ticket | undefined;

  constructor(
    exchange: Exchange,
    operation: InvokeOperation,
    parts: InvokeParts,
    over: () => void,
  ) {
    this.#exchange = exchange;
    this.#operation = operation;
    this.#parts = parts;
    this.#over = over;
    this.#startedAt = parts.clock.now();
    this.requestId = parts.rng.uuid();
    this.wantsLog = fieldOf(exchange.head, 'x-amz-log-type') === 'Tail';
    this.streams = operation.kind === 'InvokeWithResponseStream';
  }

  /** An event that is too large is read to its end all the same, so that the caller hears of it. */
  bodyData(chunk: Buffer): void {
    if (this.#state !== 'collecting') return;
    this.#bytes += chunk.length;
    if (this.#bytes <= LAMBDA_PAYLOAD_BYTES.RequestResponse) this.#chunks.push(chunk);
    else this.#chunks = [];
    if (this.#bytes > MAX_READ_BYTES) this.#refuse(this.#tooLarge('RequestResponse'));
  }

  bodyEnd(): void {
    if (this.#state !== 'collecting') return;
    const [only = NO_EVENT] = this.#chunks;
    this.payload = this.#chunks.length <= 1 ? only : Buffer.concat(this.#chunks);
    this.#chunks = [];
    const refusal = this.#check();
    if (refusal !== undefined) this.#refuse(refusal);
    else this.#go();
  }

  bodyBroken(): void {
    // The connection answers by itself.
    this.#end();
  }

  clientGone(): void {
    this.#ticket?.giveUp();
    this.#end();
  }

  clientReady(): void {
    this.#ticket?.resume();
  }

  /** Lambda waits for a function as long as its timeout, but not for an event. */
  clientIdle(): void {
    if (this.#state === 'collecting') this.#refuse(badRequest(408, 'The request did not arrive.'));
  }

  begin(): void {
    if (this.#state !== 'invoked') return;
    this.#state = 'streaming';
    this.#exchange.respond({
      status: 200,
      reason: 'OK',
      fields:
        `Date: ${this.#parts.dates.now()}\r\nContent-Type: application/vnd.amazon.eventstream\r\n` +
        this.#answerFields(),
      body: { kind: 'chunked' },
    });
    this.#exchange.flush();
  }

  data(chunk: Buffer): boolean {
    if (this.#state !== 'streaming' || chunk.length === 0) return true;
    return this.#exchange.write(frameOf(PAYLOAD_CHUNK, chunk));
  }

  settled(outcome: InvocationOutcome): void {
    this.#emit(200, outcome);
    if (this.#state !== 'invoked' && this.#state !== 'streaming') return;
    if (this.streams) this.#endStream(outcome);
    else this.#answer(outcome);
    this.#end();
  }

  /** Everything that can be wrong with a call, in the order in which AWS looks at it. */
  #check(): ApiError | undefined {
    const { named, kind } = this.#operation;
    const { head } = this.#exchange;
    if ('problem' in named) {
      return named.kind === 'mismatch'
        ? invalidParameter(named.problem)
        : validationFailed(named.problem);
    }
    const how = kind === 'InvokeAsync' ? 'Event' : fieldOf(head, 'x-amz-invocation-type');
    const types = this.streams ? STREAM_TYPES : TYPES;
    if (how !== undefined && !isType(types, how)) {
      return validationFailed(
        `1 validation error detected: Value '${how}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [${types.join(', ')}]`,
      );
    }
    this.#how =
      how === 'DryRun' ? how : this.streams ? 'ResponseStream' : (how ?? 'RequestResponse');
    this.#found = this.#parts.book.find(named, this.#parts.rng.next());
    this.invokedArn = this.#parts.book.arn(named);
    if (this.#found === undefined) return functionNotFound(this.invokedArn);
    return this.#checkPayload() ?? this.#checkContext();
  }

  #checkPayload(): ApiError | undefined {
    const type = fieldOf(this.#exchange.head, 'content-type');
    if (type !== undefined && !JSON_TYPE.test(type)) return unsupportedMediaType(type);
    const how = this.#how === 'Event' ? 'Event' : 'RequestResponse';
    const limit =
      LAMBDA_PAYLOAD_BYTES[this.#operation.kind === 'InvokeAsync' ? 'InvokeAsync' : how];
    if (this.#bytes > limit) return this.#tooLarge(how, limit);
    try {
      JSON.parse(this.payload.toString());
      return undefined;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return invalidContent(`Could not parse request body into json: ${why}`);
    }
  }

  #checkContext(): ApiError | undefined {
    const { head } = this.#exchange;
    if (fieldOf(head, 'x-amz-durable-execution-name') !== undefined) {
      return invalidParameter('The function is not configured for durable execution.');
    }
    this.tenantId = fieldOf(head, 'x-amz-tenant-id');
    if (this.tenantId !== undefined && !TENANT.test(this.tenantId)) {
      return invalidParameter(
        'The tenant ID must be 1 to 256 of letters, digits and ._:/=+-@ or space.',
      );
    }
    this.traceId = fieldOf(head, 'x-amzn-trace-id') ?? this.#newTrace();
    const context = fieldOf(head, 'x-amz-client-context');
    if (context === undefined) return undefined;
    try {
      if (context.length > LAMBDA_CLIENT_CONTEXT_BYTES) throw new RangeError('too long');
      this.clientContext = Buffer.from(context, 'base64').toString();
      JSON.parse(this.clientContext);
      return undefined;
    } catch {
      return invalidContent('Client context must be a valid Base64-encoded JSON object.');
    }
  }

  #go(): void {
    const found = this.#found;
    if (found === undefined) return;
    const { target } = found;
    switch (this.#how) {
      case 'DryRun':
        this.#accepted(204, '');
        return;
      case 'Event':
        this.#enqueue(found);
        return;
      default: {
        const throttle = target.throttled(this.#parts.clock.now());
        if (throttle !== undefined) {
          target.countThrottle();
          this.#refuse(tooManyRequests(throttle.reason, RETRY_AFTER_S));
          return;
        }
        this.#state = 'invoked';
        this.#ticket = target.invoke(this);
      }
    }
  }

  /** Answered when the event lies on disk. */
  #enqueue({ fn }: Found): void {
    const { named, kind } = this.#operation;
    const { requestId, payload, clientContext, tenantId, traceId } = this;
    const qualifier = 'problem' in named ? undefined : named.qualifier;
    const event = { requestId, payload, clientContext, tenantId, traceId, qualifier };
    const failed = this.#parts.async.accept(fn, event);
    if (failed !== undefined) this.#refuse(failed);
    else this.#accepted(202, kind === 'InvokeAsync' ? '{"Status":202}' : '');
  }

  #accepted(status: 202 | 204, body: string): void {
    if (this.#state === 'over') return;
    const { dates } = this.#parts;
    respondJson(this.#exchange, { status, body, fields: this.#idFields(), date: dates.now() });
    if (this.#how === 'DryRun') this.#emit(status, undefined);
    this.#end();
  }

  #answer(outcome: InvocationOutcome): void {
    const failed = outcome.kind === 'failed';
    const payload =
      outcome.kind === 'answered'
        ? outcome.payload
        : failed
          ? outcome.error.payload
          : (outcome.error?.payload ?? EMPTY);
    const error = failed ? `X-Amz-Function-Error: ${outcome.error.kind}\r\n` : '';
    const tail = this.wantsLog ? `X-Amz-Log-Result: ${outcome.logTail.toString('base64')}\r\n` : '';
    respondJson(this.#exchange, {
      status: 200,
      body: payload,
      fields: `${this.#answerFields()}${error}${tail}`,
      date: this.#parts.dates.now(),
    });
  }

  #endStream(outcome: InvocationOutcome): void {
    if (this.#state === 'invoked') this.begin();
    if (outcome.kind === 'answered') this.data(outcome.payload);
    const error = outcome.kind === 'answered' ? undefined : outcome.error;
    const complete = {
      ...(error && { ErrorCode: error.kind, ErrorDetails: error.payload.toString() }),
      ...(this.wantsLog && { LogResult: outcome.logTail.toString('base64') }),
    };
    this.#exchange.write(frameOf(INVOKE_COMPLETE, Buffer.from(JSON.stringify(complete))));
    this.#exchange.end();
  }

  #idFields(): string {
    return `x-amzn-RequestId: ${this.requestId}\r\n`;
  }

  #answerFields(): string {
    const version = this.#found?.target.version ?? '';
    return `${this.#idFields()}X-Amz-Executed-Version: ${version}\r\nX-Amzn-Trace-Id: ${this.traceId}\r\n`;
  }

  #tooLarge(how: 'RequestResponse' | 'Event', limit: number = LAMBDA_PAYLOAD_BYTES[how]): ApiError {
    return tooLarge(this.#bytes, how, limit);
  }

  #refuse(error: ApiError): void {
    if (this.#state === 'over') return;
    respondError(this.#exchange, error, this.requestId, this.#parts.dates.now());
    this.#emit(error.status, undefined, error.type);
    this.#end();
  }

  #end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#over();
  }

  #newTrace(): string {
    const { rng, clock } = this.#parts;
    const seconds = Math.floor(clock.wall() / 1000).toString(16);
    return `Root=1-${seconds}-${rng.hex(24)};Parent=${rng.hex(16)};Sampled=0`;
  }

  #emit(status: number, outcome: InvocationOutcome | undefined, apiError?: string): void {
    const { clock, events } = this.#parts;
    const { named } = this.#operation;
    events.emit({
      type: 'invocation',
      at: clock.wall(),
      id: this.requestId,
      function: this.#found?.fn.name ?? ('problem' in named ? '' : named.name),
      version: outcome === undefined ? undefined : this.#found?.target.version,
      how: this.#how,
      status,
      error: apiError ?? errorOf(outcome),
      attempt: undefined,
      instance: outcome?.environment,
      cold: outcome?.cold ?? false,
      durationMs: clock.now() - this.#startedAt,
      fault: outcome?.kind === 'failed' ? outcome.fault.toJSON() : undefined,
    });
  }
}

/** Type of the error a function ended with. */
export function errorOf(outcome: InvocationOutcome | undefined): string | undefined {
  return outcome === undefined || outcome.kind === 'answered' ? undefined : outcome.error?.type;
}
