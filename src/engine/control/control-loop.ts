// The control tick: observe, decide, act, once a second. Deciding is done by `scaling/`; this file
// only gathers what it needs and carries out what it says.

import type { Millis } from '../../base/units.ts';
import { breakEvenConcurrency } from '../../cost/break-even.ts';
import type { PriceBook } from '../../cost/prices/price-book.ts';
import type { Service } from '../../model/app.ts';
import { demandPolicy } from '../../scaling/demand-policy.ts';
import { autoScaler } from './auto-scaler.ts';
import { Activities, type Scaled, type Scaler } from './scaler.ts';
import { type Seen, ServiceWatch } from './service-watch.ts';

export const TICK_MS: Millis = 1000;

export function scaler(scaled: Scaled): Scaler {
  const { autoscaling } = scaled.settings;
  return autoscaling === undefined ? demandScaler(scaled) : autoScaler(scaled, autoscaling);
}

function demandScaler(scaled: Scaled): Scaler {
  const { track } = scaled;
  const watch = new ServiceWatch(scaled);
  const activities = new Activities(scaled);
  let memory = demandPolicy.start(scaled.startedAt);
  let seen: Seen | undefined;
  return {
    observe(now) {
      seen = watch.observe(now);
      return seen.use;
    },
    act(now, wall) {
      if (seen === undefined) return;
      const counts = track.counts();
      const observation = {
        settings: scaled.settings,
        running: counts.pending + counts.running,
        desired: counts.desired,
        ...seen.load,
        cpuPercent: seen.use.cpuPercent,
        memoryPercent: seen.use.memoryPercent,
        breakEvenConcurrency: scaled.breakEven,
      };
      const decision = demandPolicy.decide(observation, memory, now);
      memory = decision.memory;
      activities.scale(counts.desired, decision.desired, decision.reason, wall);
      track.tick();
    },
    status: () => ({
      by: 'demand',
      min: scaled.settings.tasks.min,
      max: scaled.settings.tasks.max,
      ...activities.status(),
      rules: undefined,
      held: undefined,
      policies: [],
    }),
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
