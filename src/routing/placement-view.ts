// Whether a request of a route with `auto` may go to a task, beyond that there is one: what its
// placement policy offers, the latency test, and the rank of its route.

import type { Millis } from '../base/units.ts';
import type { FargateView } from './choose.ts';
import { goesToTask, latencyTest, sayLatency } from './latency-test.ts';
import type { ServiceTimes } from './service-times.ts';

/** What was learned of a route of a service that is on both computes, and what its policy says. */
export interface PlacementView {
  readonly now: Millis;
  /** Undefined: the slots alone decide. */
  readonly targetMs: Millis | undefined;
  /** Requests that a task takes at a time within the target. */
  readonly takes: number;
  readonly onTask: ServiceTimes;
  readonly onLambda: ServiceTimes;
  /** Slots that the route leaves free for those that save more. */
  readonly reserve: number;
  /** 1 saves most. */
  readonly place: number;
  readonly policy: string;
  /** False: the policy sends nothing to Lambda while there is a task. */
  readonly overflow: boolean;
  /** Requests that Fargate may still be given in this tick. */
  readonly offered: number;
}

export interface TaskVerdict {
  readonly goes: boolean;
  readonly reason: string;
  /** Its route is slow on tasks, and it is to show whether it still is. */
  readonly tries: boolean;
}

/** `fargate` has at least one healthy task. */
export function taskVerdict(fargate: FargateView, view: PlacementView): TaskVerdict {
  if (view.offered <= 0) {
    return no(`${view.policy} offers Fargate no more requests in this second`);
  }
  if (!view.overflow) {
    const reason = `${view.policy} sends nothing to Lambda while there is a task`;
    return { goes: true, reason, tries: false };
  }
  const { targetMs, takes, onTask, onLambda } = view;
  const { healthy: tasks, slotsInUse: inFlight } = fargate;
  const ask = { targetMs, tasks, inFlight, takes, onTask, onLambda };
  const choice = latencyTest(ask, view.now);
  const reason = sayLatency(ask, choice);
  if (!goesToTask(choice)) return no(reason);
  const free = tasks * takes - inFlight;
  if (free <= view.reserve) {
    const left = free === 1 ? 'the last free slot is' : `the last ${free} free slots are`;
    return no(`${left} for routes that save more; this one is number ${view.place}`);
  }
  return { goes: true, reason, tries: choice === 'try' };
}

const no = (reason: string): TaskVerdict => ({ goes: false, reason, tries: false });
