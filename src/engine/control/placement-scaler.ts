// Scales a service that is on both computes as a placement policy says: once a second it is told what
// came and on which terms, and says how many tasks there should be. What it cannot know stays a floor
// below its answer: routes that only Fargate may serve, the targets of `scale`, and tasks whose first
// minute is billed in any case. `idle` stands above all: without a request for so long there are
// `tasks.min`.

import { type Millis, sayDuration } from '../../base/units.ts';
import { taskRate } from '../../routing/task-capacity.ts';
import { demandPolicy } from '../../scaling/demand-policy.ts';
import type { PlacementSeen, PlacementTerms } from '../../scaling/placement.ts';
import type { ScaleDecision } from '../../scaling/policy.ts';
import type { Placing } from './control-loop.ts';
import type { LoadReading } from './load-gauge.ts';
import { placementStatus } from './placement-status.ts';
import { Activities, type Scaled, type Scaler } from './scaler.ts';
import { type Seen, ServiceWatch } from './service-watch.ts';
import { StartDelays } from './start-delays.ts';

export function placementScaler(scaled: Scaled, placing: Placing): Scaler {
  return new PlacementScaler(scaled, placing);
}

type Floor = ScaleDecision<ReturnType<typeof demandPolicy.start>>;

class PlacementScaler implements Scaler {
  readonly #scaled: Scaled;
  readonly #placing: Placing;
  readonly #watch: ServiceWatch;
  readonly #activities: Activities;
  readonly #starts: StartDelays;
  readonly #memory: unknown;
  readonly #seen: PlacementSeen = {
    span: 0,
    requests: 0,
    concurrency: 0,
    ready: 0,
    starting: 0,
    utilization: Number.NaN,
  };
  #floor: Floor;
  #load: Seen | undefined;
  #pinned: LoadReading = { concurrency: 0, requests: 0, refused: 0 };
  #actedAt: Millis;
  #held: string | undefined;

  constructor(scaled: Scaled, placing: Placing) {
    this.#scaled = scaled;
    this.#placing = placing;
    this.#watch = new ServiceWatch(scaled);
    this.#activities = new Activities(scaled);
    this.#starts = new StartDelays(scaled.app.local.taskStartMs);
    const { startedAt } = scaled;
    const { policy, rng } = placing;
    this.#actedAt = startedAt;
    this.#memory = policy.start(startedAt / 1000, this.#terms(), rng);
    const memory = demandPolicy.start(startedAt);
    this.#floor = { desired: scaled.settings.tasks.min, reason: '', memory };
    this.#offer(0);
  }

  observe(now: Millis) {
    this.#load = this.#watch.observe(now);
    this.#pinned = this.#scaled.pinned.read(now);
    return this.#load.use;
  }

  act(now: Millis, wall: Millis): void {
    const { track, settings } = this.#scaled;
    const { policy, learning } = this.#placing;
    if (this.#load === undefined) return;
    this.#starts.note(track.tasks(), now);
    const terms = this.#terms();
    this.#see(this.#load.load, terms, now);
    learning.tick(this.#seen.ready, now);
    const wanted = policy.decide(this.#memory, this.#seen, terms, now / 1000);
    this.#floor = this.#floorOf(this.#load, now);
    const { tasks, idleMs } = settings;
    const idle = now - this.#floor.memory.lastRequestAt >= idleMs;
    const { desired: before } = track.counts();
    const most = Math.min(Math.max(wanted, this.#floor.desired, tasks.min), tasks.max);
    const paid = Math.min(before, this.#paidAnyway(now));
    const desired = idle ? tasks.min : Math.max(most, paid);
    this.#held =
      desired > most ? `${most} wanted; ${desired} are paid for their first minute` : undefined;
    if (desired !== before) {
      const reason = idle
        ? { text: `no request for ${sayDuration(idleMs)}`, figures: {} }
        : this.#why(wanted, terms);
      const { text, figures } = reason;
      const change = { from: before, to: desired, reason: text, at: wall };
      this.#activities.scale({ ...change, policy: policy.name, figures });
    }
    this.#offer(this.#seen.span);
    track.tick();
  }

  status() {
    const { settings, track } = this.#scaled;
    const { policy, learning } = this.#placing;
    const terms = this.#terms();
    return {
      by: 'placement',
      min: settings.tasks.min,
      max: settings.tasks.max,
      ...this.#activities.status(),
      rules: policy.name,
      held: this.#held,
      policies: [{ policy: policy.name, what: policy.says }],
      placement: placementStatus({
        policy: policy.name,
        learning,
        terms,
        desired: track.counts().desired,
        now: policy.why(this.#memory, terms),
      }),
    } as const;
  }

  /** Tasks that are billed as long as if they stayed. */
  #paidAnyway(now: Millis): number {
    const { track, app } = this.#scaled;
    const { taskMinimumMs } = app.local;
    return track
      .tasks()
      .filter(({ stop, startedAt }) => stop === undefined && startedAt !== undefined)
      .filter(({ startedAt = 0 }) => now - startedAt < taskMinimumMs).length;
  }

  #why(wanted: number, terms: PlacementTerms) {
    const { policy } = this.#placing;
    if (this.#floor.desired <= wanted) return policy.why(this.#memory, terms);
    const { figures } = policy.why(this.#memory, terms);
    return { text: `${this.#floor.reason} (${policy.name}: ${wanted})`, figures };
  }

  #see(load: LoadReading, terms: PlacementTerms, now: Millis): void {
    const { track } = this.#scaled;
    const { learning } = this.#placing;
    const { running, pending, healthy } = track.counts();
    const span = Math.max(0, now - this.#actedAt) / 1000;
    this.#actedAt = now;
    const seen = this.#seen;
    seen.span = span;
    // Those that tasks are too slow for go to Lambda, however many there are.
    const could = Math.max(0, load.requests - this.#pinned.requests);
    seen.requests = Math.max(0, could - learning.tooSlow);
    const part = could > 0 ? seen.requests / could : 1;
    seen.concurrency = Math.max(0, load.concurrency - this.#pinned.concurrency) * part;
    seen.ready = healthy;
    seen.starting = Math.max(0, running + pending - healthy);
    const carried = healthy * terms.taskRate * span;
    seen.utilization = carried > 0 ? Math.min(1, learning.toTasks / carried) : Number.NaN;
  }

  /** What only Fargate may serve needs a task for any request. */
  #floorOf({ load, use }: Seen, now: Millis): Floor {
    const { settings, track } = this.#scaled;
    const counts = track.counts();
    const observation = {
      settings,
      running: counts.pending + counts.running,
      desired: this.#floor.desired,
      concurrency: this.#pinned.concurrency,
      requests: load.requests,
      refused: load.refused,
      cpuPercent: use.cpuPercent,
      memoryPercent: use.memoryPercent,
    };
    return demandPolicy.decide(observation, this.#floor.memory, now);
  }

  #terms(): PlacementTerms {
    const { app, settings } = this.#scaled;
    const { learning, prices } = this.#placing;
    const taskSeconds = learning.taskMs / 1000;
    return {
      taskUsdPerSecond: prices.taskUsdPerSecond,
      lambdaUsdPerRequest: learning.lambdaUsd,
      taskRate: taskRate(learning.capacity.carries, taskSeconds),
      taskSeconds,
      startSeconds: this.#starts.startSeconds,
      billedStartSeconds: this.#starts.billedStartSeconds,
      drainSeconds: Math.min(settings.drainMs / 1000, taskSeconds),
      minimumSeconds: app.local.taskMinimumMs / 1000,
      minTasks: settings.tasks.min,
      maxTasks: settings.tasks.max,
      thresholdSeconds: settings.scale.windowMs / 1000,
    };
  }

  /** For as long as the next tick is likely to be away. */
  #offer(span: number): void {
    const { policy, learning } = this.#placing;
    const rate = policy.offered?.(this.#memory, this.#terms()) ?? Number.POSITIVE_INFINITY;
    const { name, overflow } = policy;
    learning.offer({ policy: name, overflow, requests: rate * (span > 0 ? span : 1) });
  }
}
