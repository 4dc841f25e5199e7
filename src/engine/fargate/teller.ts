// Says what happens to the tasks of a service, and remembers the last of it for whoever asks: ECS keeps
// stopped tasks for an hour and the last hundred events.

import type { Fault } from '../../base/fault.ts';
import type { Clock } from '../../base/ports.ts';
import type { Deployment, EcsTask } from '../../fleet/ecs/scheduler.ts';
import type { ContainerEnd, TaskStatus, TaskStop } from '../../model/ecs.ts';
import type { HealthEvent } from '../../model/event.ts';
import type { EventStream } from '../control/event-stream.ts';
import { emitFault } from '../program.ts';

const KEPT = 20;

export interface StoppedTask {
  readonly id: string;
  readonly revision: number;
  readonly zone: string;
  readonly spot: boolean;
  /** ISO 8601. */
  readonly stoppedAt: string;
  readonly stopCode: TaskStop['code'] | undefined;
  readonly stoppedReason: string | undefined;
  /** Undefined when its program was not started. */
  readonly exitCode: number | undefined;
  /** Of the container. */
  readonly reason: ContainerEnd['reason'];
  readonly lastLines: readonly string[];
}

export interface ToldEvent {
  /** ISO 8601. */
  readonly at: string;
  readonly message: string;
}

/** The latest first. */
export interface History {
  readonly stopped: readonly StoppedTask[];
  readonly events: readonly ToldEvent[];
}

export class Teller {
  readonly #events: EventStream;
  readonly #clock: Clock;
  readonly #service: string;
  readonly #stopped: StoppedTask[] = [];
  readonly #told: ToldEvent[] = [];

  constructor(events: EventStream, clock: Clock, service: string) {
    this.#events = events;
    this.#clock = clock;
    this.#service = service;
  }

  history(): History {
    return { stopped: [...this.#stopped], events: [...this.#told] };
  }

  /** `lastLines` are those of its program. */
  task(
    { id, zone, spot, revision, stop, end }: EcsTask,
    state: TaskStatus,
    why: string,
    track: string,
    lastLines: readonly string[],
  ): void {
    const service = this.#service;
    const at = this.#clock.wall();
    const ended = state === 'STOPPED' ? { ...(stop && { stop }), ...(end && { end }) } : {};
    this.#events.emit({ type: 'task', at, service, id, state, why, track, zone, spot, ...ended });
    if (state !== 'STOPPED') return;
    remember(this.#stopped, {
      id,
      revision,
      zone,
      spot,
      stoppedAt: new Date(at).toISOString(),
      stopCode: stop?.code,
      stoppedReason: stop?.reason,
      exitCode: end?.exitCode,
      reason: end?.reason,
      lastLines,
    });
  }

  health(
    id: string,
    of: HealthEvent['of'],
    state: HealthEvent['state'],
    reason: HealthEvent['reason'],
    why: string,
  ): void {
    const at = this.#clock.wall();
    this.#events.emit({ type: 'health', at, service: this.#service, id, of, state, reason, why });
  }

  event(message: string): void {
    const at = this.#clock.wall();
    remember(this.#told, { at: new Date(at).toISOString(), message });
    this.#events.emit({ type: 'service', at, service: this.#service, message });
  }

  deployment({ id, revision, rollout, rolloutReason, ...counts }: Deployment): void {
    const { desired, running, pending, failed } = counts;
    this.#events.emit({
      type: 'deployment',
      at: this.#clock.wall(),
      service: this.#service,
      id,
      revision,
      state: rollout,
      why: rolloutReason,
      desired,
      running,
      pending,
      failed,
    });
  }

  notice(message: string): void {
    this.#events.emit({ type: 'notice', at: this.#clock.wall(), message });
  }

  fault(fault: Fault): void {
    emitFault(this.#events, this.#clock, this.#service, fault);
  }
}

function remember<one>(latest: one[], one: one): void {
  latest.unshift(one);
  if (latest.length > KEPT) latest.pop();
}
