// What is billed beside the programs, as quantities of one month.

import { MONTH_HOURS } from '../../base/units.ts';
import type { BilledOn, RdsResource, Resource } from '../../model/cost-settings.ts';
import { exact } from '../amount.ts';
import type { PriceItem } from '../prices/catalogue.ts';
import type { Part, Quantity } from '../quantity.ts';
import { monitoringQuantities, traceQuantities } from '../rules/cloudwatch.ts';
import { cacheQuantities } from '../rules/elasticache.ts';
import { line, type Owner } from '../rules/line.ts';
import { sesQuantities, sqsQuantities } from '../rules/messaging.ts';
import {
  addressQuantities,
  endpointQuantities,
  natQuantities,
  transferQuantities,
} from '../rules/network.ts';
import {
  cloudFrontQuantities,
  cognitoQuantities,
  keyQuantities,
  parameterQuantities,
  secretQuantities,
} from '../rules/platform.ts';
import { PROXY_LEAST_VCPUS, rdsProxyQuantities, rdsQuantities, vcpusOf } from '../rules/rds.ts';
import { ecrQuantities, s3Quantities } from '../rules/storage.ts';
import type { ResourceQuantities } from './set-up.ts';

/**
 * One, or with a proxy for one compute alone, two of them. Throws RangeError for an instance that the
 * catalogue does not have, which reading the file refuses.
 */
export function quantitiesOfResource(resource: Resource): readonly ResourceQuantities[] {
  const { name, on } = resource;
  const owner = { service: name };
  const own = { name, on, quantities: ofResource(resource, owner) };
  if (resource.type !== 'rds' || resource.proxy === 'none') return [own];
  const by: BilledOn = resource.proxy === 'both' ? on : resource.proxy;
  const { vcpus = vcpusOf(resource.instance) ?? PROXY_LEAST_VCPUS, count, hours } = resource;
  const proxy = rdsProxyQuantities({ vcpus, instances: count, hours }, owner);
  return [own, { name: `${name} proxy`, on: by, quantities: proxy }];
}

/** Items of the price book as they are. */
export function quantitiesOfItems(items: Readonly<Record<string, number>>): ResourceQuantities {
  const quantities = Object.entries(items).map(([item, units]) =>
    line(partOf(item), item as PriceItem, exact(units), { note: 'from "items"' }),
  );
  return { name: 'items', on: 'both', quantities };
}

function ofResource(resource: Resource, owner: Owner): readonly Quantity[] {
  switch (resource.type) {
    case 'rds':
      return ofRds(resource, owner);
    case 'elasticache': {
      const { engine, node, nodes, hours } = resource;
      return known(cacheQuantities({ engine, nodeType: node, nodes, hours }, owner), node);
    }
    case 's3':
      return [
        ...s3Quantities(resource, owner),
        ...transferQuantities({ internetOutGb: resource.outGb }, owner),
      ];
    case 'ses':
      return ofSes(resource, owner);
    case 'cognito':
      return cognitoQuantities({ activeUsers: resource.users, plan: resource.tier }, owner);
    case 'cloudfront':
      return ofCloudFront(resource, owner);
    case 'sqs':
      return sqsQuantities({ calls: [{ count: resource.requests }], fifo: resource.fifo }, owner);
    case 'secrets':
      return [
        ...secretQuantities(resource, owner),
        ...parameterQuantities({ advanced: resource.advancedParameters }, owner),
        ...keyQuantities({ keys: resource.keys }, owner),
      ];
    case 'ecr':
      return ecrQuantities(resource, owner);
    case 'monitoring':
      return [
        ...monitoringQuantities({ ...resource, insightsGb: resource.scannedGb }, owner),
        ...traceQuantities({ recorded: resource.tracesRecorded, read: resource.tracesRead }, owner),
      ];
    case 'nat': {
      const { gateways, processedGb: gb } = resource;
      return [
        ...natQuantities({ gateways, hours: MONTH_HOURS, gb }, owner),
        ...addressQuantities({ addresses: gateways, hours: MONTH_HOURS }, owner),
      ];
    }
    case 'endpoint': {
      const { endpoints, zones, processedGb: gb } = resource;
      return endpointQuantities({ endpoints, zones, hours: MONTH_HOURS, gb }, owner);
    }
  }
}

function ofRds(rds: RdsResource, owner: Owner): readonly Quantity[] {
  const { engine, instance, multiAz, count, hours, storageGb, volume, backupGb } = rds;
  const use = { engine, instanceClass: instance, multiAz, instances: count, hours, storageGb };
  return known(rdsQuantities({ ...use, storage: volume, backupGb }, owner), instance);
}

function known(quantities: readonly Quantity[] | undefined, type: string): readonly Quantity[] {
  if (quantities === undefined) throw new RangeError(`the price book has no item for ${type}`);
  return quantities;
}

type Of<type> = Extract<Resource, { readonly type: type }>;

function ofSes({ plan, emails, attachmentsGb }: Of<'ses'>, owner: Owner): readonly Quantity[] {
  if (plan === 'pro') {
    return [
      line('other', 'ses.proPlanMonth', exact(1), { owner }),
      ...sesQuantities(
        { recipients: emails, plan: 'a-la-carte', attachmentGb: attachmentsGb },
        owner,
      ),
    ];
  }
  return sesQuantities({ recipients: emails, plan, attachmentGb: attachmentsGb }, owner);
}

/** Of files of its own; what it carries of the app is an affair of the network. */
function ofCloudFront(cdn: Of<'cloudfront'>, owner: Owner): readonly Quantity[] {
  switch (cdn.plan) {
    case 'pro':
      return [line('entry', 'cloudfront.flatProMonth', exact(1), { owner })];
    case 'business':
      return [line('entry', 'cloudfront.flatBusinessMonth', exact(1), { owner })];
    case 'pay-as-you-go':
      return cloudFrontQuantities(
        { gb: cdn.outGb, httpsRequests: cdn.requests, clients: cdn.clients },
        owner,
      );
  }
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
