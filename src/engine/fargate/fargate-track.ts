// A service on Fargate: carries out what the scheduler of ECS and the target group decide, on real
// processes, and gives requests to tasks.
//
// The scheduler says which tasks there are, the target group who gets requests. What one does may
// make the other decide something: their commands stand in one queue, so that each is carried out
// after everything that was decided before it.
//
// Invariants
//   F1. Of every task the scheduler wants started it hears the end, exactly once.
//   F2. A program is asked for its health only while its task is registered.
//   F3. When the track is closed, nothing of it runs.

import type { Fault } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import type { Meter } from '../../cost/meter.ts';
import type { Target } from '../../fleet/balancer/target-group.ts';
import type { LaunchBucket } from '../../fleet/ecs/launch-bucket.ts';
import type {
  Deployment,
  EcsTask,
  SchedulerCommand,
  ServiceScheduler,
} from '../../fleet/ecs/scheduler.ts';
import { serviceScheduler } from '../../fleet/ecs/service-scheduler.ts';
import { SpotMarket } from '../../fleet/ecs/spot-market.ts';
import type { Service } from '../../model/app.ts';
import type { ContainerEnd, ContainerHealth } from '../../model/ecs.ts';
import type { FargateSettings, TargetProtocol, TargetStickiness } from '../../model/fargate.ts';
import { trackOf } from '../../model/track.ts';
import type { FargateView } from '../../routing/choose.ts';
import { alarmBakeMs } from '../../scaling/alarm.ts';
import type { EventStream } from '../control/event-stream.ts';
import { type EngineInputs, type EnginePorts, serviceLog } from '../program.ts';
import { Launch, type LaunchOwner } from './launch.ts';
import { ServiceTargets } from './service-targets.ts';
import { type Slot, TaskSlot } from './slot.ts';
import type { TaskMetadata } from './task-metadata.ts';
import type { TaskCounts } from './task-metrics.ts';
import type { TaskProcess, TaskProgram } from './task-process.ts';
import { type TaskUse, UseMeter } from './task-use.ts';
import { type History, Teller } from './teller.ts';

export interface FargateTrackParts {
  readonly ports: EnginePorts;
  readonly inputs: EngineInputs;
  readonly service: Service;
  readonly settings: FargateSettings;
  readonly events: EventStream;
  readonly meter: Meter;
  readonly launches: LaunchBucket;
  readonly metadata: TaskMetadata;
  /** ARN; undefined when no route leads to the service. */
  readonly targetGroup: string | undefined;
}

export class FargateTrack implements LaunchOwner {
  readonly #parts: FargateTrackParts;
  readonly #scheduler: ServiceScheduler;
  readonly #targets: ServiceTargets;
  /** By number of the revision. */
  readonly #programs = new Map<number, TaskProgram>();
  readonly #launches = new Map<string, Launch>();
  readonly #trackIds = new Map<number, string>();
  readonly #use: UseMeter;
  readonly #teller: Teller;
  #current: TaskProgram;
  #desired = 0;
  readonly #queue: SchedulerCommand[] = [];
  #draining = false;
  #closed = false;
  #settled: (() => void) | undefined;
  readonly #spot: SpotMarket;

