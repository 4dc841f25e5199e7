// Hands a request to a program on Lambda: the body is collected first, up to what the front door
// passes on, and the answer is sent in one piece.

import { Fault } from '../../base/fault.ts';
import type { ExchangeUser } from '../http1/exchange.ts';
import type { Admitted } from '../lambda/environment.ts';
import type { LambdaOutcome, LambdaRequest } from '../lambda/running-environment.ts';
import type { ServiceTrack } from '../lambda/service-environment.ts';
import { CollectedBody } from './collected-body.ts';
import type { ServicePassage } from './door-kind.ts';
import type { ServedRequest, Waiting, WayEnd } from './served-request.ts';

export function toLambda(
  request: ServedRequest,
  track: ServiceTrack,
  passage: ServicePassage,
  end: WayEnd,
): void {
  const invocation = new Invocation(request, track, passage, end);
  request.exchange.attach(invocation);
  request.exchange.receive();
}

const EMPTY = Buffer.alloc(0);

class Invocation implements ExchangeUser, LambdaRequest, Waiting {
  readonly method: string;
  readonly answerBytes: number;
  head = '';
  body: Buffer = EMPTY;
  readonly #request: ServedRequest;
  readonly #track: ServiceTrack;
  readonly #passage: ServicePassage;
  readonly #end: WayEnd;
  readonly #collected: CollectedBody;
  #state: 'collecting' | 'invoked' | 'over' = 'collecting';
  #ticket: Admitted<LambdaRequest> | undefined;

  constructor(request: ServedRequest, track: ServiceTrack, passage: ServicePassage, end: WayEnd) {
    this.#request = request;
    this.#track = track;
    this.#passage = passage;
    this.#end = end;
    this.#collected = new CollectedBody(end.kind.front.lambdaBodyBytes);
    this.method = request.exchange.head.method;
    this.answerBytes = end.kind.lambdaAnswerBytes;
  }

  bodyData(chunk: Buffer): void {
    if (this.#state !== 'collecting' || this.#collected.add(chunk)) return;
    this.#state = 'over';
    if (this.#end.tooLarge(this.#request, this.#collected.chunks())) return;
    const facts = { limitBytes: this.#end.kind.front.lambdaBodyBytes };
    this.#end.failed(this.#request, 413, new Fault('LAMBDA_REQUEST_TOO_LARGE', facts));
  }

  bodyEnd(): void {
    if (this.#state !== 'collecting') return;
    this.#state = 'invoked';
    this.body = this.#collected.take();
    this.head = this.#passage.lambdaHead(this.#request, this.body.length);
    this.#end.sent(this.#request, this);
    this.#ticket = this.#track.invoke(this);
  }

  bodyBroken(problem: string): void {
    this.#fail(400, new Fault('REQUEST_MALFORMED', { problem }));
  }

  clientGone(): void {
    this.#state = 'over';
    if (this.#ticket !== undefined) this.#track.giveUp(this.#ticket);
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

  settled(outcome: LambdaOutcome): void {
    if (this.#state === 'over') return;
    const request = this.#request;
    request.instance = outcome.environment;
    request.cold = outcome.cold;
    request.billedMs = outcome.billedMs;
    if (outcome.kind === 'failed') {
      this.#fail(outcome.status, outcome.fault);
      return;
    }
    this.#state = 'over';
    const { head, body } = outcome.answer;
    const { exchange } = request;
    request.status = head.status;
    const bodyless = this.method === 'HEAD' || head.status === 204 || head.status === 304;
    const fields = this.#passage.lambdaFields(request, head, bodyless);
    const dated = head.names.includes('date') ? '' : `Date: ${this.#end.date()}\r\n`;
    exchange.respond({
      status: head.status,
      reason: head.reason,
      fields: `${fields}${dated}${this.#end.addedFields(request)}`,
      body: bodyless ? { kind: 'none' } : { kind: 'length', bytes: body.length },
    });
    if (body.length > 0) exchange.write(body);
    exchange.end();
    this.#end.done(request);
  }

  #fail(status: number, fault: Fault): void {
    this.#state = 'over';
    this.#end.failed(this.#request, status, fault);
  }
}
