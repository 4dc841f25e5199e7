// What was learned of a service that is on both computes, and what placement makes of it: for each
// request whether a task may take it, for each tick the terms of the placement policy.

import type { Millis } from '../../base/units.ts';
import type { App, Compute, Service } from '../../model/app.ts';
import type { FargateSettings } from '../../model/fargate.ts';
import type { PlacementView } from '../../routing/placement-view.ts';
import { rankRoutes } from '../../routing/route-rank.ts';
import { learnTime, tryAgain } from '../../routing/service-times.ts';
import {
  type CapacityRules,
  carries,
  learnCapacity,
  startCapacity,
  takes,
} from '../../routing/task-capacity.ts';
import { expectedTimes, type PlacementPrices } from './placement-prices.ts';
import { RouteLearning } from './route-learning.ts';

export interface LearningParts {
  readonly app: App;
  readonly name: string;
  /** As they are now. */
  readonly service: Service;
  readonly settings: FargateSettings;
  readonly prices: PlacementPrices;
}

export interface Served {
  readonly compute: Compute;
  /** On a task until the head of its answer, which is what a target group measures; else all of it. */
  readonly durationMs: Millis;
  /** It waited for an environment to start. */
  readonly cold: boolean;
  /** By Lambda. */
  readonly billedMs: Millis | undefined;
}

/** What the policy of a service says of requests until the next tick. */
export interface Offer {
  readonly policy: string;
  readonly overflow: boolean;
  /** Requests. */
  readonly requests: number;
}

/** One request on its way. It is told once of its end, if that says anything of its compute. */
export interface RequestLearning {
  served(served: Served, now: Millis): void;
}

export class ServiceLearning {
  readonly #parts: LearningParts;
  readonly #capacity = startCapacity();
  readonly #routes = new Map<number, RouteLearning>();
  #offer: Offer = { policy: '', overflow: true, requests: Number.POSITIVE_INFINITY };
  #scarce = false;
  #toTasks = 0;
  #tickedAt: Millis;

  constructor(parts: LearningParts, now: Millis) {
    this.#parts = parts;
    this.#tickedAt = now;
  }

  /** In the order of their priority. */
  get routes(): readonly RouteLearning[] {
    return [...this.#routes.values()].sort((one, other) => one.route - other.route);
  }

  /** Requests that a task is given at a time, and that it carries as far as is known. */
  get capacity(): { readonly takes: number; readonly carries: number } {
    const rules = this.#rules();
    return { takes: takes(this.#capacity, rules), carries: carries(this.#capacity, rules) };
  }

  /** Mean time of a request on a task; before the first, what it takes on Lambda or was said. */
  get taskMs(): Millis {
    const { app, name } = this.#parts;
    return (
      this.#mean((route) => route.taskMs.value) ??
      this.#mean((route) => route.lambdaMs.value) ??
      expectedTimes(app, name).taskMs
    );
  }

  /** Of a request on the average. */
  get lambdaUsd(): number {
    const { app, name, prices } = this.#parts;
    const billedMs = this.#mean((route) => route.lambdaMs.value);
    return prices.lambdaUsd(billedMs ?? Math.ceil(expectedTimes(app, name).lambdaMs));
  }

  offer(offer: Offer): void {
    this.#offer = offer;
    this.#toTasks = 0;
  }

  /** Requests that went to tasks since the last offer. */
  get toTasks(): number {
    return this.#toTasks;
  }

  view(route: number, now: Millis): PlacementView {
    const { onTask, onLambda, rank } = this.#routes.get(route) ?? new RouteLearning(route);
    const { policy, overflow, requests } = this.#offer;
    return {
      now,
      targetMs: this.#parts.service.latencyMs,
      takes: this.capacity.takes,
      onTask,
      onLambda,
      reserve: rank.reserve,
      place: rank.place,
      policy,
      overflow,
      offered: requests - this.#toTasks,
    };
  }

  came(route: number): void {
    this.#route(route).came();
  }

  /** A request goes to a task that has so many in flight, itself among them. */
  toTask(route: number, inFlight: number, tries: boolean, now: Millis): RequestLearning {
    this.#toTasks += 1;
    const learned = this.#route(route);
    if (tries) tryAgain(learned.onTask, inFlight, now);
    return { served: (served, at) => this.#served(learned, inFlight, served, at) };
  }

  toLambda(route: number): RequestLearning {
    const learned = this.#route(route);
    return { served: (served, at) => this.#served(learned, 1, served, at) };
  }

  /** Ranks the routes for the tasks that take requests now. */
  tick(tasks: number, now: Millis): void {
    const routes = this.routes;
    for (const route of routes) route.tick(now - this.#tickedAt);
    this.#tickedAt = now;
    const loads = routes.map(({ rate, taskMs, lambdaMs }) => ({
      rate,
      taskSeconds: taskMs.value === undefined ? undefined : taskMs.value / 1000,
      lambdaUsd:
        lambdaMs.value === undefined ? undefined : this.#parts.prices.lambdaUsd(lambdaMs.value),
    }));
    const { scarce, ranks } = rankRoutes(loads, tasks * this.capacity.takes, this.#scarce);
    this.#scarce = scarce;
    for (const [index, rank] of ranks.entries()) {
      const route = routes[index];
      if (route !== undefined) route.rank = rank;
    }
  }

  #served(route: RouteLearning, inFlight: number, served: Served, now: Millis): void {
    const rules = this.#rules();
    const { durationMs, compute, cold, billedMs } = served;
    const time = { durationMs, inFlight, targetMs: rules.targetMs };
    if (compute === 'fargate') {
      route.taskMs.add(durationMs);
      learnTime(route.onTask, time, now);
      learnCapacity(this.#capacity, time, route.onTask, rules);
    } else if (!cold) {
      learnTime(route.onLambda, time, now);
      if (billedMs !== undefined) route.lambdaMs.add(billedMs);
    }
  }

  #route(route: number): RouteLearning {
    let learned = this.#routes.get(route);
    if (learned === undefined) {
      learned = new RouteLearning(route);
      this.#routes.set(route, learned);
    }
    return learned;
  }

  #rules(): CapacityRules {
    const { service, settings } = this.#parts;
    return { targetMs: service.latencyMs, ceiling: settings.concurrency };
  }

  /** Over the routes it is known of, by how often each is asked. */
  #mean(value: (route: RouteLearning) => number | undefined): number | undefined {
    let sum = 0;
    let weight = 0;
    for (const route of this.#routes.values()) {
      const one = value(route);
      if (one === undefined) continue;
      const asked = Math.max(route.rate, Number.MIN_VALUE * 1e9);
      sum += one * asked;
      weight += asked;
    }
    return weight === 0 ? undefined : sum / weight;
  }
}
