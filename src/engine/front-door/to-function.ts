// Hands a request to a function: the body is collected first, the event is built, and the answer is
// read, checked and sent in one piece.

import { STATUS_CODES } from 'node:http';
import { Fault } from '../../base/fault.ts';
import { LAMBDA_REQUEST_BYTES } from '../../model/aws-limits.ts';
import { isBad } from '../../payload/http-message.ts';
import type { ExchangeUser } from '../http1/exchange.ts';
import type {
  FunctionInvocation,
  InvocationOutcome,
  InvocationTarget,
  Ticket,
} from '../lambda/invocation.ts';
import { CollectedBody } from './collected-body.ts';
import type { ServedRequest, Waiting, WayEnd } from './served-request.ts';

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

class FunctionCall implements ExchangeUser, FunctionInvocation, Waiting {
  readonly requestId: string;
  readonly invokedArn: string;
  readonly traceId: string;
  readonly clientContext = undefined;
  readonly tenantId = undefined;
  readonly streams = false;
  readonly wantsLog = false;
  payload: Buffer = EMPTY;
  readonly #request: ServedRequest;
  readonly #target: InvocationTarget;
  readonly #end: WayEnd;
  readonly #collected: CollectedBody;
  #state: 'collecting' | 'invoked' | 'over' = 'collecting';
  #ticket: Ticket | undefined;

  constructor(request: ServedRequest, { target, arn }: CalledFunction, end: WayEnd) {
    this.#request = request;
    this.#target = target;
    this.#end = end;
    this.#collected = new CollectedBody(end.kind.front.lambdaBodyBytes);
    this.requestId = end.uuid();
    this.invokedArn = arn;
    this.traceId = request.traceId;
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

  clientReady(): void {
    // The whole answer was handed over at once.
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

  begin(): void {
    // It does not ask for a stream.
  }

  data(): boolean {
    return true;
  }

  settled(outcome: InvocationOutcome): void {
    if (this.#state === 'over') return;
    const request = this.#request;
    request.instance = outcome.environment;
    request.cold = outcome.cold;
    switch (outcome.kind) {
      case 'answered':
        this.#answered(outcome.payload);
        return;
      case 'streamed':
        this.#fail(500, new Fault('INTERNAL', { what: 'a whole answer came as a stream' }));
        return;
      case 'failed':
        this.#fail(502, outcome.fault);
    }
  }

  #answered(payload: Buffer): void {
    const { kind } = this.#end;
    const limitBytes = kind.lambdaAnswerBytes;
    if (payload.length > limitBytes) {
      const facts = { bytes: payload.length, limitBytes };
      this.#fail(502, new Fault('LAMBDA_RESPONSE_TOO_LARGE', facts));
      return;
    }
    const answer = kind.functionAnswer(payload);
    if (isBad(answer)) {
      const facts = { function: this.#target.name, problem: answer.problem };
      this.#fail(502, new Fault('FUNCTION_ANSWER_INVALID', facts));
      return;
    }
    this.#state = 'over';
    const request = this.#request;
    const { status, reason, fields, body } = answer;
    const { exchange } = request;
    request.status = status;
    const bodyless = exchange.head.method === 'HEAD' || status === 204 || status === 304;
    const dated = fields.some(([name]) => name.toLowerCase() === 'date');
    const lines = kind.functionFields(request, fields);
    const date = dated ? '' : `Date: ${this.#end.date()}\r\n`;
    exchange.respond({
      status,
      reason: reason ?? STATUS_CODES[status] ?? '',
      fields: `${lines}${date}${this.#end.devFields(request)}`,
      body: bodyless ? { kind: 'none' } : { kind: 'length', bytes: body.length },
    });
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
