// The targets of one group of a load balancer: who is healthy, who is leaving, and who takes the
// next request.
//
// Invariants
//   G1. A request goes to a healthy target. Only while there is none, and for who may go beyond, it
//       goes to an unhealthy one (fail open). A new target gets none before its first success.
//   G2. A new target is healthy after one success; later it becomes unhealthy after `unhealthyAfter`
//       failures in a row and healthy again after `healthyAfter` successes in a row.
//   G3. A target that leaves gets no request; it is unused, and forgotten, as soon as it has none in
//       flight or its time is over. Nothing is said of it after that.
//   G4. What is in flight at a target is what was picked and not released.
//   G5. The counts are those of the targets, at any time.
//
// An id is not registered again after it was unused.

import type { Millis } from '../../base/units.ts';
import type { HealthCheck } from '../../model/app.ts';
import type { TargetHealth } from '../../model/ecs.ts';
import type { TargetGroupSettings } from '../../model/fargate.ts';
import {
  type CheckResult,
  DEREGISTERING,
  FIRST_CHECKS,
  HEALTHY,
  NOT_REGISTERED,
  passes,
  REGISTERING,
  sameHealth,
  unhealthyAfter,
} from './target-health.ts';
import { type Member, Turns } from './turns.ts';

export type { CheckResult } from './target-health.ts';

/** What they are is looked up when it is needed: settings may change while the group is in use. */
export interface TargetGroupParts {
  readonly health: HealthCheck;
  /** How long a target that leaves may finish its requests (deregistration delay). */
  readonly drainMs: Millis;
  /** Requests that one target serves at a time: its slots. */
  readonly concurrency: number;
  readonly settings: TargetGroupSettings;
}

/**
 * The state of a target changed, or the reason for it. "unused" is the last: it is not in the group
 * any more.
 */
export interface TargetChange {
  readonly id: string;
  readonly health: TargetHealth;
}

export interface Pick {
  /** Also a target without a free slot; and an unhealthy one when none is healthy (fail open). */
  readonly beyond: boolean;
  /** The target that a cookie names: taken if it is healthy. */
  readonly sticky: string | undefined;
}

export interface TargetGroup {
  register(id: string, zone: string, now: Millis): readonly TargetChange[];
  /** It finishes what it has; no longer than the deregistration delay. */
  deregister(id: string, now: Millis): readonly TargetChange[];
  /**
   * A new target may be asked as often as one likes: its failures count only once it has had the
   * time of `unhealthyAfter` checks at their interval.
   */
  checked(id: string, result: CheckResult, now: Millis): readonly TargetChange[];
  /** The target of the next request, which counts as in flight until `release`. */
  pick(ask: Pick, now: Millis): string | undefined;
  release(id: string, now: Millis): readonly TargetChange[];
  /** To be called about once a second: drains that are over end. */
  tick(now: Millis): readonly TargetChange[];
  health(id: string): TargetHealth | undefined;
  targets(): readonly Target[];
  counts(): TargetCounts;
  /** The zones that targets are registered in, in the order they came. */
  zones(): readonly ZoneCounts[];
}

export interface Target {
  readonly id: string;
  readonly zone: string;
  readonly health: TargetHealth;
  readonly inFlight: number;
  readonly registeredAt: Millis;
  /** Undefined before the first. */
  readonly lastCheck: CheckResult | undefined;
}

export interface TargetCounts {
  readonly initial: number;
  readonly healthy: number;
  readonly unhealthy: number;
  readonly draining: number;
  /** None is healthy: requests go to all that are unhealthy. */
  readonly failOpen: boolean;
  /** Requests in flight at healthy targets, and how many they may have. */
  readonly slotsInUse: number;
  readonly slots: number;
}

/** HealthyHostCount and UnHealthyHostCount of one zone. */
export interface ZoneCounts {
  readonly zone: string;
  readonly healthy: number;
  readonly unhealthy: number;
}

export function targetGroup(parts: TargetGroupParts): TargetGroup {
  return new Group(parts);
}

