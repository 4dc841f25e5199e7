// The tasks of a service as targets of the load balancer: who is registered is asked for its health,
// and what comes of it is told.

import type { Clock } from '../../base/ports.ts';
import {
  type CheckResult,
  type TargetChange,
  type TargetGroup,
  type TargetGroupParts,
  targetGroup,
} from '../../fleet/balancer/target-group.ts';
import { sayCheck, sayQuestion } from '../../fleet/balancer/target-health.ts';
import type { TargetHealth } from '../../model/ecs.ts';
import { HealthChecker } from '../balancer/health-checker.ts';
import { startFault, type TaskProcess, type TaskProgram } from './task-process.ts';
import type { Teller } from './teller.ts';

export interface ServiceTargetsParts {
  readonly clock: Clock;
  readonly teller: Teller;
  /** What new tasks run; its health check is the one of the target group. */
  current(): TaskProgram;
  /** The task has been healthy before. */
  wasHealthy(id: string): boolean;
  changed(id: string, health: TargetHealth): void;
  /** A target is healthy for the first time, or is given up. */
  settled(): void;
}

export class ServiceTargets {
  readonly group: TargetGroup;
  readonly #parts: ServiceTargetsParts;
  readonly #checker: HealthChecker;
  /** Of the targets whose program runs. */
  readonly #processes = new Map<string, TaskProcess>();
  #warnedOfLoopback = false;

  constructor(parts: ServiceTargetsParts) {
    this.#parts = parts;
    const live = liveParts(parts.current);
    this.group = targetGroup(live);
    this.#checker = new HealthChecker({
      clock: parts.clock,
      get health() {
        return live.health;
      },
      checked: (id, result) => this.#note(this.group.checked(id, result, this.#now()), result),
    });
  }

  /** Its program may run already. */
  register(id: string, zone: string, process: TaskProcess | undefined): void {
    this.#note(this.group.register(id, zone, this.#now()));
    if (process !== undefined) this.started(process);
  }

  /** Its program runs; it may be registered. */
  started(process: TaskProcess): void {
    this.#processes.set(process.id, process);
    const state = this.group.health(process.id)?.state;
    if (state === undefined || state === 'draining') return;
    this.#checker.add(process.id, process.port, process.ask);
  }

  ended(id: string): void {
    this.#processes.delete(id);
    this.#checker.remove(id);
  }

  deregister(id: string): void {
    this.#checker.remove(id);
    this.#note(this.group.deregister(id, this.#now()));
  }

  release(id: string): void {
    this.#note(this.group.release(id, this.#now()));
  }

  tick(): void {
    this.#note(this.group.tick(this.#now()));
  }

  close(): void {
    this.#checker.close();
  }

  #note(changes: readonly TargetChange[], check?: CheckResult): void {
    for (const { id, health } of changes) {
      const isNew = !this.#parts.wasHealthy(id);
      if (health.state !== 'initial' && health.state !== 'unused') {
        const why = this.#why(health, isNew, check);
        this.#parts.teller.health(id, 'target', health.state, health.reason, why);
      }
      const process = this.#processes.get(id);
      if (process !== undefined && health.state === 'healthy') this.#healthy(process);
      if (process !== undefined && health.state === 'unhealthy' && isNew && check !== undefined) {
        this.#neverHealthy(process, check);
      }
      this.#parts.changed(id, health);
    }
  }

  #why(health: TargetHealth, isNew: boolean, check: CheckResult | undefined): string {
    if (check === undefined) return health.description ?? '';
    if (isNew && health.state === 'healthy') return 'its first health check passed';
    const rule = this.#parts.current().service.health;
    return `${sayQuestion(rule)}: ${sayCheck(rule, check)}`;
  }

  #healthy({ child, port }: TaskProcess): void {
    this.#parts.settled();
    const own = child.listeners().filter((listener) => listener.port === port);
    if (this.#warnedOfLoopback || own.length === 0 || own.some(({ loopback }) => !loopback)) return;
    this.#warnedOfLoopback = true;
    const { name } = this.#parts.current().service;
    this.#parts.teller.notice(
      `${name} listens on 127.0.0.1 only. That works here and on Lambda; on Fargate the load balancer cannot reach it. Listen on 0.0.0.0.`,
    );
  }

  /** It failed its checks from the start: the program itself is the likely cause. */
  #neverHealthy(process: TaskProcess, check: CheckResult): void {
    this.#parts.settled();
    this.#parts.teller.fault(startFault(process, this.#parts.current().service.health, check));
  }

  #now() {
    return this.#parts.clock.now();
  }
}

/** Settings of the target group are changed in place, as on AWS. */
function liveParts(current: () => TaskProgram): TargetGroupParts {
  return {
    get health() {
      return current().service.health;
    },
    get drainMs() {
      return current().settings.drainMs;
    },
    get concurrency() {
      return current().settings.concurrency;
    },
    get settings() {
      return current().settings.targetGroup;
    },
  };
}
