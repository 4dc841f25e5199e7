// Items of databases, caches, storage and queues.

import { type CatalogueItem, RULES } from './catalogue-item.ts';

/** Operation of RDS offers: the engine. */
const ENGINE = { PostgreSQL: 'CreateDBInstance:0014', MySQL: 'CreateDBInstance:0002' } as const;

type Zones = 'one zone' | 'two zones';

const instance = (
  type: string,
  zones: Zones,
  engine: keyof typeof ENGINE = 'PostgreSQL',
): CatalogueItem => ({
  service: 'RDS',
  unit: 'hour',
  what: `Each hour of a ${engine} instance ${type} in ${zones}, while it is available.`,
  rule: zones === 'one zone' ? RULES.rds : RULES.rdsMultiAz,
  offer: {
    code: 'AmazonRDS',
    usageType: `${zones === 'one zone' ? 'InstanceUsage' : 'Multi-AZUsage'}:${type}`,
    operation: ENGINE[engine],
  },
});

const storage = (volume: 'gp2' | 'gp3', zones: Zones): CatalogueItem => ({
  service: 'RDS',
  unit: 'GB-month',
  what: `Storage ${volume} of a PostgreSQL instance in ${zones}, per GB and month, as it is provisioned.`,
  rule: 'Also while the instance is stopped.',
  offer: {
    code: 'AmazonRDS',
    usageType: `RDS:${zones === 'one zone' ? '' : 'Multi-AZ-'}${volume.toUpperCase()}-Storage`,
    operation: ENGINE.PostgreSQL,
  },
});

const node = (type: string, engine: 'Redis' | 'Valkey' = 'Redis'): CatalogueItem => ({
  service: 'ElastiCache',
  unit: 'node-hour',
  what: `Each hour or part of an hour of a ${engine} node ${type}.`,
  rule: undefined,
  offer: {
    code: 'AmazonElastiCache',
    usageType: `NodeUsage:${type}`,
    operation: engine === 'Redis' ? 'CreateCacheCluster:0002' : 'CreateCacheCluster:Valkey',
  },
});

export const DATA_ITEMS = {
  'rds.pgDbT4gMicroSingleAzHour': instance('db.t4g.micro', 'one zone'),
  'rds.pgDbT4gMicroMultiAzHour': instance('db.t4g.micro', 'two zones'),
  'rds.pgDbT4gMediumSingleAzHour': instance('db.t4g.medium', 'one zone'),
  'rds.pgDbT4gMediumMultiAzHour': instance('db.t4g.medium', 'two zones'),
  'rds.pgDbT4gSmallSingleAzHour': instance('db.t4g.small', 'one zone'),
  'rds.pgDbT4gSmallMultiAzHour': instance('db.t4g.small', 'two zones'),
  'rds.pgDbT3MicroSingleAzHour': instance('db.t3.micro', 'one zone'),
  'rds.pgDbT3SmallSingleAzHour': instance('db.t3.small', 'one zone'),
  'rds.pgDbT3MediumSingleAzHour': instance('db.t3.medium', 'one zone'),
  'rds.pgDbT3LargeSingleAzHour': instance('db.t3.large', 'one zone'),
  'rds.mysqlDbT3MediumSingleAzHour': instance('db.t3.medium', 'one zone', 'MySQL'),
  'rds.pgGp2SingleAzGbMonth': storage('gp2', 'one zone'),
  'rds.pgGp2MultiAzGbMonth': storage('gp2', 'two zones'),
  'rds.pgGp3SingleAzGbMonth': storage('gp3', 'one zone'),
  'rds.pgGp3MultiAzGbMonth': storage('gp3', 'two zones'),
  'rds.backupGbMonth': {
    service: 'RDS',
    unit: 'GB-month',
    what: 'Backups beyond the size of the database, per GB and month.',
    rule: 'Backups up to the size of the database are free.',
    offer: {
      code: 'AmazonRDS',
      usageType: 'RDS:ChargedBackupUsage',
      operation: ENGINE.PostgreSQL,
    },
  },
  'rdsProxy.vcpuHour': {
    service: 'RDS Proxy',
    unit: 'vCPU-hour',
    what: 'Each vCPU and hour of the instance behind the proxy.',
    rule: RULES.rdsProxy,
    offer: undefined,
  },
  'elasticache.redisCacheT4gMicroHour': node('cache.t4g.micro'),
  'elasticache.redisCacheT4gSmallHour': node('cache.t4g.small'),
  'elasticache.redisCacheT4gMediumHour': node('cache.t4g.medium'),
  'elasticache.redisCacheT3MicroHour': node('cache.t3.micro'),
  'elasticache.redisCacheT3SmallHour': node('cache.t3.small'),
  'elasticache.valkeyCacheT4gMicroHour': node('cache.t4g.micro', 'Valkey'),
  'elasticache.valkeyCacheT4gMediumHour': node('cache.t4g.medium', 'Valkey'),
  's3.standardGbMonth': {
    service: 'S3',
    unit: 'GB-month',
    what: 'Storage of the class Standard, per GB and month.',
    rule: undefined,
    offer: { code: 'AmazonS3', usageType: 'TimedStorage-ByteHrs', operation: '' },
  },
  's3.putRequest': {
    service: 'S3',
    unit: 'request',
    what: 'PUT, COPY, POST and LIST requests of the class Standard.',
    rule: undefined,
    offer: { code: 'AmazonS3', usageType: 'Requests-Tier1', operation: '' },
  },
  's3.getRequest': {
    service: 'S3',
    unit: 'request',
    what: 'GET and all other requests of the class Standard.',
    rule: undefined,
    offer: { code: 'AmazonS3', usageType: 'Requests-Tier2', operation: '' },
  },
  'sqs.standardRequest': {
    service: 'SQS',
    unit: 'request (64 KB chunk)',
    what: 'Calls of the API of standard queues, one for every 64 KB begun.',
    rule: RULES.sqs,
    offer: { code: 'AWSQueueService', usageType: 'Requests-Tier1', operation: '' },
  },
  'sqs.fifoRequest': {
    service: 'SQS',
    unit: 'request',
    what: 'Calls of the API of FIFO queues, one for every 64 KB begun.',
    rule: RULES.sqs,
    offer: { code: 'AWSQueueService', usageType: 'Requests-FIFO-Tier1', operation: '' },
  },
} as const satisfies Record<string, CatalogueItem>;
