// What is billed beside the programs, as quantities of one month.

import type { BilledOn, CacheResource, RdsResource, Resource } from '../../model/cost-settings.ts';
import { exact, times } from '../amount.ts';
import { CATALOGUE, type PriceItem } from '../prices/catalogue.ts';
import type { Part, Quantity } from '../quantity.ts';
import { monitoringQuantities, traceQuantities } from '../rules/cloudwatch.ts';
import { line } from '../rules/line.ts';
import {
  addressQuantities,
  endpointQuantities,
  natQuantities,
  transferQuantities,
} from '../rules/network.ts';
import type { ResourceQuantities } from './set-up.ts';
import { MONTH_HOURS } from './workload.ts';

/** Of the instance behind it, at least. [rds/proxy/pricing] */
const PROXY_LEAST_VCPUS = 2;

/** One, or with a proxy for one compute alone, two of them. */
export function quantitiesOfResource(resource: Resource): readonly ResourceQuantities[] {
  const { name, on } = resource;
  const own = { name, on, quantities: ofResource(resource).map((one) => named(one, name)) };
  if (resource.type !== 'rds' || resource.proxy === 'none') return [own];
  const vcpus = Math.max(PROXY_LEAST_VCPUS, resource.vcpus) * resource.count;
  const proxy = line('data', 'rdsProxy.vcpuHour', times(vcpus, resource.hours));
  const by: BilledOn = resource.proxy === 'both' ? on : resource.proxy;
  return [own, { name: `${name} proxy`, on: by, quantities: [named(proxy, `${name} proxy`)] }];
}

/** Items of the price book as they are. */
export function quantitiesOfItems(items: Readonly<Record<string, number>>): ResourceQuantities {
  const quantities = Object.entries(items).map(([item, units]) =>
    line(partOf(item), item as PriceItem, exact(units), { note: 'from "items"' }),
  );
  return { name: 'items', on: 'both', quantities };
}

function named(quantity: Quantity, name: string): Quantity {
  return { ...quantity, service: name };
}

function ofResource(resource: Resource): readonly Quantity[] {
  switch (resource.type) {
    case 'rds':
      return ofRds(resource);
    case 'elasticache':
      return [one('data', nodeItem(resource), resource.nodes * resource.hours)];
    case 's3':
      return [
        one('data', 's3.standardGbMonth', resource.storageGb),
        one('data', 's3.putRequest', resource.puts),
        one('data', 's3.getRequest', resource.gets),
        ...transferQuantities({ internetOutGb: resource.outGb }),
      ];
    case 'ses':
      return ofSes(resource);
    case 'cognito':
      return [one('other', `cognito.${resource.tier}Mau`, resource.users)];
    case 'cloudfront':
      return ofCloudFront(resource);
    case 'sqs':
      return [
        one('other', resource.fifo ? 'sqs.fifoRequest' : 'sqs.standardRequest', resource.requests),
      ];
    case 'secrets':
      return [
        one('other', 'secretsmanager.secretMonth', resource.secrets),
        one('other', 'ssm.advancedParameterMonth', resource.advancedParameters),
        one('other', 'kms.keyMonth', resource.keys),
        one('other', 'secretsmanager.apiCall', resource.calls),
      ];
    case 'ecr':
      return [one('data', 'ecr.storageGbMonth', resource.storageGb)];
    case 'monitoring':
      return [
        ...monitoringQuantities({ ...resource, insightsGb: resource.scannedGb }),
        ...traceQuantities({ recorded: resource.tracesRecorded, read: resource.tracesRead }),
      ];
    case 'nat':
      return [
        ...natQuantities({
          ...{ gateways: resource.gateways, hours: MONTH_HOURS },
          gb: resource.processedGb,
        }),
        ...addressQuantities({ addresses: resource.gateways, hours: MONTH_HOURS }),
      ];
    case 'endpoint':
      return endpointQuantities({
        ...{ endpoints: resource.endpoints, zones: resource.zones, hours: MONTH_HOURS },
        gb: resource.processedGb,
      });
  }
}

