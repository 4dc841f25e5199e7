// Ways in, as somebody writes their usage down: load balancer, API Gateway, function URL, CloudFront.

import { MS_PER_HOUR } from '../../base/units.ts';
import { albQuantities, chargedEvaluations, lcuQuantities } from '../rules/alb.ts';
import { httpApiQuantities, restApiQuantities, webSocketQuantities } from '../rules/api-gateway.ts';
import { cloudFrontQuantities } from '../rules/platform.ts';
import { bytes, count, flag, gigabytes, number, time, word } from './field.ts';
import type { UsageKind, UseReader } from './kind.ts';

const DIMENSIONS = [
  'newConnections',
  'activeConnections',
  'gbPerHour',
  'gbPerHourOfLambda',
  'ruleEvaluations',
  'requestsPerSecond',
];

export const ALB_KIND: UsageKind = {
  service: 'alb',
  also: ['elb', 'elbv2', 'load-balancer', 'application-load-balancer'],
  what: 'A load balancer. With hours, or with lcuHours, it and its LCUs are billed. With a dimension of its LCUs, such as newConnPerSec, those LCUs alone are, unless includeLoadBalancer is true.',
  fields: {
    hoursMs: number('How long it is there, in hours. A part of one counts whole.', time()),
    lcuHours: count('LCU-hours of all the time.', 'lcuHours', 'lcus', 'lcuHour', 'lcu'),
    newConnections: count(
      'New connections a second; 25 are an LCU.',
      'newConnPerSec',
      'newConnectionsPerSec',
      'newConnectionsPerSecond',
      'newConn',
      'newConnections',
    ),
    activeConnections: count(
      'Connections open in a minute; 3,000 are an LCU, 1,500 with mutual TLS.',
      'activeConn',
      'activeConnections',
      'activeConnPerMin',
      'activeConnPerMinute',
      'activeConnectionsPerMinute',
      'activeConnectionsPerMin',
    ),
    gbPerHour: number('GB an hour to and from tasks; 1 is an LCU.', {
      gbPerHour: 1,
      processedGbPerHour: 1,
      gbPerHourIpTarget: 1,
      gbPerHourEc2Target: 1,
      gbPerHourFargateTarget: 1,
      mbPerHour: 0.001,
    }),
    gbPerHourOfLambda: number('GB an hour to and from functions; 0.4 are an LCU.', {
      gbPerHourLambdaTarget: 1,
      gbPerHourLambda: 1,
      gbPerHourOfLambda: 1,
      lambdaGbPerHour: 1,
      mbPerHourLambdaTarget: 0.001,
    }),
    ruleEvaluations: count(
      'Rule evaluations a second above 10 rules of each request; 1,000 are an LCU.',
      'ruleEvalsPerSec',
      'ruleEvaluationsPerSec',
      'ruleEvaluationsPerSecond',
      'ruleEvals',
      'ruleEvaluations',
    ),
    requestsPerSecond: count(
      'Requests a second, with rules, instead of ruleEvalsPerSec.',
      'requestsPerSec',
      'requestsPerSecond',
      'rps',
    ),
    rules: count(
      'Rules that each request meets. The first 10 are free.',
      'rules',
      'rulesPerRequest',
      'rulesProcessed',
    ),
    mutualTls: flag('Clients show certificates.', 'mutualTls', 'mtls'),
    balancers: number(
      'How many load balancers.',
      { loadBalancers: 1, balancers: 1, count: 1 },
      { otherwise: '1' },
    ),
    include: flag('Bill the load balancer itself too.', 'includeLoadBalancer', 'includeHours'),
    addresses: number(
      'Public IPv4 addresses of each.',
      { addresses: 1, publicIps: 1, publicIpv4: 1, ipv4Addresses: 1 },
      { otherwise: '0' },
    ),
  },
  tells: [
    ['lcuHours'],
    ...DIMENSIONS.filter((name) => name !== 'requestsPerSecond').map((one) => [one]),
    ['requestsPerSecond', 'rules'],
  ],
  example: { hours: 730, lcuHours: 20 },
  quantities(use) {
    const dimensions = use.has(...DIMENSIONS);
    if (dimensions && use.has('lcuHours')) {
      use.problem('lcuHours', 'and a dimension say the same', 'Keep one of the two.');
    }
    const onlyLcus = !use.has('hoursMs') && use.has('lcuHours') && !use.has('balancers', 'include');
    const hours = (onlyLcus ? 0 : use.needed('hoursMs')) / MS_PER_HOUR;
    const lcu = dimensions ? dimensionsOf(use) : { hours: use.number('lcuHours') };
    const balancers = use.number('balancers', 1);
    const included = use.flag('include', !dimensions || use.has('addresses', 'balancers'));
    if (!included) return { quantities: lcuQuantities({ hours, lcu }) };
    return {
      quantities: albQuantities({ hours, balancers, addresses: use.number('addresses'), lcu }),
    };
  },
};

