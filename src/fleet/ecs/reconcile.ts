// Carries plans out: which tasks start and where, which leave and why, and what is said of it.

import type { Millis } from '../../base/units.ts';
import type { TaskStop } from '../../model/ecs.ts';
import { type Census, takeCensus } from './census.ts';
import type { RollingDeployment } from './deployment.ts';
import type { EventBatch } from './event-batch.ts';
import { type ServiceMessages, stopReasons } from './messages.ts';
import { boundsOf } from './percent.ts';
import { type Plan, planOf } from './plan.ts';
import type { Rollouts } from './rollouts.ts';
import type { SchedulerSettings } from './scheduler.ts';
import type { StartThrottle } from './start-throttle.ts';
import { isLive, isPending, leavingFirst, type TaskRecord } from './task.ts';
import type { TaskLives } from './task-lives.ts';
import { emptiest, movesToBalance } from './zones.ts';

/** Plans carried out in one call: what stops makes room for what starts, and so on. */
const ROUNDS = 8;

/** What a service is made of, for who keeps it. */
export interface ServiceParts {
  readonly settings: SchedulerSettings;
  readonly say: ServiceMessages;
  readonly events: EventBatch;
  readonly lives: TaskLives;
  readonly rollouts: Rollouts;
  readonly throttle: StartThrottle;
  /** Zones that are lost. */
  readonly lost: ReadonlySet<string>;
}

