// What `fulcrum status` says of the placement of a service: what was learned, what the policy makes of
// it now, and what would start or stop the next task.

import { sayUsd } from '../../base/units.ts';
import type { PlacementReason, PlacementTerms } from '../../scaling/placement.ts';
import type { ServiceLearning } from './service-learning.ts';

export interface PlacementStatus {
  /** Its name. */
  readonly policy: string;
  /** Of the policy, now. */
  readonly now: PlacementReason;
  readonly learned: {
    /** Requests at a time that a task is given, and that it carries as far as is known. */
    readonly takes: number;
    readonly carries: number;
    /** Requests a second that a task is planned with. */
    readonly taskRate: number;
    readonly taskMs: number;
    readonly lambdaUsdPerRequest: number;
    readonly startSeconds: number;
  };
  /** In words: from when on one task more, or one fewer, is cheaper. */
  readonly next: { readonly start: string; readonly stop: string };
  readonly routes: readonly {
    /** Its priority. */
    readonly route: number;
    readonly requestsPerSecond: number;
    /** 1 saves most. */
    readonly place: number;
    readonly usdPerSlotHour: number | undefined;
    readonly reserve: number;
  }[];
}

interface Parts {
  readonly policy: string;
  readonly learning: ServiceLearning;
  readonly terms: PlacementTerms;
  readonly desired: number;
  readonly now: PlacementReason;
}

export function placementStatus({ policy, learning, terms, desired, now }: Parts): PlacementStatus {
  return {
    policy,
    now,
    learned: {
      ...learning.capacity,
      taskRate: terms.taskRate,
      taskMs: terms.taskSeconds * 1000,
      lambdaUsdPerRequest: terms.lambdaUsdPerRequest,
      startSeconds: terms.startSeconds,
    },
    next: sayNext(terms, desired),
    routes: learning.routes.map(({ route, rate, rank }) => ({
      route,
      requestsPerSecond: rate,
      place: rank.place,
      usdPerSlotHour: rank.usdPerSlotSecond && rank.usdPerSlotSecond * 3600,
      reserve: rank.reserve,
    })),
  };
}

/** Task k serves what is between (k−1)·μ and k·μ, and pays from p/g of it on. */
function sayNext(terms: PlacementTerms, desired: number): PlacementStatus['next'] {
  const { taskUsdPerSecond, lambdaUsdPerRequest, taskRate: carried, minTasks, maxTasks } = terms;
  const pays = taskUsdPerSecond / lambdaUsdPerRequest;
  const rate = (requests: number) => `${requests.toFixed(requests < 10 ? 1 : 0)} requests/s`;
  if (pays >= carried) {
    const alone = `a task carries ${rate(carried)} and pays from ${rate(pays)}`;
    return { start: `never: ${alone}`, stop: desired > minTasks ? `now: ${alone}` : AT_MINIMUM };
  }
  const price = sayUsd(taskUsdPerSecond * 3600);
  return {
    start:
      desired >= maxTasks
        ? 'not beyond tasks.max'
        : `more than ${rate(desired * carried + pays)}: then it saves more than its ${price} an hour`,
    stop: desired <= minTasks ? AT_MINIMUM : `fewer than ${rate((desired - 1) * carried + pays)}`,
  };
}

const AT_MINIMUM = 'not below tasks.min';
