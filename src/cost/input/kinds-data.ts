// Databases, caches and storage, as somebody writes their usage down.

import { MONTH_MS, MS_PER_HOUR } from '../../base/units.ts';
import { cacheQuantities } from '../rules/elasticache.ts';
import {
  type RdsEngine,
  type RdsStorage,
  rdsProxyQuantities,
  rdsQuantities,
  vcpusOf,
} from '../rules/rds.ts';
import { ecrQuantities, s3Quantities } from '../rules/storage.ts';
import { count, flag, gigabytes, number, time, word } from './field.ts';
import type { UsageKind } from './kind.ts';
import { MONTHS } from './kinds-network.ts';

const INSTANCES = number('How many.', { instances: 1, count: 1 }, { otherwise: '1' });

const INSTANCE_CLASS = word(
  'As "db.t4g.micro".',
  undefined,
  undefined,
  'instanceClass',
  'instance',
  'instanceType',
  'dbInstanceClass',
  'dbInstance',
  'class',
);

export const RDS_KIND: UsageKind = {
  service: 'rds',
  also: ['database', 'postgres', 'postgresql'],
  what: 'Databases of RDS: instances while they are available, storage, backups above its size.',
  fields: {
    instanceClass: INSTANCE_CLASS,
    engine: word(
      'postgres or mysql.',
      { postgres: ['postgresql', 'pg'], mysql: [] },
      'postgres',
      'engine',
    ),
    multiAz: flag('A standby in a second zone.', 'multiAz', 'multi'),
    instances: INSTANCES,
    hoursMs: number('How long each is available, in hours; 10 minutes at least.', time(), {
      otherwise: '730',
    }),
    storageGb: number('Storage of each in GB.', {
      ...gigabytes('storage'),
      ...gigabytes('allocatedStorage'),
      ...gigabytes(),
    }),
    storageType: word('gp2 or gp3.', { gp2: [], gp3: [] }, 'gp2', 'storageType', 'storage'),
    storageMonths: number(
      'Months for which the storage is there.',
      { storageMonths: 1 },
      { otherwise: '1' },
    ),
    backupGb: number('All backups of each in GB. As much as the storage is free.', {
      ...gigabytes('backup'),
      ...gigabytes('backups'),
    }),
  },
  tells: [
    ['instanceClass', 'storageGb'],
    ['instanceClass', 'multiAz'],
    ['instanceClass', 'engine'],
    ['instanceClass'],
  ],
  example: { instanceClass: 'db.t4g.micro', hours: 730, storageGb: 20 },
  quantities(use) {
    const instanceClass = use.neededWord('instanceClass');
    const [engine, multiAz] = [use.word<RdsEngine>('engine', 'postgres'), use.flag('multiAz')];
    const storage = use.word<RdsStorage>('storageType', 'gp2');
    const quantities = rdsQuantities({
      engine,
      instanceClass: instanceClass.startsWith('db.') ? instanceClass : `db.${instanceClass}`,
      multiAz,
      instances: use.number('instances', 1),
      hours: use.number('hoursMs', MONTH_MS) / MS_PER_HOUR,
      storageGb: use.number('storageGb'),
      storage,
      months: use.number('storageMonths', 1),
      backupGb: use.number('backupGb'),
    });
    const zones = multiAz ? 'two zones' : 'one zone';
    return quantities === undefined
      ? { quantities: [], unknown: [`rds ${engine} ${instanceClass} in ${zones}, ${storage}`] }
      : { quantities };
  },
};

export const PROXY_KIND: UsageKind = {
  service: 'rds-proxy',
  also: ['rdsproxy', 'db-proxy', 'proxy'],
  what: 'RDS Proxy: the vCPUs of the instances behind it, 2 of each at least.',
  fields: {
    vcpus: count('vCPUs of each instance.', 'vcpus', 'vcpu'),
    instanceClass: { ...INSTANCE_CLASS, what: 'As "db.t4g.micro", instead of vcpus.' },
    instances: INSTANCES,
    hoursMs: number('How long it is there, in hours.', time(), { otherwise: '730' }),
  },
  tells: [],
  example: { vcpus: 2, hours: 730 },
  quantities(use) {
    const named = use.has('instanceClass') ? vcpusOf(use.neededWord('instanceClass')) : undefined;
    if (use.has('instanceClass') && named === undefined) {
      use.problem('instanceClass', 'is of a size that is not known', 'Give vcpus instead.');
    }
    return {
      quantities: rdsProxyQuantities({
        vcpus: use.number('vcpus', named ?? 0),
        instances: use.number('instances', 1),
        hours: use.number('hoursMs', MONTH_MS) / MS_PER_HOUR,
      }),
    };
  },
};

export const CACHE_KIND: UsageKind = {
  service: 'elasticache',
  also: ['cache', 'redis', 'valkey'],
  what: 'Nodes of ElastiCache, replicas included.',
  fields: {
    nodeType: word(
      'As "cache.t4g.micro".',
      undefined,
      undefined,
      'nodeType',
      'cacheNodeType',
      'instanceType',
      'node',
      'instance',
      'instanceClass',
    ),
    engine: word('redis or valkey.', { redis: [], valkey: [] }, 'redis', 'engine'),
    nodes: number('How many, replicas included.', { nodes: 1, count: 1 }, { otherwise: '1' }),
    hoursMs: number('How long each is there, in hours. A part of one counts whole.', time(), {
      otherwise: '730',
    }),
  },
  tells: [['nodeType']],
  example: { nodeType: 'cache.t4g.micro', engine: 'redis', hours: 730 },
  quantities(use) {
    const nodeType = use.neededWord('nodeType');
    const engine = use.word<'redis' | 'valkey'>('engine', 'redis');
    const quantities = cacheQuantities({
      engine,
      nodeType: nodeType.startsWith('cache.') ? nodeType : `cache.${nodeType}`,
      nodes: use.number('nodes', 1),
      hours: use.number('hoursMs', MONTH_MS) / MS_PER_HOUR,
    });
    return quantities === undefined
      ? { quantities: [], unknown: [`elasticache ${engine} ${nodeType}`] }
      : { quantities };
  },
};

const LYING_THERE = number('GB that lie there.', {
  ...gigabytes('storage'),
  ...gigabytes(),
  gbMonths: 1,
  gbMonth: 1,
  storageGbMonths: 1,
  storageGbMonth: 1,
});

export const S3_KIND: UsageKind = {
  service: 's3',
  also: ['bucket', 'object-storage'],
  what: 'S3 Standard: what lies there, and requests.',
  fields: {
    storageGb: LYING_THERE,
    months: MONTHS,
    puts: count('PUT, COPY, POST and LIST requests.', 'puts', 'putRequests', 'put'),
    gets: count('GET and other requests.', 'gets', 'getRequests', 'get'),
  },
  tells: [['puts'], ['gets']],
  example: { storageGb: 100, puts: 50_000, gets: 1_000_000 },
  quantities: (use) => ({
    quantities: s3Quantities({
      storageGb: use.number('storageGb'),
      months: use.number('months', 1),
      puts: use.number('puts'),
      gets: use.number('gets'),
    }),
  }),
};

export const ECR_KIND: UsageKind = {
  service: 'ecr',
  also: ['registry', 'images'],
  what: 'Images in ECR. Layers that images share lie there once.',
  fields: {
    storageGb: LYING_THERE,
    months: MONTHS,
  },
  tells: [],
  example: { storageGb: 3 },
  quantities: (use) => ({
    quantities: ecrQuantities({
      storageGb: use.needed('storageGb'),
      months: use.number('months', 1),
    }),
  }),
};
