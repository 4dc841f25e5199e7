// The metrics of the load balancer. [ELB:load-balancer-cloudwatch-metrics]

import type { Fault } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import type { Compute } from '../../model/app.ts';
import { awsNames, type Dimensions, type MetricName } from '../../model/metric.ts';
import type { MetricHandle, MetricStore } from '../control/metric-store.ts';
import type { ServedRequest } from './served-request.ts';

type Name = MetricName<'AWS/ApplicationELB'>;

export interface DoorMetrics {
  served(request: ServedRequest, now: Millis): void;
  connected(): void;
  connectionError(service: string, compute: Compute): void;
  /** Once a second. */
  tick(connections: number): void;
  hosts(service: string, healthy: number, unhealthy: number): void;
}

interface TargetMetrics {
  /** Healthy targets, by which RequestCountPerTarget is divided. */
  healthy: number;
  readonly requests: MetricHandle;
  readonly perTarget: MetricHandle | undefined;
  readonly responseTime: MetricHandle;
  /** 2XX to 5XX. */
  readonly classes: readonly MetricHandle[];
  readonly lambdaUserError: MetricHandle | undefined;
  readonly lambdaInternalError: MetricHandle | undefined;
  readonly connectionErrors: MetricHandle;
}

export function doorMetrics(store: MetricStore, app: string): DoorMetrics {
  const names = awsNames(app);
  const balancer: Dimensions = { LoadBalancer: names.loadBalancer };
  const of = (name: Name, dimensions: Dimensions = balancer) =>
    store.handle('AWS/ApplicationELB', name, dimensions);
  const totals = {
    requests: of('RequestCount'),
    bytes: of('ProcessedBytes'),
    lambdaBytes: of('LambdaTargetProcessedBytes'),
    evaluations: of('RuleEvaluations'),
    active: of('ActiveConnectionCount'),
    fresh: of('NewConnectionCount'),
    own4xx: of('HTTPCode_ELB_4XX_Count'),
    own5xx: of('HTTPCode_ELB_5XX_Count'),
  };
  const ownCodes = new Map<number, MetricHandle>([
    [500, of('HTTPCode_ELB_500_Count')],
    [502, of('HTTPCode_ELB_502_Count')],
    [503, of('HTTPCode_ELB_503_Count')],
    [504, of('HTTPCode_ELB_504_Count')],
  ]);
  const targets = new Map<string, TargetMetrics>();
  const dimensionsOf = (service: string, compute: Compute): Dimensions => ({
    ...balancer,
    TargetGroup: names.targetGroup(service, compute),
  });
  const target = (service: string, compute: Compute): TargetMetrics => {
    const key = `${service}/${compute}`;
    const found = targets.get(key);
    if (found !== undefined) return found;
    const made = targetMetrics(of, dimensionsOf(service, compute), compute);
    targets.set(key, made);
    return made;
  };
  return {
    served(request, now) {
      const { service, compute, status, exchange } = request;
      const bytes = exchange.bytesReceived + exchange.bytesSent;
      totals.bytes.add(bytes);
      totals.evaluations.add(request.evaluations);
      if (compute === 'lambda') totals.lambdaBytes.add(bytes);
      if (request.own) {
        if (status >= 500) totals.own5xx.add(1);
        else if (status >= 400) totals.own4xx.add(1);
        ownCodes.get(status)?.add(1);
      }
      if (service === undefined || compute === undefined) return;
      totals.requests.add(1);
      countTarget(target(service, compute), request, now);
    },
    connected: () => totals.fresh.add(1),
    connectionError: (service, compute) => target(service, compute).connectionErrors.add(1),
    tick: (connections) => totals.active.add(connections),
    hosts(service, healthy, unhealthy) {
      const dimensions = dimensionsOf(service, 'fargate');
      target(service, 'fargate').healthy = Math.max(1, healthy);
      of('HealthyHostCount', dimensions).add(healthy);
      of('UnHealthyHostCount', dimensions).add(unhealthy);
    },
  };
}

function targetMetrics(
  of: (name: Name, dimensions: Dimensions) => MetricHandle,
  dimensions: Dimensions,
  compute: Compute,
): TargetMetrics {
  return {
    healthy: 1,
    requests: of('RequestCount', dimensions),
    // AWS does not have it for Lambda targets.
    perTarget: compute === 'fargate' ? of('RequestCountPerTarget', dimensions) : undefined,
    responseTime: of('TargetResponseTime', dimensions),
    classes: [
      of('HTTPCode_Target_2XX_Count', dimensions),
      of('HTTPCode_Target_3XX_Count', dimensions),
      of('HTTPCode_Target_4XX_Count', dimensions),
      of('HTTPCode_Target_5XX_Count', dimensions),
    ],
    lambdaUserError: compute === 'lambda' ? of('LambdaUserError', dimensions) : undefined,
    lambdaInternalError: compute === 'lambda' ? of('LambdaInternalError', dimensions) : undefined,
    connectionErrors: of('TargetConnectionErrorCount', dimensions),
  };
}

function countTarget(target: TargetMetrics, request: ServedRequest, now: Millis): void {
  target.requests.add(1);
  target.perTarget?.add(1 / target.healthy);
  if (request.sentAt !== undefined) target.responseTime.add((now - request.sentAt) / 1000);
  if (request.own) countLambdaError(target, request.fault);
  else target.classes[Math.floor(request.status / 100) - 2]?.add(1);
}

/** A client that went away is no error of the function. */
function countLambdaError(target: TargetMetrics, fault: Fault | undefined): void {
  if (fault === undefined || fault.code === 'CLIENT_GONE') return;
  const ours = fault.blame === 'bug' || fault.blame === 'machine';
  (ours ? target.lambdaInternalError : target.lambdaUserError)?.add(1);
}
