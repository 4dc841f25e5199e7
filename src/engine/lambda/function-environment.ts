// One environment of a function: INIT, one invocation after another, and new processes in the same
// place when the old ones crashed or ran out of time. [LDG:lambda-runtime-environment]
//
// Invariants
//   E1. An invocation is settled exactly once.
//   E2. The environment is free again when the runtime and the extensions have asked for the next
//       event, or when its processes have ended after a failure.
//   E3. INIT that failed before the first invocation starts over inside it, under its timeout.

import { Fault } from '../../base/fault.ts';
import type { Timer } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import { LAMBDA_RESET_MS, LAMBDA_RESPONSE_BYTES } from '../../model/aws-limits.ts';
import type { InitPhase, PlatformEvent, PlatformStatus } from '../../model/platform-event.ts';
import type { AnswerCall, RuntimeError } from './answer-call.ts';
import type { Books } from './books.ts';
import type { Admitted, Environment, EnvironmentOwner, EnvironmentSpec } from './environment.ts';
import {
  crashError,
  crashFault,
  reportedError,
  timeoutError,
  type WordedError,
} from './function-errors.ts';
import type { FunctionProgram } from './function-program.ts';
import type { FunctionInvocation } from './invocation.ts';
import type { LogTap } from './log-tap.ts';
import type { PlatformLog } from './platform-log.ts';
import { Running } from './running-invocation.ts';
import { type Failure, Sandbox, type SandboxOwner, type ShutdownReason } from './sandbox.ts';

export interface FunctionEnvironmentParts {
  readonly from: FunctionProgram;
  readonly spec: EnvironmentSpec;
  readonly books: Books;
  readonly owner: EnvironmentOwner;
  /** The log of `spec`. */
  readonly log: LogTap;
  readonly platform: PlatformLog;
}

export class FunctionEnvironment implements Environment<FunctionInvocation>, SandboxOwner {
  readonly #parts: FunctionEnvironmentParts;
  readonly #timer: Timer;
  #sandbox: Sandbox | undefined;
  #initMs: Millis | undefined;
  /** INIT is billed and reported with the first request. */
  #initPending = true;
  #running: Running | undefined;
  #reset: Promise<void> | undefined;
  #stopping = false;
  /** Waits for the end of an invocation. */
  #freed: (() => void) | undefined;

  constructor(parts: FunctionEnvironmentParts) {
    this.#parts = parts;
    this.#timer = parts.from.ports.clock.timer(() => this.#timedOut());
  }

  get id(): string {
    return this.#parts.spec.id;
  }

  get initMs(): Millis | undefined {
    return this.#initMs;
  }

  /** INIT before the first invocation. Undefined when it went well. */
  async start(limitMs: Millis): Promise<Fault | undefined> {
    const { clock } = this.#parts.from.ports;
    const began = clock.now();
    const failure = await this.#init(limitMs, 'init');
    if (failure !== undefined) return failure.fault;
    this.#initMs = clock.now() - began;
    return undefined;
  }

