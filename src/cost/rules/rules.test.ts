// Each rule by itself: what is rounded, what is free of it, what is refused.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberOf } from '../amount.ts';
import type { Quantity } from '../quantity.ts';
import { albQuantities, chargedEvaluations, lcuOf, lcuQuantities } from './alb.ts';
import {
  httpApiQuantities,
  httpApiSteps,
  restApiQuantities,
  webSocketQuantities,
} from './api-gateway.ts';
import { logBytes, logQuantities, monitoringQuantities, traceQuantities } from './cloudwatch.ts';
import { cacheQuantities } from './elasticache.ts';
import { fargateQuantities } from './fargate.ts';
import { lambdaQuantities } from './lambda.ts';
import { BYTES_PER_GB } from './line.ts';
import { schedulerQuantities, sesQuantities, sqsQuantities } from './messaging.ts';
import {
  addressQuantities,
  endpointQuantities,
  natQuantities,
  transferQuantities,
} from './network.ts';
import { NOT_MODELLED } from './not-modelled.ts';
import {
  cloudFrontQuantities,
  cloudMapQuantities,
  cognitoQuantities,
  keyQuantities,
  parameterQuantities,
  secretQuantities,
} from './platform.ts';
import { rdsProxyQuantities, rdsQuantities, vcpusOf } from './rds.ts';
import { ecrQuantities, s3Quantities } from './storage.ts';

/** Items that are not nothing, with their amounts. */
const sums = (quantities: readonly Quantity[] | undefined): Readonly<Record<string, number>> => {
  const all: Record<string, number> = {};
  for (const quantity of quantities ?? []) {
    if (quantity.amount > 0n) all[quantity.item] = (all[quantity.item] ?? 0) + numberOf(quantity);
  }
  return all;
};

describe('Lambda', () => {
  const use = { architecture: 'x86_64', memoryMiB: 1024 } as const;
  const gbSeconds = (durationMs: number, initMs = 0) =>
    sums(lambdaQuantities({ ...use, invocations: [{ count: 1000, durationMs, initMs }] }))[
      'lambda.x86_64.gbSecond'
    ];

  it('rounds each invocation up to a millisecond, INIT in it (M1)', () => {
    expect(gbSeconds(1.01)).toBe(2);
    expect(gbSeconds(1)).toBe(1);
    expect(gbSeconds(0.0001)).toBe(1);
    expect(gbSeconds(1049.63, 1293.83)).toBe(2344);
  });

  it('takes what REPORT billed as it is', () => {
    const billed = {
      ...use,
      invocations: [{ count: 1000, durationMs: 7, initMs: 9, billedMs: 10.5 }],
    };
    expect(sums(lambdaQuantities(billed))['lambda.x86_64.gbSecond']).toBe(10.5);
  });

  it('bills provisioned concurrency in steps of 5 minutes, its duration without INIT (M2)', () => {
    const kept = (keptMs: number) =>
      sums(
        lambdaQuantities({
          ...use,
          invocations: [{ count: 10, durationMs: 100, initMs: 5000, provisioned: true }],
          provisioned: [{ environments: 2, keptMs }],
        }),
      );
    expect(kept(300_000)).toEqual({
      'lambda.request': 10,
      'lambda.x86_64.provisionedDurationGbSecond': 1,
      'lambda.x86_64.provisionedConcurrencyGbSecond': 600,
    });
    expect(kept(300_001)['lambda.x86_64.provisionedConcurrencyGbSecond']).toBe(1200);
    expect(kept(1)['lambda.x86_64.provisionedConcurrencyGbSecond']).toBe(600);
  });

  it('bills storage over 512 MB whatever the memory (M7)', () => {
    const storage = (memoryMiB: number, ephemeralMiB: number) =>
      sums(
        lambdaQuantities({
          ...use,
          memoryMiB,
          ephemeralMiB,
          invocations: [{ count: 1, durationMs: 1000 }],
        }),
      )['lambda.ephemeralStorageGbSecond'];
    expect(storage(128, 1536)).toBe(1);
    expect(storage(10_240, 1536)).toBe(1);
    expect(storage(128, 512)).toBeUndefined();
  });

  it('bills streamed answers above 6 MB of each, not of all (M8)', () => {
    const streamed = (...bytes: readonly number[]) =>
      sums(
        lambdaQuantities({
          ...use,
          invocations: bytes.map((streamedBytes) => ({ count: 1, durationMs: 1, streamedBytes })),
        }),
      )['lambda.responseStreamingGb'];
    const [free, gb] = [6 * 1024 ** 2, 1024 ** 3];
    expect(streamed(free, free, free)).toBeUndefined();
    expect(streamed(free + gb, 0)).toBe(1);
  });

  it('bills SnapStart by memory: the cache for 3 hours at least, and restores (M9)', () => {
    const snap = (cachedMs: number) =>
      sums(
        lambdaQuantities({
          ...use,
          memoryMiB: 512,
          invocations: [],
          snapStart: { versions: { count: 2, cachedMs }, restores: 100 },
        }),
      );
    expect(snap(1)).toEqual({
      'lambda.snapstartCacheGbSecond': 3 * 3600,
      'lambda.snapstartRestoreGb': 50,
    });
    expect(snap(4 * 3_600_000)['lambda.snapstartCacheGbSecond']).toBe(4 * 3600);
  });
});

