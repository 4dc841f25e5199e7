// Asks the targets of one group how they are, as a load balancer does, and tells what they answer.
// What follows from it the group decides (`fleet/balancer/target-group`).
//
// One timer serves all targets: it is set to whoever is due next. A target that has left is not
// asked again, the question under way is broken off, and nothing is told of it any more.

import type { Clock, Release } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import { type CheckResult, passes } from '../../fleet/balancer/target-health.ts';
import { Heap } from '../../fleet/heap.ts';
import type { HealthCheck } from '../../model/app.ts';
import { ALB_HEALTH_USER_AGENT } from '../../model/aws-limits.ts';
import { type Asker, ask, type Probe, sayProbe } from '../probe.ts';

/**
 * A new target is asked this often until its first success, or until that has taken so long that the
 * group calls it unhealthy. A load balancer asks at its interval, so on AWS a target joins up to that
 * much later.
 */
const FIRST_CHECK_EVERY_MS = 20;

export interface HealthCheckerParts {
  readonly clock: Clock;
  readonly health: HealthCheck;
  readonly checked: (id: string, result: CheckResult) => void;
}

interface Checked {
  readonly id: string;
  readonly port: number;
  readonly ask: Asker;
  /** Until then it is asked often, if it has not passed before. */
  eagerUntil: Millis;
  dueAt: Millis;
  /** Breaks off the question under way. */
  breakOff: Release | undefined;
}

export class HealthChecker {
  readonly #parts: HealthCheckerParts;
  readonly #targets = new Map<string, Checked>();
  /** Those that are not being asked just now. */
  readonly #due = new Heap<Checked>((a, b) => a.dueAt < b.dueAt);
  #stopTimer: Release | undefined;
  #timerAt: Millis = 0;

  constructor(parts: HealthCheckerParts) {
    this.#parts = parts;
  }

  /** Asks it at once, and from then on until it is removed. To be called once it is registered. */
  add(id: string, port: number, how: Asker = ask): void {
    if (this.#targets.has(id)) return;
    const { clock, health } = this.#parts;
    const now = clock.now();
    const eagerUntil = now + health.intervalMs * health.unhealthyAfter;
    const target: Checked = { id, port, ask: how, eagerUntil, dueAt: now, breakOff: undefined };
    this.#targets.set(id, target);
    this.#ask(target);
  }

  /** Nothing is told of it from now on. */
  remove(id: string): void {
    const target = this.#targets.get(id);
    if (target === undefined) return;
    this.#targets.delete(id);
    target.breakOff?.();
    this.#due.prune((other) => other !== target);
    this.#setTimer();
  }

  close(): void {
    for (const id of [...this.#targets.keys()]) this.remove(id);
  }

  #ask(target: Checked): void {
    const { clock, health } = this.#parts;
    const { path, timeoutMs } = health;
    const startedAt = clock.now();
    const question = { port: target.port, path, userAgent: ALB_HEALTH_USER_AGENT, timeoutMs };
    target.breakOff = target.ask(clock, question, (answer) => {
      target.breakOff = undefined;
      this.#answered(target, startedAt, resultOf(answer, timeoutMs));
    });
  }

  #answered(target: Checked, startedAt: Millis, result: CheckResult): void {
    const { clock, health, checked } = this.#parts;
    const now = clock.now();
    if (passes(health, result)) target.eagerUntil = startedAt;
    target.dueAt =
      now < target.eagerUntil
        ? now + FIRST_CHECK_EVERY_MS
        : Math.max(now, startedAt + health.intervalMs);
    this.#due.push(target);
    this.#setTimer();
    // Last, for it may remove the target.
    checked(target.id, result);
  }

  #setTimer(): void {
    const { clock } = this.#parts;
    const first = this.#due.peek();
    if (first !== undefined && this.#stopTimer !== undefined && this.#timerAt === first.dueAt) {
      return;
    }
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (first === undefined) return;
    this.#timerAt = first.dueAt;
    this.#stopTimer = clock.after(Math.max(0, first.dueAt - clock.now()), () => this.#askDue());
  }

  #askDue(): void {
    this.#stopTimer = undefined;
    const now = this.#parts.clock.now();
    for (let first = this.#due.peek(); first !== undefined; first = this.#due.peek()) {
      if (first.dueAt > now) break;
      this.#due.pop();
      this.#ask(first);
    }
    this.#setTimer();
  }
}

function resultOf(answer: Probe, timeoutMs: Millis): CheckResult {
  switch (answer.kind) {
    case 'answered':
      return { kind: 'status', status: answer.status };
    case 'silent':
      return { kind: 'timeout' };
    default:
      return { kind: 'failed', problem: sayProbe(answer, timeoutMs) };
  }
}
