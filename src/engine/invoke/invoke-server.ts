// The Invoke API: the calls of Lambda's API that run functions and read what they are, on a port of
// its own, so that the AWS CLI and SDKs work with nothing but an endpoint URL.
//
// Signatures are not checked: whoever reaches the loopback address may invoke, as with `curl`. Web
// pages are kept out (`control/loopback-guard.ts`).

import { Fault } from '../../base/fault.ts';
import type { Clock, Rng } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import { LAMBDA_API_HEAD_BYTES } from '../../model/aws-limits.ts';
import type { EventStream } from '../control/event-stream.ts';
import { foreignSender } from '../control/loopback-guard.ts';
import type { Exchange, ExchangeUser, ResponseStart } from '../http1/exchange.ts';
import type { Malformed } from '../http1/head.ts';
import { LoopbackServer } from '../http1/loopback-server.ts';
import { accessDenied, badRequest, unknownOperation } from './api-error.ts';
import type { AsyncInvocations } from './async-invocations.ts';
import type { FunctionBook } from './function-book.ts';
import { InvokeCall } from './invoke-call.ts';
import { operationOf } from './operation.ts';
import { type ReadParts, readCall } from './read-calls.ts';
import { type Dates, errorFields, fieldOf, respondError, respondJson } from './respond.ts';

export interface InvokeParts extends ReadParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: EventStream;
  readonly book: FunctionBook;
  readonly async: AsyncInvocations;
  readonly dates: Dates;
}

/** SDKs keep connections open; one that is closed under them looks like a failure. */
const IDLE_MS: Millis = 350_000;

export class InvokeServer {
  readonly #parts: InvokeParts;
  readonly #server: LoopbackServer;
  #port = 0;
  #inFlight = 0;
  #drained: (() => void) | undefined;

  constructor(parts: InvokeParts) {
    this.#parts = parts;
    const limits = {
      headBytes: LAMBDA_API_HEAD_BYTES,
      lineBytes: LAMBDA_API_HEAD_BYTES,
      idleMs: IDLE_MS,
    };
    this.#server = new LoopbackServer(parts.clock, limits, {
      request: (exchange) => this.#request(exchange),
      malformed: (problem, reply) => this.#malformed(problem, reply),
    });
  }

  /** Listens on 127.0.0.1; 0 takes a free port. The URL. Throws INVOKE_PORT_TAKEN or PORT_REFUSED. */
  async listen(port: number): Promise<string> {
    this.#port = await this.#server.listen(port).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') throw new Fault('INVOKE_PORT_TAKEN', { port });
      throw new Fault('PORT_REFUSED', { port, reason: error.code ?? error.message });
    });
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Takes no more calls; resolves when those under way are answered. */
  drain(): Promise<void> {
    this.#server.closeSoon();
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  close(): void {
    this.#server.close();
  }

  #request(exchange: Exchange): void {
    const { head } = exchange;
    const sender = {
      host: head.host,
      origin: fieldOf(head, 'origin'),
      site: fieldOf(head, 'sec-fetch-site'),
    };
    const why = foreignSender(sender, this.#port);
    if (why !== undefined) {
      const { rng, dates } = this.#parts;
      respondError(exchange, accessDenied(why), rng.uuid(), dates.now());
      return;
    }
    const operation = operationOf(head.method, head.target);
    if (operation.type === 'invoke') {
      this.#inFlight += 1;
      exchange.attach(new InvokeCall(exchange, operation, this.#parts, this.#over));
    } else {
      exchange.attach(new ReadCall(() => this.#read(exchange, operation)));
    }
    exchange.receive();
  }

  #read(
    exchange: Exchange,
    operation: Exclude<ReturnType<typeof operationOf>, { type: 'invoke' }>,
  ) {
    const { method, target } = exchange.head;
    const { dates, rng } = this.#parts;
    const answer =
      operation.type === 'unknown'
        ? { error: unknownOperation(method, target) }
        : readCall(this.#parts, operation);
    const requestId = rng.uuid();
    if ('error' in answer) {
      respondError(exchange, answer.error, requestId, dates.now());
      return;
    }
    const fields = `x-amzn-RequestId: ${requestId}\r\n`;
    const body = JSON.stringify(answer.body);
    respondJson(exchange, { status: 200, body, fields, date: dates.now() });
  }

  readonly #over = (): void => {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#drained?.();
  };

  #malformed(
    problem: Malformed | 'timeout',
    reply: (start: ResponseStart, body: Buffer) => void,
  ): void {
    const error =
      problem === 'timeout'
        ? badRequest(408, 'The request did not arrive.')
        : badRequest(400, `The request is malformed: ${problem.message}.`);
    const { rng, dates } = this.#parts;
    const body = Buffer.from(error.body);
    const fields = `Date: ${dates.now()}\r\nContent-Type: application/json\r\n${errorFields(error, rng.uuid())}`;
    const reason = error.status === 408 ? 'Request Timeout' : 'Bad Request';
    reply(
      { status: error.status, reason, fields, body: { kind: 'length', bytes: body.length } },
      body,
    );
  }
}

/** A call that needs nothing of its body but its end. */
class ReadCall implements ExchangeUser {
  readonly #answer: () => void;

  constructor(answer: () => void) {
    this.#answer = answer;
  }

  bodyData(): void {
    // Dropped.
  }

  bodyEnd(): void {
    this.#answer();
  }

  bodyBroken(): void {
    // The connection answers by itself.
  }

  clientGone(): void {
    // Nothing is under way.
  }

  clientReady(): void {
    // The whole answer was handed over at once.
  }

  clientIdle(): void {
    // The next read or the end of the connection ends it.
  }
}
