// What one `fulcrum.yml` declares, after validation: no defaults missing, no units in doubt.

import type { MiB, Millis } from '../base/units.ts';
import type { AlarmSettings, DatapointsOf } from './alarm.ts';
import type { CostSettings } from './cost-settings.ts';
import type { FargateSettings } from './fargate.ts';
import type { Route } from './route.ts';

export type Compute = 'lambda' | 'fargate';

/** What a route asks for: one compute, or whichever is cheaper and fast enough. */
export type RouteCompute = Compute | 'auto';

export type Architecture = 'x86_64' | 'arm64';

export interface App {
  readonly name: string;
  readonly region: string;
  readonly account: AccountSettings;
  /** Names of the availability zones that tasks are spread over. At least one. */
  readonly zones: readonly string[];
  readonly stage: string | undefined;
  readonly entry: Entry;
  readonly services: readonly Service[];
  readonly functions: readonly LambdaFunction[];
  readonly queues: readonly QueueSettings[];
  readonly alarms: readonly AlarmSettings[];
  /** In the order of their priority. */
  readonly routes: readonly Route[];
  readonly cost: CostSettings;
  readonly local: LocalSettings;
}

/** What AWS grants the account. */
export interface AccountSettings {
  /** Concurrent executions of all functions together. Default 1000. */
  readonly lambdaConcurrency: number;
}

/** The front door: a load balancer, or an HTTP API of API Gateway. */
export type Entry = AlbEntry | HttpApiEntry;

export interface AlbEntry {
  readonly type: 'alb';
  /** A connection with nothing moving for this long is closed. ALB: 1 to 4000 s, default 60 s. */
  readonly idleTimeoutMs: Millis;
  /** A connection older than this is closed with the answer to its next request. */
  readonly keepAliveMs: Millis;
  /** Functions get and give lists of values for headers and query (the target group attribute). */
  readonly multiValueHeaders: boolean;
  /** What becomes of X-Forwarded-For: the client is added, it is left alone, it is taken out. */
  readonly forwardedFor: ForwardedForMode;
  /** X-Forwarded-For has the port of the client too. */
  readonly clientPort: boolean;
  /** Host goes on as it came; else with the port of the listener unless that is 80 or 443. */
  readonly preserveHost: boolean;
  readonly https: HttpsListener | undefined;
  /** Folder of its access logs, or true for the one Fulcrum keeps. */
  readonly accessLogs: string | true | undefined;
}

export type ForwardedForMode = 'append' | 'preserve' | 'remove';

/** A second listener, for HTTPS. */
export interface HttpsListener {
  /** Locally; 0 takes a free one. */
  readonly port: number;
  /** Clients may speak HTTP/2. */
  readonly http2: boolean;
  /** Files in PEM, relative to `fulcrum.yml`; undefined: a certificate for localhost is made. */
  readonly own: { readonly certificate: string; readonly key: string } | undefined;
}

export interface HttpApiEntry {
  readonly type: 'http-api';
  /** Format of the events that functions get. */
  readonly payload: PayloadFormat;
  /** The API waits this long for an answer. 50 ms to 30 s. */
  readonly timeoutMs: Millis;
  readonly cors: Cors | undefined;
  readonly authorizer: JwtAuthorizer | undefined;
}

export type PayloadFormat = '1.0' | '2.0';

/** What a front door answers browsers of other origins. */
export interface Cors {
  /** "*" is any. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  /** Lower case. */
  readonly headers: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeS: number | undefined;
  readonly credentials: boolean;
}

/** Requests need a token that the issuer signed. */
export interface JwtAuthorizer {
  /** What the token's "iss" must be; its keys are found below it. */
  readonly issuer: string;
  readonly audience: readonly string[];
  /** Where the keys are, if not where the issuer's openid-configuration says. */
  readonly jwks: string | undefined;
}

/** What a service and a function have in common. Their names share one space. */
export interface Program {
  readonly name: string;
  /** One of its own among all programs of the app: the name, or "name:2" for a published version. */
  readonly key: string;
  /** Folder of the program, relative to `fulcrum.yml`. */
  readonly source: string;
  /** Run once in the source folder before the first copy starts. */
  readonly build: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Name of the variable → where its value is kept on AWS. */
  readonly secrets: Readonly<Record<string, SecretReference>>;
  readonly container: ContainerSource;
}

/** What a program is started from when it runs in a container. */
export interface ContainerSource {
  /** An image as it is; undefined: one is built. */
  readonly image: string | undefined;
  /** Relative to `source`, which is what it may copy from. */
  readonly dockerfile: string;
  /** In place of the CMD of the image. */
  readonly command: readonly string[] | undefined;
}

