// The metrics of the load balancer. [ELB:load-balancer-cloudwatch-metrics]
//
// Each is counted once for every set of dimensions AWS has it in. What is counted often is looked up
// once. Nothing is counted while no traffic flows, but for the hosts.

import type { Fault } from '../../base/fault.ts';
import { type Millis, MS_PER_MINUTE } from '../../base/units.ts';
import { chargedEvaluations, LCU_HOUR } from '../../cost/rules/alb.ts';
import type { Compute } from '../../model/app.ts';
import { awsNames, type Dimensions, type MetricName } from '../../model/metric.ts';
import type { MetricHandle, MetricStore } from '../control/metric-store.ts';
import type { ServedRequest } from './served-request.ts';

type Name = MetricName<'AWS/ApplicationELB'>;

export interface HostCounts {
  readonly healthy: number;
  readonly unhealthy: number;
}

export interface DoorMetrics {
  served(request: ServedRequest, now: Millis): void;
  /** A request that could not be read was answered with `status`. */
  malformed(status: number): void;
  connected(): void;
  handshakeFailed(): void;
  connectionError(service: string, compute: Compute): void;
  /** Once a second. */
  tick(connections: number, wall: Millis): void;
  /** Targets of a service on Fargate, and those of each zone. */
  hosts(
    service: string,
    healthy: number,
    unhealthy: number,
    zones?: ReadonlyMap<string, HostCounts>,
  ): void;
}

/** Several series that count the same. */
class Together implements MetricHandle {
  readonly #handles: readonly MetricHandle[];

  constructor(handles: readonly MetricHandle[]) {
    this.#handles = handles;
  }

  add(value: number): void {
    const handles = this.#handles;
    for (let index = 0; index < handles.length; index += 1) handles[index]?.add(value);
  }

  addAt(value: number, at: Millis): void {
    for (const handle of this.#handles) handle.addAt(value, at);
  }
}

type Of = (name: Name, ...dimensions: readonly Dimensions[]) => MetricHandle;

export function doorMetrics(store: MetricStore, app: string, zone: string): DoorMetrics {
  return new AlbMetrics(store, app, zone);
}

class AlbMetrics implements DoorMetrics {
  readonly #names: ReturnType<typeof awsNames>;
  readonly #balancer: Dimensions;
  readonly #zone: Dimensions;
  readonly #of: Of;
  readonly #totals: Totals;
  readonly #targets = new Map<string, TargetMetrics>();
  readonly #lcus: ConsumedLcus;

  /** `zone` is the one its node is in. */
  constructor(store: MetricStore, app: string, zone: string) {
    this.#names = awsNames(app);
    this.#balancer = { LoadBalancer: this.#names.loadBalancer };
    this.#zone = { AvailabilityZone: zone };
    this.#of = (name, ...all) => {
      const handles = all.map((one) => store.handle('AWS/ApplicationELB', name, one));
      const [only] = handles;
      return only !== undefined && handles.length === 1 ? only : new Together(handles);
    };
    this.#totals = totalsOf(this.#of, this.#balancer, this.#zone);
    this.#lcus = new ConsumedLcus(this.#of('ConsumedLCUs', this.#balancer));
  }

  served(request: ServedRequest, now: Millis): void {
    const { service, compute, exchange } = request;
    const totals = this.#totals;
    const bytes =
      exchange.headBytesReceived +
      exchange.bytesReceived +
      exchange.headBytesSent +
      exchange.bytesSent;
    totals.bytes.add(bytes);
    totals.evaluations.add(request.evaluations);
    if (compute === 'lambda') totals.lambdaBytes.add(bytes);
    this.#lcus.served(bytes, compute === 'lambda', request.evaluations);
    if (request.own) this.#own(request.status);
    if (service === undefined || compute === undefined) {
      if (request.actions === 'redirect') totals.redirects.add(1);
      else if (request.actions === 'fixed-response') totals.fixed.add(1);
      return;
    }
    countTarget(this.#target(service, compute), request, now);
  }

  malformed(status: number): void {
    this.#totals.nonCompliant.add(1);
    this.#own(status);
  }

  #own(status: number): void {
    const totals = this.#totals;
    if (status >= 500) totals.own5xx.add(1);
    else if (status >= 400) totals.own4xx.add(1);
    else if (status >= 300) totals.own3xx.add(1);
    totals.ownCodes.get(status)?.add(1);
  }

