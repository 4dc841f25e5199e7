// What scales a service, whoever decides: a placement policy, demand or autoscaling.

import type { Millis } from '../../base/units.ts';
import type { FargateSettings } from '../../model/fargate.ts';
import type { TaskUse } from '../fargate/task-use.ts';
import type { AlarmBook } from './alarm-book.ts';
import type { EventStream } from './event-stream.ts';
import type { LoadGauge } from './load-gauge.ts';
import type { PlacementStatus } from './placement-status.ts';
import type { ServiceWatchParts } from './service-watch.ts';

export interface Scaled extends ServiceWatchParts {
  readonly settings: FargateSettings;
  readonly events: EventStream;
  readonly alarms: AlarmBook;
  readonly startedAt: Millis;
  /** Load that only Fargate may serve. */
  readonly pinned: LoadGauge;
  /** A deployment of the service is in progress. */
  deploying(): boolean;
}

export interface Scaler {
  /** Measures the service; its metrics have it afterwards. */
  observe(now: Millis): TaskUse;
  /** Decides on what was observed, and on the alarms, how many tasks there should be. */
  act(now: Millis, wall: Millis): void;
  status(): ScalingStatus;
}

/** What decides how many tasks there are, and what it did. */
export interface ScalingStatus {
  readonly by: 'placement' | 'demand' | 'autoscaling';
  readonly min: number;
  readonly max: number;
  /** Why there are as many tasks as there are. */
  readonly why: string;
  /** The placement policy; for autoscaling, the policy that decided last. */
  readonly rules: string | undefined;
  /** Why there are not more or fewer though a policy asks for it. */
  readonly held: string | undefined;
  readonly policies: readonly { readonly policy: string; readonly what: string }[];
  /** The latest first. */
  readonly activities: readonly ScalingActivity[];
  /** Where a placement policy decides. */
  readonly placement?: PlacementStatus;
}

export interface ScalingActivity {
  /** Wall time. */
  readonly at: Millis;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  /** The placement policy that decided, and the figures it did so with. */
  readonly policy?: string;
  readonly figures?: Readonly<Record<string, number>>;
}

/** What is not decided yet was said by the file. */
const FROM_THE_FILE = 'tasks.min';

const KEPT_ACTIVITIES = 20;

/** Carries out changes of the number of tasks, and remembers the last ones. */
export class Activities {
  readonly #scaled: Pick<Scaled, 'service' | 'track' | 'events'>;
  readonly #activities: ScalingActivity[] = [];

  constructor(scaled: Pick<Scaled, 'service' | 'track' | 'events'>) {
    this.#scaled = scaled;
  }

  scale(change: ScalingActivity): void {
    if (change.from === change.to) return;
    const { service, track, events } = this.#scaled;
    this.#activities.unshift(change);
    if (this.#activities.length > KEPT_ACTIVITIES) this.#activities.pop();
    events.emit({ type: 'scale', service: service.name, ...change });
    track.scale(change.to, change.reason);
  }

  status(): Pick<ScalingStatus, 'why' | 'activities'> {
    return {
      why: this.#activities[0]?.reason ?? FROM_THE_FILE,
      activities: [...this.#activities],
    };
  }
}
