// Limits of AWS that the program keeps, each with the page that states it.
//
// [LDG:p] docs.aws.amazon.com/lambda/latest/dg/p.html, [ELB:p] …/elasticloadbalancing/latest/
// application/p.html, [AGW:p] …/apigateway/latest/developerguide/p.html, [ECS:p] …/AmazonECS/latest/
// developerguide/p.html, as read in 2026.

import { BYTES_PER_MIB } from '../base/units.ts';

/** Megabytes a function may have, in steps of 1. [LDG:gettingstarted-limits] */
export const LAMBDA_MEMORY_MIB = { min: 128, max: 10_240 } as const;

/** Memory at which a function has one whole vCPU. [LDG:configuration-memory] */
export const LAMBDA_MIB_PER_VCPU = 1769;

/** Seconds a function may run. [LDG:gettingstarted-limits] */
export const LAMBDA_TIMEOUT_S = { min: 1, max: 900 } as const;

/** Size of /tmp in megabytes. [LDG:gettingstarted-limits] */
export const LAMBDA_EPHEMERAL_MIB = { min: 512, max: 10_240 } as const;

/** Concurrent executions of an account, by default. [LDG:gettingstarted-limits] */
export const LAMBDA_ACCOUNT_CONCURRENCY = 1000;

/** What functions without a reservation must be left with. [LDG:configuration-concurrency] */
export const LAMBDA_UNRESERVED_MINIMUM = 100;

/** New environments a function gets: 1000 every 10 s, refilled steadily. [LDG:scaling-behavior] */
export const LAMBDA_SCALING = { burst: 1000, perSecond: 100 } as const;

/** Requests a second for each unit of concurrency. [LDG:gettingstarted-limits] */
export const LAMBDA_REQUESTS_PER_UNIT = 10;

/** Time the INIT phase may take before Lambda starts it over. [LDG:lambda-runtime-environment] */
export const LAMBDA_INIT_LIMIT_MS = 10_000;

/** INIT of a provisioned environment, at least; the timeout of the function if that is longer. [same] */
export const LAMBDA_PROVISIONED_INIT_LIMIT_MS = 130_000;

/** Answer of a function in one piece: 6 MiB and 100 bytes. [RIE interop/model.go MaxPayloadSize] */
export const LAMBDA_RESPONSE_BYTES = 6 * BYTES_PER_MIB + 100;

/** Event of a synchronous invocation. [LDG:gettingstarted-limits] */
export const LAMBDA_REQUEST_BYTES = 6 * BYTES_PER_MIB;

/** Answer of a function in a stream, since 2025-07-31. [LDG:gettingstarted-limits] */
export const LAMBDA_STREAM_BYTES = 200 * BYTES_PER_MIB;

/** Log that comes with an answer. [BOTO lambda InvocationResponse.LogResult] */
export const LAMBDA_LOG_TAIL_BYTES = 4096;

/** From the wish to end an environment to its end, by what runs in it. [LDG:lambda-runtime-environment] */
export const LAMBDA_SHUTDOWN_MS = { none: 0, internal: 500, external: 2000 } as const;

/** An environment that failed is reset within this. [RIE rapidcore/server.go resetDefaultTimeoutMs] */
export const LAMBDA_RESET_MS = 2000;

/** File descriptors a function may have open. [LDG:gettingstarted-limits] */
export const LAMBDA_OPEN_FILES = 1024;

/** Bytes of all environment variables together. [LDG:gettingstarted-limits] */
export const LAMBDA_ENVIRONMENT_BYTES = 4096;

/** Bytes of an event, by the way it is invoked. [LDG:gettingstarted-limits], [BOTO lambda] */
export const LAMBDA_PAYLOAD_BYTES = {
  RequestResponse: 6 * BYTES_PER_MIB,
  Event: BYTES_PER_MIB,
  /** The old InvokeAsync. */
  InvokeAsync: 256 * 1024,
} as const;