export class Reconciler {
  readonly #parts: ServiceParts;
  #desired = 0;
  /** It was said that the service is steady, and nothing has moved since. */
  #steady = false;
  /** Tasks move to other zones. */
  #balancing = false;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  get desired(): number {
    return this.#desired;
  }

  set desired(count: number) {
    this.#desired = count;
  }

  census(primary: RollingDeployment): Census {
    const { lives, rollouts } = this.#parts;
    return takeCensus(lives.all(), primary, rollouts.others);
  }

  usableZones(): readonly string[] {
    const { settings, lost } = this.#parts;
    return settings.zones.filter((zone) => !lost.has(zone));
  }

  /** Other things matter more than the balance of the zones. */
  stopBalancing(): void {
    if (!this.#balancing) return;
    this.#balancing = false;
    for (const task of this.#parts.lives.all()) task.balances = false;
    this.#event(this.#parts.say.stoppedBalancing());
  }

  /** Moves towards what is desired. */
  settle(primary: RollingDeployment, why: string, now: Millis): void {
    let census = this.census(primary);
    for (let round = 0; round < ROUNDS; round += 1) {
      const plan = this.#plan(primary, census, now);
      if (plan.stuck) this.#sayStuck(primary);
      if (!this.#carryOut(plan, census, { primary, why, now })) break;
      census = this.census(primary);
    }
    this.#flush();
    if (this.#balance(census, { primary, why: 'it balances the zones', now })) {
      census = this.census(primary);
    }
    this.#flush();
    this.#parts.lives.launch(now);
    this.#conclude(primary, census, now);
  }

  #plan(primary: RollingDeployment, census: Census, now: Millis): Plan {
    return planOf({
      desired: this.#desired,
      bounds: boundsOf(this.#desired, primary.settings.deployment),
      fresh: census.fresh,
      old: census.old,
      stalled: primary.stalled,
      startLimit: this.#startLimit(now),
      balancing: census.balancing,
      leavingUnhealthy: census.leavingUnhealthy,
    });
  }

  #startLimit(now: Millis): number {
    const { lives, throttle } = this.#parts;
    if (this.usableZones().length === 0) return 0;
    return throttle.limit(now, (id, untilHealthy) => {
      const task = lives.get(id);
      if (task === undefined || !isLive(task)) return false;
      return untilHealthy ? !task.wasHealthy : isPending(task);
    });
  }

  /** False: there was nothing to do. */
  #carryOut(plan: Plan, census: Census, wish: Wish): boolean {
    const { start, stopSurplus, stopReplaced, stopOld, stopAtRandom } = plan;
    if (start + stopSurplus + stopReplaced + stopOld === 0 && !stopAtRandom) return false;
    this.#steady = false;
    this.#startMany(start, census, wish);
    const { primary } = wish;
    if (stopSurplus > 0) {
      const sound = this.#liveWhere((task) => task.of === primary && task.failing === undefined);
      for (const task of leavingFirst(sound, stopSurplus)) this.#leave(task, this.#balancing);
    }
    if (stopReplaced > 0) {
      const failing = this.#liveWhere((task) => task.of === primary && task.failing !== undefined);
      for (const task of leavingFirst(failing, stopReplaced)) this.#leave(task, false);
    }
    if (stopOld > 0) {
      const old = this.#liveWhere((task) => task.of !== primary);
      for (const task of leavingFirst(old, stopOld)) this.#leave(task, false);
    }
    if (stopAtRandom) {
      const failing = this.#liveWhere((task) => task.of === primary && task.failing !== undefined);
      const chosen = failing[Math.floor(this.#parts.settings.rng.next() * failing.length)];
      if (chosen !== undefined) this.#leave(chosen, false);
    }
    return true;
  }

  #liveWhere(is: (task: TaskRecord) => boolean): readonly TaskRecord[] {
    const tasks: TaskRecord[] = [];
    for (const task of this.#parts.lives.all()) if (isLive(task) && is(task)) tasks.push(task);
    return tasks;
  }

  #startMany(count: number, census: Census, wish: Wish): void {
    // Before one that fails its checks is stopped, its replacement is started.
    let replacing = census.fresh.failing;
    const zones = this.usableZones();
    for (let started = 0; started < count; started += 1) {
      const id = this.#start(census, wish, emptiest(zones, census.zones) ?? '');
      this.#parts.events.started(id, replacing > 0 ? 'instead' : 'wanted');
      replacing -= 1;
    }
  }

  #start(census: Census, { primary, why, now }: Wish, zone: string, balances = false): string {
    const { lives, throttle } = this.#parts;
    const spot = isNextSpot(census, primary.settings.spotShare);
    const task = lives.create({ of: primary, zone, spot, balances }, why, now);
    census.fresh.live += 1;
    census.fresh.pending += 1;
    census.zones.set(zone, (census.zones.get(zone) ?? 0) + 1);
    if (spot) census.spots += 1;
    if (balances) census.balancing += 1;
    throttle.started(task.id);
    return task.id;
  }

  #leave(task: TaskRecord, balances: boolean): void {
    const { lives, events } = this.#parts;
    if (task.status === 'RUNNING') events.stopped(task.id, balances ? task.zone : undefined);
    else events.stoppedPending();
    lives.leave(task, this.#stopOf(task));
  }

  #stopOf({ failing, deployment }: TaskRecord): TaskStop {
    const code = 'ServiceSchedulerInitiated';
    const { targetGroup } = this.#parts.settings;
    if (failing === 'target' && targetGroup !== undefined) {
      return { code, reason: stopReasons.targetCheck(targetGroup) };
    }
    if (failing === 'container') return { code, reason: stopReasons.containerCheck() };
    return { code, reason: stopReasons.scaling(deployment) };
  }

  /**
   * Starts tasks in emptier zones; when they are healthy as many leave the fuller ones. Only a service
   * that has nothing else to do moves tasks, and only if the maximum leaves room for it. True: it did.
   */
  #balance(census: Census, wish: Wish): boolean {
    const { fresh, old, balancing } = census;
    const { primary, now } = wish;
    const calm =
      primary.rollout === 'COMPLETED' &&
      old.live + old.leaving === 0 &&
      fresh.live === this.#desired &&
      fresh.healthy === fresh.live &&
      balancing === 0;
    if (!calm) return false;
    const { say, events } = this.#parts;
    const zones = this.usableZones();
    const moves = movesToBalance(zones, census.zones);
    if (moves === 0) {
      if (this.#balancing) this.#event(say.balanced(countsOf(zones, census.zones)));
      this.#balancing = false;
      return false;
    }
    const { max } = boundsOf(this.#desired, primary.settings.deployment);
    const count = Math.min(moves, max - fresh.live, this.#startLimit(now));
    if (count <= 0) return false;
    if (!this.#balancing) this.#event(say.notBalanced(countsOf(zones, census.zones)));
    this.#balancing = true;
    this.#steady = false;
    for (let started = 0; started < count; started += 1) {
      const zone = emptiest(zones, census.zones) ?? '';
      events.started(this.#start(census, wish, zone, true), { balances: zone });
    }
    return true;
  }

  #conclude(primary: RollingDeployment, { fresh, old }: Census, now: Millis): void {
    const { rollouts, say } = this.#parts;
    rollouts.dropEmpty();
    if (primary.inProgress) this.#steady = false;
    const allHealthy = fresh.live === this.#desired && fresh.healthy === fresh.live;
    if (allHealthy && old.live + old.leaving === 0) rollouts.ready(primary, this.#desired, now);
    const settled = allHealthy && fresh.leaving + old.live + old.leaving === 0;
    if (!settled) this.#steady = false;
    else if (!this.#steady && primary.rollout === 'COMPLETED' && !this.#balancing) {
      this.#steady = true;
      this.#event(say.steady());
    }
  }

  /** What was done is said before what came of it. */
  #flush(): void {
    for (const message of this.#parts.events.take()) this.#event(message);
  }

  #sayStuck(primary: RollingDeployment): void {
    if (primary.saidStuck || !primary.inProgress) return;
    primary.saidStuck = true;
    this.#event(this.#parts.say.stuck());
  }

  #event(message: string): void {
    this.#parts.lives.say({ type: 'event', message });
  }
}

interface Wish {
  readonly primary: RollingDeployment;
  readonly why: string;
  readonly now: Millis;
}

/** Keeps the part of Spot tasks nearest below the share asked for. */
function isNextSpot({ spots, fresh }: Census, share: number): boolean {
  return spots + 1 <= share * (fresh.live + 1) + 1e-9;
}

function countsOf(
  zones: readonly string[],
  counts: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  return new Map(zones.map((zone) => [zone, counts.get(zone) ?? 0]));
}
