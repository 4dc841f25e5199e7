// Watches a virtual service and holds it to the numbered invariants of `service-scheduler.ts`, and its
// targets to this one: whatever is registered is healthy or says why, and the scheduler knows it so.

import { expect } from 'vitest';
import { boundsOf } from '../../src/fleet/ecs/percent.ts';
import type { EcsTask, SchedulerCommand } from '../../src/fleet/ecs/scheduler.ts';
import type { TargetHealth } from '../../src/model/ecs.ts';
import type { DeploymentSettings } from '../../src/model/fargate.ts';
import type { VirtualService } from './virtual-service.ts';

type Percents = Pick<DeploymentSettings, 'minimumHealthyPercent' | 'maximumPercent'>;

export class ServiceOnlooker {
  readonly #service: VirtualService;
  readonly lostZones = new Set<string>();
  /** Those that targets have been in. */
  readonly states = new Set<TargetHealth['state']>();
  readonly #percents = new Map<number, Percents>();
  readonly #created = new Set<string>();
  readonly #started = new Set<string>();
  readonly #stopped = new Set<string>();
  readonly #registered = new Set<string>();
  readonly #told = new Set<string>();
  readonly #lastWhy = new Map<string, string>();

  constructor(service: VirtualService) {
    this.#service = service;
    service.onCall = (commands) => this.#after(commands);
    service.onQuiet = () => this.#targets();
  }

  deployed(revision: number, percents: Percents): void {
    this.#percents.set(revision, percents);
  }

  get starts(): number {
    return this.#started.size;
  }

  get stops(): number {
    return this.#stopped.size;
  }

  /** Every start has ended, or its task is still there. */
  atTheEnd(): void {
    const there = new Set(this.#service.tasks().map(({ id }) => id));
    for (const id of this.#started) expect(there.has(id) || this.#stopped.has(id)).toBe(true);
    for (const id of this.#created) expect(there.has(id) || this.#stopped.has(id)).toBe(true);
  }

  #after(commands: readonly SchedulerCommand[]): void {
    if (commands.length === 0) return;
    let created = false;
    for (const command of commands) {
      if (command.type === 'event' || command.type === 'rollout') continue;
      const id = command.type === 'start' ? command.task.id : command.id;
      if (command.type === 'status' && command.status === 'PROVISIONING') {
        created = true;
        expect(this.#created.has(id), 'an id is used once').toBe(false);
        this.#created.add(id);
        // S5.
        expect(this.lostZones.has(this.#service.scheduler.get(id)?.zone ?? '')).toBe(false);
      }
      if (command.type === 'status') this.#lastWhy.set(id, command.why);
      this.#one(command.type, id);
      if (command.type === 'status' && command.status === 'STOPPED') this.#stopped.add(id);
    }
    this.#bounds(commands, created);
  }

  #targets(): void {
    const { scheduler, targets } = this.#service;
    const registered = targets.group.targets();
    for (const { id, health } of registered) {
      this.states.add(health.state);
      if (!saysWhy(health)) expect.fail(`target ${id} is ${JSON.stringify(health)}`);
      if (health.state !== 'draining' && scheduler.get(id)?.target !== health) {
        expect.fail(`the scheduler does not know target ${id} as ${health.state}`);
      }
    }
    const withTarget = scheduler.tasks().filter(({ target }) => target !== undefined);
    for (const { id } of withTarget) {
      if (targets.group.health(id) === undefined) expect.fail(`task ${id} is not registered`);
    }
  }

  #one(type: string, id: string): void {
    // S3.
    expect(this.#stopped.has(id), `${type} of a task that has stopped`).toBe(false);
    if (type === 'start') {
      expect(this.#started.has(id)).toBe(false);
      this.#started.add(id);
    }
    if (type === 'register') this.#registered.add(id);
    if (type !== 'stop' && type !== 'kill') return;
    expect(this.#started.has(id), `${type} of what was not started`).toBe(true);
    if (type === 'kill') return;
    expect(this.#told.has(id), 'stop is said once').toBe(false);
    this.#told.add(id);
    // S4.
    const task = this.#service.scheduler.get(id);
    if (!this.#registered.has(id) || this.#lastWhy.get(id)?.includes('Spot') === true) return;
    expect(task?.target, 'it is still registered').toBeUndefined();
  }

  #bounds(commands: readonly SchedulerCommand[], created: boolean): void {
    const { scheduler } = this.#service;
    const [primary] = scheduler.deployments();
    const percents = this.#percents.get(primary?.revision ?? -1);
    if (percents === undefined) return;
    const { desired, pending, running, healthy } = scheduler.counts();
    const { min, max } = boundsOf(desired, percents);
    // S2.
    if (created) expect(pending + running, 'the maximum').toBeLessThanOrEqual(max);
    // S1.
    const stoppedHealthy = commands.some(
      (command) =>
        command.type === 'status' &&
        command.status === 'DEACTIVATING' &&
        losesHealthy(scheduler.get(command.id)),
    );
    if (stoppedHealthy) expect(healthy, 'the minimum').toBeGreaterThanOrEqual(min);
  }
}

const saysWhy = ({ state, reason, description }: TargetHealth): boolean =>
  state === 'healthy' || ((reason ?? '') !== '' && (description ?? '') !== '');

/** It was healthy to the last, and the scheduler stops it. */
const losesHealthy = (task: EcsTask | undefined): boolean =>
  task?.stop?.code === 'ServiceSchedulerInitiated' && task.target?.state === 'healthy';
