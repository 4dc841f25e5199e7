// Hands a request to a function: the body is collected first and the event is built; the answer is
// read, checked and sent in one piece, or as a stream where the front door asks for one.

import { Fault } from '../../base/fault.ts';
import { LAMBDA_REQUEST_BYTES } from '../../model/aws-limits.ts';
import { isBad } from '../../payload/http-message.ts';
import type { ExchangeUser } from '../http1/exchange.ts';
import type {
  FunctionError,
  FunctionInvocation,
  InvocationOutcome,
  InvocationTarget,
  Ticket,
} from '../lambda/invocation.ts';
import { CollectedBody } from './collected-body.ts';
import { beginAnswer, isBodyless, NO_BODY, notFinal } from './function-answer-head.ts';
import type { ServedRequest, Waiting, WayEnd } from './served-request.ts';
import { StreamedAnswer, type StreamOwner } from './streamed-answer.ts';

export interface CalledFunction {
  readonly target: InvocationTarget;
  /** As the front door names it. */
  readonly arn: string;
}

export function toFunction(request: ServedRequest, called: CalledFunction, end: WayEnd): void {
  request.exchange.attach(new FunctionCall(request, called, end));
  request.exchange.receive();
}

const EMPTY = Buffer.alloc(0);

class FunctionCall implements ExchangeUser, FunctionInvocation, StreamOwner, Waiting {
  readonly requestId: string;
  readonly invokedArn: string;
  readonly traceId: string;
  readonly clientContext = undefined;
  readonly tenantId = undefined;
  readonly streams: boolean;
  readonly wantsLog = false;
  payload: Buffer = EMPTY;
  readonly #request: ServedRequest;
  readonly #target: InvocationTarget;
  readonly #end: WayEnd;
  readonly #collected: CollectedBody;
  #state: 'collecting' | 'invoked' | 'over' = 'collecting';
  #ticket: Ticket | undefined;
  #stream: StreamedAnswer | undefined;

  constructor(request: ServedRequest, { target, arn }: CalledFunction, end: WayEnd) {
    this.#request = request;
    this.#target = target;
    this.#end = end;
    this.#collected = new CollectedBody(end.kind.front.lambdaBodyBytes);
    this.requestId = end.uuid();
    this.invokedArn = arn;
    this.traceId = request.traceId;
    this.streams = end.kind.streams;
  }

  bodyData(chunk: Buffer): void {
    if (this.#state !== 'collecting' || this.#collected.add(chunk)) return;
    this.#tooLarge(this.#end.kind.front.lambdaBodyBytes);
  }

  bodyEnd(): void {
    if (this.#state !== 'collecting') return;
    const event = this.#end.kind.functionEvent(this.#request, this.#target, this.#collected.take());
    if (!Buffer.isBuffer(event)) {
      this.#fail(400, new Fault('LAMBDA_BAD_REQUEST', { problem: event.problem }));
      return;
    }
    if (event.length > LAMBDA_REQUEST_BYTES) {
      this.#tooLarge(LAMBDA_REQUEST_BYTES);
      return;
    }
    this.#state = 'invoked';
    this.payload = event;
    this.#end.sent(this.#request, this);
    this.#ticket = this.#target.invoke(this);
  }

  bodyBroken(problem: string): void {
    this.#fail(400, new Fault('REQUEST_MALFORMED', { problem }));
  }

  clientGone(): void {
    this.#state = 'over';
    this.#ticket?.giveUp();
    this.#end.clientGone(this.#request);
  }

  /** A stream goes on; a whole answer was handed over at once. */
  clientReady(): void {
    this.#ticket?.resume();
  }

  /** The front door waits for a function until it answers or times out, but not for a body. */
  clientIdle(): void {
    if (this.#state !== 'collecting') return;
    this.#fail(408, new Fault('REQUEST_TOO_SLOW', { waitedMs: this.#end.kind.idleTimeoutMs }));
  }

  /** The function runs on. */
  outOfTime(): void {
    this.#state = 'over';
  }

  begin(contentType: string): void {
    if (this.#state === 'over') return;
    this.#stream = new StreamedAnswer(this.#request, this.#end, this);
    this.#stream.begin(contentType);
  }

  data(chunk: Buffer): boolean {
    if (this.#state === 'over') return true;
    return this.#stream?.data(chunk) ?? true;
  }

  answerInvalid(problem: string): void {
    const facts = { function: this.#target.name, problem };
    this.#fail(502, new Fault('FUNCTION_ANSWER_INVALID', facts));
  }

  settled(outcome: InvocationOutcome): void {
    if (this.#state === 'over') return;
    const request = this.#request;
    request.instance = outcome.environment;
    request.cold = outcome.cold;
    switch (outcome.kind) {
      case 'answered':
        this.#answered(outcome.payload, outcome.contentType);
        return;
      case 'streamed':
        this.#streamed(outcome.error);
        return;
      case 'failed':
        this.#fail(502, outcome.fault);
    }
  }

  #streamed(error: FunctionError | undefined): void {
    if (error !== undefined) {
      const facts = { function: this.#target.name, type: error.type };
      this.#fail(502, new Fault('FUNCTION_STREAM_BROKEN', facts));
      return;
    }
    const { exchange } = this.#request;
    // What it lacks is said by `answerInvalid`.
    if (this.#stream?.isComplete() === false) return;
    this.#state = 'over';
    exchange.end();
    this.#end.done(this.#request);
  }

  #answered(payload: Buffer, contentType: string): void {
    const { kind } = this.#end;
    const limitBytes = kind.lambdaAnswerBytes;
    if (payload.length > limitBytes) {
      const facts = { bytes: payload.length, limitBytes };
      this.#fail(502, new Fault('LAMBDA_RESPONSE_TOO_LARGE', facts));
      return;
    }
    const answer = kind.functionAnswer(payload, contentType);
    const problem = isBad(answer) ? answer.problem : notFinal(answer.status);
    if (isBad(answer) || problem !== undefined) {
      this.answerInvalid(problem ?? '');
      return;
    }
    this.#state = 'over';
    const request = this.#request;
    const { status, body } = answer;
    const { exchange } = request;
    const bodyless = exchange.head.method === 'HEAD' || isBodyless(status);
    const framing = bodyless ? NO_BODY : { kind: 'length' as const, bytes: body.length };
    beginAnswer(request, this.#end, answer, framing);
    if (!bodyless && body.length > 0) exchange.write(body);
    exchange.end();
    this.#end.done(request);
  }

  #tooLarge(limitBytes: number): void {
    this.#fail(413, new Fault('LAMBDA_REQUEST_TOO_LARGE', { limitBytes }));
  }

  #fail(status: number, fault: Fault): void {
    this.#state = 'over';
    this.#end.failed(this.#request, status, fault);
  }
}
