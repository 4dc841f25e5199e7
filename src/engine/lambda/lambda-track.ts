// The Lambda track of one service: carries out what the pool of environments decides.
//
// A client that goes away does not stop a function: on AWS the load balancer has invoked it and it
// runs to its end. Only a request that still waits for an environment is given up.

import type { Fault } from '../../base/fault.ts';
import type { Child } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { Meter } from '../../cost/meter.ts';
import {
  type EnvironmentCommand,
  type EnvironmentPool,
  environmentPool,
  type PoolCounts,
  type Room,
} from '../../fleet/environment-pool.ts';
import type { LambdaAccount } from '../../fleet/lambda-account.ts';
import { restartWait } from '../../fleet/restart-wait.ts';
import type { LambdaSettings, Service } from '../../model/app.ts';
import { awsNames } from '../../model/metric.ts';
import type { LambdaView } from '../../routing/choose.ts';
import type { EventStream } from '../control/event-stream.ts';
import type { MetricStore } from '../control/metric-store.ts';
import { type EngineInputs, type EnginePorts, emitFault, serviceLog } from '../program.ts';
import { type EnvironmentProcess, startEnvironment } from './environment-process.ts';
import { type LambdaMetrics, lambdaMetrics } from './lambda-metrics.ts';
import { type Admitted, type LambdaRequest, RunningEnvironment } from './running-environment.ts';

/** An environment is frozen when it has had nothing to do for this long. */
const FREEZE_AFTER_MS = 5;

export interface LambdaTrackParts {
  readonly ports: EnginePorts;
  readonly inputs: EngineInputs;
  readonly service: Service;
  readonly settings: LambdaSettings;
  readonly events: EventStream;
  readonly account: LambdaAccount;
  readonly meter: Meter;
  readonly metrics: MetricStore;
  readonly room: Room;
  /** A request waits and nothing could be started for it. */
  readonly starved: () => void;
}

/** A request that was taken. */
export type Ticket = Admitted;

export class LambdaTrack {
  readonly #parts: LambdaTrackParts;
  readonly #pool: EnvironmentPool<Admitted>;
  readonly #functionName: string;
  readonly #metrics: LambdaMetrics;
  readonly #running = new Map<string, RunningEnvironment>();
  /** Programs that are started and not ready yet, to be ended with the engine. */
  readonly #starting = new Map<string, Child>();
  readonly #stopping = new Set<Promise<unknown>>();
  #sweeping = false;
  #closed = false;
  /** Starts in a row that failed, and when provisioned environments are tried again. */
  #failures = 0;
  #openAgainAt: Millis = 0;
  #opened: (() => void) | undefined;

  constructor(parts: LambdaTrackParts) {
    this.#parts = parts;
    this.#functionName = awsNames(parts.inputs.app.name).function(parts.service.name);
    this.#metrics = lambdaMetrics(parts.metrics, this.#functionName, parts.settings);
    this.#pool = environmentPool<Admitted>({
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
    this.#parts.meter.provision(this.#parts.service.name, provisioned, this.#now());
    const opened = new Promise<void>((resolve) => {
      this.#opened = resolve;
    });
    this.#run(this.#pool.open());
    return opened;
  }

