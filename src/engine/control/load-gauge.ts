// How many requests were in flight on average since the last reading, and how many came.

import type { Millis } from '../../base/units.ts';

export interface LoadReading {
  readonly concurrency: number;
  readonly requests: number;
  readonly refused: number;
}

export interface LoadGauge {
  began(now: Millis): void;
  ended(now: Millis): void;
  /** A request that only Fargate could have served and that found no task. */
  refused(): void;
  /** Reads and starts over. */
  read(now: Millis): LoadReading;
}

export function loadGauge(startedAt: Millis): LoadGauge {
  let inFlight = 0;
  let area = 0;
  let changedAt = startedAt;
  let readAt = startedAt;
  let requests = 0;
  let refused = 0;
  const settle = (now: Millis): void => {
    area += inFlight * (now - changedAt);
    changedAt = now;
  };
  return {
    began(now) {
      settle(now);
      inFlight += 1;
      requests += 1;
    },
    ended(now) {
      settle(now);
      inFlight -= 1;
    },
    refused() {
      refused += 1;
    },
    read(now) {
      settle(now);
      const span = now - readAt;
      const reading = { concurrency: span > 0 ? area / span : inFlight, requests, refused };
      area = 0;
      readAt = now;
      requests = 0;
      refused = 0;
      return reading;
    },
  };
}
