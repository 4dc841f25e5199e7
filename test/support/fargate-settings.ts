// The settings of a service on Fargate as an empty block gives them, for tests of pure code.

import type { FargateSettings } from '../../src/model/fargate.ts';

export function fargateSettings(over: Partial<FargateSettings> = {}): FargateSettings {
  return { ...SETTINGS, ...over };
}

const SETTINGS: FargateSettings = {
  cpuUnits: 256,
  memoryMiB: 512,
  architecture: 'x86_64',
  ephemeralGiB: 20,
  tasks: { min: 0, max: 10 },
  concurrency: 20,
  scale: {
    cpuPercent: undefined,
    memoryPercent: undefined,
    requestsPerMinute: undefined,
    windowMs: 60_000,
  },
  autoscaling: undefined,
  idleMs: 600_000,
  spotShare: 0,
  stopTimeoutMs: 30_000,
  drainMs: 30_000,
  healthCheck: undefined,
  graceMs: 0,
  deployment: {
    minimumHealthyPercent: 100,
    maximumPercent: 200,
    circuitBreaker: {
      rollback: true,
      resetOnHealthyTask: true,
      threshold: { type: 'bounded-percent', value: 50 },
    },
    alarms: undefined,
  },
  targetGroup: {
    protocol: 'http1',
    algorithm: 'round-robin',
    slowStartMs: 0,
    stickiness: undefined,
  },
};
