// What `fulcrum status` shows: one plain value that can be printed, sent as JSON, or drawn.

import type { Millis } from '../../base/units.ts';
import type { BreakEven } from '../../cost/compare/comparison.ts';
import type { PriceSource } from '../../cost/prices/price-data.ts';
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
  /** With what is written to its logs, as those of Fargate. */
  readonly lambdaUsd: number;
  readonly fargateUsd: number;
  readonly frontDoorUsd: number;
  /** Bytes to clients, queues, alarms. */
  readonly otherUsd: number;
  readonly totalUsd: number;
}

/** What the same traffic would cost in a month if all of it ran on one compute. */
export interface AloneStatus {
  readonly requestsPerMonth: number;
  readonly lambdaUsd: number;
  readonly fargateUsd: number;
  /** Why the app cannot run so as it is; then the money is what it would cost if it could. */
  readonly lambdaNot: string | undefined;
  readonly fargateNot: string | undefined;
  /** Of Fargate alone against Lambda alone; null where nothing runs on both, or a price is missing. */
  readonly breakEven: BreakEven | null;
}

export interface CostStatus extends MoneyStatus {
  /** If the time since the start went on like this for a month of 730 hours. */
  readonly monthly: MoneyStatus;
  /** Null while there is too little to say; `aloneWhy` says what is missing. */
  readonly alone: AloneStatus | null;
  readonly aloneWhy: string | undefined;
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
  readonly prices: {
    readonly from: PriceSource['from'];
    readonly asOf: string;
    /** False: there are none of the region. */
    readonly known: boolean;
  };
}
