// The Lambda track of one program: carries out what the pool of environments decides.
//
// A client that goes away does not stop a function: on AWS the load balancer has invoked it and it
// runs to its end. Only a request that still waits for an environment is given up.

import type { Fault } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import type { Meter } from '../../cost/meter.ts';
import {
  type EnvironmentCommand,
  type EnvironmentPool,
  environmentPool,
  type PoolCounts,
  type Room,
} from '../../fleet/environment-pool.ts';
import type { LambdaAccount, Throttle } from '../../fleet/lambda-account.ts';
import { restartWait } from '../../fleet/restart-wait.ts';
import type { LambdaSettings } from '../../model/app.ts';
import type { EventStream } from '../control/event-stream.ts';
import { type EngineInputs, type EnginePorts, emitFault, serviceLog } from '../program.ts';
import type { Admitted, Environment, EnvironmentKind } from './environment.ts';
import type { LambdaMetrics } from './lambda-metrics.ts';

/** An environment is frozen when it has had nothing to do for this long. */
const FREEZE_AFTER_MS = 5;

export interface LambdaTrackParts {
  readonly ports: EnginePorts;
  readonly inputs: EngineInputs;
  /** Name of the service or function. */
  readonly name: string;
  /** "$LATEST" or a number. */
  readonly version: string;
  readonly settings: LambdaSettings;
  readonly events: EventStream;
  readonly account: LambdaAccount;
  readonly meter: Meter;
  readonly metrics: LambdaMetrics;
  readonly room: Room;
  /** A request waits and nothing could be started for it. */
  readonly starved: () => void;
}

interface TemporaryFolder {
  readonly name: string;
  readonly path: string;
}

export class LambdaTrack<request> {
  readonly #parts: LambdaTrackParts;
  #kind: EnvironmentKind<request>;
  readonly #pool: EnvironmentPool<Admitted<request>>;
  readonly #running = new Map<string, Environment<request>>();
  readonly #stopping = new Set<Promise<unknown>>();
  /** Environment → its folder for temporary files. */
  readonly #folders = new Map<string, TemporaryFolder>();
  /** Of environments whose program crashed or ran out of time: the next one goes on with them. */
  readonly #kept: TemporaryFolder[] = [];
  /** Aborts when the engine stops. */
  readonly #closing = new AbortController();
  #sweeping = false;
  /** Starts in a row that failed, and when provisioned environments are tried again. */
  #failures = 0;
  #openAgainAt: Millis = 0;
  #opened: (() => void) | undefined;

