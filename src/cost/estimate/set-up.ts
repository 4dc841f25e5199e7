// What is priced: the settings of an app that its bill depends on.

import type { MiB, Millis } from '../../base/units.ts';
import type { Architecture } from '../../model/app.ts';
import type { Quantity } from '../quantity.ts';

/** How requests reach a function. `none`: nothing that is billed, or left out. */
export type LambdaEntry = 'none' | 'alb' | 'http-api' | 'rest-api' | 'function-url';

/** How requests reach tasks. `http-api` is an HTTP API with a VPC link. */
export type FargateEntry = 'none' | 'alb' | 'http-api' | 'rest-api';

export interface SetUp {
  readonly region: string;
  readonly entry: { readonly lambda: LambdaEntry; readonly fargate: FargateEntry };
  readonly loadBalancer: LoadBalancerSetUp;
  readonly services: readonly ServiceSetUp[];
  readonly network: NetworkSetUp;
  readonly logs: LogSetUp;
  /** In front of the entry; undefined: clients reach the entry itself. */
  readonly cdn: CdnSetUp | undefined;
  /** Databases, caches, secrets and the like: the same whatever serves, by the month. */
  readonly resources: readonly ResourceQuantities[];
  /** Part of the on-demand price that Spot costs, in percent. Default 35, from 30 to 40. */
  readonly spotPricePercent: Figure;
  /** Environments the account may run at once; undefined: no limit is looked at. */
  readonly lambdaConcurrency: number | undefined;
}

export interface LoadBalancerSetUp {
  /** Public IPv4 addresses: one in each of its zones, two at least. */
  readonly addresses: number;
  /** Rules that each request is held against, at most. Ten are free. */
  readonly rules: number;
  /** How long a client that keeps its connection leaves it idle before it closes. */
  readonly idleTimeoutMs: Millis;
}

/** A service, or a function. */
export interface ServiceSetUp {
  readonly name: string;
  /** Undefined: it cannot run there; its bill is that of the other in every comparison. */
  readonly lambda: LambdaSetUp | undefined;
  readonly fargate: FargateSetUp | undefined;
  /** Of the requests of the app, the part that it serves. */
  readonly share: number;
  readonly trigger: Trigger;
  readonly requests: RequestProfile;
}

/**
 * What brings requests to it: the entry; a URL of its own, which is free; another program that
 * invokes it; or a queue, whose messages are then its requests.
 */
export type Trigger =
  | { readonly kind: 'entry' }
  | { readonly kind: 'url' }
  | { readonly kind: 'invoke' }
  | {
      readonly kind: 'queue';
      readonly fifo: boolean;
      /** Messages that one invocation is given, on the average. */
      readonly perBatch: Figure;
    };

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
  /** Tasks that run whatever the traffic, e.g. 2 for two zones. Beside Lambda none has to. */
  readonly minTasks: number;
  /** Undefined: as many as it takes. */
  readonly maxTasks: number | undefined;
  /** The last task of a service without Lambda runs on for so long after its last request. */
  readonly idleMs: Millis;
  /** The tasks follow the traffic. False: as many as its busiest moment takes run all month. */
  readonly autoscaling: boolean;
  /** The processor is planned to be busy this part of the time at most. Default 0.6. */
  readonly targetUtilization: number;
}

/**
 * A figure that is not certain. Bills are given for all of the ends that cost less, the expected
 * ones, and all of the ends that cost more. `low` and `high` are the smaller and the larger number;
 * which of them costs more goes with the figure.
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
  /** Written to the log by Lambda itself, for each invocation: START, END and REPORT. */
  readonly invocationLogBytes: Figure;
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

export interface LogSetUp {
  /** Days that log lines are kept; 0: storage is left out. */
  readonly retentionDays: number;
  /** Stored bytes for each byte ingested: they are compressed. */
  readonly storedShare: Figure;
}

/** A CloudFront distribution in front of the whole app. */
export interface CdnSetUp {
  /** Of the requests, the part that it answers by itself: 0 to 1. */
  readonly cachedShare: Figure;
  /** Where its clients are, which decides the price of a request. */
  readonly clients: 'us' | 'eu';
  /** False: a flat plan, whose price is among the resources. */
  readonly metered: boolean;
}

export interface ResourceQuantities {
  readonly name: string;
  /** Whose bills they are on: both, or, as with a proxy that only functions need, one. */
  readonly on: 'both' | 'lambda' | 'fargate';
  /** Of one month. */
  readonly quantities: readonly Quantity[];
}
