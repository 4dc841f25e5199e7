// The settings of a service on Fargate.

import type { MiB, Millis } from '../base/units.ts';
import type { Architecture } from './app.ts';
import type { AutoscalingSettings } from './autoscaling.ts';

export interface FargateSettings {
  /** 1024 units are one vCPU. */
  readonly cpuUnits: number;
  readonly memoryMiB: MiB;
  readonly architecture: Architecture;
  /** Storage of a task, image included. 20, or 21 to 200. */
  readonly ephemeralGiB: number;
  readonly tasks: { readonly min: number; readonly max: number };
  /** Requests one task serves at a time before `auto` sends the next one to Lambda. */
  readonly concurrency: number;
  readonly scale: ScaleTargets;
  /** Decides the number of tasks instead of demand; then `scale` and `idleMs` say nothing. */
  readonly autoscaling: AutoscalingSettings | undefined;
  /** Without a request for this long the tasks go to `tasks.min`. */
  readonly idleMs: Millis;
  /** Part of the tasks that run on Fargate Spot, from 0 to 1. */
  readonly spotShare: number;
  /** From SIGTERM to SIGKILL. ECS: 2 to 120 s, default 30 s. */
  readonly stopTimeoutMs: Millis;
  /** How long a task that leaves may finish its requests (ALB deregistration delay). */
  readonly drainMs: Millis;
  /** What ECS asks inside the task; a HEALTHCHECK of the image is not looked at. */
  readonly healthCheck: ContainerHealthCheck | undefined;
  /** Failed checks are ignored for this long after a task first ran. ECS: default 0. */
  readonly graceMs: Millis;
  readonly deployment: DeploymentSettings;
  readonly targetGroup: TargetGroupSettings;
}

/** [BOTO ecs HealthCheck] */
export interface ContainerHealthCheck {
  /** A text runs in a shell (CMD-SHELL), a list as it is (CMD). Exit code 0 is healthy. */
  readonly command: string | readonly string[];
  readonly intervalMs: Millis;
  readonly timeoutMs: Millis;
  /** Failures in a row that make it unhealthy. */
  readonly retries: number;
  /** Failures this soon after the start do not count, until one check has passed. 0 is off. */
  readonly startPeriodMs: Millis;
}

/** How tasks are replaced. [BOTO ecs DeploymentConfiguration] */
export interface DeploymentSettings {
  /** Percent of the desired tasks that stay healthy, rounded up. */
  readonly minimumHealthyPercent: number;
  /** Percent of the desired tasks that may run or be starting, rounded down. */
  readonly maximumPercent: number;
  readonly circuitBreaker: CircuitBreaker | undefined;
  readonly alarms: DeploymentAlarms | undefined;
}

export interface CircuitBreaker {
  /** Go back to the last deployment that completed. */
  readonly rollback: boolean;
  /** A task that becomes healthy sets the count of failures to zero. */
  readonly resetOnHealthyTask: boolean;
  readonly threshold: {
    readonly type: 'bounded-percent' | 'unbounded-percent' | 'count';
    readonly value: number;
  };
}

export interface DeploymentAlarms {
  /** Alarms of the app, by name. */
  readonly names: readonly string[];
  readonly rollback: boolean;
}

/** What targets speak (protocol version). [ELB:load-balancer-target-groups] */
export type TargetProtocol = 'http1' | 'http2' | 'grpc';

/** How the load balancer spreads requests over the tasks. [ELB:edit-target-group-attributes] */
export interface TargetGroupSettings {
  readonly protocol: TargetProtocol;
  readonly algorithm: 'round-robin' | 'least-outstanding-requests';
  /** A new target gets its full part of the requests after this long. 0 is off. */
  readonly slowStartMs: Millis;
  readonly stickiness: TargetStickiness | undefined;
}

/** A client goes to the same task again. */
export interface TargetStickiness {
  /** The application's own cookie that starts a session; undefined: the load balancer's. */
  readonly cookie: string | undefined;
  readonly durationMs: Millis;
}

export interface ScaleTargets {
  /** Mean processor use of the tasks, in percent of what they reserve. */
  readonly cpuPercent: number | undefined;
  /** Mean memory use of the tasks, in percent of what they reserve. */
  readonly memoryPercent: number | undefined;
  /** Requests per task and minute (ALBRequestCountPerTarget). */
  readonly requestsPerMinute: number | undefined;
  /**
   * On both computes: the price of a task for so long is what it has to save, or lose, before one
   * starts or stops. On Fargate alone: the most requests in flight within it count. Default 60 s.
   */
  readonly windowMs: Millis;
}
