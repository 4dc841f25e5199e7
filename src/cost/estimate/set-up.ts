// What is priced: the settings of an app that its bill depends on.

import type { MiB } from '../../base/units.ts';
import type { Architecture } from '../../model/app.ts';
import type { Quantity } from '../quantity.ts';

/** How requests reach a function. `none`: nothing that is billed, or left out. */
export type LambdaEntry = 'none' | 'alb' | 'http-api' | 'rest-api' | 'function-url';

/** How requests reach tasks. `http-api` is an HTTP API with a VPC link. */
export type FargateEntry = 'none' | 'alb' | 'http-api' | 'rest-api';

export interface SetUp {
  readonly region: string;
  readonly entry: { readonly lambda: LambdaEntry; readonly fargate: FargateEntry };
  readonly services: readonly ServiceSetUp[];
  readonly network: NetworkSetUp;
  /** Databases, caches, secrets and the like: the same whatever serves, by the month. */
  readonly resources: readonly ResourceQuantities[];
  /** Part of the on-demand price that Spot costs, in percent. Default 35. */
  readonly spotPricePercent: number;
}

/** A service, or a function. */
export interface ServiceSetUp {
  readonly name: string;
  /** Undefined: it cannot run there; its bill is that of the other in every comparison. */
  readonly lambda: LambdaSetUp | undefined;
  readonly fargate: FargateSetUp | undefined;
  /** Of the requests of the app, the part that it serves. */
  readonly share: number;
  readonly requests: RequestProfile;
}

export interface LambdaSetUp {
  readonly memoryMiB: MiB;
  readonly ephemeralMiB: MiB;
  readonly provisioned: number;
  readonly architecture: Architecture;
}

export interface FargateSetUp {
  /** 1024 are one vCPU. */
  readonly cpuUnits: number;
  readonly memoryMiB: MiB;
  readonly ephemeralGiB: number;
  readonly architecture: Architecture;
  /** Of the tasks, the part on Spot: 0 to 1. */
  readonly spotShare: number;
  /** Tasks that run whatever the traffic, e.g. 2 for two zones. */
  readonly minTasks: number;
  /** Undefined: as many as it takes. */
  readonly maxTasks: number | undefined;
  /** The processor is planned to be busy this part of the time at most. Default 0.6. */
  readonly targetUtilization: number;
}

/**
 * A figure that is not certain. Bills are given for all of the low ones, the expected ones, and all
 * of the high ones, where low is what costs less.
 */
export interface Figure {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
  /** Where it is from, for people: "fulcrum.yml", "measured on 2026-11-21", "assumed". */
  readonly from: string;
}

/** What one request takes, on the average. */
export interface RequestProfile {
  /** Duration on Lambda at its memory, before it is rounded up to a millisecond. */
  readonly lambdaMs: Figure;
  /** Duration in a task that is not overloaded. */
  readonly fargateMs: Figure;
  /** Processor time on a whole vCPU. */
  readonly cpuMs: Figure;
  /** Requests that a task has in flight at once, at most. Undefined: its processor is the limit. */
  readonly concurrency: Figure | undefined;
  readonly requestBytes: Figure;
  readonly responseBytes: Figure;
  /** Requests on each connection of a client. */
  readonly perConnection: Figure;
  /** Of invocations, the part that starts an environment: 0 to 1. */
  readonly coldShare: Figure;
  /** INIT of such a start, which is billed. */
  readonly initMs: Figure;
  /** Written to the log by the program, for each request. */
  readonly logBytes: Figure;
}

export interface NetworkSetUp {
  /** NAT gateways that run all month, by who needs them. */
  readonly natGateways: { readonly lambda: number; readonly fargate: number };
  /** Bytes through them for each request, both ways. */
  readonly natBytes: Figure;
  /** Each task has a public IPv4 address. */
  readonly publicTasks: boolean;
  /** Bytes between zones for each request, both ways together. */
  readonly crossZoneBytes: Figure;
}

export interface ResourceQuantities {
  readonly name: string;
  /** Whose bills they are on: both, or, as with a proxy that only functions need, one. */
  readonly on: 'both' | 'lambda' | 'fargate';
  /** Of one month. */
  readonly quantities: readonly Quantity[];
}
