// Counts what belongs to no compute, or to none alone: logs, bytes to clients, calls of queues, alarms.
//
// By the rules M18, M20, M21 and M29 of `rules/network.ts`, `rules/cloudwatch.ts` and
// `rules/messaging.ts`.

import type { Millis } from '../base/units.ts';
import type { Compute } from '../model/app.ts';
import { SQS_STEP_BYTES } from './rules/messaging.ts';
import type { LogUsage, SharedUsage } from './usage.ts';

export interface LoggedEvent {
  readonly service: string;
  readonly compute: Compute;
  /** By the program, or by Lambda about it. */
  readonly source: 'program' | 'platform';
  readonly bytes: number;
}

export interface SharedMeter {
  sent(bytes: number): void;
  logged(event: LoggedEvent): void;
  queueCalled(fifo: boolean, bytes: number): void;
  keepAlarms(alarms: number, highResolution: number, now: Millis): void;
  usage(now: Millis): { readonly logs: readonly LogUsage[]; readonly shared: SharedUsage };
}

export function sharedMeter(startedAt: Millis): SharedMeter {
  const logs = new Map<string, { -readonly [key in keyof LogUsage]: LogUsage[key] }>();
  const calls = { standard: 0, fifo: 0 };
  let internetBytes = 0;
  let alarms = { standard: 0, highResolution: 0, since: startedAt };
  return {
    sent(bytes) {
      internetBytes += bytes;
    },
    logged({ service, compute, bytes }) {
      const key = `${service}/${compute}`;
      let sum = logs.get(key);
      if (sum === undefined) {
        sum = { service, compute, events: 0, bytes: 0 };
        logs.set(key, sum);
      }
      sum.events += 1;
      sum.bytes += bytes;
    },
    queueCalled(fifo, bytes) {
      calls[fifo ? 'fifo' : 'standard'] += Math.max(1, Math.ceil(bytes / SQS_STEP_BYTES));
    },
    keepAlarms(standard, highResolution, since) {
      alarms = { standard, highResolution, since };
    },
    usage(now) {
      const keptMs = Math.max(0, Math.ceil(now - alarms.since));
      return {
        logs: [...logs.values()].map((sum) => ({ ...sum })),
        shared: {
          internetBytes,
          standardCalls: calls.standard,
          fifoCalls: calls.fifo,
          alarmMs: alarms.standard * keptMs,
          highResolutionAlarmMs: alarms.highResolution * keptMs,
        },
      };
    },
  };
}