/** A client context, in base64. [BOTO lambda Invoke.ClientContext] */
export const LAMBDA_CLIENT_CONTEXT_BYTES = 3583;

/** Request line and headers of a call of the API. [LDG:gettingstarted-limits] */
export const LAMBDA_API_HEAD_BYTES = BYTES_PER_MIB;

/** Waits of an asynchronous invocation. [LDG:invocation-async-error-handling] */
export const LAMBDA_ASYNC = {
  retries: { min: 0, max: 2, default: 2 },
  /** Seconds. */
  maxAge: { min: 60, max: 21_600, default: 21_600 },
  /** After the first and the second error of the function. */
  errorWaitsMs: [60_000, 120_000],
  /** After a throttle: doubled each time from the first to the last. */
  throttleWaitMs: { first: 1000, last: 300_000 },
} as const;

/** Functions that invoke each other in a circle are stopped after this many. [LDG:invocation-recursion] */
export const LAMBDA_MAX_CHAIN = 16;

/** Versions an alias may have, the percentages of which sum to 100. [LDG:configuring-alias-routing] */
export const LAMBDA_ALIAS_VERSIONS = 2;

/** A body to, and the whole JSON answer from, a Lambda target. [ELB:lambda-functions] */
export const ALB_LAMBDA_BODY_BYTES = BYTES_PER_MIB;

/** Request line and headers together. [AGW:http-api-quotas] */
export const HTTP_API_HEAD_BYTES = 10_240;

/** A body in either direction. [AGW:http-api-quotas] */
export const HTTP_API_BODY_BYTES = 10 * BYTES_PER_MIB;

/** Seconds the API waits for an answer. [AGW:http-api-quotas] */
export const HTTP_API_TIMEOUT_S = { min: 0.05, max: 30 } as const;

/** Routes of an API; audiences of an authorizer; scopes of a route. [AGW:http-api-quotas] */
export const HTTP_API_ROUTES = 300;
export const HTTP_API_AUDIENCES = 50;
export const HTTP_API_SCOPES = 10;

/** How the keys of an issuer are fetched and kept. [AGW:http-api-quotas], [AGW:http-api-jwt-authorizer] */
export const JWKS_TIMEOUT_MS = 1500;
export const JWKS_BYTES = 150_000;
export const JWKS_MAX_AGE_MS = 2 * 3_600_000;

/** A client's connection without a request is closed after this long. AWS does not say its own. */
export const HTTP_API_IDLE_MS = 60_000;

/** Head of a request to the URL of a function. AWS does not say its own. */
export const FUNCTION_URL_HEAD_BYTES = 64 * 1024;

/** Origins and headers, methods, and seconds a browser may keep a pre-flight. [BOTO lambda Cors] */
export const CORS_LIMITS = { names: 100, methods: 6, maxAgeS: 86_400 } as const;

/** A request line, one header, and all of the head. [ELB:load-balancer-limits] */
export const ALB_HEAD_BYTES = { line: 16 * 1024, header: 16 * 1024, total: 64 * 1024 } as const;

/** The head of a target's answer. [ELB:load-balancer-troubleshooting] */
export const ALB_RESPONSE_HEAD_BYTES = 32 * 1024;

/** Addresses X-Forwarded-For may carry. [ELB:load-balancer-troubleshooting] */
export const ALB_MAX_FORWARDERS = 30;

/** Time a target has to accept a connection. [ELB:load-balancer-troubleshooting] */
export const ALB_CONNECT_TIMEOUT_MS = 10_000;

/** Seconds without traffic before a connection is closed. [ELB:edit-load-balancer-attributes] */
export const ALB_IDLE_TIMEOUT_S = { min: 1, max: 4000, default: 60 } as const;

/** Seconds a connection of a client may last. [ELB:edit-load-balancer-attributes] */
export const ALB_KEEP_ALIVE_S = { min: 60, max: 604_800, default: 3600 } as const;

/**
 * Requests at once on a connection with HTTP/2, and in all before GOAWAY.
 * [ELB:load-balancer-listeners], [ELB:load-balancer-troubleshooting]
 */