  constructor(parts: LambdaTrackParts, kind: EnvironmentKind<request>) {
    this.#parts = parts;
    this.#kind = kind;
    this.#pool = environmentPool<Admitted<request>>({
      provisioned: parts.settings.provisioned,
      idleMs: parts.inputs.app.local.environmentIdleMs,
      freezeAfterMs: FREEZE_AFTER_MS,
      room: parts.room,
      nextId: () => parts.ports.rng.hex(32),
    });
  }

  /** Starts the provisioned environments; resolves when they are ready or have failed once. */
  open(): Promise<void> {
    const { provisioned } = this.#parts.settings;
    if (provisioned === 0) return Promise.resolve();
    this.#parts.meter.provision(this.#parts.name, provisioned, this.#now());
    const opened = new Promise<void>((resolve) => {
      this.#opened = resolve;
    });
    this.#run(this.#pool.open());
    return opened;
  }

  view(now: Millis): { readonly throttled: Throttle | undefined } {
    return { throttled: this.#parts.account.throttled(this.#parts.name, now) };
  }

  /** A request that found Lambda throttled. */
  throttled(): void {
    this.#parts.metrics.throttles.add(1);
  }

  /** Takes a request that is not throttled. */
  invoke(request: request): Admitted<request> {
    const { account, name } = this.#parts;
    const admitted = { request, unit: account.admit(name, this.#now()) };
    const commands = this.#pool.arrive(admitted);
    this.#run(commands);
    if (commands.length === 0) this.#parts.starved();
    return admitted;
  }

  /** Nobody wants the answer: what still waits is forgotten, what runs runs on. */
  giveUp(admitted: Admitted<request>): void {
    if (this.#pool.abandon(admitted)) admitted.unit.release(this.#now());
  }

  counts(): PoolCounts {
    return this.#pool.counts();
  }

  /** What the control loop does every second. */
  tick(): void {
    const now = this.#now();
    const reopened = now < this.#openAgainAt ? [] : this.#pool.open();
    this.#run([...this.#pool.sweep(now), ...reopened, ...this.#pool.kick()]);
    const { account, name, settings, metrics } = this.#parts;
    const { provisionedBusy } = this.#pool.counts();
    metrics.tick(account.inFlight(name), provisionedBusy, settings.provisioned);
  }

  /** Room has appeared. */
  kick(): void {
    this.#run(this.#pool.kick());
  }

  /** Ends an idle environment so that another program can start one. True if there was one. */
  yieldOne(): boolean {
    const commands = this.#pool.yieldOne();
    this.#run(commands);
    return commands.length > 0;
  }

  /** From now on environments run another program; those of the old one end when they are free. */
  renew(kind: EnvironmentKind<request>, why: string): void {
    this.#kind = kind;
    this.#run(this.#pool.retire(why));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const id of [...this.#running.keys()]) this.#end(id, 'the engine stops');
    // What was starting ends too, and what it had become is stopped.
    while (this.#stopping.size > 0) await Promise.all(this.#stopping);
    for (const { name } of this.#kept) this.#parts.ports.files.dropTemporary(name);
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  #run(commands: readonly EnvironmentCommand<Admitted<request>>[]): void {
    for (const command of commands) {
      switch (command.type) {
        case 'start':
          void this.#start(command.id, command.kind === 'provisioned');
          break;
        case 'assign':
          this.#assign(command);
          break;
        case 'freeze':
          this.#running.get(command.id)?.freeze();
          break;
        case 'end':
          this.#end(command.id, command.why);
          break;
        case 'fail':
          // Only a start that failed gives it, and `#notStarted` has dealt with it.
          break;
      }
    }
    if (!this.#sweeping && this.#pool.counts().thawed > 0) this.#sweepSoon();
  }

  #sweepSoon(): void {
    this.#sweeping = true;
    this.#parts.ports.clock.after(FREEZE_AFTER_MS, () => {
      this.#sweeping = false;
      if (!this.#closed) this.#run(this.#pool.sweep(this.#now()));
    });
  }

  async #start(id: string, provisioned: boolean): Promise<void> {
    const { ports, inputs, name, version, events } = this.#parts;
    this.#tell(id, 'starting', provisioned ? 'provisioned' : 'a request waits for it');
    const day = new Date(ports.clock.wall()).toISOString().slice(0, 10).replaceAll('-', '/');
    const log = serviceLog(events, ports.clock, {
      app: inputs.app.name,
      service: name,
      compute: 'lambda',
      stream: `${day}/[${version}]${id}`,
    });
    const temporary = this.#folder(id);
    const { signal } = this.#closing;
    const starting = this.#kind.start(
      { id, provisioned, log, temporary, signal },
      {
        answered: () => this.#pool.answered(id, this.#now()),
        finished: () => this.#run(this.#pool.finished(id, this.#now())),
        ended: (why) => this.#forget(id, why),
        failed: (fault) => emitFault(events, ports.clock, name, fault),
      },
    );
    const stopped = starting.then(
      (environment) => this.#ready(environment),
      (error: unknown) => this.#notStarted(id, error),
    );
    this.#keep(stopped);
    await stopped;
    if (this.#pool.counts().starting === 0) this.#opened?.();
  }

  #ready(environment: Environment<request>): void {
    const { id, initMs } = environment;
    this.#failures = 0;
    this.#running.set(id, environment);
    if (this.#closed) {
      this.#end(id, 'the engine stops');
      return;
    }
    this.#tell(
      id,
      'ready',
      initMs === undefined ? 'INIT starts over in a request' : 'it answers',
      initMs,
    );
    this.#run(this.#pool.started(id, this.#now()));
  }

  #notStarted(id: string, error: unknown): void {
    const { events, ports, name } = this.#parts;
    this.#dropFolder(id);
    this.#tell(id, 'stopped', 'it did not start');
    if (this.#closed) return;
    this.#failures += 1;
    this.#openAgainAt = this.#now() + restartWait(this.#failures);
    const fault = emitFault(events, ports.clock, name, error);
    const commands = this.#pool.ended(id);
    for (const command of commands) {
      if (command.type === 'fail') this.#failWaiting(command.request, id, fault);
    }
    this.#run(commands);
  }

  #failWaiting({ request, unit }: Admitted<request>, environment: string, fault: Fault): void {
    const { metrics } = this.#parts;
    unit.release(this.#now());
    metrics.invocations.add(1);
    metrics.errors.add(1);
    this.#kind.refuse(request, environment, fault);
  }

  #assign({
    id,
    request,
    frozen,
    cold,
  }: EnvironmentCommand<Admitted<request>> & { readonly type: 'assign' }): void {
    const environment = this.#running.get(id);
    if (environment === undefined) return;
    if (frozen) environment.thaw();
    environment.serve(request, cold);
  }

  /** The environment has ended without having been told to. */
  #forget(id: string, why: string): void {
    if (!this.#running.delete(id)) return;
    const folder = this.#folders.get(id);
    this.#folders.delete(id);
    if (folder !== undefined) this.#kept.push(folder);
    this.#tell(id, 'stopped', why);
    if (!this.#closed) this.#run(this.#pool.ended(id));
  }

  #end(id: string, why: string): void {
    const environment = this.#running.get(id);
    if (environment === undefined) return;
    this.#running.delete(id);
    this.#tell(id, 'stopped', why);
    this.#keep(environment.stop().then(() => this.#dropFolder(id)));
  }

  /** `/tmp` outlives the reset of an environment. [LDG:lambda-runtime-environment] */
  #folder(id: string): string {
    const folder = this.#kept.pop() ?? { name: id, path: this.#parts.ports.files.temporary(id) };
    this.#folders.set(id, folder);
    return folder.path;
  }

  #dropFolder(id: string): void {
    const folder = this.#folders.get(id);
    if (folder !== undefined) this.#parts.ports.files.dropTemporary(folder.name);
    this.#folders.delete(id);
  }

  /** The track is not closed before this is over. */
  #keep(work: Promise<unknown>): void {
    const kept = work.finally(() => this.#stopping.delete(kept));
    this.#stopping.add(kept);
  }

  #tell(id: string, state: 'starting' | 'ready' | 'stopped', why: string, initMs?: Millis): void {
    const { events, ports, name } = this.#parts;
    events.emit({
      type: 'environment',
      at: ports.clock.wall(),
      service: name,
      id,
      state,
      why,
      ...(initMs !== undefined && { initMs }),
    });
  }

  #now(): Millis {
    return this.#parts.ports.clock.now();
  }
}