function dimensionsOf(use: UseReader) {
  if (use.has('requestsPerSecond')) use.needed('rules');
  const evaluations = use.has('requestsPerSecond')
    ? use.number('requestsPerSecond') * chargedEvaluations(use.number('rules'))
    : use.number('ruleEvaluations');
  return {
    newConnectionsPerSecond: use.number('newConnections'),
    activeConnections: use.number('activeConnections'),
    gbPerHour: use.number('gbPerHour'),
    gbPerHourOfLambda: use.number('gbPerHourOfLambda'),
    ruleEvaluationsPerSecond: evaluations,
    mutualTls: use.flag('mutualTls'),
  };
}

const REQUESTS = count('Requests in the month.', 'requests', 'calls', 'apiCalls');
const HTTP_REQUESTS = { ...REQUESTS, names: { ...REQUESTS.names, httpRequests: 1 } };
const REST_REQUESTS = { ...REQUESTS, names: { ...REQUESTS.names, restRequests: 1 } };

const PAYLOAD = number(
  'Bytes that each carries.',
  { ...bytes(), ...bytes('payload'), ...bytes('body'), ...bytes('request'), ...bytes('size') },
  { otherwise: 'one step' },
);

const GATEWAY = ['apigateway', 'api-gateway', 'apigatewayv2'];

/** Which of its APIs "apigateway" is. */
function apiType(type: string) {
  return word(
    `${type}.`,
    { [type]: [`${type}-api`] },
    undefined,
    'type',
    'apiType',
    'protocol',
    'api',
  );
}

export const HTTP_API_KIND: UsageKind = {
  service: 'http-api',
  also: ['http', 'httpapi', 'apigateway-http', ...GATEWAY],
  what: 'An HTTP API: requests, one for every 512 KB begun. Its VPC link costs nothing.',
  fields: { requests: HTTP_REQUESTS, payload: PAYLOAD, type: apiType('http') },
  tells: [['requests', 'payload']],
  example: { requests: 1_000_000, kb: 513 },
  quantities: (use) => ({
    quantities: httpApiQuantities([
      { count: use.needed('requests'), bytes: use.number('payload') },
    ]),
  }),
};

export const REST_API_KIND: UsageKind = {
  service: 'rest-api',
  also: ['rest', 'restapi', 'apigateway-rest', ...GATEWAY],
  what: 'A REST API: requests, whatever their size.',
  fields: { requests: REST_REQUESTS, payload: PAYLOAD, type: apiType('rest') },
  tells: [],
  example: { requests: 1_000_000, type: 'rest' },
  quantities: (use) => ({ quantities: restApiQuantities([{ count: use.needed('requests') }]) }),
};

export const WEBSOCKET_KIND: UsageKind = {
  service: 'websocket-api',
  also: ['websocket', 'websockets', 'ws', 'apigateway-websocket', ...GATEWAY],
  what: 'A WebSocket API: messages both ways, one for every 32 KB begun, and minutes of connection.',
  fields: {
    messages: count('Messages both ways.', 'messages', 'websocketMessages'),
    payload: number(
      'Bytes of each.',
      { ...bytes(), ...bytes('message'), ...bytes('payload') },
      { otherwise: 'one step' },
    ),
    minutes: count('Minutes of connection, of all connections.', 'connectionMinutes', 'minutes'),
    type: apiType('websocket'),
  },
  tells: [['messages', 'minutes']],
  example: { messages: 1_000_000, connectionMinutes: 1_000_000 },
  quantities: (use) => ({
    quantities: webSocketQuantities({
      messages: [{ count: use.number('messages'), bytes: use.number('payload') }],
      connectionMinutes: use.number('minutes'),
    }),
  }),
};

export const FUNCTION_URL_KIND: UsageKind = {
  service: 'function-url',
  also: ['lambda-url', 'url'],
  what: 'The URL of a function: nothing beside the function.',
  fields: { requests: REQUESTS, payload: PAYLOAD },
  tells: [],
  example: { requests: 1_000_000 },
  quantities: () => ({ quantities: [] }),
};

export const CLOUDFRONT_KIND: UsageKind = {
  service: 'cloudfront',
  also: ['cdn'],
  what: 'A CDN at the price by use: GB to clients and HTTPS requests.',
  fields: {
    gb: number('GB to clients.', {
      ...gigabytes(),
      ...gigabytes('transfer'),
      ...gigabytes('dataTransfer'),
      ...gigabytes('out'),
      gbOut: 1,
    }),
    requests: count('HTTPS requests.', 'requests', 'httpsRequests'),
    clients: word(
      'Where clients are: us or eu.',
      { us: [], eu: ['europe'] },
      'us',
      'clients',
      'edge',
    ),
  },
  tells: [],
  example: { gb: 2000, requests: 20_000_000, clients: 'eu' },
  quantities: (use) => ({
    quantities: cloudFrontQuantities({
      gb: use.number('gb'),
      httpsRequests: use.number('requests'),
      clients: use.word<'us' | 'eu'>('clients', 'us'),
    }),
  }),
};