export const ALB_HTTP2 = { streams: 128, requests: 10_000 } as const;

/** A file of access logs has this much time. [ELB:load-balancer-access-logs] */
export const ALB_LOG_FILE_MS = 5 * 60_000;

/** A trace header above this is written anew. [ELB:load-balancer-request-tracing] */
export const ALB_TRACE_HEADER_BYTES = 7 * 1024;

/** Rules of a load balancer, values and wildcards of a rule. [ELB:load-balancer-limits] */
export const ALB_RULES = {
  perBalancer: 100,
  values: 5,
  wildcards: 6,
  maxPriority: 50_000,
} as const;

/** Length of a path pattern and of a host name. [ELB:rule-condition-types] */
export const ALB_PATTERN_LENGTH = 128;

/** Length of a regular expression in a condition, and of both halves of a rewrite. [BOTO elbv2] */
export const ALB_REGEX_LENGTH = 128;
export const ALB_REWRITE_LENGTH = 1024;

/** Length of the host, path and query of a redirect, and of its whole Location. [BOTO elbv2], [ELB:load-balancer-cloudwatch-metrics] */
export const ALB_REDIRECT_LENGTH = { part: 128, location: 8 * 1024 } as const;

/** Characters of a fixed response. [BOTO elbv2 FixedResponseActionMessage] */
export const ALB_FIXED_BODY = 1024;

/** Target groups of one forward action, and the weight of each. [ELB:rule-action-types] */
export const ALB_FORWARD = { groups: 5, weight: { min: 0, max: 999 } } as const;

/** What the Expires of a stickiness cookie says, however long the client is kept. [ELB:edit-target-group-attributes] */
export const ALB_COOKIE_LIFE_MS = 7 * 24 * 3_600_000;

/** Health check bounds and defaults, in seconds or counts. [ELB:target-group-health-checks] */
export const ALB_HEALTH = {
  interval: { min: 5, max: 300, default: 30 },
  timeout: { min: 2, max: 120, default: 5 },
  healthy: { min: 2, max: 10, default: 5 },
  unhealthy: { min: 2, max: 10, default: 2 },
  matcher: { min: 200, max: 499 },
} as const;

/** The check of a target group of gRPC unless told otherwise. [ELB:target-group-health-checks] */
export const ALB_GRPC_HEALTH = { path: '/AWS.ALB/healthcheck', matcher: '12' } as const;

/** What a load balancer says it is when it checks a target. [ELB:target-group-health-checks] */
export const ALB_HEALTH_USER_AGENT = 'ELB-HealthChecker/2.0';

/** Seconds a task has between SIGTERM and SIGKILL. [BOTO ecs ContainerDefinition.stopTimeout] */
export const FARGATE_STOP_TIMEOUT_S = { min: 2, max: 120, default: 30 } as const;

/** Seconds a leaving target may finish its requests. [ELB:edit-target-group-attributes] */
export const ALB_DEREGISTRATION_S = { min: 0, max: 3600 } as const;

/** Storage of a task in GiB: what it has, and what may be asked for. [ECS:fargate-task-storage] */
export const FARGATE_EPHEMERAL_GIB = { default: 20, min: 21, max: 200 } as const;

/** A container's own check, in seconds or counts. [BOTO ecs HealthCheck] */
export const ECS_HEALTH = {
  interval: { min: 5, max: 300, default: 30 },
  timeout: { min: 2, max: 60, default: 5 },
  retries: { min: 1, max: 10, default: 3 },
  startPeriod: { min: 0, max: 300 },
} as const;

/** Seconds for which ECS ignores failed checks of a new task. [BOTO ecs CreateService] */
export const ECS_GRACE_S = { min: 0, max: 2_147_483_647 } as const;

/** Without any check a task counts as healthy this long after RUNNING. [BOTO ecs DeploymentConfiguration] */
export const ECS_HEALTHY_WITHOUT_CHECK_MS = 40_000;

