// A service with a virtual clock: the scheduler, the target group, and a driver whose programs do what
// a test wants.

import { seededRng } from '../../src/base/rng.ts';
import { launchBucket } from '../../src/fleet/ecs/launch-bucket.ts';
import type {
  EcsTask,
  SchedulerCommand,
  SchedulerSettings,
  ServiceScheduler,
} from '../../src/fleet/ecs/scheduler.ts';
import { serviceScheduler } from '../../src/fleet/ecs/service-scheduler.ts';
import type { HealthCheck } from '../../src/model/app.ts';
import type { ContainerEnd } from '../../src/model/ecs.ts';
import type { FargateSettings } from '../../src/model/fargate.ts';
import { fargateSettings } from './fargate-settings.ts';
import { VirtualTargets } from './virtual-targets.ts';

export const GROUP = 'arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/api/1';

/** What becomes of the tasks of a revision. */
export interface Program {
  /** From `start` to RUNNING. */
  readonly startMs: number;
  readonly fate:
    | 'works'
    /** It never reaches RUNNING. */
    | 'does not start'
    /** It ends by itself before it was healthy. */
    | 'crashes'
    /** Its health checks fail from the beginning. */
    | 'is never healthy'
    /** It is healthy now and then. */
    | 'flaps'
    /** Nothing is ever heard of it. */
    | 'hangs in activating';
  /** From RUNNING to its fate, or to healthy. */
  readonly afterMs: number;
}

export const WORKS: Program = { startMs: 1000, fate: 'works', afterMs: 1000 };