  view(now: Millis): LambdaView {
    return { throttled: this.#parts.account.throttled(this.#parts.service.name, now) };
  }

  /** A request that found Lambda throttled. */
  throttled(): void {
    this.#metrics.throttles.add(1);
  }

  /** Takes a request that is not throttled. */
  invoke(request: LambdaRequest): Ticket {
    const { account, service } = this.#parts;
    const admitted: Admitted = { request, unit: account.admit(service.name, this.#now()) };
    const commands = this.#pool.arrive(admitted);
    this.#run(commands);
    if (commands.length === 0) this.#parts.starved();
    return admitted;
  }

  /** Nobody wants the answer: what still waits is forgotten, what runs runs on. */
  giveUp(ticket: Ticket): void {
    if (this.#pool.abandon(ticket)) ticket.unit.release(this.#now());
  }

  counts(): PoolCounts {
    return this.#pool.counts();
  }

  /** What the control loop does every second. */
  tick(): void {
    const now = this.#now();
    const reopened = now < this.#openAgainAt ? [] : this.#pool.open();
    this.#run([...this.#pool.sweep(now), ...reopened, ...this.#pool.kick()]);
    const { account, service, settings } = this.#parts;
    const { provisionedBusy } = this.#pool.counts();
    this.#metrics.tick(account.inFlight(service.name), provisionedBusy, settings.provisioned);
  }

  /** Room has appeared. */
  kick(): void {
    this.#run(this.#pool.kick());
  }

  /** Ends an idle environment so that another service can start one. True if there was one. */
  yieldOne(): boolean {
    const commands = this.#pool.yieldOne();
    this.#run(commands);
    return commands.length > 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const child of this.#starting.values()) child.signal('SIGKILL');
    for (const id of [...this.#running.keys()]) this.#end(id, 'the engine stops');
    await Promise.all(this.#stopping);
  }

  #run(commands: readonly EnvironmentCommand<Admitted>[]): void {
    for (const command of commands) {
      switch (command.type) {
        case 'start':
          void this.#start(command.id, command.kind === 'provisioned');
          break;
        case 'assign':
          this.#assign(command);
          break;
        case 'freeze':
          this.#running.get(command.id)?.process.child.freeze();
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
    const { ports, inputs, service, settings, events } = this.#parts;
    this.#tell(id, 'starting', provisioned ? 'provisioned' : 'a request waits for it');
    const day = new Date(ports.clock.wall()).toISOString().slice(0, 10).replaceAll('-', '/');
    const log = serviceLog(events, ports.clock, {
      app: inputs.app.name,
      service: service.name,
      compute: 'lambda',
      stream: `${day}/[1]${id}`,
    });
    const temporary = ports.files.temporary(id);
    const functionName = this.#functionName;
    const spec = { inputs, service, settings, functionName, id, provisioned, log, temporary };
    try {
      const process = await startEnvironment(ports, spec, (child) => this.#starting.set(id, child));
      this.#starting.delete(id);
      this.#ready(process, provisioned);
    } catch (error) {
      this.#starting.delete(id);
      this.#notStarted(id, error);
    }
    if (this.#pool.counts().starting === 0) this.#opened?.();
  }

  #ready(process: EnvironmentProcess, provisioned: boolean): void {
    const { id, initMs } = process;
    const { ports, service, settings, meter, events } = this.#parts;
    const environment = new RunningEnvironment(process, provisioned, {
      clock: ports.clock,
      rng: ports.rng,
      service,
      settings,
      meter,
      metrics: this.#metrics,
      finished: () => this.#run(this.#pool.finished(id, this.#now())),
      spoilt: (why) => this.#forget(id, why),
    });
    this.#failures = 0;
    this.#running.set(id, environment);
    if (this.#closed) {
      this.#end(id, 'the engine stops');
      return;
    }
    void process.child.exited.then((exit) => {
      if (!this.#running.has(id)) return;
      const fault = emitFault(events, ports.clock, service.name, environment.exited(exit));
      this.#forget(id, fault.message.split('\n')[0] ?? '');
    });
    this.#tell(id, 'ready', 'it answers', initMs);
    this.#run(this.#pool.started(id, this.#now()));
  }

  #notStarted(id: string, error: unknown): void {
    const { events, ports, service } = this.#parts;
    ports.files.dropTemporary(id);
    this.#tell(id, 'stopped', 'it did not start');
    if (this.#closed) return;
    this.#failures += 1;
    this.#openAgainAt = this.#now() + restartWait(this.#failures);
    const fault = emitFault(events, ports.clock, service.name, error);
    const commands = this.#pool.ended(id);
    for (const command of commands) {
      if (command.type === 'fail') this.#failWaiting(command.request, id, fault);
    }
    this.#run(commands);
  }

  #failWaiting({ request, unit }: Admitted, environment: string, fault: Fault): void {
    unit.release(this.#now());
    this.#metrics.invocations.add(1);
    this.#metrics.errors.add(1);
    request.settled({ kind: 'failed', status: 502, fault, environment, cold: true });
  }

  #assign({
    id,
    request,
    frozen,
    cold,
  }: EnvironmentCommand<Admitted> & { readonly type: 'assign' }): void {
    const environment = this.#running.get(id);
    if (environment === undefined) return;
    if (frozen) environment.process.child.thaw();
    environment.serve(request, cold);
  }

  /** The environment has ended without having been told to. */
  #forget(id: string, why: string): void {
    this.#running.get(id)?.process.upstream.close();
    this.#running.delete(id);
    this.#parts.ports.files.dropTemporary(id);
    this.#tell(id, 'stopped', why);
    if (!this.#closed) this.#run(this.#pool.ended(id));
  }

  #end(id: string, why: string): void {
    const environment = this.#running.get(id);
    if (environment === undefined) return;
    this.#running.delete(id);
    this.#tell(id, 'stopped', why);
    const stopped = environment.process.stop().then(() => {
      this.#parts.ports.files.dropTemporary(id);
      this.#stopping.delete(stopped);
    });
    this.#stopping.add(stopped);
  }

  #tell(id: string, state: 'starting' | 'ready' | 'stopped', why: string, initMs?: Millis): void {
    const { events, ports, service } = this.#parts;
    events.emit({
      type: 'environment',
      at: ports.clock.wall(),
      service: service.name,
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
