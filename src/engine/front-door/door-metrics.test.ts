import { describe, expect, it } from 'vitest';
import { Fault } from '../../base/fault.ts';
import { MS_PER_MINUTE } from '../../base/units.ts';
import { type MetricStore, metricStore } from '../control/metric-store.ts';
import { doorMetrics } from './door-metrics.ts';
import type { ServedRequest } from './served-request.ts';

const WALL = Date.parse('2026-03-01T10:00:00Z');
const EXCHANGE = { headBytesReceived: 100, bytesReceived: 20, headBytesSent: 200, bytesSent: 3000 };

const SERVED = {
  exchange: EXCHANGE,
  evaluations: 12,
  service: 'api',
  compute: 'fargate',
  status: 200,
  own: false,
  fault: undefined,
  actions: 'forward',
  sentAt: 1000,
  answeredAt: 1250,
} as unknown as ServedRequest;

const served = (more: Partial<ServedRequest>): ServedRequest => ({ ...SERVED, ...more });

function make() {
  const store = metricStore(WALL);
  return { store, metrics: doorMetrics(store, 'shop', 'us-east-1a') };
}

/** Metric → the dimensions it was counted in, as "LB", "LB+TG"…, with their sums. */
function seen(store: MetricStore): Record<string, Record<string, number>> {
  const short: Record<string, string> = {
    LoadBalancer: 'LB',
    TargetGroup: 'TG',
    AvailabilityZone: 'AZ',
  };
  const table: Record<string, Record<string, number>> = {};
  for (const { name, dimensions, datapoints } of store.series()) {
    const key = Object.keys(dimensions)
      .map((one) => short[one] ?? one)
      .sort()
      .join('+');
    const row = table[name] ?? {};
    table[name] = row;
    row[key] = (row[key] ?? 0) + datapoints.reduce((sum, { sum: value }) => sum + value, 0);
  }
  return table;
}

const everywhere = (sum: number) => ({ LB: sum, 'AZ+LB': sum, 'LB+TG': sum, 'AZ+LB+TG': sum });
const inZones = (sum: number) => ({ LB: sum, 'AZ+LB': sum });

describe('the metrics of the load balancer', () => {
  it('have calls of gRPC besides', () => {
    const { store, metrics } = make();
    metrics.served({ ...SERVED, grpc: true }, 9000);
    expect(seen(store)).toMatchObject({
      RequestCount: everywhere(1),
      GrpcRequestCount: everywhere(1),
    });
  });

  it('have each request in the dimensions AWS has it in', () => {
    const { store, metrics } = make();
    metrics.served(SERVED, 9000);
    expect(seen(store)).toEqual({
      RequestCount: everywhere(1),
      RequestCountPerTarget: { TG: 1, 'AZ+TG': 1, 'LB+TG': 1, 'AZ+LB+TG': 1 },
      TargetResponseTime: everywhere(0.25),
      HTTPCode_Target_2XX_Count: everywhere(1),
      ProcessedBytes: { LB: 3320 },
      RuleEvaluations: { LB: 12 },
    });
  });

  it('name no target that has no requests, and say nothing without traffic', () => {
    const { store, metrics } = make();
    metrics.tick(0, WALL);
    expect(store.series()).toEqual([]);
  });

  it('divide requests by the healthy targets', () => {
    const { store, metrics } = make();
    metrics.hosts('api', 4, 1);
    for (let index = 0; index < 100; index += 1) metrics.served(SERVED, 9000);
    expect(seen(store)['RequestCountPerTarget']?.['LB+TG']).toBe(25);
    metrics.hosts('api', 0, 5);
    metrics.served(SERVED, 9000);
    expect(seen(store)['RequestCountPerTarget']?.['LB+TG']).toBe(26);
  });

  it('count targets of a service, and those of each zone', () => {
    const { store, metrics } = make();
    const zones = new Map([
      ['us-east-1a', { healthy: 2, unhealthy: 0 }],
      ['us-east-1b', { healthy: 1, unhealthy: 3 }],
    ]);
    metrics.hosts('api', 3, 3, zones);
    expect(seen(store)).toEqual({
      HealthyHostCount: { 'LB+TG': 3, 'AZ+LB+TG': 3 },
      UnHealthyHostCount: { 'LB+TG': 3, 'AZ+LB+TG': 3 },
    });
  });

  it.each([
    [500, 'HTTPCode_ELB_5XX_Count', 'HTTPCode_ELB_500_Count'],
    [502, 'HTTPCode_ELB_5XX_Count', 'HTTPCode_ELB_502_Count'],
    [503, 'HTTPCode_ELB_5XX_Count', 'HTTPCode_ELB_503_Count'],
    [504, 'HTTPCode_ELB_5XX_Count', 'HTTPCode_ELB_504_Count'],
    [404, 'HTTPCode_ELB_4XX_Count', undefined],
    [460, 'HTTPCode_ELB_4XX_Count', undefined],
  ])('count its own %i apart from that of a target', (status, kind, exact) => {
    const { store, metrics } = make();
    metrics.served(served({ own: true, status, answeredAt: undefined }), 9000);
    metrics.served(served({ status }), 9000);
    const table = seen(store);
    expect(table[kind]).toEqual(inZones(1));
    if (exact !== undefined) expect(table[exact]).toEqual(inZones(1));
    expect(table[`HTTPCode_Target_${Math.floor(status / 100)}XX_Count`]).toEqual(everywhere(1));
    // What a target did not answer took it no time.
    expect(table['TargetResponseTime']).toEqual(everywhere(0.25));
  });

  it('count what rules answer', () => {
    const { store, metrics } = make();
    const own = { own: true, service: undefined, compute: undefined, sentAt: undefined };
    metrics.served(served({ ...own, status: 302, actions: 'redirect' }), 9000);
    metrics.served(served({ ...own, status: 418, actions: 'fixed-response' }), 9000);
    metrics.served(served({ ...own, status: 405, actions: '' }), 9000);
    expect(seen(store)).toMatchObject({
      HTTP_Redirect_Count: { LB: 1 },
      HTTP_Fixed_Response_Count: { LB: 1 },
      HTTPCode_ELB_3XX_Count: inZones(1),
      HTTPCode_ELB_4XX_Count: inZones(2),
    });
    expect(seen(store)['RequestCount']).toBeUndefined();
  });

  it('tell whose fault an error on Lambda is', () => {
    const { store, metrics } = make();
    const lambda = { compute: 'lambda', own: true, status: 502 } as const;
    const blame = (fault: Fault) => metrics.served(served({ ...lambda, fault }), 9000);
    blame(new Fault('FUNCTION_ANSWER_INVALID', { function: 'f', problem: 'x' }));
    blame(new Fault('INTERNAL', { what: 'x' }));
    blame(new Fault('CLIENT_GONE', { afterMs: 1 }));
    const ofLambda = { TG: 1, 'LB+TG': 1 };
    expect(seen(store)).toMatchObject({
      LambdaUserError: ofLambda,
      LambdaInternalError: ofLambda,
      LambdaTargetProcessedBytes: { LB: 3 * 3320 },
    });
    expect(seen(store)['RequestCountPerTarget']).toBeUndefined();
  });

  it('count connections and what goes wrong with them', () => {
    const { store, metrics } = make();
    metrics.connected();
    metrics.connected();
    metrics.handshakeFailed();
    metrics.malformed(400);
    metrics.connectionError('api', 'fargate');
    metrics.tick(2, WALL);
    expect(seen(store)).toEqual({
      NewConnectionCount: { LB: 2 },
      ActiveConnectionCount: { LB: 2 },
      ClientTLSNegotiationErrorCount: inZones(1),
      DesyncMitigationMode_NonCompliant_Request_Count: inZones(1),
      HTTPCode_ELB_4XX_Count: inZones(1),
      TargetConnectionErrorCount: everywhere(1),
      ConsumedLCUs: { LB: (2 / 25 / 3600) * 60 },
    });
  });
});