export interface VirtualSettings extends Partial<SchedulerSettings> {
  readonly seed?: number;
  readonly drainMs?: number;
  readonly check?: Partial<HealthCheck>;
  readonly stopMs?: number;
  /** Of every revision. */
  readonly alarmBakeMs?: number;
}

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class VirtualService {
  readonly scheduler: ServiceScheduler;
  readonly settings: SchedulerSettings;
  readonly targets: VirtualTargets;
  now = 1_000_000;
  readonly events: string[] = [];
  /** All commands in short, without the events: "start 3f…". */
  readonly log: string[] = [];
  /** Called after each call of the scheduler, before its commands are carried out. */
  onCall: (commands: readonly SchedulerCommand[]) => void = () => undefined;
  /** Called with each command before it is carried out. */
  onCommand: (command: SchedulerCommand) => void = () => undefined;
  /** Called when all commands are carried out. */
  onQuiet: () => void = () => undefined;
  readonly programs = new Map<number, Program>();
  /** Of the revisions that are deployed from now on. */
  alarmBakeMs: number;
  readonly #stopMs: number;
  readonly #queue: SchedulerCommand[] = [];
  #draining = false;
  #due: Due[] = [];
  #order = 0;
  #nextTick = this.now + 1000;

  constructor({
    seed = 1,
    drainMs = 2000,
    stopMs = 500,
    alarmBakeMs = 0,
    check = {},
    ...over
  }: VirtualSettings = {}) {
    this.alarmBakeMs = alarmBakeMs;
    this.#stopMs = stopMs;
    this.settings = {
      service: 'api',
      targetGroup: GROUP,
      port: 8080,
      zones: ['a', 'b', 'c'],
      launches: launchBucket(),
      rng: seededRng(seed, 'ecs'),
      crashFailsDeployment: true,
      ...over,
    };
    this.scheduler = serviceScheduler(this.settings);
    this.targets = new VirtualTargets({
      drainMs,
      check,
      now: () => this.now,
      after: (ms, run) => this.after(ms, run),
      changed: (changes) =>
        this.do((now) =>
          changes.flatMap(({ id, health }) => this.scheduler.target(id, health, now)),
        ),
    });
  }

  deploy(revision: number, over: Partial<FargateSettings> = {}, program = WORKS): void {
    this.programs.set(revision, program);
    const { alarmBakeMs } = this;
    const next = { number: revision, settings: fargateSettings(over), alarmBakeMs };
    this.do((now) => this.scheduler.deploy(next, 'a test', now));
  }

  scale(desired: number): void {
    this.do((now) => this.scheduler.scale(desired, 'a test', now));
  }

  /** Calls the scheduler and carries out what it says, after all that it has said before. */
  do(call: (now: number) => readonly SchedulerCommand[]): void {
    const commands = call(this.now);
    this.onCall(commands);
    this.#queue.push(...commands);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.onCommand(next);
        this.#carryOut(next);
      }
    } finally {
      this.#draining = false;
    }
    this.onQuiet();
  }

  /** Lets time pass, with a tick every second. */
  pass(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const next = this.#due[0]?.at ?? Number.POSITIVE_INFINITY;
      const at = Math.min(next, this.#nextTick);
      if (at > until) break;
      this.now = at;
      if (next <= this.#nextTick) this.#due.shift()?.run();
      else {
        this.#nextTick += 1000;
        this.do((now) => this.scheduler.tick(now));
      }
    }
    this.now = until;
  }

  tasks(status?: EcsTask['status']): readonly EcsTask[] {
    const all = this.scheduler.tasks();
    return status === undefined ? all : all.filter((task) => task.status === status);
  }

  /** The program of a task ends by itself. */
  crash(id: string, end: ContainerEnd = { exitCode: 1, reason: undefined }): void {
    this.do((now) => this.scheduler.ended(id, end, now));
    this.targets.ended(id);
  }

  /** From now on its program fails its checks. */
  sick(id: string): void {
    this.targets.found(id, false);
  }

  /** From now on its program passes its checks. */
  well(id: string): void {
    this.targets.found(id, true);
  }

  after(ms: number, run: () => void): void {
    const due = { at: this.now + ms, order: this.#order++, run };
    let at = this.#due.length;
    while (at > 0 && isBefore(due, this.#due[at - 1])) at -= 1;
    this.#due.splice(at, 0, due);
  }

  #carryOut(command: SchedulerCommand): void {
    if (command.type === 'event') this.events.push(command.message);
    else if (command.type === 'status') this.log.push(`${command.status} ${command.id}`);
    else if (command.type === 'rollout') this.log.push(`rollout ${command.deployment.rollout}`);
    else if (command.type === 'start') this.#start(command.task);
    else this.#other(command.type, command.id);
  }

  #start({ id, revision }: EcsTask): void {
    this.log.push(`start ${id}`);
    const { startMs, fate, afterMs } = this.programs.get(revision) ?? WORKS;
    this.do((now) => this.scheduler.activating(id, now));
    if (fate === 'hangs in activating') return;
    this.after(startMs, () => {
      if (fate === 'does not start') {
        this.crash(id, { exitCode: 1, reason: 'CannotStartContainerError: no such file' });
        return;
      }
      this.do((now) => this.scheduler.running(id, now));
      if (fate === 'crashes') this.after(afterMs, () => this.#crashIfRunning(id));
    });
  }

  #flap(id: string, everyMs: number, healthy: boolean): void {
    this.after(everyMs, () => {
      if (this.scheduler.get(id)?.status !== 'RUNNING') return;
      this.targets.found(id, healthy);
      this.#flap(id, everyMs, !healthy);
    });
  }

  #crashIfRunning(id: string): void {
    if (this.scheduler.get(id)?.status === 'RUNNING') this.crash(id);
  }

  #other(type: 'register' | 'deregister' | 'stop' | 'kill', id: string): void {
    this.log.push(`${type} ${id}`);
    if (type === 'register') {
      const task = this.scheduler.get(id);
      this.targets.register(id, task?.zone ?? '');
      const { fate, afterMs } = this.programs.get(task?.revision ?? 0) ?? WORKS;
      if (fate === 'works') this.after(afterMs, () => this.well(id));
      if (fate === 'flaps') this.#flap(id, Math.max(500, afterMs), true);
      if (fate === 'is never healthy') this.after(afterMs, () => this.sick(id));
    } else if (type === 'deregister') {
      this.targets.deregister(id);
    } else {
      const exitCode = type === 'kill' ? 137 : 143;
      this.after(this.#stopMs, () => this.crash(id, { exitCode, reason: undefined }));
    }
  }
}

function isBefore(a: Due, b: Due | undefined): boolean {
  return b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order));
}
