// The `local` block of `fulcrum.yml`: knobs of the local engine, without effect on AWS.

import { z } from 'zod';
import { duration, whole } from './quantity.ts';

const DAY_S = 24 * 3600;

const datapointsOf = z
  .string()
  .regex(/^[1-9]\d{0,2} of [1-9]\d{0,2}$/, { error: 'must be such as "3 of 3"' })
  .refine((text) => Number.parseInt(text, 10) <= Number(text.split(' of ')[1]), {
    error: 'must not ask for more datapoints than there are',
  });

const assume = z.strictObject({
  sigtermShare: whole({ min: 0, max: 100 })
    .default(30)
    .describe(
      'Percentage of the shutdown window that the runtime has between SIGTERM and SIGKILL; the extensions have the rest.',
    ),
  shutdownReason: z
    .enum(['lower', 'upper'])
    .default('lower')
    .describe('How SHUTDOWN names its reason to extensions: "spindown" or "SPINDOWN".'),
  timeoutError: z
    .enum(['typed', 'message'])
    .default('typed')
    .describe(
      'Body of an invocation that timed out: errorType "Sandbox.Timedout", or the older message alone.',
    ),
  runtimeError: z
    .enum(['unhandled', 'handled'])
    .default('unhandled')
    .describe(
      'What X-Amz-Function-Error says of an error that the runtime reported. The documentation says "Handled", functions on AWS are seen to say "Unhandled".',
    ),
  scalingThrottle: z
    .enum(['ConcurrentInvocationLimitExceeded', 'FunctionInvocationRateLimitExceeded'])
    .default('ConcurrentInvocationLimitExceeded')
    .describe('Reason of the throttle when environments cannot be added that fast.'),
  invocationId: z
    .boolean()
    .default(true)
    .describe(
      'Whether the runtime gets Lambda-Runtime-Invocation-Id with an event, and may send it back.',
    ),
  reportedStatus: z
    .enum(['error', 'success'])
    .default('error')
    .describe(
      'Status of an invocation whose error the runtime reported, in REPORT and in telemetry.',
    ),
  reportStyle: z
    .enum(['status', 'lines'])
    .default('status')
    .describe(
      'A failure in REPORT as "Status: …", or in lines of its own as functions of older runtimes write it.',
    ),
  emptyKeys: z
    .enum(['omit', 'null'])
    .default('omit')
    .describe(
      'Keys without a value in the events of an HTTP API (payload 2.0) and of function URLs: left out, as events are seen to have it, or null.',
    ),
  httpApiThrottle: z
    .literal([503, 500, 429])
    .default(503)
    .describe('Status of an HTTP API when Lambda throttles. AWS does not say it.'),
  jwtScopeStatus: z
    .literal([403, 401])
    .default(403)
    .describe('Status of an HTTP API for a token that has none of the scopes of the route.'),
  urlErrorStatus: z
    .literal([502, 504])
    .default(502)
    .describe('Status of the URL of a function that runs out of time. 502 was seen, 504 never.'),
  groupCookieStatus: z
    .literal([400, 500, 502])
    .default(400)
    .describe(
      'Status of a load balancer for a cookie AWSALBTG that it cannot read. AWS says that the request fails, not how.',
    ),
  trackingHigh: datapointsOf
    .default('3 of 3')
    .describe('Datapoints above the target that let target tracking scale out.'),
  trackingLow: datapointsOf
    .default('15 of 15')
    .describe('Datapoints below the target that let target tracking scale in.'),
  trackingLowShare: whole({ min: 1, max: 100 })
    .default(90)
    .describe('Percentage of the target below which target tracking scales in.'),
  alarmLookBack: whole({ min: 0, max: 100 })
    .default(2)
    .describe('Datapoints an alarm looks back beyond its own when some are missing.'),
  requestsWithoutTargets: z
    .enum(['counted', 'uncounted'])
    .default('counted')
    .describe(
      'Whether requests that find no task count in RequestCountPerTarget, as those of one target. Only then can they wake a service that autoscaling left at zero.',
    ),
  crashFailsDeployment: z
    .boolean()
    .default(true)
    .describe(
      'Whether a task that ends by itself before it was ever healthy counts as a failure of its deployment. The documentation names tasks that do not start and failed health checks.',
    ),
});

export const local = z.strictObject({
  environmentIdle: duration({ min: 0.1, max: DAY_S })
    .prefault('7m')
    .describe(
      'A Lambda environment without a request for this long is ended. AWS does not say its own figure; 5 to 11 minutes were measured.',
    ),
  maxEnvironments: whole({ min: 1, max: 10_000 })
    .optional()
    .describe(
      'Lambda environments this machine runs at once; further requests wait for one. Default: what its memory carries.',
    ),
  queuePort: whole({ min: 0, max: 65_535 })
    .default(0)
    .describe('Port of the queues on this machine; 0 takes a free one.'),
  invokePort: whole({ min: 0, max: 65_535 })
    .default(0)
    .describe(
      'Port of the Invoke API, for "aws lambda invoke --endpoint-url http://127.0.0.1:<port>" and SDKs. 0 takes a free one.',
    ),
  taskStart: duration({ min: 0, max: 600 })
    .prefault('0s')
    .describe(
      'How long a task takes from PENDING to the start of its program. Fargate takes some half a minute; AWS does not promise a figure.',
    ),
  taskMinimum: duration({ min: 0, max: 60 })
    .prefault('60s')
    .describe(
      'A task of a service on both computes is kept for so long at least, as it is billed for a minute anyway. Without a request for "idle" it goes all the same.',
    ),
  spotWarning: duration({ min: 0, max: 120 })
    .prefault('2m')
    .describe('How long before its end a task on Spot is warned. 2 minutes on AWS.'),
  spotInterruption: duration({ min: 1, max: 30 * DAY_S })
    .optional()
    .describe(
      'Mean time until Spot takes a task back, at random. Default: only when "fulcrum fail spot" asks for it.',
    ),
  assume: assume
    .prefault({})
    .describe('What is assumed where the sources about AWS are silent or contradict each other.'),
});