describe('the capacity units of a minute', () => {
  function unitsAt(store: MetricStore, minute: number): number {
    const points = store.series().find(({ name }) => name === 'ConsumedLCUs')?.datapoints ?? [];
    return points.find(({ at }) => at === WALL + minute * MS_PER_MINUTE)?.sum ?? 0;
  }

  /** `do` before the tick of every second of a minute. */
  function minute(
    { store, metrics }: ReturnType<typeof make>,
    index: number,
    each: { readonly active?: number; run?(): void },
  ): void {
    for (let second = 0; second < 60; second += 1) {
      const wall = WALL + index * MS_PER_MINUTE + second * 1000;
      store.tick(wall);
      each.run?.();
      metrics.tick(each.active ?? 0, wall);
    }
  }

  it('are the largest of the four dimensions, and begin anew each minute', () => {
    const made = make();
    const { store, metrics } = made;
    // 25 new connections a second are one unit.
    minute(made, 0, {
      run: () => {
        for (let index = 0; index < 50; index += 1) metrics.connected();
      },
    });
    expect(unitsAt(store, 0)).toBeCloseTo(2, 6);
    // 3000 that are open are one unit.
    minute(made, 1, { active: 9000 });
    expect(unitsAt(store, 1)).toBeCloseTo(3, 6);
    // 1 GB an hour is one unit, 0.4 GB of Lambda.
    const exchange = { ...EXCHANGE, bytesReceived: 1e9 / 3600 - 3300 } as never;
    minute(made, 2, { run: () => metrics.served(served({ exchange }), 0) });
    expect(unitsAt(store, 2)).toBeCloseTo(1, 6);
    minute(made, 3, { run: () => metrics.served(served({ exchange, compute: 'lambda' }), 0) });
    expect(unitsAt(store, 3)).toBeCloseTo(2.5, 6);
    // 1000 evaluations a second beyond the ten that are free are one unit.
    minute(made, 4, { run: () => metrics.served(served({ evaluations: 4010 }), 0) });
    expect(unitsAt(store, 4)).toBeCloseTo(4, 6);
    expect(unitsAt(store, 5)).toBe(0);
  });
});