describe('Fargate', () => {
  const hours = (ranMs: number, count = 1) =>
    sums(
      fargateQuantities({
        architecture: 'arm64',
        cpuUnits: 1024,
        memoryMiB: 2048,
        tasks: [{ count, ranMs }],
      }),
    );

  it('bills whole seconds, a minute at least (M3)', () => {
    expect(hours(1)).toEqual(hours(60_000));
    expect(hours(59_999)).toEqual(hours(60_000));
    expect(hours(60_001)).toEqual(hours(61_000));
    expect(hours(3_600_000, 2.5)).toEqual({
      'fargate.arm64.vcpuHour': 2.5,
      'fargate.arm64.gbHour': 5,
    });
  });

  it('bills storage over 20 GB, of Spot too and at its full price (M10, M11)', () => {
    const lines = fargateQuantities({
      architecture: 'x86_64',
      cpuUnits: 256,
      memoryMiB: 512,
      ephemeralGiB: 50,
      tasks: [{ count: 1, ranMs: 3_600_000, spot: true }],
      spotPricePercent: 40,
    }).filter(({ amount }) => amount > 0n);
    expect(lines.map(({ item, percent }) => [item, percent])).toEqual([
      ['fargate.x86_64.vcpuHour', 40n],
      ['fargate.x86_64.gbHour', 40n],
      ['fargate.ephemeralStorageGbHour', undefined],
    ]);
    expect(sums(lines)['fargate.ephemeralStorageGbHour']).toBe(30);
    expect(lines[0]?.note).toBe('Spot, assumed at 40 % of the on-demand price');
  });
});

describe('a load balancer', () => {
  const lcu = (dimensions: Parameters<typeof lcuOf>[0]) => numberOf(lcuOf(dimensions));

  it('counts parts of hours whole, with its addresses (M4, M12)', () => {
    expect(sums(albQuantities({ hours: 1.1, addresses: 3, lcu: { hours: 0.8 } }))).toEqual({
      'alb.hour': 2,
      'alb.lcuHour': 0.8,
      'ipv4.addressHour': 6,
    });
    expect(
      sums(albQuantities({ hours: 730, balancers: 2, addresses: 0, lcu: { hours: 0 } })),
    ).toEqual({ 'alb.hour': 1460 });
  });

  it.each([
    [{ newConnectionsPerSecond: 25 }, 1],
    [{ activeConnections: 3000 }, 1],
    [{ activeConnections: 3000, mutualTls: true }, 2],
    [{ gbPerHour: 1 }, 1],
    [{ gbPerHourOfLambda: 0.4 }, 1],
    [{ gbPerHour: 1, gbPerHourOfLambda: 0.4 }, 2],
    [{ ruleEvaluationsPerSecond: 1000 }, 1],
    [{ newConnectionsPerSecond: 50, activeConnections: 3000, gbPerHour: 1.5 }, 2],
    [{}, 0],
  ])('of %j has %d LCUs: the largest dimension (M5)', (dimensions, expected) => {
    expect(lcu(dimensions)).toBe(expected);
  });

  it('charges rules above 10 of each request', () => {
    expect([1, 10, 11, 60].map(chargedEvaluations)).toEqual([0, 0, 1, 50]);
  });

  it('costs 40 LCUs for 1,000 new connections a second: a month of them is 29,200 LCU-hours', () => {
    expect(sums(lcuQuantities({ hours: 730, lcu: { newConnectionsPerSecond: 1000 } }))).toEqual({
      'alb.lcuHour': 29_200,
    });
  });
});

