// One environment that is ready, and the invocation it serves: sends the request, waits for the
// answer, the end of the program or the timeout, whichever is first, and keeps the books. In between
// stands what the Lambda Web Adapter does to request and answer.

import type { Socket } from 'node:net';
import { Fault, sayExit } from '../../base/fault.ts';
import type { Clock, Exit, Rng, Timer } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import { billedDuration } from '../../cost/rules/lambda.ts';
import type { LambdaSettings, Service } from '../../model/app.ts';
import { LAMBDA_STREAM_BYTES } from '../../model/aws-limits.ts';
import type { PlatformStatus } from '../../model/platform-event.ts';
import { adaptedHead } from '../../payload/adapter-head.ts';
import type { AdapterSettings } from '../../payload/adapter-settings.ts';
import type { BadRequest } from '../../payload/http-message.ts';
import { exitFollows } from '../exit-follows.ts';
import type { ResponseHead } from '../http1/head.ts';
import type { Call, ResponseSink } from '../http1/upstream.ts';
import type { UpstreamFailure } from '../http1/upstream-call.ts';
import { compressed } from './adapter.ts';
import type { Books } from './books.ts';
import { type Collected, Collector } from './collect.ts';
import type { Admitted, Environment, EnvironmentOwner } from './environment.ts';
import type { EnvironmentProcess } from './environment-process.ts';
import type { EventRequest, ServiceFailure, Taken } from './event-request.ts';
import type { LogTap } from './log-tap.ts';
import type { PlatformLog } from './platform-log.ts';
import { type Failing, problemOf, reported, tooLarge, unusable } from './service-answer.ts';

export interface LambdaRequest {
  /** The whole head as it goes to the program, in latin1. */
  readonly head: string;
  readonly method: string;
  readonly body: Buffer;
  /** The answer may have this many bytes, as JSON. */
  readonly answerBytes: number;
  /** It came as an event: head, method and body are there once an environment has taken it. */
  readonly event?: EventRequest;
  settled(outcome: LambdaOutcome): void;
}

export type LambdaOutcome = {
  readonly environment: string | undefined;
  readonly cold: boolean;
  /** Undefined when nothing ran. */
  readonly billedMs?: Millis;
  /** Of a request that came as an event and wants it; else empty. */
  readonly logTail: Buffer;
} & (
  | { readonly kind: 'answered'; readonly answer: Collected }
  | {
      readonly kind: 'failed';
      readonly status: number;
      readonly fault: Fault;
      readonly failure: ServiceFailure;
    }
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
  readonly log: LogTap;
  readonly adapter: AdapterSettings;
}

interface Invocation {
  readonly admitted: Admitted<LambdaRequest>;
  readonly requestId: string;
  readonly startedAt: Millis;
  readonly startedWall: Millis;
  readonly cold: boolean;
  readonly initMs: Millis | undefined;
  readonly collected: Collector;
  call: Call | undefined;
  /** The body goes on as it comes. */
  streams: boolean;
}

type Ended = OmitOfEach<LambdaOutcome, 'environment' | 'cold' | 'billedMs' | 'logTail'>;
type OmitOfEach<union, key extends PropertyKey> = union extends unknown ? Omit<union, key> : never;

export class RunningEnvironment implements ResponseSink, Environment<LambdaRequest> {
  readonly #process: EnvironmentProcess;
  readonly #parts: RunningParts;
  readonly #timer: Timer;
  /** INIT is billed and reported with the first request. */
  #initPending = true;
  /** INIT was over before the program was ready. */
  #unready: boolean;
  #invocation: Invocation | undefined;
  #ended = false;
  /** Aborts when the environment is of no more use. */
  readonly #done = new AbortController();

