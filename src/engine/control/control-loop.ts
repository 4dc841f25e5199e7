// The control tick: observe, decide, act, once a second. Deciding is done by `scaling/`; this file
// only gathers what it needs and carries out what it says.

import type { Millis } from '../../base/units.ts';
import { breakEvenConcurrency } from '../../cost/break-even.ts';
import type { PriceBook } from '../../cost/price-book.ts';
import type { Service } from '../../model/app.ts';
import type { FargateSettings } from '../../model/fargate.ts';
import type { DemandMemory } from '../../scaling/demand-policy.ts';
import type { Observation, ScalingPolicy } from '../../scaling/policy.ts';
import type { FargateTrack, TaskUse } from '../fargate/fargate-track.ts';
import type { EventStream } from './event-stream.ts';
import type { LoadGauge } from './load-gauge.ts';

export const TICK_MS: Millis = 1000;

export interface Scaled {
  readonly service: Service;
  readonly settings: FargateSettings;
  readonly track: FargateTrack;
  readonly load: LoadGauge;
  /** Requests in flight at which a task costs as much as Lambda; undefined without Lambda. */
  readonly breakEven: number | undefined;
}

export interface Scaler {
  tick(now: Millis, wall: Millis): { readonly use: TaskUse; readonly observation: Observation };
  /** Why there are as many tasks as there are. */
  readonly lastReason: string;
}

export function scaler(
  scaled: Scaled,
  policy: ScalingPolicy<DemandMemory>,
  events: EventStream,
  startedAt: Millis,
): Scaler {
  let memory = policy.start(startedAt);
  let lastReason = 'tasks.min';
  return {
    get lastReason() {
      return lastReason;
    },
    tick(now, wall) {
      const use = scaled.track.measure();
      const observation = observe(scaled, use, now);
      const decision = policy.decide(observation, memory, now);
      memory = decision.memory;
      if (decision.desired !== observation.desired) {
        lastReason = decision.reason;
        const { desired: to, reason } = decision;
        const service = scaled.service.name;
        events.emit({ type: 'scale', at: wall, service, from: observation.desired, to, reason });
        scaled.track.scale(to, reason);
      }
      scaled.track.tick();
      return { use, observation };
    },
  };
}

function observe(
  { settings, track, load, breakEven }: Scaled,
  use: TaskUse,
  now: Millis,
): Observation {
  const counts = track.counts();
  return {
    settings,
    running: counts.starting + counts.healthy + counts.unhealthy,
    desired: counts.desired,
    ...load.read(now),
    cpuPercent: use.cpuPercent,
    memoryPercent: use.memoryPercent,
    breakEvenConcurrency: breakEven,
  };
}

/**
 * Without a price the service is scaled as if a task paid from half of one request in flight, near
 * what it is for the smallest task in every region whose prices are known.
 */
const BREAK_EVEN_WITHOUT_PRICE = 0.5;

/** Undefined for a service without Lambda: every request in flight needs a task then. */
export function breakEvenOf(service: Service, book: PriceBook): number | undefined {
  const { lambda, fargate } = service;
  if (lambda === undefined || fargate === undefined) return undefined;
  return breakEvenConcurrency(lambda, fargate, book) ?? BREAK_EVEN_WITHOUT_PRICE;
}