describe('API Gateway', () => {
  it('bills an HTTP API for every 512 KB begun, one at least (M6)', () => {
    expect([0, 1, 524_288, 524_289, 10 * 1024 ** 2].map(httpApiSteps)).toEqual([1, 1, 1, 2, 20]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * 1024 ** 2 }), (bytes) => {
        const { 'apigateway.httpRequest': steps } = sums(httpApiQuantities([{ count: 3, bytes }]));
        expect(steps).toBe(3 * httpApiSteps(bytes));
      }),
    );
  });

  it('bills a REST API by the request, a WebSocket API by 32 KB and minutes (M13, M14)', () => {
    expect(sums(restApiQuantities([{ count: 7, bytes: 9e6 }]))).toEqual({
      'apigateway.restRequest': 7,
    });
    const messages = [
      { count: 2, bytes: 32_769 },
      { count: 1, bytes: 5 },
    ];
    expect(sums(webSocketQuantities({ messages, connectionMinutes: 90 }))).toEqual({
      'apigateway.websocketMessage': 5,
      'apigateway.websocketConnectionMinute': 90,
    });
  });
});

describe('the network', () => {
  it('bills NAT hours begun and GB, addresses as they are, endpoints in each zone (M15 to M17)', () => {
    expect(sums(natQuantities({ gateways: 2, hours: 0.5, gb: 10 }))).toEqual({
      'nat.hour': 2,
      'nat.gbProcessed': 10,
    });
    expect(sums(addressQuantities({ addresses: 2.4, hours: 720 }))).toEqual({
      'ipv4.addressHour': 1728,
    });
    expect(sums(endpointQuantities({ endpoints: 3, zones: 2, hours: 1.2, gb: 5 }))).toEqual({
      'vpcEndpoint.interfaceHourPerAz': 12,
      'vpcEndpoint.gb': 5,
    });
  });

  it('bills what crosses zones twice, and what goes out once (M18, M19)', () => {
    expect(sums(transferQuantities({ internetOutGb: 5, crossZoneGb: 3 }))).toEqual({
      'dataTransfer.internetOutGb': 5,
      'dataTransfer.crossAzGbEachWay': 6,
    });
  });
});

describe('CloudWatch', () => {
  it('adds 26 bytes to every event, and keeps what is left once compressed (M20)', () => {
    expect(numberOf(logBytes({ events: 1e6, bytes: 374e6 }))).toBe(4e8);
    const bytes = BYTES_PER_GB - 26 * 100;
    expect(sums(logQuantities({ events: 100, bytes, keptMonths: 2, compressedPart: 0.2 }))).toEqual(
      {
        'cloudwatch.logsIngestGb': 1,
        'cloudwatch.logsStorageGbMonth': 0.4,
      },
    );
  });

  it.each([
    [1, 'a month'],
    [2, '2 months'],
    [(24 / 730) * 30, '30 days'],
    [24 / 730, 'a day'],
  ])('says how long %d months of logs are kept, without silly digits', (keptMonths, words) => {
    const [, kept] = logQuantities({ events: 1, bytes: 1, keptMonths });
    expect(kept?.note).toContain(`kept ${words}, compressed`);
  });

  it('bills metrics, alarms and traces (M21, M22)', () => {
    expect(
      sums(
        monitoringQuantities({
          months: 0.5,
          metrics: 28,
          alarms: 2,
          dashboards: 1,
          highResolutionAlarms: 4,
          insightsGb: 3,
        }),
      ),
    ).toEqual({
      'cloudwatch.customMetricMonth': 14,
      'cloudwatch.alarmMonth': 1,
      'cloudwatch.alarmHighresMonth': 2,
      'cloudwatch.dashboardMonth': 0.5,
      'cloudwatch.insightsScanGb': 3,
    });
    expect(sums(traceQuantities({ recorded: 5, read: 6 }))).toEqual({
      'xray.traceRecorded': 5,
      'xray.traceRetrievedOrScanned': 6,
    });
  });
});

