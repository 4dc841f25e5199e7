// The metrics of an HTTP API. [AGW:http-api-metrics]

import { awsNames, type Dimensions, type MetricName } from '../../model/metric.ts';
import type { MetricStore } from '../control/metric-store.ts';
import type { DoorMetrics } from './door-metrics.ts';

export function apiMetrics(store: MetricStore, app: string): DoorMetrics {
  const api = { ApiId: awsNames(app).httpApi };
  const all: readonly Dimensions[] = [api, { ...api, Stage: '$default' }];
  const of = (name: MetricName<'AWS/ApiGateway'>) => {
    const handles = all.map((dimensions) => store.handle('AWS/ApiGateway', name, dimensions));
    return (value: number): void => {
      for (const handle of handles) handle.add(value);
    };
  };
  const count = of('Count');
  const clientErrors = of('4xx');
  const serverErrors = of('5xx');
  const latency = of('Latency');
  const integrationLatency = of('IntegrationLatency');
  const bytes = of('DataProcessed');
  return {
    served({ status, startedAt, sentAt, exchange }, now) {
      count(1);
      clientErrors(status >= 400 && status < 500 ? 1 : 0);
      serverErrors(status >= 500 ? 1 : 0);
      latency(now - startedAt);
      if (sentAt !== undefined) integrationLatency(now - sentAt);
      bytes(exchange.bytesReceived + exchange.bytesSent);
    },
    connected() {},
    connectionError() {},
    malformed() {},
    handshakeFailed() {},
    tick() {},
    hosts() {},
  };
}
