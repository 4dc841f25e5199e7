// What ECS and a load balancer say of tasks and targets, in their own words.

/** [ECS:task-lifecycle-explanation] */
export type TaskStatus =
  | 'PROVISIONING'
  | 'PENDING'
  | 'ACTIVATING'
  | 'RUNNING'
  | 'DEACTIVATING'
  | 'STOPPING'
  | 'DEPROVISIONING'
  | 'STOPPED';

/** What the container's own check says; UNKNOWN before its first result and without one. */
export type ContainerHealth = 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';

/** [BOTO ecs TaskStopCode] There is none for running out of memory. */
export type StopCode =
  | 'TaskFailedToStart'
  | 'EssentialContainerExited'
  | 'UserInitiated'
  | 'ServiceSchedulerInitiated'
  | 'SpotInterruption'
  | 'TerminationNotice'
  | 'InfrastructureHealth';

/** Why a task was stopped. */
export interface TaskStop {
  readonly code: StopCode;
  /** `stoppedReason` of the task, e.g. "Essential container in task exited". */
  readonly reason: string;
}

/** How the program of a task ended. */
export interface ContainerEnd {
  /** 137 for SIGKILL, as a container runtime says it. */
  readonly exitCode: number;
  /** `reason` of the container: out of memory, or what kept it from starting. At most 1024 characters. */
  readonly reason: string | undefined;
}

/** [BOTO elbv2 TargetHealthStateEnum] */
export type TargetState =
  | 'initial'
  | 'healthy'
  | 'unhealthy'
  | 'unused'
  | 'draining'
  | 'unavailable';

/** [BOTO elbv2 TargetHealthReasonEnum] */
export type TargetReason =
  | 'Elb.RegistrationInProgress'
  | 'Elb.InitialHealthChecking'
  | 'Elb.InternalError'
  | 'Target.ResponseCodeMismatch'
  | 'Target.Timeout'
  | 'Target.FailedHealthChecks'
  | 'Target.NotRegistered'
  | 'Target.NotInUse'
  | 'Target.DeregistrationInProgress'
  | 'Target.InvalidState'
  | 'Target.IpUnusable'
  | 'Target.HealthCheckDisabled';

export interface TargetHealth {
  readonly state: TargetState;
  /** Undefined for a healthy target. */
  readonly reason: TargetReason | undefined;
  /** E.g. "Health checks failed with these codes: [502]". */
  readonly description: string | undefined;
}

/** [BOTO ecs DeploymentRolloutState] */
export type RolloutState = 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