describe('data', () => {
  const db = {
    engine: 'postgres',
    instanceClass: 'db.t4g.micro',
    multiAz: false,
    hours: 720,
    storageGb: 20,
    storage: 'gp2',
  } as const;

  it('bills instances 10 minutes at least, storage, and backups above its size (M23, M24)', () => {
    expect(sums(rdsQuantities({ ...db, backupGb: 25 }))).toEqual({
      'rds.pgDbT4gMicroSingleAzHour': 720,
      'rds.pgGp2SingleAzGbMonth': 20,
      'rds.backupGbMonth': 5,
    });
    expect(
      sums(rdsQuantities({ ...db, multiAz: true, hours: 0.01 }))['rds.pgDbT4gMicroMultiAzHour'],
    ).toBeCloseTo(1 / 6, 15);
    expect(sums(rdsQuantities({ ...db, hours: 0, backupGb: 20 }))).toEqual({
      'rds.pgGp2SingleAzGbMonth': 20,
    });
    expect(rdsQuantities({ ...db, instanceClass: 'db.x9.huge' })).toBeUndefined();
  });

  it('bills a proxy for 2 vCPUs at least (M25)', () => {
    const vcpus = (count: number) =>
      sums(rdsProxyQuantities({ vcpus: count, hours: 10 }))['rdsProxy.vcpuHour'];
    expect([1, 2, 4].map(vcpus)).toEqual([20, 20, 40]);
    expect(['db.t4g.micro', 'db.m7g.2xlarge', 'db.z'].map(vcpusOf)).toEqual([2, 8, undefined]);
  });

  it('bills nodes by the hour begun, S3 and ECR by what lies there (M26 to M28)', () => {
    const cache = { engine: 'valkey', nodeType: 'cache.t4g.micro', nodes: 2, hours: 1.5 } as const;
    expect(sums(cacheQuantities(cache))).toEqual({ 'elasticache.valkeyCacheT4gMicroHour': 4 });
    expect(cacheQuantities({ ...cache, nodeType: 'cache.r9.huge' })).toBeUndefined();
    expect(sums(s3Quantities({ storageGb: 5, months: 2, puts: 3, gets: 4 }))).toEqual({
      's3.standardGbMonth': 10,
      's3.putRequest': 3,
      's3.getRequest': 4,
    });
    expect(sums(ecrQuantities({ storageGb: 0.3 }))).toEqual({ 'ecr.storageGbMonth': 0.3 });
  });
});

describe('the rest', () => {
  it('bills calls of SQS by 64 KB, mails by the recipient, schedules (M29 to M31)', () => {
    expect(sums(sqsQuantities({ calls: [{ count: 2, bytes: 65_537 }], fifo: true }))).toEqual({
      'sqs.fifoRequest': 4,
    });
    expect(sums(sqsQuantities({ calls: [{ count: 2 }], fifo: false }))).toEqual({
      'sqs.standardRequest': 2,
    });
    expect(sums(sesQuantities({ recipients: 9, plan: 'essentials' }))).toEqual({
      'ses.essentialsEmail': 9,
    });
    expect(sums(sesQuantities({ recipients: 9, plan: 'a-la-carte', attachmentGb: 1 }))).toEqual({
      'ses.aLaCarteEmail': 9,
      'ses.attachmentGb': 1,
    });
    expect(sums(schedulerQuantities(3))).toEqual({ 'eventbridgeScheduler.invocation': 3 });
  });

  it('bills secrets, parameters, keys, names, users, a CDN (M32 to M37)', () => {
    expect(sums(secretQuantities({ secrets: 4, months: 0.5, calls: 7 }))).toEqual({
      'secretsmanager.secretMonth': 2,
      'secretsmanager.apiCall': 7,
    });
    expect(sums(parameterQuantities({ standard: 9, advanced: 2 }))).toEqual({
      'ssm.standardParameterMonth': 9,
      'ssm.advancedParameterMonth': 2,
    });
    expect(sums(keyQuantities({ keys: 1, requests: 5 }))).toEqual({
      'kms.keyMonth': 1,
      'kms.request': 5,
    });
    expect(sums(cloudMapQuantities({ resources: 3, calls: 2 }))).toEqual({
      'cloudmap.resourceMonth': 3,
      'cloudmap.discoverCall': 2,
    });
    expect(sums(cognitoQuantities({ activeUsers: 8, plan: 'lite' }))).toEqual({
      'cognito.liteMau': 8,
    });
    expect(sums(cloudFrontQuantities({ gb: 2, httpsRequests: 25_000, clients: 'eu' }))).toEqual({
      'cloudfront.usEuGb': 2,
      'cloudfront.euHttps10k': 2.5,
    });
  });

  it('says what it leaves out', () => {
    expect(NOT_MODELLED).toEqual(
      expect.arrayContaining(['tax', 'support plans', 'Windows containers']),
    );
    expect(new Set(NOT_MODELLED).size).toBe(NOT_MODELLED.length);
  });
});
