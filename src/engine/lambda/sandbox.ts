// The processes of one environment of a function, from their start to their end: extensions first,
// then the runtime, then one invocation after another. After a crash or a timeout they are ended and
// the environment gets new ones in the same place.

import type { Child, Exit } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import { type Extension, RuntimeSession } from '../../fleet/runtime-session.ts';
import { LAMBDA_MIB_PER_VCPU, LAMBDA_SHUTDOWN_MS } from '../../model/aws-limits.ts';
import { LOCAL_ACCOUNT } from '../../model/metric.ts';
import type { PlatformEvent } from '../../model/platform-event.ts';
import { exitFollows } from '../exit-follows.ts';
import type { AnswerListener } from './answer-call.ts';
import type { EnvironmentSpec } from './environment.ts';
import {
  availabilityZoneId,
  type FunctionProgram,
  type SandboxAddress,
  spawnExtension,
  spawnRuntime,
} from './function-program.ts';
import type { Running } from './running-invocation.ts';
import { RuntimeApi, type RuntimeApiOwner } from './runtime-api.ts';
import { type Telemetry, telemetry } from './telemetry.ts';

/** Why the processes are of no more use. */
export interface Failure {
  /** "Runtime.ExitError", "Extension.Crash", … */
  readonly errorType: string;
  readonly message: string;
  /** What the runtime itself reported, if it did. */
  readonly payload?: Buffer;
  readonly outOfMemory?: boolean;
  readonly exit?: Exit;
}

/** What the sandbox tells the environment it is part of. */
export interface SandboxOwner extends AnswerListener {
  /** A runtime or an extension asked for its next event. */
  moved(): void;
  /** Outside INIT: the processes are of no more use. */
  crashed(failure: Failure): void;
  write(event: PlatformEvent): void;
}

export type InitOutcome =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'late'; readonly waitsFor: string };

interface Waiting {
  readonly until: () => boolean;
  readonly resolve: (failure: Failure | undefined) => void;
}

export type ShutdownReason = 'spindown' | 'timeout' | 'failure';

export class Sandbox implements RuntimeApiOwner {
  readonly session: RuntimeSession;
  readonly telemetry: Telemetry;
  readonly #from: FunctionProgram;
  readonly #spec: EnvironmentSpec;
  readonly #owner: SandboxOwner;
  readonly #api: RuntimeApi;
  readonly #metadataToken: string;
  readonly #extensions = new Map<string, Child>();
  #runtime: Child | undefined;
  #waiting: Waiting | undefined;
  #failure: Failure | undefined;
  /** What the runtime said about its INIT. It counts when the runtime has exited, as it should. */
  #reported: Failure | undefined;
  #ending: Promise<void> | undefined;

