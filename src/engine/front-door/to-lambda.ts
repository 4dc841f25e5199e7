// Hands a request to Lambda: the body is collected first, up to what a load balancer passes on, and
// the answer is sent in one piece.

import { Fault } from '../../base/fault.ts';
import { ALB_LAMBDA_BODY_BYTES } from '../../model/aws-limits.ts';
import type { ExchangeUser } from '../http1/exchange.ts';
import type { ResponseHead } from '../http1/head.ts';
import type { Admitted } from '../lambda/environment.ts';
import type { LambdaOutcome, LambdaRequest } from '../lambda/running-environment.ts';
import type { ServiceTrack } from '../lambda/service-environment.ts';
import { clientFields, targetHead } from './alb-headers.ts';
import type { ServedRequest, WayEnd } from './served-request.ts';

export function toLambda(request: ServedRequest, track: ServiceTrack, end: WayEnd): void {
  const invocation = new Invocation(request, track, end);
  request.exchange.attach(invocation);
  request.exchange.receive();
}

const EMPTY = Buffer.alloc(0);

class Invocation implements ExchangeUser, LambdaRequest {
  readonly method: string;
  readonly answerBytes = ALB_LAMBDA_BODY_BYTES;
  head = '';
  body: Buffer = EMPTY;
  readonly #request: ServedRequest;
  readonly #track: ServiceTrack;
  readonly #end: WayEnd;
  #state: 'collecting' | 'invoked' | 'over' = 'collecting';
  #chunks: Buffer[] = [];
  #bytes = 0;
  #ticket: Admitted<LambdaRequest> | undefined;

  constructor(request: ServedRequest, track: ServiceTrack, end: WayEnd) {
    this.#request = request;
    this.#track = track;
    this.#end = end;
    this.method = request.exchange.head.method;
  }

  bodyData(chunk: Buffer): void {
    if (this.#state !== 'collecting') return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= ALB_LAMBDA_BODY_BYTES) return;
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#state = 'over';
    if (this.#end.tooLarge(this.#request, chunks)) return;
    const facts = { limitBytes: ALB_LAMBDA_BODY_BYTES };
    this.#end.failed(this.#request, 413, new Fault('LAMBDA_REQUEST_TOO_LARGE', facts));
  }

  bodyEnd(): void {
    if (this.#state !== 'collecting') return;
    this.#state = 'invoked';
    const [only = EMPTY] = this.#chunks;
    this.body = this.#chunks.length <= 1 ? only : Buffer.concat(this.#chunks);
    const { head } = this.#request.exchange;
    const framed = this.body.length > 0 || head.names.includes('content-length');
    const framing = framed ? `Content-Length: ${this.body.length}\r\n` : '';
    this.head = targetHead(head, this.#request, framing);
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

  /** A load balancer waits for a function until it answers or times out, but not for a body. */
  clientIdle(): void {
    if (this.#state !== 'collecting') return;
    this.#fail(408, new Fault('REQUEST_TOO_SLOW', { waitedMs: this.#end.idleTimeoutMs }));
  }

  settled(outcome: LambdaOutcome): void {
    if (this.#state === 'over') return;
    const request = this.#request;
    request.instance = outcome.environment;
    request.cold = outcome.cold;
    if (outcome.kind === 'failed') {
      this.#fail(outcome.status, outcome.fault);
      return;
    }
    this.#state = 'over';
    const { head, body } = outcome.answer;
    const { exchange } = request;
    request.status = head.status;
    const bodyless = this.method === 'HEAD' || head.status === 204 || head.status === 304;
    exchange.respond({
      status: head.status,
      reason: head.reason,
      fields: fieldsOf(head, bodyless, this.#end) + this.#end.devFields(request),
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

/** The load balancer frames the answer of a function itself, and dates it. */
function fieldsOf(head: ResponseHead, bodyless: boolean, end: WayEnd): string {
  let fields = clientFields(head);
  if (!bodyless && head.body.kind === 'none') {
    fields = fields.replace(/^content-length:[^\r]*\r\n/im, '');
  }
  if (!head.names.includes('date')) fields += `Date: ${end.date()}\r\n`;
  return fields;
}
