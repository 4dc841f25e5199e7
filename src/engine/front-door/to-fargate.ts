// Forwards a request to a task and its answer to the client, both as streams, each side no faster
// than the other takes it.

import type { Socket } from 'node:net';
import { Fault } from '../../base/fault.ts';
import type { Slot } from '../fargate/fargate-track.ts';
import type { ResponseHead } from '../http1/head.ts';
import type { Call, ResponseSink, UpstreamFailure } from '../http1/upstream.ts';
import { clientFields, targetHead } from './alb-headers.ts';
import type { ServedRequest } from './served-request.ts';

export interface ForwardEnd {
  /** The front door answers with its own error, or breaks the connection if it is too late. */
  failed(status: number, fault: Fault): void;
  done(): void;
  clientGone(): void;
  /** Lines that say, in development, who answered. */
  devFields(): string;
}

/** `early` is what was already read of the body. */
export function toFargate(
  request: ServedRequest,
  slot: Slot,
  end: ForwardEnd,
  idleMs: number,
  early?: readonly Buffer[],
): void {
  const forward = new Forward(request, slot, end, idleMs);
  forward.start(early ?? []);
}

class Forward implements ResponseSink {
  readonly #request: ServedRequest;
  readonly #slot: Slot;
  readonly #end: ForwardEnd;
  readonly #idleMs: number;
  #call: Call | undefined;
  #over = false;

  constructor(request: ServedRequest, slot: Slot, end: ForwardEnd, idleMs: number) {
    this.#request = request;
    this.#slot = slot;
    this.#end = end;
    this.#idleMs = idleMs;
  }

  start(early: readonly Buffer[]): void {
    const { exchange, traceId, forwardedFor } = this.#request;
    const { head } = exchange;
    const { remoteAddress, localPort } = exchange;
    const upgrade = head.upgrade !== undefined;
    const framing = upgrade ? upgradeFields(head.upgrade ?? '') : framingField(head);
    const call = this.#slot.upstream.call(
      {
        head: targetHead(head, { remoteAddress, localPort, forwardedFor, traceId }, framing),
        method: head.method,
        body: bodyKind(head.body.kind),
        upgrade,
      },
      this,
    );
    this.#call = call;
    exchange.onGone = () => {
      call.abort();
      this.#finish();
      this.#end.clientGone();
    };
    exchange.onDrain = () => call.resume();
    exchange.onIdle = () => this.#silent();
    for (const chunk of early) call.write(chunk);
    if (upgrade) return;
    exchange.receive({
      data: (chunk) => {
        if (!call.write(chunk)) exchange.pause();
      },
      end: () => call.endBody(),
      fail: (problem) => {
        call.abort();
        this.#fail(400, new Fault('REQUEST_MALFORMED', { problem }));
      },
    });
  }

  head(head: ResponseHead): void {
    this.#request.status = head.status;
    const body = head.body;
    this.#request.exchange.respond({
      status: head.status,
      reason: head.reason,
      fields: clientFields(head) + this.#end.devFields(),
      body: body.kind === 'close' ? { kind: 'chunked' } : body,
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
    this.#end.done();
  }

  upgraded(head: ResponseHead, target: Socket, early: Buffer): void {
    this.#request.status = 101;
    const { exchange } = this.#request;
    const client = exchange.tunnel();
    let fields = '';
    for (let index = 0; index < head.fields.length; index += 2) {
      fields += `${head.fields[index]}: ${head.fields[index + 1]}\r\n`;
    }
    client.socket.write(`HTTP/1.1 101 ${head.reason}\r\n${fields}${this.#end.devFields()}\r\n`);
    if (early.length > 0) client.socket.write(early);
    if (client.early.length > 0) target.write(client.early);
    splice(client.socket, target, this.#idleMs, () => {
      this.#finish();
      this.#end.done();
    });
  }

  fail(failure: UpstreamFailure): void {
    const compute = 'fargate';
    switch (failure.kind) {
      case 'malformed':
        this.#fail(502, new Fault('UPSTREAM_MALFORMED', { compute, problem: failure.problem }));
        return;
      case 'connect-timeout':
        this.#fail(504, new Fault('UPSTREAM_SILENT', { compute, idleMs: 10_000 }));
        return;
      case 'refused':
      case 'closed':
        this.#fail(502, new Fault('UPSTREAM_CLOSED', { compute, when: failure.problem }));
    }
  }

  #silent(): void {
    this.#call?.abort();
    if (!this.#request.exchange.bodyComplete) {
      this.#fail(408, new Fault('REQUEST_TOO_SLOW', { waitedMs: this.#idleMs }));
      return;
    }
    this.#fail(504, new Fault('UPSTREAM_SILENT', { compute: 'fargate', idleMs: this.#idleMs }));
  }

  #fail(status: number, fault: Fault): void {
    if (this.#over) return;
    this.#finish();
    this.#end.failed(status, fault);
  }

  #finish(): void {
    this.#over = true;
    this.#slot.release();
  }
}

function bodyKind(kind: ServedRequest['exchange']['head']['body']['kind']) {
  if (kind === 'chunked') return 'chunked';
  return kind === 'length' ? 'plain' : 'none';
}

/** The line that frames the body towards the target; an empty body keeps its length if it had one. */
export function framingField({ body, names }: ServedRequest['exchange']['head']): string {
  if (body.kind === 'length') return `Content-Length: ${body.bytes}\r\n`;
  if (body.kind === 'chunked') return 'Transfer-Encoding: chunked\r\n';
  return names.includes('content-length') ? 'Content-Length: 0\r\n' : '';
}

function upgradeFields(protocol: string): string {
  return `Connection: Upgrade\r\nUpgrade: ${protocol}\r\n`;
}

/** Joins two connections until either ends or nothing moves for `idleMs`. */
function splice(client: Socket, target: Socket, idleMs: number, closed: () => void): void {
  let over = false;
  const close = (): void => {
    if (over) return;
    over = true;
    client.destroy();
    target.destroy();
    closed();
  };
  for (const socket of [client, target]) {
    socket.setTimeout(idleMs, close);
    socket.on('error', close);
    socket.on('close', close);
  }
  client.pipe(target);
  target.pipe(client);
}