  constructor(process: EnvironmentProcess, parts: RunningParts) {
    this.#process = process;
    this.#parts = parts;
    this.#timer = parts.clock.timer(() => this.#timedOut());
    this.#unready = process.untilReady !== undefined;
    void process.child.exited.then((exit) => this.#exited(exit));
  }

  get id(): string {
    return this.#process.id;
  }

  get initMs(): Millis {
    return this.#process.initMs;
  }

  serve(admitted: Admitted<LambdaRequest>, cold: boolean): void {
    const { clock, rng, settings, books, platform, provisioned, log } = this.#parts;
    const withInit = this.#initPending && !provisioned;
    this.#initPending = false;
    const { event, answerBytes } = admitted.request;
    const requestId = event?.requestId ?? rng.uuid();
    const invocation: Invocation = {
      admitted,
      requestId,
      startedAt: clock.now(),
      startedWall: clock.wall(),
      cold,
      initMs: withInit ? this.#process.initMs : undefined,
      collected: new Collector(answerBytes),
      call: undefined,
      streams: false,
    };
    this.#invocation = invocation;
    log.capture(event?.wantsLog ?? false);
    this.#timer.start(settings.timeoutMs);
    books.began(platform, requestId, provisioned, event?.tracing);
    const bad = event?.taken(this.#taken(invocation));
    if (bad !== undefined) queueMicrotask(() => this.#unreadable(invocation, bad));
    else if (this.#unready) void this.#sendWhenReady(invocation);
    else this.#send(invocation);
  }

  #taken({ admitted, cold, startedAt, startedWall, initMs }: Invocation): Taken {
    const { group, stream } = this.#parts.log;
    return {
      unit: admitted.unit,
      port: this.#process.port,
      environment: this.#process.id,
      cold,
      startedAt,
      startedWall,
      initMs,
      logGroup: group,
      logStream: stream,
    };
  }

  #unreadable(invocation: Invocation, { problem }: BadRequest): void {
    if (this.#invocation !== invocation) return;
    this.#failAlive(reported(new Fault('ADAPTER_EVENT_UNREADABLE', { problem })));
  }

  freeze(): void {
    this.#process.child.freeze();
  }

  thaw(): void {
    this.#process.child.thaw();
  }

  stop(): Promise<unknown> {
    this.#ended = true;
    if (this.#invocation?.admitted.request.event !== undefined) {
      this.#fail({
        status: 'failure',
        errorType: 'Sandbox.Failure',
        fault: new Fault('LAMBDA_EXITED', { exit: 'the end of the engine' }),
        failure: { kind: 'no-environment' },
      });
    }
    this.#done.abort();
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
    const errorType = outOfMemory ? 'Runtime.OutOfMemory' : 'Runtime.ExitError';
    this.#fail({ status: 'error', errorType, fault, failure: { kind: 'exited', exit } });
    this.#process.upstream.close();
    this.#done.abort();
    owner.failed(fault);
    owner.ended(fault.message.split('\n')[0] ?? '');
  }

  async #sendWhenReady(invocation: Invocation): Promise<void> {
    await this.#process.untilReady?.(this.#done.signal);
    if (this.#done.signal.aborted) return;
    this.#unready = false;
    if (this.#invocation === invocation) this.#send(invocation);
  }

  #send(invocation: Invocation): void {
    const { event, method, body, head } = invocation.admitted.request;
    const sent = event === undefined ? adaptedHead(head, this.#parts.adapter) : head;
    const call = this.#process.upstream.call(
      { head: sent, method, body: body.length === 0 ? 'none' : 'plain', upgrade: false },
      this,
    );
    invocation.call = call;
    if (body.length > 0) call.write(body);
    call.endBody();
  }

  head(head: ResponseHead): void {
    const invocation = this.#invocation;
    if (invocation === undefined) return;
    invocation.collected.head(head);
    const { event } = invocation.admitted.request;
    if (event === undefined || invocation.call === undefined) return;
    const how = event.answerBegins(head, invocation.call);
    if (typeof how === 'object') this.#failAlive(unusable(how));
    else invocation.streams = how === 'stream';
  }

  data(chunk: Buffer): void {
    const invocation = this.#invocation;
    if (invocation === undefined) return;
    if (!invocation.streams) {
      invocation.collected.data(chunk);
      return;
    }
    const taken = invocation.admitted.request.event?.answerData(chunk);
    if (taken === 'wait') invocation.call?.pause();
    else if (taken === 'too-large') {
      this.#failAlive(tooLarge(LAMBDA_STREAM_BYTES, LAMBDA_STREAM_BYTES));
    }
  }

  packet(): void {
    // Nothing leaves before all of it is there.
  }

  drain(): void {
    // The whole body was handed over at once.
  }

  end(): void {
    const invocation = this.#invocation;
    if (invocation === undefined) return;
    if (invocation.streams) {
      this.#streamed();
      return;
    }
    const { collected } = invocation;
    const answer = collected.take();
    const { answerBytes } = invocation.admitted.request;
    if (collected.tooLarge || answer === undefined) {
      this.#failAlive(tooLarge(collected.bytes, answerBytes));
    } else if (this.#parts.adapter.compression) void this.#compress(invocation, answer);
    else this.#answered(answer);
  }

  upgraded(_head: ResponseHead, socket: Socket): void {
    socket.destroy();
    this.#failAlive(reported(new Fault('LAMBDA_UPGRADE', { protocol: 'another protocol' })));
  }

  fail({ problem }: UpstreamFailure): void {
    this.#broken(problem);
  }

  async #compress(invocation: Invocation, answer: Collected): Promise<void> {
    const smaller = await compressed(invocation.admitted.request.head, answer);
    if (this.#invocation === invocation) this.#answered(smaller);
  }

  #answered(answer: Collected): void {
    const request = this.#invocation?.admitted.request;
    if (request === undefined) return;
    const { adapter, service } = this.#parts;
    const problem = problemOf(request, answer, { adapter, service: service.name });
    if (problem !== undefined) {
      this.#failAlive(problem);
      return;
    }
    const done = this.#settle('success', undefined);
    if (done === undefined) return;
    this.#tell(done, { kind: 'answered', answer });
    this.#parts.owner.finished();
  }

  #streamed(): void {
    const done = this.#settle('success', undefined);
    if (done === undefined) return;
    done.admitted.request.event?.streamed(this.#parts.log.take());
    this.#parts.owner.finished();
  }

  /** The program lives and gave no usable answer: it keeps its environment. */
  #failAlive(failing: Failing): void {
    if (this.#fail(failing)) this.#parts.owner.finished();
  }

  /** The connection broke: the program has crashed, or closed it for a reason of its own. */
  #broken(problem: string): void {
    void exitFollows(this.#parts.clock, this.#process.child).then(() => {
      if (!this.#ended) {
        this.#failAlive(
          reported(new Fault('UPSTREAM_CLOSED', { compute: 'lambda', when: problem })),
        );
      }
    });
  }

  #timedOut(): void {
    const { settings, owner } = this.#parts;
    this.#ended = true;
    const startedWall = this.#invocation?.startedWall ?? 0;
    this.#fail({
      status: 'timeout',
      errorType: undefined,
      fault: new Fault('LAMBDA_TIMED_OUT', settings),
      failure: { kind: 'timed-out', startedWall },
    });
    this.#process.child.signal('SIGKILL');
    this.#process.upstream.close();
    this.#done.abort();
    owner.ended('a request timed out');
  }

  /** True if there was a request to fail. */
  #fail({ status, errorType, fault, failure }: Failing): boolean {
    this.#invocation?.call?.abort();
    const done = this.#settle(status, errorType);
    if (done === undefined) return false;
    this.#tell(done, { kind: 'failed', status: 502, fault, failure });
    return true;
  }

  #tell({ admitted, cold, startedAt, initMs = 0 }: Invocation, end: Ended): void {
    const logTail = this.#parts.log.take();
    const billedMs = billedDuration(this.#parts.clock.now() - startedAt, initMs);
    admitted.request.settled({ ...end, environment: this.#process.id, cold, billedMs, logTail });
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
      failed: status !== 'success',
      errorType,
    });
    return invocation;
  }
}
