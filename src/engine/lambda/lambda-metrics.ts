// The metrics of one function. [LDG:monitoring-metrics-types]

import type { LambdaSettings } from '../../model/app.ts';
import type { MetricName } from '../../model/metric.ts';
import type { MetricHandle, MetricStore } from '../control/metric-store.ts';

export interface LambdaMetrics {
  readonly invocations: MetricHandle;
  readonly errors: MetricHandle;
  readonly throttles: MetricHandle;
  began(provisioned: boolean): void;
  ended(durationMs: number, failed: boolean): void;
  tick(inFlight: number, provisionedBusy: number, provisioned: number): void;
}

export function lambdaMetrics(
  store: MetricStore,
  functionName: string,
  settings: LambdaSettings,
): LambdaMetrics {
  const handle = (name: MetricName<'AWS/Lambda'>) =>
    store.handle('AWS/Lambda', name, { FunctionName: functionName });
  const invocations = handle('Invocations');
  const errors = handle('Errors');
  const duration = handle('Duration');
  const concurrent = handle('ConcurrentExecutions');
  const provisionedInvocations = handle('ProvisionedConcurrencyInvocations');
  const spillover = handle('ProvisionedConcurrencySpilloverInvocations');
  const provisionedConcurrent = handle('ProvisionedConcurrentExecutions');
  const utilization = handle('ProvisionedConcurrencyUtilization');
  const isProvisioned = settings.provisioned > 0;
  return {
    invocations,
    errors,
    throttles: handle('Throttles'),
    began(provisioned) {
      invocations.add(1);
      if (provisioned) provisionedInvocations.add(1);
      else if (isProvisioned) spillover.add(1);
    },
    ended(durationMs, failed) {
      duration.add(durationMs);
      errors.add(failed ? 1 : 0);
    },
    tick(inFlight, provisionedBusy, provisioned) {
      concurrent.add(inFlight);
      if (!isProvisioned) return;
      provisionedConcurrent.add(provisionedBusy);
      utilization.add(provisionedBusy / provisioned);
    },
  };
}