  constructor(parts: FargateTrackParts) {
    this.#parts = parts;
    const { settings, service, inputs, ports } = parts;
    this.#current = { revision: 1, service, settings, inputs };
    const { spotInterruptionMs } = inputs.app.local;
    this.#spot = new SpotMarket(spotInterruptionMs, ports.rng, ports.clock.now());
    this.#teller = new Teller(parts.events, ports.clock, service.name);
    this.#scheduler = serviceScheduler({
      service: service.name,
      targetGroup: parts.targetGroup,
      zones: inputs.app.zones,
      launches: parts.launches,
      rng: ports.rng,
      port: service.port,
      crashFailsDeployment: inputs.app.local.assume.crashFailsDeployment,
    });
    this.#targets = new ServiceTargets({
      clock: ports.clock,
      teller: this.#teller,
      current: () => this.#current,
      wasHealthy: (id) => this.#scheduler.get(id)?.wasHealthy === true,
      changed: (id, health) => this.#run(this.#scheduler.target(id, health, this.#now())),
      settled: () => this.#settled?.(),
    });
    this.#use = new UseMeter((fault) => this.#teller.fault(fault));
  }

  /** Starts the minimum; resolves when the first task is healthy or has failed. */
  open(): Promise<void> {
    const { min } = this.#parts.settings.tasks;
    const settled = new Promise<void>((resolve) => {
      this.#settled = resolve;
    });
    this.scale(min, 'tasks.min');
    this.deploy(this.#current, 'the engine starts');
    return min === 0 ? Promise.resolve() : settled;
  }

  get deploying(): boolean {
    return this.#primary()?.rollout === 'IN_PROGRESS';
  }

  /** What new tasks run. */
  get current(): TaskProgram {
    return this.#current;
  }

  program(revision: number): TaskProgram | undefined {
    return this.#programs.get(revision);
  }

  /** A new deployment; returns its id. */
  deploy(program: TaskProgram, why: string): string {
    this.#programs.set(program.revision, program);
    const { name } = this.#parts.service;
    this.#trackIds.set(program.revision, trackOf(name, program.revision, 'fargate').id);
    this.#current = program;
    const { revision: number, settings } = program;
    const next = { number, settings, alarmBakeMs: bakeMsOf(program) };
    this.#run(this.#scheduler.deploy(next, why, this.#now()));
    return this.#primary()?.id ?? '';
  }

  view(): FargateView {
    const { healthy, slots, slotsInUse, failOpen } = this.#targets.group.counts();
    return { desired: this.#desired, healthy, slots, slotsInUse, failOpen };
  }

  counts(): TaskCounts {
    const { desired, pending, running, leaving } = this.#scheduler.counts();
    const { healthy, unhealthy, failOpen, slots, slotsInUse } = this.#targets.group.counts();
    const tasks = { desired, pending, running, leaving };
    const zones = this.#targets.group.zones();
    return { ...tasks, healthy, unhealthy, failOpen, slotsInUse, slots, zones };
  }

  /** Tasks that have not stopped. */
  tasks(): readonly EcsTask[] {
    return this.#scheduler.tasks();
  }

  targets(): readonly Target[] {
    return this.#targets.group.targets();
  }

  deployments(): readonly Deployment[] {
    return this.#scheduler.deployments();
  }

  /** What has stopped, and what ECS said of it. */
  history(): History {
    return this.#teller.history();
  }

  scale(desired: number, why: string): void {
    this.#desired = desired;
    this.#run(this.#scheduler.scale(desired, why, this.#now()));
  }

  tick(): void {
    if (this.#closed) return;
    const now = this.#now();
    this.#targets.tick();
    for (const id of this.#spot.take(this.tasks(), now)) this.interruptSpot(id);
    this.#run(this.#scheduler.tick(now));
  }

  /** Which alarms of the app are in ALARM now. */
  alarms(inAlarm: ReadonlySet<string>): void {
    this.#run(this.#scheduler.alarms(inAlarm, this.#now()));
  }

  /**
   * A slot of a task; with `beyond` also of a task that has none free. `sticky` is the task that a
   * cookie names.
   */
  acquire(beyond: boolean, sticky: string | undefined): Slot | undefined {
    const id = this.#targets.group.pick({ beyond, sticky }, this.#now());
    if (id === undefined) return undefined;
    const launch = this.#launches.get(id);
    const process = launch?.process;
    if (launch === undefined || process === undefined) {
      // It has ended, and the group is about to hear of it.
      this.release(id);
      return undefined;
    }
    const track = this.#trackIds.get(launch.program.revision) ?? '';
    return new TaskSlot(id, track, process, this);
  }

  get protocol(): TargetProtocol {
    return this.#current.settings.targetGroup.protocol;
  }

  get stickiness(): TargetStickiness | undefined {
    return this.#current.settings.targetGroup.stickiness;
  }

  /** A slot is given back once. */
  release(id: string): void {
    this.#targets.release(id);
  }

  /** What the running tasks use, since the last call. */
  measure(): TaskUse {
    const running = [...this.#launches.values()].flatMap(({ process }) => process ?? []);
    return this.#use.read(running, this.#now());
  }

  stopTask(id: string, reason: string): void {
    this.#run(this.#scheduler.stopTask(id, reason, this.#now()));
  }

  /** Without an id, every task on Spot. */
  interruptSpot(id: string | undefined): void {
    this.#run(this.#scheduler.interruptSpot(id, this.#now()));
  }

  loseZone(zone: string): void {
    this.#run(this.#scheduler.loseZone(zone, this.#now()));
  }

  restoreZone(zone: string): void {
    this.#run(this.#scheduler.restoreZone(zone, this.#now()));
  }

  /** Its program, while it runs: to kill it, or to make it hang. */
  process(id: string): TaskProcess | undefined {
    return this.#launches.get(id)?.process;
  }

  /** Stops every task as ECS does; `kill` ends the wait. */
  async close(kill: AbortSignal): Promise<void> {
    this.#closed = true;
    this.scale(0, 'the engine stops');
    this.#targets.close();
    const launches = [...this.#launches.values()];
    const killAll = () => {
      for (const launch of launches) launch.kill();
    };
    kill.addEventListener('abort', killAll, { once: true });
    for (const launch of launches) launch.stop(Number.POSITIVE_INFINITY);
    if (kill.aborted) killAll();
    await Promise.all(launches.map(({ over }) => over));
    kill.removeEventListener('abort', killAll);
  }

  activating({ task, program }: Launch, process: TaskProcess): void {
    const { meter, service } = this.#parts;
    meter.taskStarted(service.name, task.id, task.spot, this.#now(), program.settings);
    this.#targets.started(process);
    this.#run(this.#scheduler.activating(task.id, this.#now()));
  }

  running({ task }: Launch): void {
    if (this.#parts.targetGroup === undefined) this.#settled?.();
    this.#run(this.#scheduler.running(task.id, this.#now()));
  }

  container({ task }: Launch, state: ContainerHealth, why: string): void {
    this.#teller.health(task.id, 'container', state, undefined, why);
    this.#run(this.#scheduler.container(task.id, state, this.#now()));
  }

  ended(
    { task: { id } }: Launch,
    end: ContainerEnd | undefined,
    fault: (wasHealthy: boolean) => Fault,
  ): void {
    const { service, meter } = this.#parts;
    this.#targets.ended(id);
    meter.taskEnded(service.name, id, this.#now());
    const task = this.#scheduler.get(id);
    const byItself = task !== undefined && task.stop === undefined && !this.#closed;
    if (byItself) this.#teller.fault(fault(task.wasHealthy));
    this.#run(this.#scheduler.ended(id, end, this.#now()));
    this.#settled?.();
  }

  #run(commands: readonly SchedulerCommand[]): void {
    this.#queue.push(...commands);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.#carryOut(next);
      }
    } finally {
      this.#draining = false;
    }
  }

  #carryOut(command: SchedulerCommand): void {
    switch (command.type) {
      case 'start':
        this.#start(command.task);
        break;
      case 'register':
        this.#register(command.id);
        break;
      case 'deregister':
        this.#targets.deregister(command.id);
        break;
      case 'stop':
        this.#stop(command.id);
        break;
      case 'kill':
        this.#launches.get(command.id)?.kill();
        break;
      case 'status':
        this.#status(command);
        break;
      // With the engine every service comes to rest at zero, and every deployment with it: no news.
      case 'event':
        if (!this.#closed) this.#teller.event(command.message);
        break;
      case 'rollout':
        if (!this.#closed) this.#rollout(command.deployment);
        break;
    }
  }

  #start(task: EcsTask): void {
    const program = this.#programs.get(task.revision);
    if (program === undefined || this.#closed) return;
    const { ports, events, service } = this.#parts;
    const log = serviceLog(events, ports.clock, {
      app: program.inputs.app.name,
      service: service.name,
      compute: 'fargate',
      stream: `ecs/${service.name}/${task.id}`,
    });
    const { id } = task;
    const metadataUri = this.#parts.metadata.add(id, () => {
      const now = this.#scheduler.get(id) ?? task;
      return { task: now, program, log, storageBytes: this.#use.storageBytes(id) };
    });
    const launch = new Launch({ ports, task, program, log, metadataUri, owner: this });
    this.#launches.set(id, launch);
  }

  #stop(id: string): void {
    const { spotWarningMs } = this.#parts.inputs.app.local;
    const taken = this.#scheduler.get(id)?.stop?.code === 'SpotInterruption';
    this.#launches.get(id)?.stop(taken ? spotWarningMs : Number.POSITIVE_INFINITY);
  }

  #register(id: string): void {
    const launch = this.#launches.get(id);
    if (launch !== undefined) this.#targets.register(id, launch.task.zone, launch.process);
  }

  #status({ id, status, why }: SchedulerCommand & { readonly type: 'status' }): void {
    const launch = this.#launches.get(id);
    const task = this.#scheduler.get(id) ?? launch?.task;
    if (task === undefined) return;
    const track = this.#trackIds.get(task.revision) ?? '';
    this.#teller.task(task, status, why, track, launch?.log.lastLines() ?? []);
    if (status !== 'STOPPED') return;
    this.#launches.delete(id);
    this.#parts.metadata.remove(id);
  }

  #rollout(deployment: Deployment): void {
    const program = this.#programs.get(deployment.revision);
    const primary = this.#primary();
    // A deployment that goes back brings the settings of its revision with it.
    if (program !== undefined && primary?.id === deployment.id) this.#current = program;
    this.#teller.deployment(deployment);
  }

  #primary(): Deployment | undefined {
    return this.#scheduler.deployments().find(({ status }) => status === 'PRIMARY');
  }

  #now(): Millis {
    return this.#parts.ports.clock.now();
  }
}

/** For how long its alarms are watched once its tasks are healthy. */
function bakeMsOf({ settings, inputs }: TaskProgram): Millis {
  const names = settings.deployment.alarms?.names ?? [];
  return alarmBakeMs(inputs.app.alarms.filter(({ name }) => names.includes(name)));
}
