// Alarms and autoscaling as the model: short names of metrics become those of CloudWatch.

import type { AlarmSettings, Comparison, DatapointsOf, Statistic } from '../model/alarm.ts';
import type {
  AutoscalingSettings,
  ScheduledAction,
  StepScaling,
  TargetTracking,
} from '../model/autoscaling.ts';
import { awsNames, type Dimensions, type MetricId, namespaceOf } from '../model/metric.ts';
import { timeOf } from '../model/schedule.ts';
import type { AlarmInput, AppInput, ServiceInput } from './schema.ts';
import { datapointsOf, inOrder, metricName } from './schema-scaling.ts';

type AutoscalingInput = NonNullable<NonNullable<ServiceInput['fargate']>['autoscaling']>;
type PolicyInput = AutoscalingInput['policies'][number];
type TrackingInput = NonNullable<PolicyInput['targetTracking']>;
type StepInput = NonNullable<PolicyInput['step']>;
type ScheduleInput = NonNullable<PolicyInput['schedule']>;
type MetricInput = AlarmInput['metric'];

const STATISTIC: Readonly<Record<NonNullable<AlarmInput['statistic']>, Statistic>> = {
  average: 'Average',
  sum: 'Sum',
  minimum: 'Minimum',
  maximum: 'Maximum',
  sampleCount: 'SampleCount',
};

const COMPARISON: Readonly<Record<AlarmInput['comparison'], Comparison>> = {
  greaterThan: 'GreaterThanThreshold',
  greaterThanOrEqual: 'GreaterThanOrEqualToThreshold',
  lessThan: 'LessThanThreshold',
  lessThanOrEqual: 'LessThanOrEqualToThreshold',
};

const AGGREGATION = { average: 'Average', minimum: 'Minimum', maximum: 'Maximum' } as const;

/** "3 of 3" */
export function parseDatapointsOf(text: string): DatapointsOf {
  const [datapoints = '', of = ''] = text.split(' of ');
  return { datapoints: Number(datapoints), of: Number(of) };
}

export function alarmsOf(input: AppInput): readonly AlarmSettings[] {
  return Object.entries(input.alarms).map(([name, alarm]) =>
    alarmOf(name, alarm, metricOf(input, alarm.metric, alarm.service)),
  );
}

export function autoscalingOf(
  app: AppInput,
  service: string,
  { policies, suspended }: AutoscalingInput,
): AutoscalingSettings {
  const names = namer();
  const schedules: ScheduledAction[] = [];
  const tracking: TargetTracking[] = [];
  const steps: StepScaling[] = [];
  for (const { targetTracking, step, schedule } of policies) {
    if (targetTracking !== undefined) {
      const metric = metricOf(app, targetTracking.metric, service);
      tracking.push(trackingOf(names(targetTracking, '-target'), targetTracking, metric));
    }
    if (step !== undefined) {
      const metric = metricOf(app, step.metric, service);
      const name = names(step, '-step');
      steps.push(stepOf(name, alarmOf(`${app.app}-${service}-${name}`, step, metric), step));
    }
    if (schedule !== undefined) {
      schedules.push(scheduleOf(schedule.name ?? `schedule-${schedules.length + 1}`, schedule));
    }
  }
  return { tracking, steps, schedules, suspended };
}

/** Names for policies that have none: "cpu-target", and the next one "cpu-target-2". */
function namer() {
  const given = new Map<string, number>();
  return (policy: { name?: string | undefined; metric: MetricInput }, kind: string): string => {
    if (policy.name !== undefined) return policy.name;
    const plain = `${policy.metric.name}${kind}`;
    const count = (given.get(plain) ?? 0) + 1;
    given.set(plain, count);
    return count === 1 ? plain : `${plain}-${count}`;
  };
}

function trackingOf(name: string, input: TrackingInput, metric: MetricId): TargetTracking {
  return {
    name,
    metric,
    statistic: statisticOf(input.statistic, metric),
    target: input.target,
    periodMs: input.resolution,
    scaleOutCooldownMs: input.scaleOutCooldown,
    scaleInCooldownMs: input.scaleInCooldown,
    disableScaleIn: input.disableScaleIn,
  };
}

function stepOf(name: string, alarm: AlarmSettings, input: StepInput): StepScaling {
  const below = alarm.comparison.startsWith('Less');
  const only = {
    from: below ? undefined : 0,
    to: below ? 0 : undefined,
    by: input.by ?? 0,
  };
  return {
    name,
    alarm,
    adjustment: input.adjustment,
    steps: inOrder(input.steps ?? [only]).map(({ from, to, by }) => ({ from, to, by })),
    cooldownMs: input.cooldown,
    minMagnitude: input.minMagnitude,
    aggregation: AGGREGATION[input.aggregation],
  };
}

function scheduleOf(name: string, input: ScheduleInput): ScheduledAction {
  return {
    name,
    schedule: { text: input.when, timezone: input.timezone },
    startAt: input.start === undefined ? undefined : timeOf(input.start),
    endAt: input.end === undefined ? undefined : timeOf(input.end),
    min: input.min,
    max: input.max,
  };
}

function alarmOf(
  name: string,
  input: Omit<AlarmInput, 'service' | 'metric'>,
  metric: MetricId,
): AlarmSettings {
  return {
    name,
    metric,
    statistic: statisticOf(input.statistic, metric),
    comparison: COMPARISON[input.comparison],
    threshold: input.threshold,
    periodMs: input.period,
    ...datapointsOf(input),
    missing: input.missing,
  };
}

function statisticOf(written: AlarmInput['statistic'], { name }: MetricId): Statistic {
  if (written !== undefined) return STATISTIC[written];
  return name === 'RequestCountPerTarget' ? 'Sum' : 'Average';
}

function metricOf(
  app: AppInput,
  { namespace, name: written, queue, dimensions }: MetricInput,
  service: string | undefined,
): MetricId {
  const name = metricName(written);
  const space = namespace ?? namespaceOf(name) ?? '';
  return {
    namespace: space,
    name,
    dimensions:
      dimensions ??
      (queue === undefined ? dimensionsOf(app, space, service) : dimensionsOfQueue(app, queue)),
  };
}

function dimensionsOfQueue(app: AppInput, queue: string): Dimensions {
  return { QueueName: awsNames(app.app).queue(queue, app.queues[queue]?.fifo ?? false) };
}

function dimensionsOf(app: AppInput, namespace: string, service: string | undefined): Dimensions {
  const names = awsNames(app.app);
  switch (namespace) {
    case 'AWS/ApplicationELB': {
      const balancer = { LoadBalancer: names.loadBalancer };
      if (service === undefined) return balancer;
      const compute = app.services[service]?.fargate === undefined ? 'lambda' : 'fargate';
      return { ...balancer, TargetGroup: names.targetGroup(service, compute) };
    }
    case 'AWS/ECS':
    case 'ECS/ContainerInsights':
      return { ClusterName: names.cluster, ...(service !== undefined && { ServiceName: service }) };
    case 'AWS/Lambda':
      return service === undefined ? {} : { FunctionName: names.function(service) };
    case 'AWS/ApiGateway':
      return { ApiId: names.httpApi };
    default:
      return {};
  }
}