  serve(admitted: Admitted<FunctionInvocation>, cold: boolean): void {
    const { from, spec, books, log } = this.#parts;
    const { clock, rng } = from.ports;
    const withInit = this.#initPending && !spec.provisioned;
    this.#initPending = false;
    const running = new Running(admitted, {
      attempt: rng.uuid(),
      startedAt: clock.now(),
      startedWall: clock.wall(),
      timeoutMs: from.settings.timeoutMs,
      cold,
      tellsAttempt: from.inputs.app.local.assume.invocationId,
      environment: spec.id,
      initMs: withInit ? this.#initMs : undefined,
      clock,
    });
    this.#running = running;
    if (admitted.request.streams) admitted.resume = () => running.resume();
    log.capture(admitted.request.wantsLog);
    this.#timer.start(from.settings.timeoutMs);
    books.began(this, running.requestId, spec.provisioned, running.tracing);
    if (this.#sandbox !== undefined) this.#deliver(this.#sandbox, running);
    else void this.#initThenDeliver(running);
  }

  freeze(): void {
    this.#sandbox?.freeze();
  }

  thaw(): void {
    this.#sandbox?.thaw();
  }

  async stop(): Promise<void> {
    await this.#finishAnswered();
    this.#stopping = true;
    this.#timer.stop();
    const running = this.#running;
    if (running !== undefined) {
      const failure = { errorType: 'Sandbox.Failure', message: 'the engine stops' };
      running.fails(crashError(running.requestId, failure), 'failure', stopped());
      this.#close(running, 'failure', failure.errorType);
    }
    await this.#reset;
    await this.#sandbox?.shutdown('spindown');
  }

  /** An invocation that was answered is over in a moment, unless an extension takes long. */
  async #finishAnswered(): Promise<void> {
    if (this.#running?.isSettled !== true) return;
    const patience = new AbortController();
    const { clock } = this.#parts.from.ports;
    this.#freed = () => patience.abort();
    await clock.sleep(FINISHES_WITHIN_MS, patience.signal);
  }

  /** E3. */
  async #initThenDeliver(running: Running): Promise<void> {
    const { settings, ports } = this.#parts.from;
    await this.#reset;
    if (this.#running !== running) return;
    const leftMs = running.facts.startedAt + settings.timeoutMs - ports.clock.now();
    const failed = await this.#init(leftMs, 'invoke');
    if (this.#running !== running) return;
    if (failed === undefined && this.#sandbox !== undefined) this.#deliver(this.#sandbox, running);
    else if (failed !== undefined && failed.failure === undefined) this.#timedOut();
    else if (failed?.failure !== undefined) {
      const error = crashError(running.requestId, failed.failure);
      running.fails(error, 'error', failed.fault);
      this.#close(running, 'error', error.type);
      this.#free();
    }
  }

  /** New processes. What went wrong, or undefined; `failure` is missing when time ran out. */
  async #init(
    limitMs: Millis,
    phase: InitPhase,
  ): Promise<{ readonly fault: Fault; readonly failure: Failure | undefined } | undefined> {
    const { from, spec } = this.#parts;
    const { clock } = from.ports;
    const began = clock.now();
    const initializationType = spec.provisioned ? 'provisioned-concurrency' : 'on-demand';
    const facts = { initializationType, phase } as const;
    const { functionName, version: functionVersion, settings } = from;
    const instanceMaxMemory = settings.memoryMiB * 1024 * 1024;
    const start = { ...facts, functionName, functionVersion, instanceMaxMemory };
    const sandbox = new Sandbox(from, spec, this);
    this.#sandbox = sandbox;
    this.write({ type: 'platform.initStart', record: start });
    const outcome = await sandbox.init(limitMs);
    const metrics = { durationMs: outcome.kind === 'late' ? limitMs : clock.now() - began };
    const status = INIT_STATUS[outcome.kind];
    const errorType = outcome.kind === 'failed' ? { errorType: outcome.failure.errorType } : {};
    const ended = { ...facts, status, ...errorType };
    this.write({ type: 'platform.initRuntimeDone', record: ended });
    this.write({ type: 'platform.initReport', record: { ...ended, metrics } });
    if (outcome.kind === 'ready') return undefined;
    this.#endSandbox(outcome.kind === 'late' ? 'timeout' : 'failure');
    await this.#reset;
    if (outcome.kind === 'failed') {
      return { failure: outcome.failure, fault: this.#faultOf(outcome.failure) };
    }
    const { waitsFor } = outcome;
    const { name } = from.program;
    return {
      failure: undefined,
      fault: new Fault('INIT_TIMED_OUT', { function: name, limitMs, waitsFor }),
    };
  }

  #deliver(sandbox: Sandbox, running: Running): void {
    sandbox.deliver(running);
  }

  /** Ends the processes after a failure; the next invocation gets new ones. */
  #endSandbox(reason: ShutdownReason): void {
    const sandbox = this.#sandbox;
    this.#sandbox = undefined;
    if (sandbox === undefined) return;
    const extended = this.#parts.from.files.extensions.length > 0;
    this.#reset = sandbox.shutdown(reason, extended ? LAMBDA_RESET_MS : undefined);
  }

  isAttempt(id: string): boolean {
    const facts = this.#running?.facts;
    return facts !== undefined && (!facts.tellsAttempt || facts.attempt === id);
  }

  answerBegins(call: AnswerCall, contentType: string): void {
    this.#running?.begins(call, contentType);
  }

  answerData(chunk: Buffer): 'more' | 'wait' | 'too-large' {
    // Nobody waits for what a runtime says while it is ended.
    return this.#running?.data(chunk) ?? 'more';
  }

  answerEnds(error: RuntimeError | undefined): void {
    const { assume } = this.#parts.from.inputs.app.local;
    const failed = error === undefined ? undefined : reportedError(error, assume);
    const running = this.#running;
    if (running === undefined) return;
    running.ends(failed);
    this.#nearlyFree(running);
  }

  /** Without extensions that still work, the next invocation may count on this environment. */
  #nearlyFree(running: Running): void {
    const extensions = this.#sandbox?.session.extensions ?? [];
    for (const { events } of extensions) if (events.has('INVOKE')) return;
    running.release();
    this.#parts.owner.answered();
  }

  answerRefused(errorType: string, message: string): void {
    const running = this.#running;
    if (running === undefined) return;
    const error = crashError(running.requestId, { errorType, message }, 'plain');
    const tooLarge = errorType === 'Function.ResponseSizeTooLarge';
    const fault = tooLarge
      ? new Fault('LAMBDA_RESPONSE_TOO_LARGE', {
          bytes: running.bytes,
          limitBytes: LAMBDA_RESPONSE_BYTES,
        })
      : this.#failed(errorType, message);
    running.fails(error, 'error', fault);
  }

  /** The end of the process that sent it says more, if it comes. */
  answerBroken(): void {
    const running = this.#running;
    if (running === undefined) return;
    void this.#sandbox?.runtimeExitFollows().then(() => {
      const message = 'HTTP request detected as truncated';
      const failure = { errorType: 'Runtime.TruncatedResponse', message };
      const error = crashError(running.requestId, failure);
      if (this.#running !== running) return;
      running.fails(error, 'error', this.#failed(failure.errorType, message));
    });
  }