  connected(): void {
    this.#totals.fresh.add(1);
    this.#lcus.connected();
  }

  handshakeFailed(): void {
    this.#totals.handshakes.add(1);
  }

  connectionError(service: string, compute: Compute): void {
    this.#target(service, compute).connectionErrors.add(1);
  }

  tick(connections: number, wall: Millis): void {
    if (connections > 0) this.#totals.active.add(connections);
    this.#lcus.tick(connections, wall);
  }

  hosts(
    service: string,
    healthy: number,
    unhealthy: number,
    zones?: ReadonlyMap<string, HostCounts>,
  ): void {
    this.#target(service, 'fargate').healthy = healthy;
    const group = this.#group(service, 'fargate');
    this.#count(group, { healthy, unhealthy });
    for (const [zone, counts] of zones ?? []) {
      this.#count({ ...group, AvailabilityZone: zone }, counts);
    }
  }

  #count(dimensions: Dimensions, { healthy, unhealthy }: HostCounts): void {
    this.#of('HealthyHostCount', dimensions).add(healthy);
    this.#of('UnHealthyHostCount', dimensions).add(unhealthy);
  }

  #group(service: string, compute: Compute): Dimensions {
    return { ...this.#balancer, TargetGroup: this.#names.targetGroup(service, compute) };
  }

  #target(service: string, compute: Compute): TargetMetrics {
    const key = `${service}/${compute}`;
    let target = this.#targets.get(key);
    if (target === undefined) {
      const group = this.#group(service, compute);
      target = targetMetrics(
        this.#of,
        { balancer: this.#balancer, zone: this.#zone, group },
        compute,
      );
      this.#targets.set(key, target);
    }
    return target;
  }
}

type Totals = ReturnType<typeof totalsOf>;

function totalsOf(of: Of, balancer: Dimensions, zone: Dimensions) {
  const total = (name: Name) => of(name, balancer);
  const inZone = (name: Name) => of(name, balancer, { ...balancer, ...zone });
  return {
    bytes: total('ProcessedBytes'),
    lambdaBytes: total('LambdaTargetProcessedBytes'),
    evaluations: total('RuleEvaluations'),
    active: total('ActiveConnectionCount'),
    fresh: total('NewConnectionCount'),
    redirects: total('HTTP_Redirect_Count'),
    fixed: total('HTTP_Fixed_Response_Count'),
    handshakes: inZone('ClientTLSNegotiationErrorCount'),
    nonCompliant: inZone('DesyncMitigationMode_NonCompliant_Request_Count'),
    own3xx: inZone('HTTPCode_ELB_3XX_Count'),
    own4xx: inZone('HTTPCode_ELB_4XX_Count'),
    own5xx: inZone('HTTPCode_ELB_5XX_Count'),
    ownCodes: new Map<number, MetricHandle>([
      [500, inZone('HTTPCode_ELB_500_Count')],
      [502, inZone('HTTPCode_ELB_502_Count')],
      [503, inZone('HTTPCode_ELB_503_Count')],
      [504, inZone('HTTPCode_ELB_504_Count')],
    ]),
  };
}

interface TargetMetrics {
  readonly requests: MetricHandle;
  readonly grpc: MetricHandle;
  readonly perTarget: MetricHandle | undefined;
  readonly responseTime: MetricHandle;
  /** 2XX to 5XX. */
  readonly classes: readonly MetricHandle[];
  readonly lambdaUserError: MetricHandle | undefined;
  readonly lambdaInternalError: MetricHandle | undefined;
  readonly connectionErrors: MetricHandle;
  /** Healthy targets when they were last counted. */
  healthy: number;
}

interface TargetDimensions {
  readonly balancer: Dimensions;
  readonly zone: Dimensions;
  /** With the load balancer. */
  readonly group: Dimensions;
}

