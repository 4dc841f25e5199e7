// The `cost` section as the model.

import type {
  CostSettings,
  ProgramCostSettings,
  Range,
  RequestSettings,
  Resource,
  ShapeSetting,
} from '../model/cost-settings.ts';
import type { CostInput } from './schema-cost.ts';
import type { ResourceInput } from './schema-cost-resources.ts';

export function costOf(input: CostInput): CostSettings {
  const { traffic, network, logs } = input;
  return {
    traffic: {
      requestsPerMonth: traffic.requests,
      shape: traffic.shape === undefined ? undefined : shapeOf(traffic.shape),
      peak: traffic.peak,
    },
    requests: requestsOf(input.requests),
    programs: Object.fromEntries(
      Object.entries(input.services).map(([name, one]) => [name, programOf(one)]),
    ),
    freeTier: input.freeTier,
    entry: { lambda: input.entry.lambda, fargate: input.entry.fargate },
    network: {
      nat: network.nat,
      natFor: network.natFor,
      publicTasks: network.publicTasks,
      natBytes: network.natBytes,
      crossZoneBytes: network.crossZone,
    },
    logs: { retentionDays: logs.retention, storedShare: partOf(logs.stored) },
    spotPrice: input.spotPrice,
    resources: Object.entries(input.resources).map(([name, one]) => resourceOf(name, one)),
    items: input.items,
  };
}

function shapeOf(input: NonNullable<CostInput['traffic']['shape']>): ShapeSetting {
  if (typeof input === 'string') return { kind: 'named', name: input };
  return Array.isArray(input)
    ? { kind: 'hours', hours: input }
    : { kind: 'file', file: input.file };
}

function requestsOf(input: CostInput['requests']): RequestSettings {
  return {
    durationMs: input.duration,
    lambdaMs: input.lambdaDuration,
    fargateMs: input.fargateDuration,
    cpuMs: input.cpu,
    concurrency: input.concurrency,
    requestBytes: input.requestSize,
    responseBytes: input.responseSize,
    perConnection: input.perConnection,
    coldShare: partOf(input.coldStarts),
    initMs: input.init,
    logBytes: input.logs,
    invocationLogBytes: input.lambdaLogs,
  };
}

function programOf(input: CostInput['services'][string]): ProgramCostSettings {
  return {
    ...requestsOf(input),
    share: input.share === undefined ? undefined : input.share / 100,
    perBatch: input.perBatch,
    minTasks: input.minTasks,
    utilization: input.utilization === undefined ? undefined : input.utilization / 100,
  };
}

function partOf(percent: Range | undefined): Range | undefined {
  if (percent === undefined) return undefined;
  const { low, expected, high } = percent;
  return { low: low / 100, expected: expected / 100, high: high / 100 };
}

const NOTHING: Range = { low: 0, expected: 0, high: 0 };

function resourceOf(name: string, input: ResourceInput): Resource {
  const common = { name, on: input.on };
  switch (input.type) {
    case 'rds': {
      const { storage, backup, proxy, vcpus, ...rest } = input;
      const proxyFor = proxy === true ? 'both' : proxy === false ? 'none' : proxy;
      return { ...rest, ...common, storageGb: storage, backupGb: backup, proxy: proxyFor, vcpus };
    }
    case 'elasticache':
    case 'cognito':
    case 'sqs':
    case 'secrets':
      return { ...input, ...common };
    case 's3': {
      const { storage, out, ...rest } = input;
      return { ...rest, ...common, storageGb: storage, outGb: out };
    }
    case 'ses': {
      const { attachments, ...rest } = input;
      return { ...rest, ...common, attachmentsGb: attachments };
    }
    case 'cloudfront': {
      const { cached, out, ...rest } = input;
      return { ...rest, ...common, outGb: out, cachedShare: partOf(cached) ?? NOTHING };
    }
    case 'ecr':
      return { type: 'ecr', ...common, storageGb: input.storage };
    case 'monitoring': {
      const { traces, tracesRead, scanned, ...rest } = input;
      return { ...rest, ...common, tracesRecorded: traces, tracesRead, scannedGb: scanned };
    }
    case 'nat':
    case 'endpoint': {
      const { processed, ...rest } = input;
      return { ...rest, ...common, processedGb: processed };
    }
  }
}
