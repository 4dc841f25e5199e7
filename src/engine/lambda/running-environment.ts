// One environment that is ready, and the invocation it serves: sends the request, waits for the
// answer, the end of the program or the timeout, whichever is first, and keeps the books.

import type { Socket } from 'node:net';
import { Fault, sayExit } from '../../base/fault.ts';
import type { Clock, Exit, Rng, Timer } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { LambdaSettings, Service } from '../../model/app.ts';
import { ALB_LAMBDA_BODY_BYTES } from '../../model/aws-limits.ts';
import type { PlatformStatus } from '../../model/platform-event.ts';
import type { ResponseHead } from '../http1/head.ts';
import type { Call, ResponseSink } from '../http1/upstream.ts';
import type { UpstreamFailure } from '../http1/upstream-call.ts';
import type { Books } from './books.ts';
import { type Collected, Collector, jsonBytes } from './collect.ts';
import type { Admitted, Environment, EnvironmentOwner } from './environment.ts';
import type { EnvironmentProcess } from './environment-process.ts';
import type { PlatformLog } from './platform-log.ts';

export interface LambdaRequest {
  /** The whole head as it goes to the program, in latin1. */
  readonly head: string;
  readonly method: string;
  readonly body: Buffer;
  settled(outcome: LambdaOutcome): void;
}

export type LambdaOutcome = {
  readonly environment: string | undefined;
  readonly cold: boolean;
} & (
  | { readonly kind: 'answered'; readonly answer: Collected }
  | { readonly kind: 'failed'; readonly status: number; readonly fault: Fault }
);

export interface RunningParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly service: Service;
  readonly settings: LambdaSettings;
  readonly books: Books;
  readonly platform: PlatformLog;
  readonly provisioned: boolean;
  readonly owner: EnvironmentOwner;
}

interface Invocation {
  readonly admitted: Admitted<LambdaRequest>;
  readonly requestId: string;
  readonly startedAt: Millis;
  readonly cold: boolean;
  readonly initMs: Millis | undefined;
  readonly collected: Collector;
  call: Call | undefined;
}

/** How long a broken connection may be seen before the end of the program that broke it. */
const EXIT_FOLLOWS_WITHIN_MS = 100;

export class RunningEnvironment implements ResponseSink, Environment<LambdaRequest> {
  readonly #process: EnvironmentProcess;
  readonly #parts: RunningParts;
  readonly #timer: Timer;
  /** INIT is billed and reported with the first request. */
  #initPending = true;
  #invocation: Invocation | undefined;
  #ended = false;