  constructor(from: FunctionProgram, spec: EnvironmentSpec, owner: SandboxOwner) {
    this.#from = from;
    this.#spec = spec;
    this.#owner = owner;
    const { clock, rng } = from.ports;
    this.session = new RuntimeSession(
      from.files.extensions.map(({ name }) => name),
      () => rng.uuid(),
    );
    this.telemetry = telemetry(
      clock,
      () => this.#address(),
      (event) => this.#say(event),
    );
    this.#metadataToken = rng.hex(32);
    this.#api = new RuntimeApi({
      clock,
      session: this.session,
      telemetry: this.telemetry,
      owner: this,
      answers: owner,
      facts: {
        functionName: from.functionName,
        version: from.version,
        handler: from.program.handler,
        accountId: LOCAL_ACCOUNT,
        availabilityZoneId: availabilityZoneId(from.inputs.app.region),
        metadataToken: this.#metadataToken,
      },
    });
  }

  /** Starts everything; whatever comes first ends the wait. */
  async init(limitMs: Millis): Promise<InitOutcome> {
    const { clock } = this.#from.ports;
    const { signal } = this.#spec;
    const done = new AbortController();
    const onStop = () => this.#fail({ errorType: 'Sandbox.Failure', message: 'the engine stops' });
    signal.addEventListener('abort', onStop, { once: true });
    if (signal.aborted) onStop();
    const outcome = await Promise.race([
      this.#start(),
      clock.sleep(limitMs, done.signal).then(() => 'late' as const),
    ]);
    done.abort();
    signal.removeEventListener('abort', onStop);
    if (outcome === 'late') {
      return this.#reported === undefined
        ? { kind: 'late', waitsFor: this.#waitsFor() }
        : { kind: 'failed', failure: this.#reported };
    }
    if (outcome !== undefined) return { kind: 'failed', failure: outcome };
    this.session.endInit();
    this.telemetry.initEnds();
    for (const child of this.#children()) {
      child.limitCpu(this.#from.settings.memoryMiB / LAMBDA_MIB_PER_VCPU);
    }
    return { kind: 'ready' };
  }

  async #start(): Promise<Failure | undefined> {
    const api = await this.#api.listen();
    const address = { api, metadataToken: this.#metadataToken };
    for (const { name, path } of this.#from.files.extensions) this.#startOne(name, path, address);
    const early = await this.#until(() => this.session.allRegistered);
    if (early !== undefined) return early;
    this.session.startRuntime();
    this.#startRuntime(address);
    return this.#until(() => this.session.initComplete);
  }

  #startOne(name: string, path: string, address: SandboxAddress): void {
    const child = spawnExtension(this.#from, this.#spec, address, {
      path,
      onLine: (line) => this.#line('extension', line),
    });
    this.#extensions.set(name, child);
    void child.exited.then((exit) => {
      const known = [...this.session.extensions].find((one) => one.name === name);
      if (known !== undefined) this.#sayExtension(known, 'Exited', 'Extension.Crash');
      this.#fail({ errorType: 'Extension.Crash', message: sayTermination(exit), exit });
    });
  }

  #startRuntime(address: SandboxAddress): void {
    const child = spawnRuntime(this.#from, this.#spec, address, (line) =>
      this.#line('function', line),
    );
    this.#runtime = child;
    void child.exited.then((exit) => {
      const reported = this.#reported;
      if (reported !== undefined) this.#fail(reported);
      this.#fail({
        errorType: 'Runtime.ExitError',
        message:
          'code' in exit && exit.code === 0
            ? 'Runtime exited without providing a reason'
            : `Runtime exited with error: ${sayTermination(exit)}`,
        outOfMemory: child.outOfMemory(),
        exit,
      });
    });
  }

  /** Hands out an invocation. */
  deliver(running: Running): void {
    const ids = this.session.invoke(running.requestId);
    this.#api.deliver(running.event());
    if (ids.length === 0) return;
    const text = JSON.stringify(running.extensionEvent());
    this.#api.deliverToExtensions(ids, text, this.#from.ports.rng.uuid());
  }

  /** After its connection broke: resolves when its exit was told, or it is known to live. */
  async runtimeExitFollows(): Promise<void> {
    if (this.#runtime !== undefined) await exitFollows(this.#from.ports.clock, this.#runtime);
  }

  freeze(): void {
    for (const child of this.#children()) child.freeze();
  }

  thaw(): void {
    for (const child of this.#children()) child.thaw();
  }

  peakMemoryBytes(): number {
    let bytes = 0;
    for (const child of this.#children()) bytes += child.usage().peakMemoryBytes;
    return bytes;
  }

  /**
   * Ends everything. Without extensions the runtime is killed at once; with extensions it is asked
   * first, then they are told. [RIE rapid/shutdown.go]
   */
  shutdown(reason: ShutdownReason, windowMs?: Millis): Promise<void> {
    this.#ending ??= this.#shutdown(reason, windowMs);
    return this.#ending;
  }

  async #shutdown(reason: ShutdownReason, windowMs: Millis = this.#window()): Promise<void> {
    const { clock } = this.#from.ports;
    const { sigtermShare } = this.#from.inputs.app.local.assume;
    const deadline = clock.now() + windowMs;
    const ids = this.session.shutdown();
    this.thaw();
    if (this.#runtime !== undefined && windowMs > 0) {
      this.#runtime.signal('SIGTERM');
      await this.#within(this.#runtime.exited, windowMs * sigtermShare);
    }
    this.#runtime?.signal('SIGKILL');
    await this.#runtime?.exited;
    await this.#within(this.telemetry.flush(), Math.max(0, deadline - clock.now()) / 2);
    await this.#endExtensions(reason, ids, deadline);
    this.telemetry.close();
    this.#api.close();
  }

  /** Those that want SHUTDOWN get it and what is left of the window. */
  async #endExtensions(
    reason: ShutdownReason,
    ids: readonly string[],
    deadline: Millis,
  ): Promise<void> {
    const { ports, inputs } = this.#from;
    const { clock, rng } = ports;
    const upper = inputs.app.local.assume.shutdownReason === 'upper';
    const leftMs = Math.max(0, deadline - clock.now());
    const text = JSON.stringify({
      eventType: 'SHUTDOWN',
      shutdownReason: upper ? reason.toUpperCase() : reason,
      deadlineMs: Math.round(clock.wall() + leftMs),
    });
    this.#api.deliverToExtensions(ids, text, rng.uuid());
    const told = new Set(ids.map((id) => this.session.find(id)?.name));
    await Promise.all(
      [...this.#extensions].map(async ([name, child]) => {
        if (told.has(name) && leftMs > 0) await this.#within(child.exited, leftMs);
        child.signal('SIGKILL');
        await child.exited;
      }),
    );
  }

  /** From the wish to end to the end. */
  #window(): Millis {
    const registered = [...this.session.extensions];
    if (registered.some(({ external }) => external)) return LAMBDA_SHUTDOWN_MS.external;
    return registered.length > 0 ? LAMBDA_SHUTDOWN_MS.internal : LAMBDA_SHUTDOWN_MS.none;
  }

  async #within(what: Promise<unknown>, ms: Millis): Promise<void> {
    const done = new AbortController();
    await Promise.race([what, this.#from.ports.clock.sleep(ms, done.signal)]);
    done.abort();
  }

  #address(): string {
    const known = this.#children().find(({ address }) => address !== undefined);
    return known?.address ?? '127.0.0.1';
  }

  #children(): readonly Child[] {
    const { size } = this.#extensions;
    if (size === 0) return this.#runtime === undefined ? [] : [this.#runtime];
    const runtime = this.#runtime === undefined ? [] : [this.#runtime];
    return [...runtime, ...this.#extensions.values()];
  }

  /** Undefined when `until` became true, else why it never will. */
  #until(until: () => boolean): Promise<Failure | undefined> {
    if (this.#failure !== undefined || until()) return Promise.resolve(this.#failure);
    return new Promise((resolve) => {
      this.#waiting = { until, resolve };
    });
  }

  #waitsFor(): string {
    const { session } = this;
    if (!session.allRegistered) return 'an extension has not registered';
    const slow = [...session.extensions].find(({ state }) => state !== 'ready');
    const asks = session.initComplete || session.phase === 'extensions';
    return slow !== undefined && !asks
      ? `extension "${slow.name}" or the runtime has not asked for its first event`
      : 'the runtime has not asked for its first event';
  }

  /** The first failure counts; what follows from it does not. */
  #fail(failure: Failure): void {
    if (this.#failure !== undefined || this.#ending !== undefined) return;
    this.#failure = failure;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting.resolve(failure);
    else if (this.session.phase === 'idle' || this.session.phase === 'invoking') {
      this.#owner.crashed(failure);
    }
  }

  #line(source: 'function' | 'extension', line: string): void {
    this.#spec.log.write(line);
    this.telemetry.line(source, line);
  }

  #say(event: PlatformEvent): void {
    this.#owner.write(event);
  }

  #sayExtension(extension: Extension, state: string, errorType?: string): void {
    this.#say({
      type: 'platform.extension',
      record: {
        name: extension.name,
        state,
        events: [...extension.events],
        ...(errorType !== undefined && { errorType }),
      },
    });
  }

  moved(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#owner.moved();
    } else if (waiting.until()) {
      this.#waiting = undefined;
      waiting.resolve(undefined);
    }
  }

  runtimeInitFailed(errorType: string, payload: Buffer): void {
    const message = 'the runtime reported that it cannot start';
    this.#reported = { errorType, message, payload };
  }

  extensionRegistered(extension: Extension): void {
    this.#sayExtension(extension, 'Registered');
  }

  extensionFailed(extension: Extension, phase: 'init' | 'exit', errorType: string): void {
    this.#sayExtension(extension, phase === 'init' ? 'InitError' : 'ExitError', errorType);
    const kind = phase === 'init' ? 'Extension.InitError' : 'Extension.ExitError';
    this.#fail({ errorType: kind, message: `${extension.name}: ${errorType}` });
  }
}

const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGINT: 'interrupt',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGILL: 'illegal instruction',
  SIGHUP: 'hangup',
  SIGQUIT: 'quit',
};

/** As the supervisor says it. [RIE supervisor/model/model.go ProcessTermination] */
export function sayTermination(exit: Exit): string {
  if ('code' in exit) return `exit status ${exit.code}`;
  return `signal: ${SIGNALS[exit.signal] ?? exit.signal}`;
}
