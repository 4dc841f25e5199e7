// The service scheduler of ECS, as its driver sees it: what it is told, and what it asks for.
//
// The driver starts and stops programs, registers targets, and tells what it sees; the scheduler
// decides which tasks there are. One scheduler keeps one service.

import type { Rng } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type {
  ContainerEnd,
  ContainerHealth,
  RolloutState,
  TargetHealth,
  TaskStatus,
  TaskStop,
} from '../../model/ecs.ts';
import type { FargateSettings } from '../../model/fargate.ts';
import type { LaunchBucket } from './launch-bucket.ts';

/** What the tasks of a deployment run. */
export interface Revision {
  readonly number: number;
  readonly settings: FargateSettings;
  /** How long the alarms of its deployment are watched once all its tasks are healthy. */
  readonly alarmBakeMs: Millis;
}

export interface SchedulerSettings {
  readonly service: string;
  /** ARN of its target group; undefined for a service that no load balancer leads to. */
  readonly targetGroup: string | undefined;
  /** Port of its targets, for what is said of them. */
  readonly port: number | undefined;
  readonly zones: readonly string[];
  /** Of the account: shared by all services. */
  readonly launches: LaunchBucket;
  /** For choices at random, and for ids. */
  readonly rng: Rng;
  /** `local.assume.crashFailsDeployment`. */
  readonly crashFailsDeployment: boolean;
}

/** A task as it is now: it changes with what happens to it. */
export interface EcsTask {
  readonly id: string;
  /** Id of its deployment, "ecs-svc/…". */
  readonly deployment: string;
  readonly revision: number;
  readonly zone: string;
  readonly spot: boolean;
  readonly status: TaskStatus;
  readonly container: ContainerHealth;
  /** Undefined while it is not registered. */
  readonly target: TargetHealth | undefined;
  readonly createdAt: Millis;
  /** When it reached RUNNING. */
  readonly startedAt: Millis | undefined;
  /** It has counted as healthy at least once. */
  readonly wasHealthy: boolean;
  readonly stop: TaskStop | undefined;
  readonly end: ContainerEnd | undefined;
}

export interface Deployment {
  readonly id: string;
  readonly revision: number;
  readonly status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE';
  readonly rollout: RolloutState;
  readonly rolloutReason: string;
  readonly createdAt: Millis;
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  /** As the circuit breaker counts them. */
  readonly failed: number;
}

export type SchedulerCommand =
  /** Start the program of a task: `activating`, then `running` or `ended` follow. */
  | { readonly type: 'start'; readonly task: EcsTask }
  /** Register it as a target: `target` follows. */
  | { readonly type: 'register'; readonly id: string }
  /** Take it out of the target group: `target` follows, "unused" at last. */
  | { readonly type: 'deregister'; readonly id: string }
  /** The stop signal, and SIGKILL after the stop timeout: `ended` follows. */
  | { readonly type: 'stop'; readonly id: string }
  /** SIGKILL at once: the zone is gone, or its time is over. */
  | { readonly type: 'kill'; readonly id: string }
  /** A task reached a status; nothing to do. */
  | {
      readonly type: 'status';
      readonly id: string;
      readonly status: TaskStatus;
      readonly why: string;
    }
  /** An event of the service in ECS's words: "(service api) has reached a steady state." */
  | { readonly type: 'event'; readonly message: string }
  /** A deployment began, or changed its rollout state. */
  | { readonly type: 'rollout'; readonly deployment: Deployment };

export interface ServiceScheduler {
  /**
   * A new revision: its deployment becomes the primary one. The first call creates the service; say
   * before it with `scale` how many tasks are wanted, as a deployment of none completes at once.
   */
  deploy(revision: Revision, why: string, now: Millis): SchedulerCommand[];
  /** How many tasks there should be. Before the first deployment nothing starts. */
  scale(desired: number, why: string, now: Millis): SchedulerCommand[];
  /** To be called about once a second: time is over for something, or tokens are there again. */
  tick(now: Millis): SchedulerCommand[];

  /** Its capacity is there; the program is being started. */
  activating(id: string, now: Millis): SchedulerCommand[];
  /** Its program runs. */
  running(id: string, now: Millis): SchedulerCommand[];
  container(id: string, health: ContainerHealth, now: Millis): SchedulerCommand[];
  target(id: string, health: TargetHealth, now: Millis): SchedulerCommand[];
  /** Its program ended, or could not be started; without an end it never was. */
  ended(id: string, end: ContainerEnd | undefined, now: Millis): SchedulerCommand[];

  /** Somebody stops a task by hand. */
  stopTask(id: string, reason: string, now: Millis): SchedulerCommand[];
  /** Spot takes back a task; without an id, all that run on Spot. */
  interruptSpot(id: string | undefined, now: Millis): SchedulerCommand[];
  /** A zone is lost with all that runs there; nothing starts there until it is back. */
  loseZone(zone: string, now: Millis): SchedulerCommand[];
  restoreZone(zone: string, now: Millis): SchedulerCommand[];
  /** Which alarms of the app are in ALARM now. Called when that changes. */
  alarms(inAlarm: ReadonlySet<string>, now: Millis): SchedulerCommand[];

  /** Also one of the last that stopped. */
  get(id: string): EcsTask | undefined;
  /** Tasks that have not stopped. */
  tasks(): readonly EcsTask[];
  /** The last tasks that stopped, with why; the newest last. */
  stopped(): readonly EcsTask[];
  deployments(): readonly Deployment[];
  counts(): ServiceCounts;
}

export interface ServiceCounts {
  readonly desired: number;
  /** PROVISIONING to ACTIVATING. */
  readonly pending: number;
  readonly running: number;
  /** Of those that run: they count as healthy. */
  readonly healthy: number;
  /** DEACTIVATING to DEPROVISIONING. */
  readonly leaving: number;
}
