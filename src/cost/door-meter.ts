// Counts what the front door uses, by its kind.
// By the rules M4 to M6 of `rules/alb.ts` and `rules/api-gateway.ts`.

import { type Millis, MS_PER_HOUR } from '../base/units.ts';
import { divided, exact, numberOf } from './amount.ts';
import { ALB_ADDRESSES } from './assumptions.ts';
import type { Answered } from './profile-meter.ts';
import { chargedEvaluations, lcuHours } from './rules/alb.ts';
import { httpApiSteps } from './rules/api-gateway.ts';
import type { DoorUsage } from './usage.ts';

export type DoorKind = 'alb' | 'http-api';

/** `billed` counts begun minutes, steps and hours whole; `pace` does not. */
export type Reading = 'billed' | 'pace';

export interface RoutedRequest {
  readonly lambda: boolean;
  readonly bytes: number;
  readonly ruleEvaluations: number;
  /** To the client, with heads. */
  readonly sentBytes?: number | undefined;
  /** Who answered it; undefined: the front door itself. */
  readonly answered?: Answered | undefined;
}

export interface DoorMeter {
  connected(now: Millis): void;
  disconnected(now: Millis): void;
  routed(request: RoutedRequest, now: Millis): void;
  usage(now: Millis, reading: Reading): DoorUsage | undefined;
}

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
      requests += httpApiSteps(bytes);
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
      pastLcuHours += lcuHoursOf(hour);
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
      hour.ruleEvaluations += chargedEvaluations(ruleEvaluations);
    },
    usage(now: Millis, reading: Reading): DoorUsage {
      advance(now);
      const begunMs = hourStart - startedAt + MS_PER_HOUR;
      const hourMs = reading === 'pace' ? Math.ceil(now - startedAt) : begunMs;
      const microLcuHours = Math.round((pastLcuHours + lcuHoursOf(hour)) * 1e6);
      return { kind: 'alb', hourMs, microLcuHours, addressMs: hourMs * ALB_ADDRESSES };
    },
  };
}

function emptyHour(): AlbHour {
  return { newConnections: 0, connectionMs: 0, bytes: 0, bytesOfLambda: 0, ruleEvaluations: 0 };
}

/** LCU-hours of the hour (M5). */
function lcuHoursOf(hour: AlbHour): number {
  return numberOf(
    lcuHours({
      newConnections: exact(hour.newConnections),
      activeConnections: divided(exact(Math.max(0, hour.connectionMs)), MS_PER_HOUR),
      bytes: exact(hour.bytes),
      bytesOfLambda: exact(hour.bytesOfLambda),
      ruleEvaluations: exact(hour.ruleEvaluations),
    }),
  );
}
