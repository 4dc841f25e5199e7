// What has been used, in whole units, before any price. Sums of usage are plain additions, so parts
// can be rated apart and together with the same result.

import type { Architecture, Compute } from '../model/app.ts';

export interface LambdaUsage {
  readonly architecture: Architecture;
  readonly requests: number;
  /** Memory (MB) × billed duration (ms) in on-demand environments, INIT included. */
  readonly mbMs: number;
  /** The same in provisioned environments, without INIT. */
  readonly provisionedDurationMbMs: number;
  /** Memory (MB) × time (ms) for which environments were kept provisioned. */
  readonly provisionedMbMs: number;
  /** Storage above 512 MB (MB) × billed duration (ms). */
  readonly ephemeralMbMs: number;
}

export interface FargateUsage {
  readonly architecture: Architecture;
  /** CPU units × ms, at least one minute a task. 1024 units are one vCPU. */
  readonly unitMs: number;
  /** Memory (MiB) × ms, likewise. */
  readonly mibMs: number;
  readonly spotUnitMs: number;
  readonly spotMibMs: number;
  /** Public IPv4 addresses of tasks × ms. Default: they have none. */
  readonly addressMs?: number | undefined;
}

export interface HttpApiUsage {
  readonly kind: 'http-api';
  /** One for every 512 KB begun. */
  readonly requests: number;
}

export interface AlbUsage {
  readonly kind: 'alb';
  /** Milliseconds since the load balancer was made, in whole hours as they are billed. */
  readonly hourMs: number;
  /** Millionths of an LCU-hour. */
  readonly microLcuHours: number;
  /** Public IPv4 addresses × the same time. */
  readonly addressMs: number;
}

export type DoorUsage = AlbUsage | HttpApiUsage;

export interface ServiceUsage {
  readonly service: string;
  readonly lambda: LambdaUsage | undefined;
  readonly fargate: FargateUsage | undefined;
}

/** Of the programs and of the platform together. */
export interface LogUsage {
  readonly service: string;
  readonly compute: Compute;
  readonly events: number;
  /** Without what is added to each event. */
  readonly bytes: number;
}

/** What belongs to the app as a whole. */
export interface SharedUsage {
  /** Sent to clients, with heads. */
  readonly internetBytes: number;
  /** Calls of the queues, one for every 64 KB begun. */
  readonly standardCalls: number;
  readonly fifoCalls: number;
  /** Alarms × milliseconds. */
  readonly alarmMs: number;
  readonly highResolutionAlarmMs: number;
}

export interface Usage {
  readonly services: readonly ServiceUsage[];
  /** Undefined when nothing is routed. */
  readonly door: DoorUsage | undefined;
  /** Default: none. */
  readonly logs?: readonly LogUsage[] | undefined;
  readonly shared?: SharedUsage | undefined;
}
