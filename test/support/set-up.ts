// A small app to price: one service of 512 MB and 200 ms, and a task of 0.25 vCPU and 0.5 GB.

import { sure } from '../../src/cost/estimate/figures.ts';
import type { ServiceSetUp, SetUp } from '../../src/cost/estimate/set-up.ts';
import type { Workload } from '../../src/cost/estimate/workload.ts';

const of = (value: number) => sure(value, 'given');

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
  readonly provisioned?: number;
  readonly fargate?: Partial<ServiceSetUp['fargate'] & object>;
  readonly network?: Partial<SetUp['network']>;
  readonly resources?: SetUp['resources'];
  readonly spotPricePercent?: number;
  readonly logBytes?: number;
}

export function sketchService(name: string, sketch: Sketch = {}): ServiceSetUp {
  const { architecture = 'x86_64', memoryMiB = 512, lambdaMs = 200, fargateMs = lambdaMs } = sketch;
  return {
    name,
    lambda: { memoryMiB, ephemeralMiB: 512, provisioned: sketch.provisioned ?? 0, architecture },
    fargate: {
      ...{ cpuUnits: 256, memoryMiB: 512, ephemeralGiB: 20, architecture, spotShare: 0 },
      ...{
        minTasks: 1,
        maxTasks: undefined,
        idleMs: 600_000,
        autoscaling: false,
        targetUtilization: 0.6,
      },
      ...sketch.fargate,
    },
    share: 1,
    trigger: { kind: 'entry' },
    requests: {
      ...{ lambdaMs: of(lambdaMs), fargateMs: of(fargateMs), cpuMs: of(sketch.cpuMs ?? 0) },
      concurrency: sketch.concurrency === undefined ? undefined : of(sketch.concurrency),
      ...{ requestBytes: of(11 * 1024), responseBytes: of(sketch.responseBytes ?? 0) },
      ...{ perConnection: of(1), coldShare: of(sketch.coldShare ?? 0), initMs: of(500) },
      ...{ logBytes: of(sketch.logBytes ?? 0), invocationLogBytes: of(0) },
    },
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
      ...{ natGateways: { lambda: 0, fargate: 0 }, natBytes: of(0), publicTasks: true },
      ...{ crossZoneBytes: of(0), ...sketch.network },
    },
    logs: { retentionDays: 0, storedShare: of(0.2) },
    cdn: undefined,
    resources: sketch.resources ?? [],
    spotPricePercent: of(sketch.spotPricePercent ?? 35),
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
