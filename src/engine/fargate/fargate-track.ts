// The Fargate track of one service: carries out what the pool of tasks decides, and gives requests
// to tasks.

import type { Millis } from '../../base/units.ts';
import { BYTES_PER_MIB } from '../../base/units.ts';
import type { Meter } from '../../cost/meter.ts';
import {
  type Task,
  type TaskCommand,
  type TaskCounts,
  type TaskPool,
  taskPool,
} from '../../fleet/task-pool.ts';
import type { Service } from '../../model/app.ts';
import { CPU_UNITS_PER_VCPU } from '../../model/aws-limits.ts';
import type { TaskEvent } from '../../model/event.ts';
import type { FargateSettings, TargetStickiness } from '../../model/fargate.ts';
import type { FargateView } from '../../routing/choose.ts';
import type { EventStream } from '../control/event-stream.ts';
import type { Upstream } from '../http1/upstream.ts';
import { type EngineInputs, type EnginePorts, emitFault, serviceLog } from '../program.ts';
import { endFault, startTask, type TaskProcess, type TaskSpec } from './task-process.ts';

export interface FargateTrackParts {
  readonly ports: EnginePorts;
  readonly inputs: EngineInputs;
  readonly service: Service;
  readonly settings: FargateSettings;
  readonly events: EventStream;
  readonly meter: Meter;
}

export interface Slot {
  readonly task: string;
  readonly upstream: Upstream;
  release(): void;
}

export interface TaskUse {
  /** Mean over the running tasks, percent of what they reserve; undefined without a task. */
  readonly cpuPercent: number | undefined;
  readonly memoryPercent: number | undefined;
  readonly cpuUnitsUsed: number;
  readonly memoryMiBUsed: number;
}

interface Measured {
  readonly cpuMs: number;
  readonly at: Millis;
}

export class FargateTrack {
  readonly #parts: FargateTrackParts;
  readonly #pool: TaskPool;
  readonly #processes = new Map<string, TaskProcess>();
  readonly #specs = new Map<string, TaskSpec>();
  readonly #measured = new Map<string, Measured>();
  /** Tasks that were ended because they never became healthy; why has been said. */
  readonly #givenUp = new Set<string>();
  #closed = false;
  #settled: (() => void) | undefined;
  #warnedOfLoopback = false;