/** One HTTP program. */
export interface Service extends Program {
  readonly command: string | readonly string[];
  /** Where the program listens when it has a network of its own. Locally each copy gets $PORT. */
  readonly port: number;
  readonly health: HealthCheck;
  /**
   * A request that may go to either compute goes to a task only if it will be answered there within
   * this time. Default 1 s; undefined: a free slot is all it takes.
   */
  readonly latencyMs: Millis | undefined;
  readonly lambda: LambdaSettings | undefined;
  readonly fargate: FargateSettings | undefined;
  /** The queue whose messages it is invoked with, on Lambda. */
  readonly queue: QueueSource | undefined;
}

/** A program that speaks the Lambda Runtime API itself: what one version of a function is made of. */
export interface FunctionCode extends Program {
  /** Starts the runtime. Undefined: the runtime client that goes with `handler` is started. */
  readonly command: string | readonly string[] | undefined;
  /** What `_HANDLER` says, e.g. "index.handler". */
  readonly handler: string;
  /** Folder of executables that start before the runtime, relative to `source`. */
  readonly extensions: string | undefined;
  readonly lambda: LambdaSettings;
}

/** One queue. On AWS a queue of SQS. */
export interface QueueSettings {
  readonly name: string;
  readonly fifo: boolean;
  /** A FIFO queue takes the body for the id by which it knows a message again. */
  readonly contentDedup: boolean;
  /** A message is hidden for this long after it was received. */
  readonly visibilityMs: Millis;
  /** A message is kept for this long. */
  readonly retentionMs: Millis;
  /** A new message is hidden for this long. */
  readonly delayMs: Millis;
  readonly maxMessageBytes: number;
  /** Where a message goes that was received `after` times and not deleted. */
  readonly deadLetter: { readonly queue: string; readonly after: number } | undefined;
}

/** How a function reads a queue: an event source mapping. */
export interface QueueSource {
  /** A queue of the app by its name, or any other by its URL. */
  readonly from: { readonly name: string } | { readonly url: string };
  /** Messages of one invocation at most. */
  readonly batch: number;
  /** How long a batch is collected. */
  readonly windowMs: Millis;
  /** The answer says which messages have failed (ReportBatchItemFailures). */
  readonly partialFailures: boolean;
  /** Invocations at a time; undefined: 1250. */
  readonly maxConcurrency: number | undefined;
}

/** A function with its versions. By itself it is `$LATEST`, which has nothing provisioned. */
export interface LambdaFunction extends FunctionCode {
  /** "1", "2", … → what was published. At least one, in the order of the numbers. */
  readonly versions: Readonly<Record<string, FunctionCode>>;
  /** Name → the versions behind it. */
  readonly aliases: Readonly<Record<string, FunctionAlias>>;
  readonly async: AsyncSettings;
  readonly url: FunctionUrl | undefined;
  /** The queue whose messages it is invoked with. */
  readonly queue: QueueSource | undefined;
}

export interface FunctionAlias {
  /** A number, or "$LATEST". */
  readonly version: string;
  /** A second version, and its part of the invocations from 0 to 1. */
  readonly second: { readonly version: string; readonly share: number } | undefined;
}

/** What becomes of an invocation that nobody waits for. */
export interface AsyncSettings {
  /** Attempts after the first one that ended with an error of the function, 0 to 2. */
  readonly retries: number;
  /** An event that has waited this long is given up. Lambda: 60 s to 6 h. */
  readonly maxAgeMs: Millis;
  readonly onSuccess: Destination | undefined;
  readonly onFailure: Destination | undefined;
  /** A queue of the app that gets the event itself when it is given up. */
  readonly deadLetter: string | undefined;
}

/** Where the record of an asynchronous invocation goes: a function or a queue of the app. */
export interface Destination {
  readonly kind: 'function' | 'queue';
  readonly name: string;
}

/** The function has a URL of its own, without authorization. */
export interface FunctionUrl {
  readonly invokeMode: 'buffered' | 'stream';
  readonly cors: Cors | undefined;
}

export interface SecretReference {
  readonly store: 'ssm' | 'secretsmanager';
  readonly name: string;
}

export interface HealthCheck {
  readonly path: string;
  /** A check of gRPC is a call, and `matcher` is about its `grpc-status`. */
  readonly codes: 'http' | 'grpc';
  readonly intervalMs: Millis;
  readonly timeoutMs: Millis;
  /** Successes in a row that make an unhealthy task healthy. A new task needs one. */
  readonly healthyAfter: number;
  /** Failures in a row that make a healthy task unhealthy. */
  readonly unhealthyAfter: number;
  /** Codes that count as success, inclusive ranges. */
  readonly matcher: readonly StatusRange[];
}

export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

