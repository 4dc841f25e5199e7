// Forwards a request to a task that speaks HTTP/2 or gRPC, stream to stream: bodies and trailers both
// ways, each side no faster than the other takes it. Its client speaks HTTP/2 too.

import { Fault } from '../../base/fault.ts';
import type { Slot } from '../fargate/slot.ts';
import type { ExchangeUser } from '../http1/exchange.ts';
import type { ResponseHead } from '../http1/head.ts';
import type {
  StreamCall,
  StreamFailure,
  StreamSink,
  StreamUpstream,
} from '../http2/stream-call.ts';
import { NOT_ON_STREAMS } from '../http2/stream-fields.ts';
import { clientFields, type ForwardingRules, stickyFields, targetFields } from './alb-headers.ts';
import { isGrpc } from './protocol.ts';
import type { ServedRequest, WayEnd } from './served-request.ts';
import { taskFailure } from './task-failure.ts';

const COMPUTE = 'fargate';

export class StreamForward implements StreamSink, ExchangeUser {
  readonly #request: ServedRequest;
  readonly #slot: Slot;
  readonly #end: WayEnd;
  readonly #rules: ForwardingRules;
  #call: StreamCall | undefined;
  #over = false;

  constructor(request: ServedRequest, slot: Slot, end: WayEnd, rules: ForwardingRules) {
    this.#request = request;
    this.#slot = slot;
    this.#end = end;
    this.#rules = rules;
  }

  start(streams: StreamUpstream): void {
    const request = this.#request;
    const { exchange } = request;
    const { head } = exchange;
    request.target = this.#slot.upstream.address;
    request.grpc = isGrpc(head);
    const body = head.body.kind !== 'none';
    const headers = streamHeaders(request, this.#rules);
    const call = streams.call({ method: head.method, headers, body }, this);
    this.#call = call;
    exchange.attach(this);
    call.start();
  }

  begun(): void {
    this.#request.exchange.receive();
  }

  bodyData(chunk: Buffer): void {
    if (this.#call?.write(chunk) === false) this.#request.exchange.pause();
  }

  bodyEnd(): void {
    this.#call?.endBody(this.#request.exchange.trailers);
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
      this.#fail(504, new Fault('UPSTREAM_SILENT', { compute: COMPUTE, idleMs }));
    } else {
      this.#fail(408, new Fault('REQUEST_TOO_SLOW', { waitedMs: idleMs }));
    }
  }

  head(head: ResponseHead): void {
    const request = this.#request;
    request.status = head.status;
    this.#end.answered(request);
    request.exchange.trailed?.respondTrailed({
      status: head.status,
      reason: head.reason,
      fields:
        clientFields(head) +
        stickyFields(request, this.#slot, head) +
        this.#end.addedFields(request),
      body: head.body,
    });
  }

  data(chunk: Buffer): void {
    if (!this.#request.exchange.write(chunk)) this.#call?.pause();
  }

  drain(): void {
    this.#request.exchange.resume();
  }

  end(trailers: readonly string[]): void {
    if (this.#over) return;
    this.#finish();
    this.#request.exchange.trailed?.endTrailed(trailers);
    this.#end.done(this.#request);
  }

  fail(failure: StreamFailure): void {
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

/** The head of a request as it goes to a task. A name that comes again has its values joined. */
function streamHeaders(request: ServedRequest, rules: ForwardingRules): Record<string, string> {
  const { head } = request.exchange;
  const headers = Object.create(null) as Record<string, string>;
  headers[':method'] = head.method;
  headers[':scheme'] = 'http';
  headers[':path'] = (request.rewritten ?? head).target;
  const bytes = head.body.kind === 'length' ? head.body.bytes : 0;
  for (const [written, value] of targetFields(head, request, bytes, rules)) {
    const name = written === 'host' ? ':authority' : written.toLowerCase();
    if (NOT_ON_STREAMS.has(name)) continue;
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  // It can have no other value, and servers of gRPC insist on it.
  if (head.names.includes('te')) headers['te'] = 'trailers';
  return headers;
}