  constructor(parts: FargateTrackParts) {
    this.#parts = parts;
    const { settings, service, ports } = parts;
    this.#pool = taskPool({
      concurrency: settings.concurrency,
      drainMs: settings.drainMs,
      spotShare: settings.spotShare,
      healthyAfter: service.health.healthyAfter,
      unhealthyAfter: service.health.unhealthyAfter,
      nextId: () => ports.rng.hex(32),
    });
  }

  /** Starts the minimum; resolves when the first task is healthy or has failed. */
  open(): Promise<void> {
    const { min } = this.#parts.settings.tasks;
    if (min === 0) return Promise.resolve();
    const settled = new Promise<void>((resolve) => {
      this.#settled = resolve;
    });
    this.scale(min, 'tasks.min');
    return settled;
  }

  view(): FargateView {
    const { desired, healthy, slots, slotsInUse } = this.#pool.counts();
    return { desired, healthy, slots, slotsInUse };
  }

  counts(): TaskCounts {
    return this.#pool.counts();
  }

  tasks(): readonly Task[] {
    return this.#pool.tasks();
  }

  scale(desired: number, why: string): void {
    this.#run(this.#pool.scale(desired, why, this.#now()));
  }

  tick(): void {
    if (!this.#closed) this.#run(this.#pool.tick(this.#now()));
  }

  get stickiness(): TargetStickiness | undefined {
    return this.#parts.settings.targetGroup.stickiness;
  }

  /** A slot of a task, of `sticky` if it is healthy; with `beyond` also of one that has none free. */
  acquire(beyond: boolean, sticky: string | undefined): Slot | undefined {
    const id = this.#pool.acquire(beyond, sticky);
    const process = id === undefined ? undefined : this.#processes.get(id);
    if (id === undefined || process === undefined) return undefined;
    return new TaskSlot(id, process.upstream, this);
  }

  /** A slot is given back once. */
  release(id: string): void {
    this.#run(this.#pool.release(id));
  }

  /** Processor and memory of the running tasks since the last call. */
  measure(): TaskUse {
    const now = this.#now();
    const { cpuUnits, memoryMiB } = this.#parts.settings;
    let tasks = 0;
    let cores = 0;
    let memory = 0;
    for (const [id, { child }] of this.#processes) {
      const { cpuMs, memoryBytes } = child.usage();
      const before = this.#measured.get(id);
      this.#measured.set(id, { cpuMs, at: now });
      if (before === undefined || now <= before.at) continue;
      tasks += 1;
      // A task has what it reserves; without control groups it may take more of this machine.
      const used = Math.max(0, cpuMs - before.cpuMs) / (now - before.at);
      cores += Math.min(used, cpuUnits / CPU_UNITS_PER_VCPU);
      memory += memoryBytes / BYTES_PER_MIB;
    }
    const reserved = (tasks * cpuUnits) / CPU_UNITS_PER_VCPU;
    return {
      cpuPercent: tasks === 0 ? undefined : (100 * cores) / reserved,
      memoryPercent: tasks === 0 ? undefined : (100 * memory) / (tasks * memoryMiB),
      cpuUnitsUsed: cores * CPU_UNITS_PER_VCPU,
      memoryMiBUsed: memory,
    };
  }

  /** Stops every task as ECS does; `kill` ends the wait. */
  async close(kill: AbortSignal): Promise<void> {
    this.#closed = true;
    const processes = [...this.#processes.values()];
    const killAll = () => {
      for (const process of processes) process.kill();
    };
    kill.addEventListener('abort', killAll, { once: true });
    if (kill.aborted) killAll();
    this.#run(this.#pool.scale(0, 'the engine stops', this.#now()));
    await Promise.all(processes.map((process) => process.stop()));
  }

  #run(commands: readonly TaskCommand[]): void {
    for (const command of commands) {
      switch (command.type) {
        case 'start':
          if (!this.#closed) void this.#start(command.id, command.spot);
          break;
        case 'stop':
          this.#stop(command.id, command.why);
          break;
        case 'changed':
          this.#taskEvent(command.id, command.state, command.why);
          if (command.state === 'healthy') this.#becameHealthy(command.id);
          break;
      }
    }
  }

  async #start(id: string, spot: boolean): Promise<void> {
    const { ports, inputs, service, settings, events, meter } = this.#parts;
    this.#taskEvent(id, 'starting', spot ? 'wanted, on Spot' : 'wanted');
    const log = serviceLog(events, ports.clock, {
      app: inputs.app.name,
      service: service.name,
      compute: 'fargate',
      stream: `ecs/${service.name}/${id}`,
    });
    const spec: TaskSpec = {
      inputs,
      service,
      settings,
      id,
      log,
      checked: (ok, why) => this.#run(this.#pool.checked(id, ok, why, this.#now())),
      gaveUp: (fault) => {
        emitFault(events, ports.clock, service.name, fault);
        this.#givenUp.add(id);
        void this.#processes.get(id)?.stop();
      },
    };
    this.#specs.set(id, spec);
    meter.taskStarted(service.name, id, spot, this.#now());
    const process = await startTask(ports, spec);
    this.#processes.set(id, process);
    void process.child.exited.then((exit) => this.#exited(process, exit));
    // It may have been told to stop while it was being started.
    const state = this.#pool.get(id)?.state;
    if (this.#closed || state === undefined || state === 'stopping') void process.stop();
  }

  #stop(id: string, why: string): void {
    this.#taskEvent(id, 'stopping', why);
    void this.#processes.get(id)?.stop();
  }

  #exited(process: TaskProcess, exit: Awaited<TaskProcess['child']['exited']>): void {
    const { id, child, port } = process;
    const { service, events, ports, meter } = this.#parts;
    const task = this.#pool.get(id);
    const spec = this.#specs.get(id);
    process.upstream.close();
    this.#processes.delete(id);
    this.#specs.delete(id);
    this.#measured.delete(id);
    meter.taskEnded(service.name, id, this.#now());
    const leaving = task === undefined || task.state === 'stopping' || this.#closed;
    const givenUp = this.#givenUp.delete(id);
    let why = givenUp ? 'it never became healthy' : 'it was stopped';
    if (!leaving && !givenUp && spec !== undefined) {
      const fault = endFault(spec, child, port, exit, task.wasHealthy);
      why = emitFault(events, ports.clock, service.name, fault).message.split('\n')[0] ?? '';
    }
    this.#taskEvent(id, 'stopped', why);
    this.#settled?.();
    const commands = this.#pool.ended(id, this.#now());
    if (!this.#closed) this.#run(commands);
  }

  #becameHealthy(id: string): void {
    this.#settled?.();
    const process = this.#processes.get(id);
    const own = process?.child.listeners().filter(({ port }) => port === process.port) ?? [];
    if (this.#warnedOfLoopback || own.length === 0 || own.some(({ loopback }) => !loopback)) return;
    this.#warnedOfLoopback = true;
    const { events, ports, service } = this.#parts;
    events.emit({
      type: 'notice',
      at: ports.clock.wall(),
      message: `${service.name} listens on 127.0.0.1 only. That works here and on Lambda; on Fargate the load balancer cannot reach it. Listen on 0.0.0.0.`,
    });
  }

  #taskEvent(id: string, state: TaskEvent['state'], why: string): void {
    const { events, ports, service } = this.#parts;
    events.emit({ type: 'task', at: ports.clock.wall(), service: service.name, id, state, why });
  }

  #now(): Millis {
    return this.#parts.ports.clock.now();
  }
}

class TaskSlot implements Slot {
  readonly task: string;
  readonly upstream: Upstream;
  readonly #track: FargateTrack;
  #released = false;

  constructor(task: string, upstream: Upstream, track: FargateTrack) {
    this.task = task;
    this.upstream = upstream;
    this.#track = track;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#track.release(this.task);
  }
}
