// A small app to price: one service of 512 MB and 200 ms, and a task of 0.25 vCPU and 0.5 GB.

import { sure } from '../../src/cost/estimate/figures.ts';
import type {
  FargateSetUp,
  LambdaSetUp,
  RequestProfile,
  ServiceSetUp,
  SetUp,
} from '../../src/cost/estimate/set-up.ts';
import type { Workload } from '../../src/cost/estimate/workload.ts';

export const figure = (value: number) => sure(value, 'given');

/** Nothing that is billed in front. */
export const NO_ENTRY = { lambda: 'none', fargate: 'none' } as const;

export interface Sketch {
  readonly region?: string;
  readonly architecture?: 'x86_64' | 'arm64';
  readonly entry?: SetUp['entry'];
  readonly memoryMiB?: number;
  readonly lambdaMs?: number;
  readonly fargateMs?: number;
  readonly cpuMs?: number;
  readonly concurrency?: number | undefined;
  readonly coldShare?: number;
  readonly responseBytes?: number;
  readonly lambda?: Partial<LambdaSetUp>;
  readonly fargate?: Partial<FargateSetUp>;
  readonly requests?: Partial<RequestProfile>;
  readonly service?: Partial<ServiceSetUp>;
  readonly network?: Partial<SetUp['network']>;
  readonly resources?: SetUp['resources'];
  readonly spotPricePercent?: number;
}

export function sketchService(name: string, sketch: Sketch = {}): ServiceSetUp {
  const { architecture = 'x86_64', memoryMiB = 512, lambdaMs = 200, fargateMs = lambdaMs } = sketch;
  return {
    name,
    lambda: {
      memoryMiB,
      ephemeralMiB: 512,
      provisioned: 0,
      architecture,
      ...sketch.lambda,
    },
    fargate: {
      cpuUnits: 256,
      memoryMiB: 512,
      ephemeralGiB: 20,
      architecture,
      spotShare: 0,
      minTasks: 1,
      maxTasks: undefined,
      idleMs: 600_000,
      autoscaling: false,
      targetUtilization: 0.6,
      ...sketch.fargate,
    },
    share: 1,
    trigger: { kind: 'entry' },
    requests: {
      lambdaMs: figure(lambdaMs),
      fargateMs: figure(fargateMs),
      cpuMs: figure(sketch.cpuMs ?? 0),
      concurrency: sketch.concurrency === undefined ? undefined : figure(sketch.concurrency),
      requestBytes: figure(11 * 1024),
      responseBytes: figure(sketch.responseBytes ?? 0),
      perConnection: figure(1),
      coldShare: figure(sketch.coldShare ?? 0),
      initMs: figure(500),
      logBytes: figure(0),
      invocationLogBytes: figure(0),
      ...sketch.requests,
    },
    ...sketch.service,
  };
}

/** Without cold starts and logs, unless asked for. A request has 11 KiB, which are 0.0406 LCU for one a second. */
export function sketchSetUp(sketch: Sketch = {}): SetUp {
  return {
    region: sketch.region ?? 'us-east-1',
    entry: sketch.entry ?? { lambda: 'http-api', fargate: 'alb' },
    loadBalancer: { addresses: 2, rules: 1, idleTimeoutMs: 60_000 },
    services: [sketchService('api', sketch)],
    network: {
      natGateways: { lambda: 0, fargate: 0 },
      natBytes: figure(0),
      publicTasks: true,
      crossZoneBytes: figure(0),
      ...sketch.network,
    },
    logs: { retentionDays: 0, storedShare: figure(0.2) },
    cdn: undefined,
    resources: sketch.resources ?? [],
    spotPricePercent: figure(sketch.spotPricePercent ?? 35),
    lambdaConcurrency: undefined,
  };
}

export const FLAT = { stepMs: 3_600_000, steps: [1], name: 'flat' };

export function sketchWorkload(
  perDay = 100_000,
  peak = 1,
  steps: readonly number[] = [1],
): Workload {
  const name = steps.length === 1 ? 'flat' : 'day';
  return { requestsPerMonth: (perDay * 730) / 24, shape: { stepMs: 3_600_000, steps, name }, peak };
}
