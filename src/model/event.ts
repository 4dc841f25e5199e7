// The one stream of what happens. The engine is silent; whoever wants to see, listens.

import type { FaultRecord } from '../base/fault.ts';
import type { Millis } from '../base/units.ts';
import type { AlarmState } from './alarm.ts';
import type { Compute } from './app.ts';
import type {
  ContainerEnd,
  ContainerHealth,
  RolloutState,
  TargetReason,
  TargetState,
  TaskStatus,
  TaskStop,
} from './ecs.ts';

interface Happened {
  /** Wall time, milliseconds since the epoch. */
  readonly at: Millis;
}

/** Where the front door answers HTTPS. */
export interface HttpsAt {
  readonly url: string;
  /** File of the authority that clients are to trust; undefined for a certificate of the user. */
  readonly authority: string | undefined;
}

/** The front door listens and what must run from the start has had its first try. */
export interface ReadyEvent extends Happened {
  readonly type: 'ready';
  readonly url: string;
  readonly https: HttpsAt | undefined;
  readonly admin: string;
  /** Where the queues answer; undefined when the app has none. */
  readonly queue: string | undefined;
  /** Where the Invoke API answers. */
  readonly invoke: string;
  readonly functionUrls: readonly FunctionUrlAt[];
}

/** Where a function that has a URL of its own is reached. */
export interface FunctionUrlAt {
  readonly function: string;
  readonly url: string;
}

export interface RequestEvent extends Happened {
  readonly type: 'request';
  /** The Root of its X-Amzn-Trace-Id. */
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly service: string | undefined;
  readonly compute: Compute | undefined;
  readonly track: string | undefined;
  /** Environment or task. */
  readonly instance: string | undefined;
  readonly reason: string;
  readonly durationMs: number;
  /** The request waited for an environment to start. */
  readonly cold: boolean;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly fault: FaultRecord | undefined;
}

/** A function was invoked by itself, not by a request at the front door; or was not, and why. */
export interface InvocationEvent extends Happened {
  readonly type: 'invocation';
  /** The request id of Lambda. */
  readonly id: string;
  /** Name in `fulcrum.yml`, or as the caller wrote it if there is none. */
  readonly function: string;
  /** The version that ran; undefined when none did. */
  readonly version: string | undefined;
  readonly how: 'RequestResponse' | 'Event' | 'DryRun' | 'ResponseStream';
  /** HTTP status of the answer; of an event, that of its attempt. */
  readonly status: number;
  /** Type of the function's or the API's error. */
  readonly error: string | undefined;
  /** Of an event: which attempt it was, from 1. */
  readonly attempt: number | undefined;
  readonly instance: string | undefined;
  readonly cold: boolean;
  readonly durationMs: Millis;
  readonly fault: FaultRecord | undefined;
}

export interface EnvironmentEvent extends Happened {
  readonly type: 'environment';
  readonly service: string;
  readonly id: string;
  readonly state: 'starting' | 'ready' | 'stopped';
  readonly why: string;
  readonly initMs?: Millis;
}

/** A task reached a status. */
export interface TaskEvent extends Happened {
  readonly type: 'task';
  readonly service: string;
  readonly id: string;
  readonly state: TaskStatus;
  readonly why: string;
  /** `api@2/fargate`. */
  readonly track: string;
  readonly zone: string;
  readonly spot: boolean;
  /** Of a task that has stopped. */
  readonly stop?: TaskStop;
  readonly end?: ContainerEnd;
}

/** The load balancer or the task's own check thinks otherwise of a task than before. */
export interface HealthEvent extends Happened {
  readonly type: 'health';
  readonly service: string;
  readonly id: string;
  readonly of: 'target' | 'container';
  readonly state: TargetState | ContainerHealth;
  /** As the load balancer names it. */
  readonly reason: TargetReason | undefined;
  readonly why: string;
}

/** An event of a service in the words of ECS. */
export interface ServiceEvent extends Happened {
  readonly type: 'service';
  readonly service: string;
  readonly message: string;
}

/** A deployment began, completed or failed. */
export interface DeploymentEvent extends Happened {
  readonly type: 'deployment';
  readonly service: string;
  readonly id: string;
  readonly revision: number;
  readonly state: RolloutState;
  readonly why: string;
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  readonly failed: number;
}

export interface ScaleEvent extends Happened {
  readonly type: 'scale';
  readonly service: string;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  /** The placement policy that decided, where one does. */
  readonly policy?: string;
  /** What it rests on, by name. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** An alarm changed its state. */
export interface AlarmEvent extends Happened {
  readonly type: 'alarm';
  readonly name: string;
  /** The service whose policy made it; undefined for an alarm of `fulcrum.yml`. */
  readonly service: string | undefined;
  readonly from: AlarmState;
  readonly to: AlarmState;
  /** As CloudWatch words it. */
  readonly reason: string;
}

export interface FaultEvent extends Happened {
  readonly type: 'fault';
  readonly service: string | undefined;
  readonly fault: FaultRecord;
}

/** Something worth knowing that is no failure. */
export interface NoticeEvent extends Happened {
  readonly type: 'notice';
  readonly message: string;
}

export interface LogEvent extends Happened {
  readonly type: 'log';
  readonly service: string;
  readonly compute: Compute;
  /** `/aws/lambda/<app>-<service>` or `/ecs/<app>/<service>`. */
  readonly group: string;
  readonly stream: string;
  /** Printed by the program, or written about it by Lambda. */
  readonly source: 'program' | 'platform';
  readonly line: string;
}

/** A function was invoked with messages of a queue. */
export interface BatchEvent extends Happened {
  readonly type: 'batch';
  readonly function: string;
  readonly queue: string;
  readonly messages: number;
  /** Of them, those that become visible again. */
  readonly failed: number;
  /** The invocation itself failed, and not only some of its messages. */
  readonly error: boolean;
  readonly environment: string | undefined;
  /** It waited for an environment to start. */
  readonly cold: boolean;
  readonly durationMs: Millis;
}

export interface StoppingEvent extends Happened {
  readonly type: 'stopping';
  readonly why: string;
}

export type EngineEvent =
  | ReadyEvent
  | RequestEvent
  | InvocationEvent
  | EnvironmentEvent
  | TaskEvent
  | HealthEvent
  | ServiceEvent
  | DeploymentEvent
  | ScaleEvent
  | AlarmEvent
  | FaultEvent
  | NoticeEvent
  | LogEvent
  | BatchEvent
  | StoppingEvent;
