// What is free beyond the allowances of the price book. Most of it is recollection (confidence D):
// AWS publishes no list of it by item.

import type { FreeItem } from './free-tier.ts';

const RECALLED = {
  source: 'recollection of aws.amazon.com/free as of 2025, NOT verified',
  date: '2026-11-20',
  confidence: 'D',
} as const;

/** Said on the pricing page of the service. */
const ON_ITS_PAGE = {
  source: 'pricing page of the service',
  date: '2026-09-20',
  confidence: 'B',
} as const;

export const MORE_ALWAYS_FREE: readonly FreeItem[] = [
  {
    name: 'xrayTracesReadMonth',
    mode: 'always',
    items: ['xray.traceRetrievedOrScanned'],
    units: 1_000_000,
    unit: 'traces fetched or scanned',
    ...ON_ITS_PAGE,
  },
  {
    name: 'kmsRequestsMonth',
    mode: 'always',
    items: ['kms.request'],
    units: 20_000,
    unit: 'requests',
    ...ON_ITS_PAGE,
  },
  {
    name: 'schedulerInvocationsMonth',
    mode: 'always',
    items: ['eventbridgeScheduler.invocation'],
    units: 14_000_000,
    unit: 'invocations',
    ...ON_ITS_PAGE,
  },
  {
    name: 'cloudwatchDashboards',
    mode: 'always',
    items: ['cloudwatch.dashboardMonth'],
    units: 3,
    unit: 'dashboards',
    ...RECALLED,
  },
];

const legacy = (
  name: string,
  units: number,
  unit: string,
  ...items: FreeItem['items']
): FreeItem => ({ name, mode: 'legacy', items, units, unit, ...RECALLED });

/** Of the first 12 months of an account opened before 2025-07-15. */
export const LEGACY_ITEMS: readonly FreeItem[] = [
  legacy(
    'rdsMicroHoursMonth',
    750,
    'hours of db.t3.micro or db.t4g.micro in one zone',
    'rds.pgDbT4gMicroSingleAzHour',
    'rds.pgDbT3MicroSingleAzHour',
  ),
  legacy(
    'rdsStorageGbMonth',
    20,
    'GB of General Purpose storage in one zone',
    'rds.pgGp2SingleAzGbMonth',
    'rds.pgGp3SingleAzGbMonth',
  ),
  legacy('rdsBackupGbMonth', 20, 'GB of backups', 'rds.backupGbMonth'),
  legacy('albHoursMonth', 750, 'hours of a load balancer', 'alb.hour'),
  legacy('albLcuHoursMonth', 15, 'LCU-hours', 'alb.lcuHour'),
  legacy(
    'ipv4HoursMonth',
    750,
    'hours of a public IPv4 address; AWS speaks of those of EC2 instances',
    'ipv4.addressHour',
  ),
  legacy(
    'cacheMicroHoursMonth',
    750,
    'hours of cache.t3.micro or cache.t4g.micro',
    'elasticache.redisCacheT3MicroHour',
    'elasticache.redisCacheT4gMicroHour',
  ),
  legacy('httpApiRequestsMonth', 1_000_000, 'requests of HTTP APIs', 'apigateway.httpRequest'),
  legacy('restApiRequestsMonth', 1_000_000, 'requests of REST APIs', 'apigateway.restRequest'),
  legacy(
    'webSocketMessagesMonth',
    1_000_000,
    'messages of WebSocket APIs',
    'apigateway.websocketMessage',
  ),
  legacy(
    'webSocketMinutesMonth',
    750_000,
    'minutes of connection to WebSocket APIs',
    'apigateway.websocketConnectionMinute',
  ),
  legacy('s3StorageGbMonth', 5, 'GB of S3 Standard', 's3.standardGbMonth'),
  legacy('s3GetRequestsMonth', 20_000, 'GET requests of S3', 's3.getRequest'),
  legacy('s3PutRequestsMonth', 2000, 'PUT, COPY, POST and LIST requests of S3', 's3.putRequest'),
  legacy('ecrStorageGbMonth', 0.5, 'GB of private images', 'ecr.storageGbMonth'),
];