  constructor(process: EnvironmentProcess, parts: RunningParts) {
    this.#process = process;
    this.#parts = parts;
    this.#timer = parts.clock.timer(() => this.#timedOut());
    void process.child.exited.then((exit) => this.#exited(exit));
  }

  get id(): string {
    return this.#process.id;
  }

  get initMs(): Millis {
    return this.#process.initMs;
  }

  serve(admitted: Admitted<LambdaRequest>, cold: boolean): void {
    const { clock, rng, settings, books, platform, provisioned } = this.#parts;
    const withInit = this.#initPending && !provisioned;
    this.#initPending = false;
    const requestId = rng.uuid();
    const invocation: Invocation = {
      admitted,
      requestId,
      startedAt: clock.now(),
      cold,
      initMs: withInit ? this.#process.initMs : undefined,
      collected: new Collector(),
      call: undefined,
    };
    this.#invocation = invocation;
    this.#timer.start(settings.timeoutMs);
    books.began(platform, requestId, provisioned);
    this.#send(invocation);
  }

  freeze(): void {
    this.#process.child.freeze();
  }

  thaw(): void {
    this.#process.child.thaw();
  }

  stop(): Promise<unknown> {
    this.#ended = true;
    return this.#process.stop();
  }

  /** The program has ended by itself. */
  #exited(exit: Exit): void {
    if (this.#ended) return;
    this.#ended = true;
    const { service, settings, owner } = this.#parts;
    const outOfMemory = this.#process.child.outOfMemory();
    const fault = outOfMemory
      ? new Fault('APP_OUT_OF_MEMORY', {
          service: service.name,
          compute: 'lambda',
          memoryMiB: settings.memoryMiB,
        })
      : new Fault('LAMBDA_EXITED', { exit: sayExit(exit) });
    this.#fail('error', outOfMemory ? 'Runtime.OutOfMemory' : 'Runtime.ExitError', fault);
    this.#process.upstream.close();
    owner.failed(fault);
    owner.ended(fault.message.split('\n')[0] ?? '');
  }

  #send(invocation: Invocation): void {
    const { head, method, body } = invocation.admitted.request;
    const call = this.#process.upstream.call(
      { head, method, body: body.length === 0 ? 'none' : 'plain', upgrade: false },
      this,
    );
    invocation.call = call;
    if (body.length > 0) call.write(body);
    call.endBody();
  }

  head(head: ResponseHead): void {
    this.#invocation?.collected.head(head);
  }

  data(chunk: Buffer): void {
    this.#invocation?.collected.data(chunk);
  }

  packet(): void {
    // Nothing leaves before all of it is there.
  }

  drain(): void {
    // The whole body was handed over at once.
  }

  end(): void {
    const collected = this.#invocation?.collected;
    if (collected === undefined) return;
    this.#answered(collected.take(), collected.tooLarge ? collected.bytes : undefined);
  }

  upgraded(_head: ResponseHead, socket: Socket): void {
    socket.destroy();
    this.#failAlive(new Fault('LAMBDA_UPGRADE', { protocol: 'another protocol' }));
  }

  fail({ problem }: UpstreamFailure): void {
    this.#broken(problem);
  }

  #answered(answer: Collected | undefined, tooManyBytes: number | undefined): void {
    const bytes = tooManyBytes ?? (answer === undefined ? 0 : jsonBytes(answer));
    if (answer === undefined || bytes > ALB_LAMBDA_BODY_BYTES) {
      const facts = { bytes, limitBytes: ALB_LAMBDA_BODY_BYTES };
      this.#failAlive(
        new Fault('LAMBDA_RESPONSE_TOO_LARGE', facts),
        'Function.ResponseSizeTooLarge',
      );
      return;
    }
    const done = this.#settle('success', undefined);
    if (done === undefined) return;
    const { admitted, cold } = done;
    admitted.request.settled({ kind: 'answered', answer, environment: this.#process.id, cold });
    this.#parts.owner.finished();
  }

  /** The program lives and gave no usable answer: it keeps its environment. */
  #failAlive(fault: Fault, type = 'Function.Unknown'): void {
    if (this.#fail('error', type, fault)) this.#parts.owner.finished();
  }

  /** The connection broke: the program has crashed, or closed it for a reason of its own. */
  #broken(problem: string): void {
    const { clock } = this.#parts;
    const { child } = this.#process;
    void Promise.race([child.exited, clock.sleep(EXIT_FOLLOWS_WITHIN_MS)]).then(() => {
      if (!this.#ended) {
        this.#failAlive(new Fault('UPSTREAM_CLOSED', { compute: 'lambda', when: problem }));
      }
    });
  }

  #timedOut(): void {
    const { settings, owner } = this.#parts;
    this.#ended = true;
    this.#fail('timeout', undefined, new Fault('LAMBDA_TIMED_OUT', settings));
    this.#process.child.signal('SIGKILL');
    this.#process.upstream.close();
    owner.ended('a request timed out');
  }

  /** True if there was a request to fail. */
  #fail(status: PlatformStatus, errorType: string | undefined, fault: Fault): boolean {
    this.#invocation?.call?.abort();
    const done = this.#settle(status, errorType);
    if (done === undefined) return false;
    const { admitted, cold } = done;
    const environment = this.#process.id;
    admitted.request.settled({ kind: 'failed', status: 502, fault, environment, cold });
    return true;
  }

  /** Ends the books of an invocation; undefined if that was done already. */
  #settle(status: PlatformStatus, errorType: string | undefined): Invocation | undefined {
    const invocation = this.#invocation;
    if (invocation === undefined) return undefined;
    this.#invocation = undefined;
    this.#timer.stop();
    const { clock, settings, books, platform, provisioned } = this.#parts;
    const now = clock.now();
    const { admitted, requestId, initMs } = invocation;
    admitted.unit.release(now);
    const error = errorType === undefined ? {} : { errorType };
    platform.write({ type: 'platform.runtimeDone', record: { requestId, status, ...error } });
    books.ended(platform, {
      requestId,
      provisioned,
      durationMs: status === 'timeout' ? settings.timeoutMs : now - invocation.startedAt,
      initMs,
      peakMemoryBytes: this.#process.child.usage().peakMemoryBytes,
      status,
      errorType,
    });
    return invocation;
  }
}
