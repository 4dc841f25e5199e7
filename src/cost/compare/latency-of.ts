// How long requests of a service take in a mix, by the model of `latency.ts`.

import type { Millis } from '../../base/units.ts';
import { CPU_UNITS_PER_VCPU } from '../../model/aws-limits.ts';
import type { Estimate } from '../estimate/estimate.ts';
import { peakOverMean } from '../estimate/load.ts';
import { MONTH_SECONDS } from '../estimate/plan.ts';
import type { ServiceSetUp, SetUp } from '../estimate/set-up.ts';
import type { ServiceEstimate } from '../estimate/why.ts';
import type { Workload } from '../estimate/workload.ts';
import {
  type Kind,
  lambdaKinds,
  lambdaStretch,
  percentileMs,
  taskKinds,
  taskStretch,
} from './latency.ts';

/** Of each service, the time that so many of its requests (0 to 1) stay within. Infinity: overloaded. */
export function latencyOf(
  setUp: SetUp,
  workload: Workload,
  { mix, services }: Estimate,
  percentile: number,
): readonly Millis[] {
  const peak = peakOverMean(workload.shape, Math.max(1, workload.peak));
  return setUp.services.map((service, index) => {
    const planned = services[index];
    if (planned === undefined) return 0;
    const kinds = kindsOf(service, planned, peak, mix === 'hybrid');
    return percentileMs(kinds, percentile);
  });
}

function kindsOf(
  service: ServiceSetUp,
  planned: ServiceEstimate,
  peak: number,
  isHybrid: boolean,
): readonly Kind[] {
  const perSecond = (planned.requestsPerMonth / MONTH_SECONDS) * peak;
  const tasks = planned.tasks.peak;
  const overflows = isHybrid && service.lambda !== undefined && service.fargate !== undefined;
  const carried =
    overflows && tasks > 0 ? tasks * (planned.perTask ?? 0) : tasks > 0 ? Infinity : 0;
  const onTasks = Math.min(perSecond, carried);
  const part = perSecond === 0 ? Number(tasks > 0) : onTasks / perSecond;
  return [
    ...(part > 0 ? ofTasks(service, part, onTasks, tasks, overflows) : []),
    ...(part < 1 ? ofLambda(service, 1 - part) : []),
  ];
}

function ofLambda({ lambda, requests }: ServiceSetUp, part: number): readonly Kind[] {
  if (lambda === undefined) return [];
  const { memoryMiB } = lambda;
  const stretch = lambdaStretch(memoryMiB);
  const cpuMs = Math.min(requests.cpuMs.expected, requests.lambdaMs.expected / stretch);
  return lambdaKinds(part, {
    cpuMs,
    memoryMiB,
    waitingMs: requests.lambdaMs.expected - cpuMs * stretch,
    coldShare: requests.coldShare.expected,
    initMs: requests.initMs.expected,
  });
}

function ofTasks(
  { fargate, requests }: ServiceSetUp,
  part: number,
  perSecond: number,
  tasks: number,
  overflows: boolean,
): readonly Kind[] {
  if (fargate === undefined) return [];
  const vcpu = fargate.cpuUnits / CPU_UNITS_PER_VCPU;
  const stretch = taskStretch(vcpu);
  const cpuMs = Math.min(requests.cpuMs.expected, requests.fargateMs.expected / stretch);
  return taskKinds(part, {
    cpuMs,
    vcpu,
    perSecond,
    tasks,
    overflows,
    waitingMs: requests.fargateMs.expected - cpuMs * stretch,
    concurrency: requests.concurrency?.expected ?? Infinity,
  });
}
