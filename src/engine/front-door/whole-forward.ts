// Forwards a request to a task as an HTTP API does through a VPC link: the body is collected first,
// and the answer is sent when all of it is there.

import type { Socket } from 'node:net';
import { Fault } from '../../base/fault.ts';
import type { Slot } from '../fargate/slot.ts';
import type { ExchangeUser } from '../http1/exchange.ts';
import type { ResponseHead } from '../http1/head.ts';
import type { Call, ResponseSink } from '../http1/upstream.ts';
import type { UpstreamFailure } from '../http1/upstream-call.ts';
import { stickyFields } from './alb-headers.ts';
import { CollectedBody } from './collected-body.ts';
import type { ServedRequest, Waiting, WayEnd } from './served-request.ts';
import { taskFailure } from './task-failure.ts';

export interface WholeMessages {
  /** What was already read of the body. */
  readonly early: readonly Buffer[];
  /** The head of the request as it goes to the task, with its empty line. */
  head(bodyBytes: number): string;
  /** Lines of the task's answer. */
  fields(head: ResponseHead): string;
}

export function forwardWhole(
  request: ServedRequest,
  slot: Slot,
  end: WayEnd,
  messages: WholeMessages,
): void {
  new WholeForward(request, slot, end, messages).start();
}

const COMPUTE = 'fargate';

class WholeForward implements ResponseSink, ExchangeUser, Waiting {
  readonly #request: ServedRequest;
  readonly #slot: Slot;
  readonly #end: WayEnd;
  readonly #messages: WholeMessages;
  readonly #asked: CollectedBody;
  readonly #answered: CollectedBody;
  #head: ResponseHead | undefined;
  #call: Call | undefined;
  #over = false;

  constructor(request: ServedRequest, slot: Slot, end: WayEnd, messages: WholeMessages) {
    this.#request = request;
    this.#slot = slot;
    this.#end = end;
    this.#messages = messages;
    this.#asked = new CollectedBody(end.kind.front.bodyBytes);
    this.#answered = new CollectedBody(end.kind.front.bodyBytes);
  }

  start(): void {
    const { exchange } = this.#request;
    exchange.attach(this);
    for (const chunk of this.#messages.early) this.bodyData(chunk);
    if (!this.#over) exchange.receive();
  }

  bodyData(chunk: Buffer): void {
    if (this.#over || this.#asked.add(chunk)) return;
    const { bodyBytes: limitBytes } = this.#end.kind.front;
    this.#fail(413, new Fault('REQUEST_BODY_TOO_LARGE', { limitBytes }));
  }

  bodyEnd(): void {
    if (this.#over) return;
    const body = this.#asked.take();
    const { method } = this.#request.exchange.head;
    this.#end.sent(this.#request, this);
    const call = this.#slot.upstream.call(
      {
        head: this.#messages.head(body.length),
        method,
        body: body.length === 0 ? 'none' : 'plain',
        upgrade: false,
      },
      this,
    );
    this.#call = call;
    if (body.length > 0) call.write(body);
    call.endBody();
  }

  bodyBroken(problem: string): void {
    this.#fail(400, new Fault('REQUEST_MALFORMED', { problem }));
  }

  clientGone(): void {
    this.#giveUp();
    this.#end.clientGone(this.#request);
  }

  clientReady(): void {
    // The whole answer is handed over at once.
  }

  clientIdle(): void {
    if (this.#call !== undefined) return;
    this.#fail(408, new Fault('REQUEST_TOO_SLOW', { waitedMs: this.#end.kind.idleTimeoutMs }));
  }

  outOfTime(): void {
    this.#giveUp();
  }

  head(head: ResponseHead): void {
    this.#head = head;
  }

  data(chunk: Buffer): void {
    if (this.#over || this.#answered.add(chunk)) return;
    const { bodyBytes: limitBytes } = this.#end.kind.front;
    this.#fail(502, new Fault('UPSTREAM_TOO_LARGE', { compute: COMPUTE, limitBytes }));
  }

  packet(): void {
    // Nothing leaves before all of it is there.
  }

  drain(): void {
    // The whole body was handed over at once.
  }

  end(): void {
    const head = this.#head;
    if (this.#over || head === undefined) return;
    this.#finish();
    const request = this.#request;
    const { exchange } = request;
    const body = this.#answered.take();
    const bodyless = exchange.head.method === 'HEAD' || head.status === 204 || head.status === 304;
    request.status = head.status;
    const cookies = stickyFields(request, this.#slot, head);
    const dated = head.names.includes('date') ? '' : `Date: ${this.#end.date()}\r\n`;
    exchange.respond({
      status: head.status,
      reason: head.reason,
      fields: `${this.#messages.fields(head)}${cookies}${dated}${this.#end.addedFields(request)}`,
      body: bodyless ? { kind: 'none' } : { kind: 'length', bytes: body.length },
    });
    if (body.length > 0) exchange.write(body);
    exchange.end();
    this.#end.done(request);
  }

  upgraded(_head: ResponseHead, socket: Socket): void {
    socket.destroy();
    const problem = 'it changed the protocol without being asked';
    this.#fail(502, new Fault('UPSTREAM_MALFORMED', { compute: COMPUTE, problem }));
  }

  fail(failure: UpstreamFailure): void {
    const { status, fault } = taskFailure(failure);
    this.#fail(status, fault);
  }

  #fail(status: number, fault: Fault): void {
    if (this.#over) return;
    this.#giveUp();
    this.#end.failed(this.#request, status, fault);
  }

  #giveUp(): void {
    this.#call?.abort();
    this.#finish();
  }

  #finish(): void {
    this.#over = true;
    this.#slot.release();
  }
}
