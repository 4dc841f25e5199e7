// Items of the front door and the network.

import { type CatalogueItem, type OfferKey, RULES } from './catalogue-item.ts';

const ITEM = { rule: undefined, offer: undefined } as const;

const key = (code: string, usageType: string, operation: string): OfferKey => ({
  code,
  usageType,
  operation,
});

const CLOUDFRONT = { ...ITEM, service: 'CloudFront' } as const;

export const NETWORK_ITEMS = {
  'alb.hour': {
    service: 'Load balancer',
    unit: 'ALB-hour',
    what: 'Each hour or part of an hour that an Application Load Balancer exists.',
    rule: RULES.loadBalancer,
    offer: key('AWSELB', 'LoadBalancerUsage', 'LoadBalancing:Application'),
  },
  'alb.lcuHour': {
    service: 'Load balancer',
    unit: 'LCU-hour',
    what: 'Capacity units of an Application Load Balancer: the largest of its four dimensions, each hour.',
    rule: RULES.lcu,
    offer: key('AWSELB', 'LCUUsage', 'LoadBalancing:Application'),
  },
  'apigateway.httpRequest': {
    service: 'API Gateway',
    unit: 'request',
    what: 'Calls of an HTTP API, one for every 512 KB begun.',
    rule: RULES.httpApi,
    offer: key('AmazonApiGateway', 'ApiGatewayHttpRequest', 'ApiGatewayHttpApi'),
  },
  'apigateway.restRequest': {
    service: 'API Gateway',
    unit: 'request',
    what: 'Calls of a REST API, whatever their size.',
    rule: RULES.restApi,
    offer: key('AmazonApiGateway', 'ApiGatewayRequest', 'ApiGatewayRequest'),
  },
  'apigateway.websocketMessage': {
    service: 'API Gateway',
    unit: 'message',
    what: 'Messages of a WebSocket API, in and out, one for every 32 KB begun.',
    rule: RULES.webSocketMessage,
    offer: key('AmazonApiGateway', 'ApiGatewayMessage', 'ApiGatewayWebSocket'),
  },
  'apigateway.websocketConnectionMinute': {
    service: 'API Gateway',
    unit: 'minute',
    what: 'Minutes that connections of a WebSocket API are open.',
    rule: RULES.webSocketMinute,
    offer: key('AmazonApiGateway', 'ApiGatewayMinute', 'ApiGatewayWebSocket'),
  },
  'nat.hour': {
    service: 'NAT gateway',
    unit: 'NAT-gateway-hour',
    what: 'Each hour or part of an hour that a NAT gateway exists.',
    rule: RULES.natHour,
    offer: key('AmazonEC2', 'NatGateway-Hours', 'NatGateway'),
  },
  'nat.gbProcessed': {
    service: 'NAT gateway',
    unit: 'GB',
    what: 'Each GB through a NAT gateway, both ways.',
    rule: RULES.natGb,
    offer: key('AmazonEC2', 'NatGateway-Bytes', 'NatGateway'),
  },
  'ipv4.addressHour': {
    service: 'Public IPv4',
    unit: 'address-hour',
    what: 'Each hour of each public IPv4 address, in use or idle.',
    rule: RULES.ipv4,
    offer: key('AmazonVPC', 'PublicIPv4:InUseAddress', ''),
  },
  'vpcEndpoint.interfaceHourPerAz': {
    service: 'VPC endpoint',
    unit: 'hour',
    what: 'Each hour of an interface endpoint, in each of its zones.',
    rule: undefined,
    offer: key('AmazonVPC', 'VpcEndpoint-Hours', 'VpcEndpoint'),
  },
  'vpcEndpoint.gb': {
    service: 'VPC endpoint',
    unit: 'GB',
    what: 'Each GB through an interface endpoint.',
    rule: undefined,
    offer: key('AmazonVPC', 'VpcEndpoint-Bytes', 'VpcEndpoint'),
  },
  'dataTransfer.internetOutGb': {
    service: 'Data transfer',
    unit: 'GB',
    what: 'Each GB sent to the internet, of all services of a region together.',
    rule: 'The first 100 GB a month are free, of all regions together.',
    offer: key('AWSDataTransfer', 'DataTransfer-Out-Bytes', ''),
  },
  'dataTransfer.crossAzGbEachWay': {
    service: 'Data transfer',
    unit: 'GB',
    what: 'Each GB between zones of a region, billed once on each side.',
    rule: 'Sender and receiver both pay, so 1 GB across zones is 2 GB here.',
    offer: key('AWSDataTransfer', 'DataTransfer-Regional-Bytes', ''),
  },
  'cloudfront.usEuGb': {
    ...CLOUDFRONT,
    unit: 'GB',
    what: 'Each GB delivered from edges in North America and Europe.',
  },
  'cloudfront.usHttps10k': {
    ...CLOUDFRONT,
    unit: '10k requests',
    what: 'Every ten thousand HTTPS requests to edges in North America.',
  },
  'cloudfront.euHttps10k': {
    ...CLOUDFRONT,
    unit: '10k requests',
    what: 'Every ten thousand HTTPS requests to edges in Europe.',
  },
  'cloudfront.flatProMonth': {
    ...CLOUDFRONT,
    unit: 'month',
    what: 'The flat plan "Pro", by the month.',
  },
  'cloudfront.flatBusinessMonth': {
    ...CLOUDFRONT,
    unit: 'month',
    what: 'The flat plan "Business", by the month.',
  },
} as const satisfies Record<string, CatalogueItem>;
