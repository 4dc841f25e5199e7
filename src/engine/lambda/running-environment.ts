// One environment that is ready, and the invocation it serves: sends the request, waits for the
// answer, the end of the program or the timeout, whichever is first, and keeps the books.

import type { Socket } from 'node:net';
import { Fault, sayExit } from '../../base/fault.ts';
import type { Clock, Exit, Rng, Timer } from '../../base/ports.ts';
import { BYTES_PER_MIB, type Millis } from '../../base/units.ts';
import { billedDuration, type Meter } from '../../cost/meter.ts';
import type { Admission } from '../../fleet/lambda-account.ts';
import type { LambdaSettings, Service } from '../../model/app.ts';
import { ALB_LAMBDA_BODY_BYTES } from '../../model/aws-limits.ts';
import type { ResponseHead } from '../http1/head.ts';
import type { Call, ResponseSink } from '../http1/upstream.ts';
import type { UpstreamFailure } from '../http1/upstream-call.ts';
import { type Collected, Collector, jsonBytes } from './collect.ts';
import type { EnvironmentProcess } from './environment-process.ts';
import type { LambdaMetrics } from './lambda-metrics.ts';
import { endLine, type InvocationStatus, reportLine, startLine } from './report.ts';

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

/** A request that was admitted, with its unit of concurrency. */
export interface Admitted {
  readonly request: LambdaRequest;
  readonly unit: Admission;
}

export interface RunningParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly service: Service;
  readonly settings: LambdaSettings;
  readonly meter: Meter;
  readonly metrics: LambdaMetrics;
  /** The request was answered, the environment can take the next. */
  readonly finished: () => void;
  /** The environment is of no more use, and was ended. */
  readonly spoilt: (why: string) => void;
}

interface Invocation {
  readonly admitted: Admitted;
  readonly requestId: string;
  readonly startedAt: Millis;
  readonly cold: boolean;
  readonly initMs: Millis | undefined;
  readonly collected: Collector;
  call: Call | undefined;
}

/** How long a broken connection may be seen before the end of the program that broke it. */
const EXIT_FOLLOWS_WITHIN_MS = 100;

export class RunningEnvironment implements ResponseSink {
  readonly process: EnvironmentProcess;
  readonly provisioned: boolean;
  readonly #parts: RunningParts;
  readonly #timer: Timer;
  /** INIT is billed and reported with the first request. */
  #initPending = true;
  #invocation: Invocation | undefined;
  #ended = false;

  constructor(process: EnvironmentProcess, provisioned: boolean, parts: RunningParts) {
    this.process = process;
    this.provisioned = provisioned;
    this.#parts = parts;
    this.#timer = parts.clock.timer(() => this.#timedOut());
  }

  serve(admitted: Admitted, cold: boolean): void {
    const { clock, rng, settings, metrics } = this.#parts;
    const withInit = this.#initPending && !this.provisioned;
    this.#initPending = false;
    const requestId = rng.uuid();
    const invocation: Invocation = {
      admitted,
      requestId,
      startedAt: clock.now(),
      cold,
      initMs: withInit ? this.process.initMs : undefined,
      collected: new Collector(),
      call: undefined,
    };
    this.#invocation = invocation;
    this.#timer.start(settings.timeoutMs);
    this.process.log.platform(startLine(requestId));
    metrics.began(this.provisioned);
    this.#send(invocation);
  }

  /** The program has ended by itself. Returns why. */
  exited(exit: Exit): Fault {
    const { service, settings } = this.#parts;
    this.#ended = true;
    const outOfMemory = this.process.child.outOfMemory();
    const fault = outOfMemory
      ? new Fault('APP_OUT_OF_MEMORY', {
          service: service.name,
          compute: 'lambda',
          memoryMiB: settings.memoryMiB,
        })
      : new Fault('LAMBDA_EXITED', { exit: sayExit(exit) });
    this.#fail(outOfMemory ? 'Runtime.OutOfMemory' : 'Runtime.ExitError', fault);
    return fault;
  }

  #send(invocation: Invocation): void {
    const { head, method, body } = invocation.admitted.request;
    const call = this.process.upstream.call(
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
    const done = this.#settle(undefined);
    if (done === undefined) return;
    const { admitted, cold } = done;
    admitted.request.settled({ kind: 'answered', answer, environment: this.process.id, cold });
    this.#parts.finished();
  }

  /** The program lives and gave no usable answer: it keeps its environment. */
  #failAlive(fault: Fault, type = 'Function.Unknown'): void {
    if (this.#fail(type, fault)) this.#parts.finished();
  }

  /** The connection broke: the program has crashed, or closed it for a reason of its own. */
  #broken(problem: string): void {
    const { clock } = this.#parts;
    const { child } = this.process;
    void Promise.race([child.exited, clock.sleep(EXIT_FOLLOWS_WITHIN_MS)]).then(() => {
      if (!this.#ended) {
        this.#failAlive(new Fault('UPSTREAM_CLOSED', { compute: 'lambda', when: problem }));
      }
    });
  }

  #timedOut(): void {
    const { timeoutMs } = this.#parts.settings;
    this.#ended = true;
    this.#fail('timeout', new Fault('LAMBDA_TIMED_OUT', { timeoutMs }));
    this.process.child.signal('SIGKILL');
    this.#parts.spoilt('a request timed out');
  }

  /** True if there was a request to fail. */
  #fail(type: string, fault: Fault): boolean {
    this.#invocation?.call?.abort();
    const done = this.#settle(type === 'timeout' ? { name: 'timeout' } : { name: 'error', type });
    if (done === undefined) return false;
    const { admitted, cold } = done;
    const environment = this.process.id;
    admitted.request.settled({ kind: 'failed', status: 502, fault, environment, cold });
    return true;
  }

  /** Ends the books of an invocation; undefined if that was done already. */
  #settle(status: InvocationStatus | undefined): Invocation | undefined {
    const invocation = this.#invocation;
    if (invocation === undefined) return undefined;
    this.#invocation = undefined;
    this.#timer.stop();
    const { clock, meter, service, settings, metrics } = this.#parts;
    const now = clock.now();
    invocation.admitted.unit.release(now);
    const ranMs = now - invocation.startedAt;
    const durationMs = status?.name === 'timeout' ? settings.timeoutMs : ranMs;
    const initMs = invocation.initMs ?? 0;
    meter.invoked(service.name, { durationMs, initMs, provisioned: this.provisioned });
    metrics.ended(durationMs, status !== undefined);
    const { log, child } = this.process;
    log.platform(endLine(invocation.requestId));
    log.platform(
      reportLine({
        requestId: invocation.requestId,
        durationMs,
        billedMs: billedDuration(durationMs, initMs),
        memoryMiB: settings.memoryMiB,
        maxMemoryMiB: Math.ceil(child.usage().peakMemoryBytes / BYTES_PER_MIB),
        initMs: invocation.initMs,
        status,
      }),
    );
    return invocation;
  }
}
