// One task from the moment the scheduler wants it to its end: it waits as long as Fargate takes to
// start one, runs the program and its check, and tells its owner.

import { Fault } from '../../base/fault.ts';
import type { Clock } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { EcsTask } from '../../fleet/ecs/scheduler.ts';
import type { ContainerEnd, ContainerHealth } from '../../model/ecs.ts';
import type { EnginePorts, ServiceLog } from '../program.ts';
import { watchContainer } from './container-check.ts';
import { endFault, startTask, type TaskProcess, type TaskProgram } from './task-process.ts';

/** Each is called once at most, in this order; `ended` always. */
export interface LaunchOwner {
  activating(launch: Launch, process: TaskProcess): void;
  running(launch: Launch): void;
  container(launch: Launch, health: ContainerHealth, why: string): void;
  /** `end` is undefined when nothing was started; `fault` says why it ended, if by itself. */
  ended(launch: Launch, end: ContainerEnd | undefined, fault: (wasHealthy: boolean) => Fault): void;
}

export interface LaunchParts {
  readonly ports: EnginePorts;
  /** As the scheduler had it when it wanted it. */
  readonly task: EcsTask;
  readonly program: TaskProgram;
  readonly log: ServiceLog;
  readonly metadataUri: string;
  readonly owner: LaunchOwner;
}

export class Launch {
  readonly task: EcsTask;
  readonly program: TaskProgram;
  readonly log: ServiceLog;
  /** Resolves when it is over and its owner knows. */
  readonly over: Promise<void>;
  readonly #owner: LaunchOwner;
  readonly #waiting = new AbortController();
  #process: TaskProcess | undefined;
  #asked: { readonly withinMs: Millis } | 'kill' | undefined;

  constructor({ ports, task, program, log, metadataUri, owner }: LaunchParts) {
    this.task = task;
    this.program = program;
    this.log = log;
    this.#owner = owner;
    this.over = this.#run(ports, metadataUri);
  }

  /** While it runs. */
  get process(): TaskProcess | undefined {
    return this.#process;
  }

  /** SIGKILL comes after the stop timeout, or after `withinMs` if that is sooner. */
  stop(withinMs: Millis): void {
    if (this.#asked !== undefined) return;
    this.#asked = { withinMs };
    this.#waiting.abort();
    this.#process?.stop(withinMs);
  }

  kill(): void {
    this.#asked = 'kill';
    this.#waiting.abort();
    this.#process?.kill();
  }

  async #run(ports: EnginePorts, metadataUri: string): Promise<void> {
    const { taskStartMs } = this.program.inputs.app.local;
    await ports.clock.sleep(taskStartMs, this.#waiting.signal);
    if (this.#waiting.signal.aborted) {
      this.#owner.ended(this, undefined, this.#notStarted('it was stopped before it started'));
      return;
    }
    let process: TaskProcess;
    try {
      process = await startTask(ports, {
        program: this.program,
        id: this.task.id,
        log: this.log,
        metadataUri,
      });
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      const reason = `ResourceInitializationError: ${what}`;
      this.#owner.ended(this, { exitCode: 1, reason }, this.#notStarted(what));
      return;
    }
    await this.#serve(ports.clock, process);
  }

  async #serve(clock: Clock, process: TaskProcess): Promise<void> {
    this.#process = process;
    if (this.#asked === 'kill') process.kill();
    else if (this.#asked !== undefined) process.stop(this.#asked.withinMs);
    this.#owner.activating(this, process);
    const checking = new AbortController();
    if (await process.started) {
      this.#owner.running(this);
      void this.#watch(clock, process, checking.signal);
    }
    const end = await process.ended;
    checking.abort();
    process.upstream.close();
    process.streams?.close();
    this.#process = undefined;
    this.#owner.ended(this, end.end, (wasHealthy) => endFault(process, end, wasHealthy));
  }

  async #watch(clock: Clock, process: TaskProcess, signal: AbortSignal): Promise<void> {
    const { healthCheck } = this.program.settings;
    if (healthCheck === undefined) return;
    const changed = (health: ContainerHealth, why: string) =>
      this.#owner.container(this, health, why);
    await watchContainer(clock, process, healthCheck, changed, signal);
  }

  #notStarted(what: string): () => Fault {
    const service = this.program.service.name;
    return () => new Fault('TASK_START_BROKEN', { service, what });
  }
}