/** Tasks that Fargate starts: 100 at once, then 20 a second; Spot apart. [ECS:throttling] */
export const FARGATE_LAUNCHES = { burst: 100, perSecond: 20 } as const;

/** The longest wait between starts that fail. [ECS:service-throttle-logic] */
export const ECS_THROTTLE_MAX_MS = 27 * 60_000;

/**
 * Periods of an alarm, and all of them together in seconds: beyond a day AWS evaluates once an hour,
 * which Fulcrum does not do. [BOTO cloudwatch PutMetricAlarm]
 */
export const ALARM_LIMITS = { periods: 1440, spanS: 86_400 } as const;

/**
 * Policies and scheduled actions of a service, steps of a policy, and cooldowns in seconds.
 * [AAS:application-auto-scaling-limits], [AAS:step-scaling-policy-overview]
 */
export const AUTOSCALING_LIMITS = {
  policies: 250,
  steps: 20,
  cooldownS: 24 * 3600,
  defaultCooldownS: 300,
} as const;

/** An Auto Scaling action is repeated this often while its alarm lasts. [CW:alarm-actions] */
export const AUTOSCALING_REPEAT_MS = 60_000;

/** A Spot task is told this long before it is stopped. [ECS:fargate-capacity-providers] */
export const FARGATE_SPOT_WARNING_MS = 120_000;

/** Seconds in which a new target reaches its full part. 0 is off. [ELB:edit-target-group-attributes] */
export const ALB_SLOW_START_S = { min: 30, max: 900 } as const;

/** Seconds a client stays with a target, or with a target group. [ELB:edit-target-group-attributes] */
export const ALB_STICKINESS_S = { min: 1, max: 604_800, default: 86_400 } as const;

/** Open files of a Fargate task, soft and hard. [ECS:fargate-tasks-services] */
export const FARGATE_OPEN_FILES = 65_535;

/** CPU units of one vCPU. [ECS:task_definition_parameters] */
export const CPU_UNITS_PER_VCPU = 1024;

/**
 * Bounds of a queue. The size of a message was 256 KB until 2025-08-04.
 * [BOTO sqs CreateQueue], [SQS:quotas-messages]
 */
export const SQS_VISIBILITY_S = { min: 0, max: 12 * 3600 } as const;
export const SQS_RETENTION_S = { min: 60, max: 14 * 24 * 3600 } as const;
export const SQS_DELAY_S = { min: 0, max: 900 } as const;
export const SQS_WAIT_S = { min: 0, max: 20 } as const;
export const SQS_MESSAGE_KIB = { min: 1, max: 1024 } as const;
export const SQS_RECEIVES = { min: 1, max: 1000 } as const;

/** Entries of a batch, attributes of a message. [SQS:quotas-messages] */
export const SQS_BATCH = 10;
export const SQS_MESSAGE_ATTRIBUTES = 10;

/** How a function may read a queue. [BOTO lambda CreateEventSourceMapping] */
export const LAMBDA_QUEUE_BATCH = { min: 1, max: 10_000 } as const;
export const LAMBDA_QUEUE_WINDOW_S = { min: 0, max: 300 } as const;
export const LAMBDA_QUEUE_CONCURRENCY = { min: 2, max: 1000 } as const;

const steps = (from: number, to: number, step: number): readonly number[] =>
  Array.from({ length: (to - from) / step + 1 }, (_, index) => (from + index * step) * 1024);

/**
 * Memory in MiB that goes with each number of CPU units, Linux. [ECS:fargate-tasks-services]
 * The developer guide of 2026 lists 32768 units; the API model of the same year does not.
 */
export const FARGATE_SIZES: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, 1024, 2048]],
  [512, steps(1, 4, 1)],
  [1024, steps(2, 8, 1)],
  [2048, steps(4, 16, 1)],
  [4096, steps(8, 30, 1)],
  [8192, steps(16, 60, 4)],
  [16384, steps(32, 120, 8)],
  [32768, [60 * 1024, 120 * 1024, 244 * 1024]],
]);
