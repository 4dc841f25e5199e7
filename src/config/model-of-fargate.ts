// The Fargate block as the model.

import type { DeploymentSettings, FargateSettings, TargetGroupSettings } from '../model/fargate.ts';
import { autoscalingOf } from './model-of-scaling.ts';
import type { AppInput, ServiceInput } from './schema.ts';

type FargateInput = NonNullable<ServiceInput['fargate']>;

export function fargateOf(app: AppInput, service: string, input: FargateInput): FargateSettings {
  const { tasks, scale, autoscaling } = input;
  const lambdaAnswersMeanwhile = app.services[service]?.lambda !== undefined;
  return {
    cpuUnits: input.cpu,
    memoryMiB: input.memory,
    architecture: input.architecture,
    ephemeralGiB: input.ephemeral,
    tasks: { min: tasks.min ?? (lambdaAnswersMeanwhile ? 0 : 1), max: tasks.max },
    concurrency: input.concurrency,
    scale: {
      cpuPercent: scale.cpu,
      memoryPercent: scale.memory,
      requestsPerMinute: scale.requests,
      windowMs: scale.window,
    },
    autoscaling: autoscaling && autoscalingOf(app, service, autoscaling),
    idleMs: input.idle,
    spotShare: input.spot / 100,
    stopTimeoutMs: input.stopTimeout,
    drainMs: input.drain,
    healthCheck: input.healthCheck && {
      command: input.healthCheck.command,
      intervalMs: input.healthCheck.interval,
      timeoutMs: input.healthCheck.timeout,
      retries: input.healthCheck.retries,
      startPeriodMs: input.healthCheck.startPeriod,
    },
    graceMs: input.healthGrace,
    deployment: deploymentOf(input.deployment),
    targetGroup: targetGroupOf(input.targetGroup),
  };
}

function deploymentOf(input: FargateInput['deployment']): DeploymentSettings {
  const { enable, ...circuitBreaker } = input.circuitBreaker;
  return {
    minimumHealthyPercent: input.minimumHealthy,
    maximumPercent: input.maximum,
    circuitBreaker: enable ? circuitBreaker : undefined,
    alarms: input.alarms,
  };
}

function targetGroupOf({
  protocol,
  algorithm,
  slowStart,
  stickiness,
}: FargateInput['targetGroup']): TargetGroupSettings {
  return {
    protocol,
    algorithm,
    slowStartMs: slowStart,
    stickiness: stickiness && { cookie: stickiness.cookie, durationMs: stickiness.duration },
  };
}
