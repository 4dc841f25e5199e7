// `cost.resources.<name>` of `fulcrum.yml`: what is billed beside the programs, by its type.

import { z } from 'zod';
import { whole } from './quantity.ts';
import { range } from './quantity-cost.ts';
import { text } from './schema-program.ts';

const MANY = 1e12;

const count = (what: string) =>
  z
    .number({ error: 'must be a number' })
    .min(0, { error: 'must not be negative' })
    .max(MANY, { error: `must be at most ${MANY}` })
    .default(0)
    .describe(what);

const one = (what: string) => whole({ min: 1, max: 1000 }).default(1).describe(what);

const hours = z
  .number({ error: 'must be hours a month' })
  .min(0, { error: 'must not be negative' })
  .max(744, { error: 'must be at most 744, the hours of a long month' })
  .default(730)
  .describe('Hours of the month that it is there.');

const on = z
  .enum(['both', 'lambda', 'fargate'])
  .default('both')
  .describe('Whose bill it is on: both, or that of one compute which alone needs it.');

const TYPES = [
  ...(['rds', 'elasticache', 's3', 'ses', 'cognito', 'cloudfront'] as const),
  ...(['sqs', 'secrets', 'ecr', 'monitoring', 'nat', 'endpoint'] as const),
] as const;

const type = <name extends (typeof TYPES)[number]>(name: name) =>
  z.literal(name).describe(`One of: ${TYPES.join(', ')}.`);

const RESOURCE_TYPES = {
  rds: z.strictObject({
    type: type('rds'),
    on,
    engine: z.enum(['postgres', 'mysql']).default('postgres').describe('Engine.'),
    instance: text.describe('Class of the instance, as "db.t4g.micro".'),
    count: one('Instances, replicas included.'),
    multiAz: z.boolean().default(false).describe('With a standby in a second zone.'),
    storage: count('Storage in GB.'),
    volume: z
      .enum(['gp2', 'gp3'])
      .default('gp2')
      .describe('Kind of the storage. They cost the same where both prices are known.'),
    backup: count('All backups of each, in GB. Those up to the size of its storage are free.'),
    proxy: z
      .union([z.boolean(), z.enum(['lambda', 'fargate'])])
      .default(false)
      .describe(
        'An RDS Proxy before it: true, or "lambda" where functions alone need it. 2 vCPUs are billed at least.',
      ),
    vcpus: whole({ min: 1, max: 448 })
      .optional()
      .describe('vCPUs of the instance, which a proxy is billed by. Default: as its class has.'),
    hours,
  }),
  elasticache: z.strictObject({
    type: type('elasticache'),
    on,
    engine: z.enum(['redis', 'valkey']).default('redis').describe('Engine.'),
    node: text.describe('Type of the nodes, as "cache.t4g.micro".'),
    nodes: one('Nodes, replicas included.'),
    hours,
  }),
  s3: z.strictObject({
    type: type('s3'),
    on,
    storage: count('Stored, in GB.'),
    puts: count('PUT, COPY, POST and LIST a month.'),
    gets: count('GET and others a month.'),
    out: count('Sent to the internet from the bucket, in GB a month.'),
  }),
  ses: z.strictObject({
    type: type('ses'),
    on,
    emails: count('Mails a month, one for each recipient.'),
    plan: z
      .enum(['a-la-carte', 'essentials', 'pro'])
      .default('essentials')
      .describe('Plan of the account. Accounts since 2026-07-21 begin with "essentials".'),
    attachments: count('Attachments, in GB a month.'),
  }),
  cognito: z.strictObject({
    type: type('cognito'),
    on,
    users: count('Users active in a month.'),
    tier: z.enum(['lite', 'essentials', 'plus']).default('essentials').describe('Tier.'),
  }),
  cloudfront: z.strictObject({
    type: type('cloudfront'),
    on,
    clients: z.enum(['us', 'eu']).default('us').describe('Where most clients are.'),
    cached: range({ min: 0, max: 100 })
      .optional()
      .describe(
        'Percentage of the requests of the app that it answers by itself. Default 0: an API is not cached.',
      ),
    out: count('Of files of its own, a web page for one, in GB a month.'),
    requests: count('For files of its own, a month.'),
    plan: z
      .enum(['pay-as-you-go', 'pro', 'business'])
      .default('pay-as-you-go')
      .describe('A flat plan has its price beside; what it includes is then not billed.'),
  }),
  sqs: z.strictObject({
    type: type('sqs'),
    on,
    requests: count('Calls of the API a month, beside those of the queues of this file.'),
    fifo: z.boolean().default(false).describe('FIFO queues.'),
  }),
  secrets: z.strictObject({
    type: type('secrets'),
    on,
    secrets: count('Secrets of Secrets Manager, beside those of this file.'),
    advancedParameters: count('Advanced parameters of Parameter Store.'),
    keys: count('Keys of KMS.'),
    calls: count('Calls of Secrets Manager a month.'),
  }),
  ecr: z.strictObject({ type: type('ecr'), on, storage: count('Images, in GB.') }),
  monitoring: z.strictObject({
    type: type('monitoring'),
    on,
    metrics: count('Metrics of your own.'),
    alarms: count('Alarms, beside those of this file.'),
    dashboards: count('Dashboards.'),
    traces: count('Traces recorded by X-Ray, a month.'),
    tracesRead: count('Traces fetched or scanned, a month.'),
    scanned: count('Scanned by queries of logs, in GB a month.'),
  }),
  nat: z.strictObject({
    type: type('nat'),
    on,
    gateways: one('NAT gateways, beside those of "network".'),
    processed: count('Through them, in GB a month.'),
  }),
  endpoint: z.strictObject({
    type: type('endpoint'),
    on,
    endpoints: one('Interface endpoints.'),
    zones: one('Zones that each is in.'),
    processed: count('Through them, in GB a month.'),
  }),
} as const;

export const costResource = z.discriminatedUnion(
  'type',
  Object.values(RESOURCE_TYPES) as [
    (typeof RESOURCE_TYPES)['rds'],
    (typeof RESOURCE_TYPES)['elasticache'],
    (typeof RESOURCE_TYPES)['s3'],
    (typeof RESOURCE_TYPES)['ses'],
    (typeof RESOURCE_TYPES)['cognito'],
    (typeof RESOURCE_TYPES)['cloudfront'],
    (typeof RESOURCE_TYPES)['sqs'],
    (typeof RESOURCE_TYPES)['secrets'],
    (typeof RESOURCE_TYPES)['ecr'],
    (typeof RESOURCE_TYPES)['monitoring'],
    (typeof RESOURCE_TYPES)['nat'],
    (typeof RESOURCE_TYPES)['endpoint'],
  ],
  { error: `must have a "type": ${TYPES.join(', ')}` },
);

export type ResourceInput = z.output<typeof costResource>;
