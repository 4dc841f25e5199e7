// What scales a service, whoever decides: demand or autoscaling.

import type { Millis } from '../../base/units.ts';
import type { FargateSettings } from '../../model/fargate.ts';
import type { TaskUse } from '../fargate/task-use.ts';
import type { AlarmBook } from './alarm-book.ts';
import type { EventStream } from './event-stream.ts';
import type { ServiceWatchParts } from './service-watch.ts';

export interface Scaled extends ServiceWatchParts {
  readonly settings: FargateSettings;
  readonly events: EventStream;
  readonly alarms: AlarmBook;
  readonly startedAt: Millis;
  /** Requests in flight at which a task costs as much as Lambda; undefined without Lambda. */
  readonly breakEven: number | undefined;
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
  readonly by: 'demand' | 'autoscaling';
  readonly min: number;
  readonly max: number;
  /** Why there are as many tasks as there are. */
  readonly why: string;
  /** The policy that decided last, for autoscaling. */
  readonly rules: string | undefined;
  /** Why there are not more or fewer though a policy asks for it. */
  readonly held: string | undefined;
  readonly policies: readonly { readonly policy: string; readonly what: string }[];
  /** The latest first. */
  readonly activities: readonly ScalingActivity[];
}

export interface ScalingActivity {
  /** Wall time. */
  readonly at: Millis;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
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

  scale(from: number, to: number, reason: string, at: Millis): void {
    if (from === to) return;
    const { service, track, events } = this.#scaled;
    this.#activities.unshift({ at, from, to, reason });
    if (this.#activities.length > KEPT_ACTIVITIES) this.#activities.pop();
    events.emit({ type: 'scale', at, service: service.name, from, to, reason });
    track.scale(to, reason);
  }

  status(): Pick<ScalingStatus, 'why' | 'activities'> {
    return {
      why: this.#activities[0]?.reason ?? FROM_THE_FILE,
      activities: [...this.#activities],
    };
  }
}