function one(part: Part, item: PriceItem, units: number): Quantity {
  return line(part, item, exact(units));
}

function ofRds(rds: RdsResource): readonly Quantity[] {
  const zones = rds.multiAz ? 'MultiAz' : 'SingleAz';
  const volume = rds.volume === 'gp2' ? 'Gp2' : 'Gp3';
  return [
    one('data', instanceItem(rds), rds.count * rds.hours),
    one('data', `rds.pg${volume}${zones}GbMonth`, rds.count * rds.storageGb),
    one('data', 'rds.backupGbMonth', rds.backupGb),
  ];
}

function ofSes(ses: Extract<Resource, { readonly type: 'ses' }>): readonly Quantity[] {
  const attachments = one('other', 'ses.attachmentGb', ses.attachmentsGb);
  switch (ses.plan) {
    case 'a-la-carte':
      return [one('other', 'ses.aLaCarteEmail', ses.emails), attachments];
    case 'essentials':
      return [one('other', 'ses.essentialsEmail', ses.emails), attachments];
    case 'pro':
      return [
        one('other', 'ses.proPlanMonth', 1),
        one('other', 'ses.aLaCarteEmail', ses.emails),
        attachments,
      ];
  }
}

/** Of files of its own; what it carries of the app is an affair of the network. */
function ofCloudFront(
  cdn: Extract<Resource, { readonly type: 'cloudfront' }>,
): readonly Quantity[] {
  switch (cdn.plan) {
    case 'pro':
      return [one('entry', 'cloudfront.flatProMonth', 1)];
    case 'business':
      return [one('entry', 'cloudfront.flatBusinessMonth', 1)];
    case 'pay-as-you-go':
      return [
        one('network', 'cloudfront.usEuGb', cdn.outGb),
        one('entry', httpsItem(cdn.clients), cdn.requests / 10_000),
      ];
  }
}

export function httpsItem(clients: 'us' | 'eu'): PriceItem {
  return clients === 'us' ? 'cloudfront.usHttps10k' : 'cloudfront.euHttps10k';
}

/** "db.t4g.micro" → rds.pgDbT4gMicroSingleAzHour. Undefined: the catalogue has no such item. */
export function rdsItem(
  engine: RdsResource['engine'],
  instance: string,
  multiAz: boolean,
): PriceItem | undefined {
  const prefix = engine === 'postgres' ? 'pg' : 'mysql';
  return known(`rds.${prefix}${camel(instance)}${multiAz ? 'MultiAz' : 'SingleAz'}Hour`);
}

export function cacheItem(engine: CacheResource['engine'], node: string): PriceItem | undefined {
  return known(`elasticache.${engine}${camel(node)}Hour`);
}

function known(item: string): PriceItem | undefined {
  return item in CATALOGUE ? (item as PriceItem) : undefined;
}

/** Reading the file refuses what has none. */
function instanceItem({ engine, instance, multiAz }: RdsResource): PriceItem {
  const item = rdsItem(engine, instance, multiAz);
  if (item === undefined) throw new RangeError(`no price item for ${engine} on ${instance}`);
  return item;
}

function nodeItem({ engine, node }: CacheResource): PriceItem {
  const item = cacheItem(engine, node);
  if (item === undefined) throw new RangeError(`no price item for ${engine} on ${node}`);
  return item;
}

function camel(type: string): string {
  return type
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** By the service that the item is named after. */
function partOf(item: string): Part {
  const service = item.slice(0, item.indexOf('.'));
  if (['lambda', 'fargate', 'savingsPlan'].includes(service)) return 'compute';
  if (['alb', 'apigateway', 'cloudfront'].includes(service)) return 'entry';
  if (['nat', 'ipv4', 'vpcEndpoint', 'dataTransfer'].includes(service)) return 'network';
  if (['cloudwatch', 'xray'].includes(service)) return 'logs';
  return ['rds', 'rdsProxy', 'elasticache', 's3', 'ecr'].includes(service) ? 'data' : 'other';
}