export interface LambdaSettings {
  readonly memoryMiB: MiB;
  readonly timeoutMs: Millis;
  /** Ceiling and floor of concurrency; undefined shares the account's pool. */
  readonly reserved: number | undefined;
  /** Environments kept initialised. */
  readonly provisioned: number;
  readonly architecture: Architecture;
  readonly ephemeralMiB: MiB;
  /** How Lambda writes its own lines. */
  readonly logFormat: LogFormat;
}

export type LogFormat = 'text' | 'json';

/** Knobs of the local engine. They change nothing on AWS. */
export interface LocalSettings {
  /** An environment without a request for this long is ended. */
  readonly environmentIdleMs: Millis;
  /** Lambda environments this machine runs at once, over all services; the rest wait. */
  readonly maxEnvironments: number | undefined;
  /** Where the queues listen; 0 takes a free port. */
  readonly queuePort: number;
  /** Port of the Invoke API; 0 takes a free one. */
  readonly invokePort: number;
  /** From PENDING to the start of the program of a task. */
  readonly taskStartMs: Millis;
  /** A task that a placement policy gives up stays for so long, as it is billed for it anyway. */
  readonly taskMinimumMs: Millis;
  /** From the warning to the end of a task on Spot. AWS: 2 minutes. */
  readonly spotWarningMs: Millis;
  /** Mean time until Spot takes a task back by itself; undefined: never. */
  readonly spotInterruptionMs: Millis | undefined;
  readonly assume: Assumptions;
}

/**
 * Where the sources about AWS say nothing or contradict each other. `docs/design/assumptions.md` has
 * each with its reason.
 */
export interface Assumptions {
  /** Part of the shutdown window the runtime has between SIGTERM and SIGKILL, from 0 to 1. */
  readonly sigtermShare: number;
  /** How SHUTDOWN names its reason: "spindown" or "SPINDOWN". */
  readonly shutdownReason: 'lower' | 'upper';
  /** Body of an invocation that timed out: with "errorType", or the older message alone. */
  readonly timeoutError: 'typed' | 'message';
  /** `X-Amz-Function-Error` of an error the runtime reported: as seen, or as documented. */
  readonly runtimeError: 'unhandled' | 'handled';
  /** `Reason` of a throttle when environments cannot be added that fast. */
  readonly scalingThrottle:
    | 'ConcurrentInvocationLimitExceeded'
    | 'FunctionInvocationRateLimitExceeded';
  /** Whether every attempt has an id of its own, `Lambda-Runtime-Invocation-Id`. */
  readonly invocationId: boolean;
  /** Status of an invocation whose error the runtime reported, in REPORT and telemetry. */
  readonly reportedStatus: 'error' | 'success';
  /** REPORT with a status, or the older lines that say it by themselves. */
  readonly reportStyle: 'status' | 'lines';
  /** Keys without a value in events of payload 2.0: left out, or null. */
  readonly emptyKeys: 'omit' | 'null';
  /** What an HTTP API answers when Lambda throttles. */
  readonly httpApiThrottle: 503 | 500 | 429;
  /** What an HTTP API answers to a token without the scopes of the route. */
  readonly jwtScopeStatus: 403 | 401;
  /** What the URL of a function answers when the function runs out of time. */
  readonly urlErrorStatus: 502 | 504;
  /** What a load balancer answers to a cookie AWSALBTG that it cannot read. */
  readonly groupCookieStatus: 400 | 500 | 502;
  /** When the alarm of target tracking that scales out is in ALARM. */
  readonly trackingHigh: DatapointsOf;
  /** The same of the one that scales in. */
  readonly trackingLow: DatapointsOf;
  /** Part of the target below which it scales in. */
  readonly trackingLowShare: number;
  /** Datapoints an alarm looks back beyond its own when some are missing. */
  readonly alarmLookBack: number;
  /** Whether requests that found no target count as those of one, in RequestCountPerTarget. */
  readonly requestsWithoutTargets: 'counted' | 'uncounted';
  /** A task that ends by itself before it was ever healthy counts for the circuit breaker. */
  readonly crashFailsDeployment: boolean;
}

/** The computes a service has settings for. */
export function computesOf(service: Service): readonly Compute[] {
  const computes: Compute[] = [];
  if (service.lambda !== undefined) computes.push('lambda');
  if (service.fargate !== undefined) computes.push('fargate');
  return computes;
}

/** Every program of the app, with each version of a function. */
export function programsOf({ services, functions }: App): readonly Program[] {
  return [...services, ...functions.flatMap(codesOf)];
}

/** What `$LATEST` and every published version of a function are made of. */
export function codesOf(one: LambdaFunction): readonly FunctionCode[] {
  return [one, ...Object.values(one.versions)];
}

/** "node server.js", however it was written. */
export function sayCommand(command: string | readonly string[]): string {
  return typeof command === 'string' ? command : command.join(' ');
}
