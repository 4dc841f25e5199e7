// Forwards a request to a task and its answer to the client, both as streams, each side no faster
// than the other takes it.

import type { Socket } from 'node:net';
import { Fault } from '../../base/fault.ts';
import type { Slot } from '../fargate/slot.ts';
import type { ExchangeUser } from '../http1/exchange.ts';
import type { RequestHead, ResponseHead } from '../http1/head.ts';
import type { Call, ResponseSink } from '../http1/upstream.ts';
import type { UpstreamFailure } from '../http1/upstream-call.ts';
import { clientFields, type ForwardingRules, stickyFields, targetHead } from './alb-headers.ts';
import type { ServedRequest, WayEnd } from './served-request.ts';
import { taskFailure } from './task-failure.ts';
import { Tunnel, type TunnelUser } from './tunnel.ts';

export class Forward implements ResponseSink, ExchangeUser, TunnelUser {
  readonly #request: ServedRequest;
  readonly #slot: Slot;
  readonly #end: WayEnd;
  readonly #rules: ForwardingRules;
  #call: Call | undefined;
  #over = false;

  constructor(request: ServedRequest, slot: Slot, end: WayEnd, rules: ForwardingRules) {
    this.#request = request;
    this.#slot = slot;
    this.#end = end;
    this.#rules = rules;
  }

  /** `early` is what was already read of the body. */
  start(early: readonly Buffer[]): void {
    const { exchange } = this.#request;
    const { head } = exchange;
    const { upgrade, body } = head;
    this.#request.target = this.#slot.upstream.address;
    const framing = upgrade === undefined ? framingField(head) : upgradeFields(upgrade);
    const call = this.#slot.upstream.call(
      {
        head: targetHead(head, this.#request, framing, this.#rules),
        method: head.method,
        body: body.kind === 'chunked' ? 'chunked' : body.kind === 'length' ? 'plain' : 'none',
        upgrade: upgrade !== undefined,
      },
      this,
    );
    this.#call = call;
    exchange.attach(this);
    for (const chunk of early) call.write(chunk);
    if (upgrade === undefined) exchange.receive();
  }

  bodyData(chunk: Buffer): void {
    if (this.#call?.write(chunk) === false) this.#request.exchange.pause();
  }

  bodyEnd(): void {
    this.#call?.endBody();
  }

  bodyBroken(problem: string): void {
    this.#call?.abort();
    this.#fail(400, new Fault('REQUEST_MALFORMED', { problem }));
  }

  clientGone(): void {
    this.#call?.abort();
    this.#finish();
    this.#end.clientGone(this.#request);
  }

  clientReady(): void {
    this.#call?.resume();
  }

  clientIdle(): void {
    this.#call?.abort();
    const idleMs = this.#end.kind.idleTimeoutMs;
    if (this.#request.exchange.bodyComplete) {
      this.#fail(504, new Fault('UPSTREAM_SILENT', { compute: 'fargate', idleMs }));
    } else {
      this.#fail(408, new Fault('REQUEST_TOO_SLOW', { waitedMs: idleMs }));
    }
  }

  head(head: ResponseHead): void {
    const request = this.#request;
    request.status = head.status;
    this.#end.answered(request);
    request.exchange.respond({
      status: head.status,
      reason: head.reason,
      fields:
        clientFields(head) +
        stickyFields(request, this.#slot, head) +
        this.#end.addedFields(request),
      body: head.body.kind === 'close' ? { kind: 'chunked' } : head.body,
    });
  }

  data(chunk: Buffer): void {
    if (!this.#request.exchange.write(chunk)) this.#call?.pause();
  }

  packet(): void {
    this.#request.exchange.flush();
  }

  drain(): void {
    this.#request.exchange.resume();
  }

  end(): void {
    if (this.#over) return;
    this.#finish();
    this.#request.exchange.end();
    this.#end.done(this.#request);
  }

  upgraded(head: ResponseHead, target: Socket, early: Buffer): void {
    this.#request.status = 101;
    this.#end.answered(this.#request);
    const { exchange } = this.#request;
    const client = exchange.tunnel();
    let fields = '';
    for (let index = 0; index < head.fields.length; index += 2) {
      fields += `${head.fields[index]}: ${head.fields[index + 1]}\r\n`;
    }
    fields += stickyFields(this.#request, this.#slot, head) + this.#end.addedFields(this.#request);
    const answer = `HTTP/1.1 101 ${head.reason}\r\n${fields}\r\n`;
    client.socket.write(answer, 'latin1');
    exchange.tunnelled(client.early.length, answer.length + early.length);
    if (early.length > 0) client.socket.write(early);
    if (client.early.length > 0) target.write(client.early);
    new Tunnel(client.socket, target, this).open(this.#end.kind.idleTimeoutMs);
  }

  tunnelClosed(received: number, sent: number): void {
    this.#request.exchange.tunnelled(received, sent);
    this.#finish();
    this.#end.done(this.#request);
  }

  fail(failure: UpstreamFailure): void {
    const { status, fault } = taskFailure(failure);
    this.#fail(status, fault);
  }

  #fail(status: number, fault: Fault): void {
    if (this.#over) return;
    this.#finish();
    this.#end.failed(this.#request, status, fault);
  }

  #finish(): void {
    this.#over = true;
    this.#slot.release();
  }
}

/** The line that frames the body towards the target; an empty body keeps its length if it had one. */
export function framingField({ body, names }: RequestHead): string {
  if (body.kind === 'length') return `Content-Length: ${body.bytes}\r\n`;
  if (body.kind === 'chunked') return 'Transfer-Encoding: chunked\r\n';
  return names.includes('content-length') ? 'Content-Length: 0\r\n' : '';
}

function upgradeFields(protocol: string): string {
  return `Connection: Upgrade\r\nUpgrade: ${protocol}\r\n`;
}