/** What the group keeps of a target; only snapshots of it leave the group. */
interface Registered extends Member {
  readonly id: string;
  readonly zone: string;
  health: TargetHealth;
  registeredAt: Millis;
  /** It came when nobody had a full part of the requests: its first success gives it one at once. */
  toEmptyGroup: boolean;
  /** Checks in a row that say the opposite of its state. */
  streak: number;
  lastCheck: CheckResult | undefined;
  /** When its draining ends at the latest. */
  drainUntil: Millis;
}

const NO_CHANGE: readonly TargetChange[] = [];

class Group implements TargetGroup {
  readonly #parts: TargetGroupParts;
  readonly #targets = new Map<string, Registered>();
  readonly #healthy: Turns<Registered>;
  readonly #unhealthy: Turns<Registered>;
  #initial = 0;
  #draining = 0;

  constructor(parts: TargetGroupParts) {
    this.#parts = parts;
    const rules = {
      get algorithm() {
        return parts.settings.algorithm;
      },
      get slots() {
        return parts.concurrency;
      },
    };
    this.#healthy = new Turns(rules);
    this.#unhealthy = new Turns(rules);
  }

  register(id: string, zone: string, now: Millis): readonly TargetChange[] {
    const toEmptyGroup = !this.#healthy.anyAtFullPart(now);
    const known = this.#targets.get(id);
    if (known !== undefined) {
      if (known.health.state !== 'draining') return NO_CHANGE;
      known.registeredAt = now;
      known.toEmptyGroup = toEmptyGroup;
      return [this.#become(known, REGISTERING, now)];
    }
    this.#targets.set(id, {
      id,
      zone,
      health: REGISTERING,
      registeredAt: now,
      toEmptyGroup,
      streak: 0,
      lastCheck: undefined,
      drainUntil: 0,
      inFlight: 0,
      slowFrom: now,
      slowUntil: now,
      credit: 0,
    });
    this.#initial += 1;
    return [{ id, health: REGISTERING }];
  }

  deregister(id: string, now: Millis): readonly TargetChange[] {
    const target = this.#targets.get(id);
    if (target === undefined || target.health.state === 'draining') return NO_CHANGE;
    target.drainUntil = now + this.#parts.drainMs;
    const draining = this.#become(target, DEREGISTERING, now);
    return target.inFlight === 0 || now >= target.drainUntil
      ? [draining, this.#forget(target)]
      : [draining];
  }

  checked(id: string, result: CheckResult, now: Millis): readonly TargetChange[] {
    const target = this.#targets.get(id);
    if (target === undefined || target.health.state === 'draining') return NO_CHANGE;
    target.lastCheck = result;
    const after = passes(this.#parts.health, result)
      ? this.#passed(target)
      : this.#failed(target, result, now);
    return sameHealth(after, target.health) ? NO_CHANGE : [this.#become(target, after, now)];
  }

  pick({ beyond, sticky }: Pick, now: Millis): string | undefined {
    const group = beyond && this.#failsOpen() ? this.#unhealthy : this.#healthy;
    const target =
      (sticky === undefined ? undefined : this.#stuck(sticky, beyond, group)) ??
      group.choose(beyond, now);
    if (target === undefined) return undefined;
    group.began(target);
    return target.id;
  }

  release(id: string, _now: Millis): readonly TargetChange[] {
    const target = this.#targets.get(id);
    if (target === undefined) return NO_CHANGE;
    switch (target.health.state) {
      case 'healthy':
        this.#healthy.ended(target);
        return NO_CHANGE;
      case 'unhealthy':
        this.#unhealthy.ended(target);
        return NO_CHANGE;
      case 'draining':
        target.inFlight -= 1;
        return target.inFlight === 0 ? [this.#forget(target)] : NO_CHANGE;
      default:
        target.inFlight -= 1;
        return NO_CHANGE;
    }
  }

  tick(now: Millis): readonly TargetChange[] {
    if (this.#draining === 0) return NO_CHANGE;
    const over = [...this.#targets.values()].filter(
      ({ health, drainUntil }) => health.state === 'draining' && now >= drainUntil,
    );
    return over.map((target) => this.#forget(target));
  }

  health(id: string): TargetHealth | undefined {
    return this.#targets.get(id)?.health;
  }

  targets(): readonly Target[] {
    return [...this.#targets.values()].map(
      ({ id, zone, health, inFlight, registeredAt, lastCheck }) => ({
        id,
        zone,
        health,
        inFlight,
        registeredAt,
        lastCheck,
      }),
    );
  }

  counts(): TargetCounts {
    const healthy = this.#healthy.size;
    return {
      initial: this.#initial,
      healthy,
      unhealthy: this.#unhealthy.size,
      draining: this.#draining,
      failOpen: this.#failsOpen(),
      slotsInUse: this.#healthy.inFlight,
      slots: healthy * this.#parts.concurrency,
    };
  }

  zones(): readonly ZoneCounts[] {
    const zones = new Map<string, { zone: string; healthy: number; unhealthy: number }>();
    for (const { zone, health } of this.#targets.values()) {
      if (health.state === 'draining') continue;
      const counts = zones.get(zone) ?? { zone, healthy: 0, unhealthy: 0 };
      if (health.state === 'healthy') counts.healthy += 1;
      if (health.state === 'unhealthy') counts.unhealthy += 1;
      zones.set(zone, counts);
    }
    return [...zones.values()];
  }

  #failsOpen(): boolean {
    return this.#healthy.size === 0 && this.#unhealthy.size > 0;
  }

  /** The target of a cookie, if it is among those that requests go to now. */
  #stuck(id: string, beyond: boolean, group: Turns<Registered>): Registered | undefined {
    const target = this.#targets.get(id);
    const state = group === this.#healthy ? 'healthy' : 'unhealthy';
    if (target === undefined || target.health.state !== state) return undefined;
    return beyond || group.hasSlot(target) ? target : undefined;
  }

  #passed(target: Registered): TargetHealth {
    if (target.health.state === 'healthy') {
      target.streak = 0;
      return target.health;
    }
    target.streak += 1;
    const enough =
      target.health.state === 'initial' || target.streak >= this.#parts.health.healthyAfter;
    return enough ? HEALTHY : target.health;
  }

  #failed(target: Registered, result: CheckResult, now: Millis): TargetHealth {
    const { health } = this.#parts;
    switch (target.health.state) {
      case 'healthy':
        target.streak += 1;
        return target.streak < health.unhealthyAfter ? HEALTHY : unhealthyAfter(result);
      case 'initial': {
        const inTime = now - target.registeredAt < health.intervalMs * health.unhealthyAfter;
        return inTime ? FIRST_CHECKS : unhealthyAfter(result);
      }
      default:
        target.streak = 0;
        return unhealthyAfter(result);
    }
  }

  #become(target: Registered, health: TargetHealth, now: Millis): TargetChange {
    if (health.state !== target.health.state) {
      this.#leave(target);
      target.streak = 0;
      this.#enter(target, health, now);
    }
    target.health = health;
    return { id: target.id, health };
  }

  #leave(target: Registered): void {
    switch (target.health.state) {
      case 'initial':
        this.#initial -= 1;
        break;
      case 'healthy':
        this.#healthy.remove(target);
        break;
      case 'unhealthy':
        this.#unhealthy.remove(target);
        break;
      case 'draining':
        this.#draining -= 1;
        break;
    }
  }

  #enter(target: Registered, { state }: TargetHealth, now: Millis): void {
    target.slowFrom = now;
    target.slowUntil = now;
    switch (state) {
      case 'initial':
        this.#initial += 1;
        break;
      case 'healthy':
        if (!target.toEmptyGroup && this.#healthy.anyAtFullPart(now)) {
          target.slowUntil = now + this.#parts.settings.slowStartMs;
        }
        target.toEmptyGroup = false;
        this.#healthy.add(target, now);
        break;
      case 'unhealthy':
        this.#unhealthy.add(target, now);
        break;
      case 'draining':
        this.#draining += 1;
        break;
    }
  }

  #forget(target: Registered): TargetChange {
    this.#leave(target);
    this.#targets.delete(target.id);
    return { id: target.id, health: NOT_REGISTERED };
  }
}
