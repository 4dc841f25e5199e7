// The network, as somebody writes its usage down.

import { MS_PER_HOUR } from '../../base/units.ts';
import {
  addressQuantities,
  endpointQuantities,
  natQuantities,
  transferQuantities,
} from '../rules/network.ts';
import { cloudMapQuantities } from '../rules/platform.ts';
import { count, gigabytes, number, time } from './field.ts';
import type { UsageKind } from './kind.ts';

const HOURS = number('How long each is there, in hours. A part of one counts whole.', time());

export const MONTHS = number(
  'Months for which it is there.',
  { months: 1, month: 1 },
  { otherwise: '1' },
);

export const NAT_KIND: UsageKind = {
  service: 'nat',
  also: ['nat-gateway', 'natgateway', 'natgw'],
  what: 'NAT gateways: hours, and GB through them each way. Their addresses are apart: ipv4.',
  fields: {
    gateways: number('How many.', { gateways: 1, natGateways: 1, count: 1 }, { otherwise: '1' }),
    hoursMs: HOURS,
    gb: number('GB through all of them, both ways.', {
      ...gigabytes(),
      gbProcessed: 1,
      processedGb: 1,
      dataProcessedGb: 1,
      dataGb: 1,
    }),
  },
  tells: [['gateways']],
  example: { gateways: 2, hours: 730, gb: 100 },
  quantities: (use) => ({
    quantities: natQuantities({
      gateways: use.number('gateways', 1),
      hours: (use.has('gb') ? use.number('hoursMs') : use.needed('hoursMs')) / MS_PER_HOUR,
      gb: use.number('gb'),
    }),
  }),
};

export const IPV4_KIND: UsageKind = {
  service: 'ipv4',
  also: ['public-ipv4', 'eip', 'elastic-ip', 'vpc'],
  what: 'Public IPv4 addresses, in use or idle.',
  fields: {
    addresses: number(
      'How many; a mean need not be whole.',
      { addresses: 1, ipv4Addresses: 1, publicIps: 1, ips: 1, count: 1 },
      { otherwise: '1' },
    ),
    hoursMs: number('How long each is there, in hours.', time()),
    addressHours: count('Hours of all of them, instead.', 'addressHours'),
  },
  tells: [['addresses', 'hoursMs'], ['addressHours']],
  example: { addresses: 3, hours: 730 },
  quantities(use) {
    const sum = use.maybe('addressHours');
    if (sum === undefined) {
      const hours = use.needed('hoursMs') / MS_PER_HOUR;
      return { quantities: addressQuantities({ addresses: use.number('addresses', 1), hours }) };
    }
    if (use.has('addresses', 'hoursMs')) {
      use.problem('addressHours', 'says the same as addresses and hours', 'Keep one of the two.');
    }
    return { quantities: addressQuantities({ addresses: 1, hours: sum }) };
  },
};

export const ENDPOINT_KIND: UsageKind = {
  service: 'vpc-endpoint',
  also: ['interface-endpoint', 'vpc_endpoint', 'privatelink'],
  what: 'Interface endpoints: hours in each of their zones, and GB.',
  fields: {
    endpoints: number('How many.', { endpoints: 1, count: 1 }, { otherwise: '1' }),
    zones: number(
      'Zones that each is in.',
      { zones: 1, azs: 1, az: 1, availabilityZones: 1 },
      { otherwise: '1' },
    ),
    hoursMs: HOURS,
    gb: number('GB through all of them.', {
      ...gigabytes(),
      gbProcessed: 1,
      processedGb: 1,
      dataGb: 1,
    }),
  },
  tells: [['endpoints']],
  example: { endpoints: 3, zones: 2, hours: 730, gb: 20 },
  quantities: (use) => ({
    quantities: endpointQuantities({
      endpoints: use.number('endpoints', 1),
      zones: use.number('zones', 1),
      hours: use.needed('hoursMs') / MS_PER_HOUR,
      gb: use.number('gb'),
    }),
  }),
};

export const TRANSFER_KIND: UsageKind = {
  service: 'data-transfer',
  also: ['transfer', 'data_transfer', 'egress', 'bandwidth'],
  what: 'Data out to the internet, and between zones.',
  fields: {
    out: number('GB out to the internet.', {
      ...gigabytes('internetOut'),
      ...gigabytes('out'),
      gbOut: 1,
      ...gigabytes('egress'),
    }),
    gb: number('More GB out, where `service` says that they are.', gigabytes()),
    crossZone: number(
      'GB from one zone to another. Each is charged where it leaves and where it arrives.',
      { ...gigabytes('crossZone'), ...gigabytes('crossAz'), ...gigabytes('interAz') },
    ),
  },
  tells: [['out'], ['crossZone']],
  example: { internetOutGb: 250, crossZoneGb: 40 },
  quantities: (use) => ({
    quantities: transferQuantities({
      internetOutGb: use.number('out') + use.number('gb'),
      crossZoneGb: use.number('crossZone'),
    }),
  }),
};

export const CLOUD_MAP_KIND: UsageKind = {
  service: 'cloud-map',
  also: ['cloudmap', 'service-discovery'],
  what: 'Cloud Map: registered resources and calls of DiscoverInstances.',
  fields: {
    resources: count(
      'Registered resources; a mean need not be whole.',
      'resources',
      'instances',
      'registeredResources',
    ),
    months: MONTHS,
    calls: count('Calls of DiscoverInstances.', 'calls', 'discoverCalls', 'requests'),
  },
  tells: [['resources']],
  example: { resources: 3, calls: 1_000_000 },
  quantities: (use) => ({
    quantities: cloudMapQuantities({
      resources: use.number('resources'),
      months: use.number('months', 1),
      calls: use.number('calls'),
    }),
  }),
};