  answeredError(error: RuntimeError): void {
    const running = this.#running;
    if (running === undefined) return;
    const { assume } = this.#parts.from.inputs.app.local;
    const reported = reportedError(error, assume);
    const { type, message } = reported;
    running.fails(reported, assume.reportedStatus, this.#failed(type, message));
    this.#nearlyFree(running);
  }

  moved(): void {
    const running = this.#running;
    const session = this.#sandbox?.session;
    if (running === undefined || session === undefined) return;
    if (session.runtimeDone && !running.runtimeIsDone) this.#runtimeDone(running);
    if (!session.invokeComplete) return;
    session.endInvoke();
    this.#close(running, running.status, running.errorType);
    this.#free();
  }

  /** Lines of text have no spans: they are made only for those who read them. */
  #tellsSpans(): boolean {
    const { logFormat } = this.#parts.from.settings;
    return logFormat === 'json' || this.#sandbox?.telemetry.hasSubscribers === true;
  }

  #runtimeDone(running: Running): void {
    const { requestId } = running;
    const { status, errorType } = running;
    running.runtimeAsked();
    this.write({
      type: 'platform.runtimeDone',
      record: {
        requestId,
        status,
        ...(errorType !== undefined && { errorType }),
        metrics: running.runtimeMetrics(),
        ...(this.#tellsSpans() && { spans: running.runtimeSpans() }),
        tracing: running.tracing,
      },
    });
  }

  /** Nothing is under way any more: the next invocation may come. */
  #free(): void {
    this.#freed?.();
    if (!this.#stopping) this.#parts.owner.finished();
  }

  crashed(failure: Failure): void {
    const fault = this.#faultOf(failure);
    const running = this.#running;
    this.#parts.owner.failed(fault);
    if (running !== undefined) {
      const error = crashError(running.requestId, failure);
      running.fails(error, 'error', fault);
      this.#sayCrash(running, error);
      this.#close(running, 'error', error.type);
    }
    this.#endSandbox('failure');
    if (running !== undefined) void this.#reset?.then(() => this.#free());
  }

  /** Older functions say it in lines of their own; REPORT has no status then. */
  #sayCrash({ requestId }: Running, { type, message }: WordedError): void {
    const { from, log } = this.#parts;
    if (from.inputs.app.local.assume.reportStyle !== 'lines') return;
    if (from.settings.logFormat !== 'text') return;
    log.platform(`RequestId: ${requestId} Error: ${message}`);
    log.platform(type);
  }

  #timedOut(): void {
    const running = this.#running;
    if (running === undefined || this.#stopping) return;
    const { from } = this.#parts;
    const { settings, inputs } = from;
    const error = timeoutError(
      { requestId: running.requestId, startedWall: running.facts.startedWall },
      settings.timeoutMs,
      inputs.app.local.assume,
    );
    const fault = new Fault('LAMBDA_TIMED_OUT', settings);
    running.fails(error, 'timeout', fault);
    this.#close(running, 'timeout', undefined);
    this.#endSandbox('timeout');
    void Promise.resolve(this.#reset).then(() => this.#free());
  }

  /** Ends the books of an invocation, and tells a caller that waited for its log. */
  #close(running: Running, status: PlatformStatus, errorType: string | undefined): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    this.#timer.stop();
    const { from, spec, books, log } = this.#parts;
    const ranMs = from.ports.clock.now() - running.facts.startedAt;
    running.release();
    if (!running.runtimeIsDone) this.#runtimeDone(running);
    books.ended(this, {
      requestId: running.requestId,
      provisioned: spec.provisioned,
      durationMs: status === 'timeout' ? from.settings.timeoutMs : ranMs,
      initMs: running.facts.initMs,
      peakMemoryBytes: this.#sandbox?.peakMemoryBytes() ?? 0,
      status,
      failed: running.failed || status !== 'success',
      errorType,
      ...(this.#tellsSpans() && { spans: running.extensionSpans() }),
      tracing: running.tracing,
    });
    running.tell(log.take());
  }

  /** Into the log, and to the extensions that want it. */
  write(event: PlatformEvent): void {
    this.#parts.platform.write(event);
    this.#sandbox?.telemetry.platform(event);
  }

  #failed(type: string, message: string): Fault {
    return new Fault('FUNCTION_FAILED', { function: this.#parts.from.program.name, type, message });
  }

  #faultOf(failure: Failure): Fault {
    const { program, settings } = this.#parts.from;
    return crashFault(failure, program.name, settings, this.#parts.spec.log.lastLines());
  }
}

const INIT_STATUS = { ready: 'success', failed: 'error', late: 'timeout' } as const;

/** How long the end of an invocation is waited for that was answered when the engine stops. */
const FINISHES_WITHIN_MS = 500;

const stopped = () => new Fault('ENGINE_STOPPING', { service: '' });
