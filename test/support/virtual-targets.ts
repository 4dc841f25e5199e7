// The load balancer of a virtual service: the real target group, programs that pass their checks or
// fail them, and for each target a client whose request lasts until it is cut off.

import {
  type CheckResult,
  type TargetChange,
  type TargetGroup,
  targetGroup,
} from '../../src/fleet/balancer/target-group.ts';
import type { HealthCheck } from '../../src/model/app.ts';
import { fargateSettings } from './fargate-settings.ts';

/** One check decides; it comes when what it finds changes. */
const AT_ONCE: HealthCheck = {
  path: '/health',
  codes: 'http',
  intervalMs: 0,
  timeoutMs: 1000,
  healthyAfter: 1,
  unhealthyAfter: 1,
  matcher: [{ from: 200, to: 200 }],
};

export interface VirtualTargetsParts {
  readonly drainMs: number;
  /** With an interval, targets are asked at it. */
  readonly check: Partial<HealthCheck>;
  now(): number;
  after(ms: number, run: () => void): void;
  changed(changes: readonly TargetChange[]): void;
}

export class VirtualTargets {
  readonly group: TargetGroup;
  readonly #parts: VirtualTargetsParts;
  readonly #check: HealthCheck;
  /** What the checks of a target find. */
  readonly #found = new Map<string, CheckResult>();
  readonly #asked = new Set<string>();

  constructor(parts: VirtualTargetsParts) {
    this.#parts = parts;
    this.#check = { ...AT_ONCE, ...parts.check };
    const { targetGroup: settings, concurrency } = fargateSettings();
    this.group = targetGroup({
      health: this.#check,
      drainMs: parts.drainMs,
      concurrency,
      settings,
    });
  }

  register(id: string, zone: string): void {
    this.#tell(this.group.register(id, zone, this.#parts.now()));
    this.#askAgain(id);
  }

  /** From now on its checks pass, or fail. */
  found(id: string, passes: boolean): void {
    this.#found.set(id, { kind: 'status', status: passes ? 200 : 502 });
    if (this.#check.intervalMs === 0) this.#ask(id);
  }

  deregister(id: string): void {
    const { now, after, drainMs } = this.#parts;
    this.#tell(this.group.deregister(id, now()));
    after(drainMs, () => this.#tell(this.group.tick(now())));
  }

  /** Its program has ended, and its clients with it. */
  ended(id: string): void {
    this.#found.delete(id);
    if (this.#asked.delete(id)) this.#tell(this.group.release(id, this.#parts.now()));
  }

  #askAgain(id: string): void {
    const { intervalMs } = this.#check;
    if (intervalMs === 0) return;
    this.#parts.after(intervalMs, () => {
      if (this.group.health(id) === undefined) return;
      this.#ask(id);
      this.#askAgain(id);
    });
  }

  #ask(id: string): void {
    const result = this.#found.get(id) ?? { kind: 'timeout' };
    this.#tell(this.group.checked(id, result, this.#parts.now()));
    if (this.group.health(id)?.state !== 'healthy' || this.#asked.has(id)) return;
    const picked = this.group.pick({ beyond: true, sticky: id }, this.#parts.now());
    if (picked !== undefined) this.#asked.add(picked);
  }

  #tell(changes: readonly TargetChange[]): void {
    if (changes.length > 0) this.#parts.changed(changes);
  }
}
