// What `fulcrum status` shows: one plain value that can be printed, sent as JSON, or drawn.

import type { Millis } from '../../base/units.ts';
import { usdOf } from '../../cost/money.ts';
import { BUNDLED_PRICES, type PriceSource } from '../../cost/prices/price-data.ts';
import type { Bill } from '../../cost/rating.ts';
import type { PoolCounts } from '../../fleet/environment-pool.ts';
import type { FunctionUrlAt, HttpsAt } from '../../model/event.ts';
import type { FargateStatus } from '../fargate/fargate-status.ts';
import type { QueueStatus } from '../queue/app-queues.ts';
import type { AlarmStatus } from './alarm-book.ts';
import type { ScalingStatus } from './scaler.ts';

export interface EngineStatus {
  readonly schemaVersion: 1;
  readonly app: string;
  readonly stage: string | undefined;
  readonly region: string;
  readonly url: string;
  readonly https: HttpsAt | undefined;
  /** Where the Invoke API answers. */
  readonly invoke: string;
  readonly functionUrls: readonly FunctionUrlAt[];
  readonly startedAt: string;
  readonly uptimeMs: Millis;
  readonly connections: number;
  readonly services: readonly ServiceStatus[];
  readonly queues: readonly QueueStatus[];
  readonly alarms: readonly AlarmStatus[];
  readonly cost: CostStatus;
}

export interface ServiceStatus {
  readonly service: string;
  readonly lambda:
    | (PoolCounts & {
        readonly requests: number;
        readonly errors: number;
        readonly coldStarts: number;
      })
    | undefined;
  readonly fargate:
    | (FargateStatus & {
        readonly requests: number;
        readonly errors: number;
        /** What decides how many tasks there are, and why. */
        readonly scaling: ScalingStatus;
      })
    | undefined;
}

export interface MoneyStatus {
  readonly lambdaUsd: number;
  readonly fargateUsd: number;
  readonly frontDoorUsd: number;
  readonly totalUsd: number;
}

export interface CostStatus extends MoneyStatus {
  /** If the time since the start went on like this for a month of 730 hours. */
  readonly monthly: MoneyStatus;
  readonly lines: readonly {
    readonly service: string | undefined;
    readonly compute: string | undefined;
    readonly item: string;
    readonly quantity: number;
    readonly unit: string;
    readonly usd: number | undefined;
    readonly note: string | undefined;
  }[];
  /** Items used that have no known price; they are not in the sums. */
  readonly unknown: readonly string[];
  /** The price book that it is rated with, and the day it was put together. */
  readonly prices: { readonly from: PriceSource['from']; readonly asOf: string };
}

/** Hours of a month, as the AWS pricing calculator counts them. */
const MONTH_MS = 730 * 3_600_000;

/** `pace` is the bill of what would go on as it does; it gives the month. */
export function costStatus(
  bill: Bill,
  pace: Bill,
  uptimeMs: Millis,
  prices: PriceSource | undefined,
): CostStatus {
  const times = MONTH_MS / Math.max(1, uptimeMs);
  return {
    ...totals(bill, 1),
    monthly: totals(pace, times),
    lines: bill.lines.map(({ service, compute, item, quantity, unit, pico, note }) => ({
      service,
      compute,
      item,
      quantity,
      unit,
      usd: pico === undefined ? undefined : usdOf(pico),
      note,
    })),
    unknown: bill.unknown,
    prices: {
      from: prices?.from ?? 'bundled',
      asOf: (prices?.data ?? BUNDLED_PRICES).asOf,
    },
  };
}

function totals({ total }: Bill, times: number): MoneyStatus {
  return {
    lambdaUsd: usdOf(total.lambda) * times,
    fargateUsd: usdOf(total.fargate) * times,
    frontDoorUsd: usdOf(total.shared) * times,
    totalUsd: usdOf(total.all) * times,
  };
}