function targetMetrics(
  of: Of,
  { balancer, zone, group }: TargetDimensions,
  compute: Compute,
): TargetMetrics {
  const alone: Dimensions = { TargetGroup: group['TargetGroup'] ?? '' };
  const everywhere = (name: Name) =>
    of(name, balancer, { ...balancer, ...zone }, group, { ...group, ...zone });
  const ofLambda = (name: Name) => (compute === 'lambda' ? of(name, alone, group) : undefined);
  const perTarget = () =>
    of('RequestCountPerTarget', alone, { ...alone, ...zone }, group, { ...group, ...zone });
  return {
    requests: everywhere('RequestCount'),
    grpc: everywhere('GrpcRequestCount'),
    // AWS does not have it for Lambda targets.
    perTarget: compute === 'fargate' ? perTarget() : undefined,
    responseTime: everywhere('TargetResponseTime'),
    classes: [
      everywhere('HTTPCode_Target_2XX_Count'),
      everywhere('HTTPCode_Target_3XX_Count'),
      everywhere('HTTPCode_Target_4XX_Count'),
      everywhere('HTTPCode_Target_5XX_Count'),
    ],
    lambdaUserError: ofLambda('LambdaUserError'),
    lambdaInternalError: ofLambda('LambdaInternalError'),
    connectionErrors: everywhere('TargetConnectionErrorCount'),
    healthy: 0,
  };
}

function countTarget(target: TargetMetrics, request: ServedRequest, now: Millis): void {
  target.requests.add(1);
  if (request.grpc) target.grpc.add(1);
  // Its sum over a minute is the requests of one target.
  target.perTarget?.add(1 / Math.max(1, target.healthy));
  const { sentAt, answeredAt, own } = request;
  const answered = answeredAt ?? (own ? undefined : now);
  if (sentAt !== undefined && answered !== undefined) {
    target.responseTime.add((answered - sentAt) / 1000);
  }
  if (own) countLambdaError(target, request.fault);
  else target.classes[Math.floor(request.status / 100) - 2]?.add(1);
}

/** A client that went away is no error of the function. */
function countLambdaError(target: TargetMetrics, fault: Fault | undefined): void {
  if (fault === undefined || fault.code === 'CLIENT_GONE') return;
  const ours = fault.blame === 'bug' || fault.blame === 'machine';
  (ours ? target.lambdaInternalError : target.lambdaUserError)?.add(1);
}

const MINUTES_PER_HOUR = 60;

interface Used {
  connections: number;
  /** Connections × seconds. */
  activeSeconds: number;
  /** Of bytes: what their hour of a unit covers. */
  byteHours: number;
  evaluations: number;
}

const nothing = (): Used => ({ connections: 0, activeSeconds: 0, byteHours: 0, evaluations: 0 });

/**
 * Capacity units of the minute under way: the largest of the four dimensions, as for a bill of the
 * hour (`cost/door-meter`). Counted each second by what it has grown.
 */
class ConsumedLcus {
  readonly #handle: MetricHandle;
  #minute: Millis = 0;
  /** Of the minute, and since the last tick. */
  #used = nothing();
  #fresh = nothing();
  #counted = 0;

  constructor(handle: MetricHandle) {
    this.#handle = handle;
  }

  connected(): void {
    this.#fresh.connections += 1;
  }

  served(bytes: number, lambda: boolean, evaluations: number): void {
    this.#fresh.byteHours += bytes / (lambda ? LCU_HOUR.bytesOfLambda : LCU_HOUR.bytes);
    this.#fresh.evaluations += chargedEvaluations(evaluations);
  }

  tick(active: number, wall: Millis): void {
    const minute = Math.floor(wall / MS_PER_MINUTE);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#used = nothing();
      this.#counted = 0;
    }
    const used = this.#used;
    used.connections += this.#fresh.connections;
    used.activeSeconds += active;
    used.byteHours += this.#fresh.byteHours;
    used.evaluations += this.#fresh.evaluations;
    this.#fresh = nothing();
    const units =
      Math.max(
        used.connections / LCU_HOUR.newConnections,
        used.activeSeconds / 3600 / LCU_HOUR.activeConnections,
        used.byteHours,
        used.evaluations / LCU_HOUR.ruleEvaluations,
      ) * MINUTES_PER_HOUR;
    if (units <= this.#counted) return;
    this.#handle.add(units - this.#counted);
    this.#counted = units;
  }
}
