// What the entry takes: the load balancer by the hour and by LCU, or an API by the request; and the
// requests of queues.

import { MONTH_HOURS } from '../../base/units.ts';
import type { Compute } from '../../model/app.ts';
import type { Mix } from '../compare/comparison.ts';
import type { Quantity } from '../quantity.ts';
import { albQuantities, LCU_HOUR } from '../rules/alb.ts';
import { httpApiQuantities, restApiQuantities } from '../rules/api-gateway.ts';
import { sqsQuantities } from '../rules/messaging.ts';
import { meanOf } from './load.ts';
import type { Demand, ServicePlan } from './plan.ts';
import type { FargateEntry, LambdaEntry, SetUp } from './set-up.ts';

export type AnyEntry = LambdaEntry | FargateEntry;

/**
 * The one entry of all that it serves. In the hybrid, and where a program runs on the other compute
 * anyway, it has to reach both, which a function URL cannot: then it is that of Fargate.
 */
export function entryFor(
  { entry }: SetUp,
  mix: Mix,
  uses: Readonly<Record<Compute, boolean>>,
): AnyEntry {
  if (mix === 'hybrid') {
    if (entry.fargate !== 'none' || entry.lambda === 'function-url') return entry.fargate;
    return entry.lambda;
  }
  if (uses.lambda && !uses.fargate) return entry.lambda;
  if (mix === 'fargate' || entry.lambda === 'function-url') return entry.fargate;
  return entry.lambda;
}

/**
 * Receives of an event source mapping in a month without messages: five pollers that wait for 20 s
 * each. Inferred from [LDG:with-sqs], which gives the five.
 */
export const EMPTY_RECEIVES = 5 * 3 * 60 * MONTH_HOURS;

export function entryLines(
  entry: AnyEntry,
  plans: readonly ServicePlan[],
  setUp: SetUp,
): readonly Quantity[] {
  const through = plans.filter(({ demand }) => demand.service.trigger.kind === 'entry');
  switch (entry) {
    case 'none':
    case 'function-url':
      return [];
    case 'http-api':
      return httpApiQuantities(through.map(requestsOf));
    case 'rest-api':
      return restApiQuantities(through.map(requestsOf));
    case 'alb':
      return albQuantities({
        hours: MONTH_HOURS,
        addresses: setUp.loadBalancer.addresses,
        lcu: { hours: lcuHours(through, setUp) },
      });
  }
}

function requestsOf({ demand: { requests, requestsPerMonth } }: ServicePlan) {
  return { count: requestsPerMonth, bytes: requests.requestBytes + requests.responseBytes };
}

/** Of a month. The largest dimension is taken of each level of the traffic. */
function lcuHours(plans: readonly ServicePlan[], setUp: SetUp): number {
  const levels = plans[0]?.demand.levels ?? [];
  return levels.reduce((sum, level, index) => {
    const mean = meanOf(level);
    const flows = plans.map(({ demand, onDemandRps, provisionedRps }): Flow => {
      const all = mean * demand.rps;
      const onLambda = (onDemandRps[index] ?? 0) + (provisionedRps[index] ?? 0);
      return { demand, all, onLambda: Math.min(all, onLambda) };
    });
    return sum + level.part * MONTH_HOURS * lcusOf(flows, setUp);
  }, 0);
}

/** Requests a second. */
export interface Flow {
  readonly demand: Demand;
  readonly all: number;
  readonly onLambda: number;
}

/**
 * LCUs that flows take: the largest of four dimensions.
 *
 * A connection lasts for its requests, and where it carries more than one, until its client has left
 * it idle for too long.
 */
export function lcusOf(flows: readonly Flow[], { loadBalancer }: SetUp): number {
  let connections = 0;
  let active = 0;
  let bytes = 0;
  let evaluations = 0;
  for (const { demand, all, onLambda } of flows) {
    const { requests } = demand;
    const perConnection = Math.max(1, requests.perConnection);
    const lambdaPart = all === 0 ? 0 : onLambda / all;
    const meanMs = requests.lambdaMs * lambdaPart + requests.fargateMs * (1 - lambdaPart);
    const idleMs = perConnection > 1 ? loadBalancer.idleTimeoutMs : 0;
    connections += all / perConnection;
    active += ((all / perConnection) * (perConnection * meanMs + idleMs)) / 1000;
    const each = requests.requestBytes + requests.responseBytes;
    bytes += each * ((all - onLambda) / LCU_HOUR.bytes + onLambda / LCU_HOUR.bytesOfLambda) * 3600;
    evaluations += all * Math.max(0, loadBalancer.rules - LCU_HOUR.freeRules);
  }
  return Math.max(
    (connections * 3600) / LCU_HOUR.newConnections,
    active / LCU_HOUR.activeConnections,
    bytes,
    (evaluations * 3600) / LCU_HOUR.ruleEvaluations,
  );
}

/** Sending each message; receiving and deleting each batch, and asking when there is none. */
export function queueLines(demand: Demand): readonly Quantity[] {
  const { service, requests, requestsPerMonth, perBatch } = demand;
  if (service.trigger.kind !== 'queue') return [];
  const { requestBytes: bytes } = requests;
  const batches = requestsPerMonth / perBatch;
  const quantities = sqsQuantities(
    {
      calls: [
        { count: requestsPerMonth, bytes },
        { count: batches, bytes: bytes * perBatch },
        { count: Math.max(0, EMPTY_RECEIVES - batches) },
        { count: batches },
      ],
      fifo: service.trigger.fifo,
    },
    { service: service.name },
  );
  const note = 'messages sent, received, asked for and deleted';
  return quantities.map((one) => ({ ...one, note }));
}
