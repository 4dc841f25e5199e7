// Counts what the front door uses, by its kind.
//
// Rules, each from the pricing page of its service:
//   M4. A load balancer is billed by the hour begun.
//   M5. LCU-hours of an hour are the largest of its four dimensions.
//   M6. An HTTP API is billed by the request, one for every 512 KB begun.

import { type Millis, MS_PER_HOUR } from '../base/units.ts';
import { ALB_ADDRESSES } from './assumptions.ts';
import type { DoorUsage } from './usage.ts';

export type DoorKind = 'alb' | 'http-api';

/** `billed` counts begun minutes, steps and hours whole; `pace` does not. */
export type Reading = 'billed' | 'pace';

export interface RoutedRequest {
  readonly lambda: boolean;
  readonly bytes: number;
  readonly ruleEvaluations: number;
}

export interface DoorMeter {
  connected(now: Millis): void;
  disconnected(now: Millis): void;
  routed(request: RoutedRequest, now: Millis): void;
  usage(now: Millis, reading: Reading): DoorUsage | undefined;
}

/** [apigateway/pricing] */
const HTTP_API_STEP_BYTES = 512 * 1024;

/** What one LCU covers in an hour. [elasticloadbalancing/pricing] */
export const LCU_HOUR = {
  newConnections: 25 * 3600,
  /** Mean of the connections active in each minute. */
  activeConnections: 3000,
  bytes: 1e9,
  bytesOfLambda: 0.4e9,
  ruleEvaluations: 1000 * 3600,
  /** Rules of every request that are not charged. */
  freeRules: 10,
} as const;

export function doorMeter(kind: DoorKind | undefined, startedAt: Millis): DoorMeter {
  switch (kind) {
    case 'alb':
      return albMeter(startedAt);
    case 'http-api':
      return httpApiMeter();
    case undefined:
      return { ...httpApiMeter(), usage: () => undefined };
  }
}

function httpApiMeter(): DoorMeter {
  let requests = 0;
  return {
    connected() {},
    disconnected() {},
    routed({ bytes }) {
      requests += Math.max(1, Math.ceil(bytes / HTTP_API_STEP_BYTES));
    },
    usage: () => ({ kind: 'http-api', requests }),
  };
}

interface AlbHour {
  newConnections: number;
  /** Connections × milliseconds. */
  connectionMs: number;
  bytes: number;
  bytesOfLambda: number;
  ruleEvaluations: number;
}

function albMeter(startedAt: Millis): DoorMeter {
  let hour = emptyHour();
  let hourStart = startedAt;
  let pastLcuHours = 0;
  let connections = 0;
  let connectionsAt = startedAt;

  const advance = (now: Millis): void => {
    while (now - hourStart >= MS_PER_HOUR) {
      countConnections(hourStart + MS_PER_HOUR);
      pastLcuHours += lcuHours(hour);
      hour = emptyHour();
      hourStart += MS_PER_HOUR;
    }
    countConnections(now);
  };
  const countConnections = (until: Millis): void => {
    hour.connectionMs += connections * Math.max(0, until - connectionsAt);
    connectionsAt = Math.max(connectionsAt, until);
  };
  return {
    connected(now: Millis): void {
      advance(now);
      connections += 1;
      hour.newConnections += 1;
    },
    disconnected(now: Millis): void {
      advance(now);
      connections -= 1;
    },
    routed({ lambda, bytes, ruleEvaluations }: RoutedRequest, now: Millis): void {
      if (now - hourStart >= MS_PER_HOUR) advance(now);
      if (lambda) hour.bytesOfLambda += bytes;
      else hour.bytes += bytes;
      hour.ruleEvaluations += Math.max(0, ruleEvaluations - LCU_HOUR.freeRules);
    },
    usage(now: Millis, reading: Reading): DoorUsage {
      advance(now);
      const begunMs = hourStart - startedAt + MS_PER_HOUR;
      const hourMs = reading === 'pace' ? Math.ceil(now - startedAt) : begunMs;
      const microLcuHours = Math.round((pastLcuHours + lcuHours(hour)) * 1e6);
      return { kind: 'alb', hourMs, microLcuHours, addressMs: hourMs * ALB_ADDRESSES };
    },
  };
}

function emptyHour(): AlbHour {
  return { newConnections: 0, connectionMs: 0, bytes: 0, bytesOfLambda: 0, ruleEvaluations: 0 };
}

/** The largest of the four dimensions, averaged over the hour (M5). */
function lcuHours(hour: AlbHour): number {
  return Math.max(
    hour.newConnections / LCU_HOUR.newConnections,
    hour.connectionMs / MS_PER_HOUR / LCU_HOUR.activeConnections,
    hour.bytes / LCU_HOUR.bytes + hour.bytesOfLambda / LCU_HOUR.bytesOfLambda,
    hour.ruleEvaluations / LCU_HOUR.ruleEvaluations,
  );
}
