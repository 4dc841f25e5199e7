// A plain app with one service, for tests of bills: nothing is free, nothing is logged, nobody waits.

import { sure } from '../../src/cost/estimate/figures.ts';
import type {
  FargateEntry,
  FargateSetUp,
  LambdaEntry,
  LambdaSetUp,
  RequestProfile,
  ServiceSetUp,
  SetUp,
} from '../../src/cost/estimate/set-up.ts';
import type { Architecture } from '../../src/model/app.ts';

export const figure = (value: number) => sure(value, 'given');

export const FLAT = { stepMs: 3_600_000, steps: [1], name: 'flat' };

export interface PlainApp {
  readonly region: string;
  readonly architecture?: Architecture;
  readonly lambda?: LambdaEntry;
  readonly fargate?: FargateEntry;
  readonly cpuMs?: number;
  readonly minTasks?: number;
  readonly publicTasks?: boolean;
  readonly onLambda?: Partial<LambdaSetUp>;
  readonly onFargate?: Partial<FargateSetUp>;
  readonly requests?: Partial<RequestProfile>;
  readonly service?: Partial<ServiceSetUp>;
}

/** 512 MB and 200 ms on Lambda, 0.25 vCPU and 0.5 GB on Fargate; 11 KB a request, no keep-alive. */
export function plainSetUp(one: PlainApp): SetUp {
  const { architecture = 'x86_64' } = one;
  return {
    region: one.region,
    entry: { lambda: one.lambda ?? 'none', fargate: one.fargate ?? 'none' },
    loadBalancer: { addresses: 2, rules: 1, idleTimeoutMs: 60_000 },
    services: [plainService(one, architecture)],
    network: {
      ...{ natGateways: { lambda: 0, fargate: 0 }, natBytes: figure(0) },
      ...{ publicTasks: one.publicTasks ?? true, crossZoneBytes: figure(0) },
    },
    logs: { retentionDays: 0, storedShare: figure(0.15) },
    ...{ cdn: undefined, resources: [], spotPricePercent: figure(35) },
    lambdaConcurrency: undefined,
  };
}

export function plainService(one: PlainApp, architecture: Architecture): ServiceSetUp {
  return {
    name: 'api',
    lambda: {
      ...{ memoryMiB: 512, ephemeralMiB: 512, provisioned: 0, architecture },
      ...one.onLambda,
    },
    fargate: {
      ...{ cpuUnits: 256, memoryMiB: 512, ephemeralGiB: 20, architecture, spotShare: 0 },
      ...{ minTasks: one.minTasks ?? 1, maxTasks: undefined, idleMs: 600_000, autoscaling: false },
      ...{ targetUtilization: 0.6, ...one.onFargate },
    },
    share: 1,
    trigger: { kind: 'entry' },
    requests: {
      ...{ lambdaMs: figure(200), fargateMs: figure(200), cpuMs: figure(one.cpuMs ?? 0) },
      ...{ concurrency: undefined, perConnection: figure(1) },
      ...{ requestBytes: figure(11 * 1024), responseBytes: figure(0) },
      ...{ coldShare: figure(0), initMs: figure(0) },
      ...{ logBytes: figure(0), invocationLogBytes: figure(0) },
      ...one.requests,
    },
    ...one.service,
  };
}
