// `services.<name>.fargate` of `fulcrum.yml`.

import { z } from 'zod';
import {
  ALB_DEREGISTRATION_S,
  ALB_SLOW_START_S,
  ALB_STICKINESS_S,
  ECS_GRACE_S,
  ECS_HEALTH,
  FARGATE_EPHEMERAL_GIB,
  FARGATE_SIZES,
  FARGATE_STOP_TIMEOUT_S,
} from '../model/aws-limits.ts';
import { duration, size, whole } from './quantity.ts';
import { architecture, command, name } from './schema-program.ts';
import { autoscaling } from './schema-scaling.ts';

const DAY_S = 24 * 3600;

const scale = z.strictObject({
  cpu: whole({ min: 1, max: 100 })
    .optional()
    .describe('Keep the mean processor use of the tasks at this percentage.'),
  memory: whole({ min: 1, max: 100 })
    .optional()
    .describe('Keep the mean memory use of the tasks at this percentage.'),
  requests: whole({ min: 1, max: 1_000_000 })
    .optional()
    .describe('Keep each task at this many requests a minute.'),
  window: duration({ min: 1, max: 3600 })
    .prefault('60s')
    .describe(
      'On both computes: a task starts or stops when it has saved or lost its own price of so long. On Fargate alone: the most requests in flight within it count.',
    ),
});

const tasks = z
  .strictObject({
    min: whole({ min: 0, max: 5000 })
      .optional()
      .describe('Tasks that always run. Default 0 where Lambda can answer meanwhile, else 1.'),
    max: whole({ min: 1, max: 5000 }).default(10).describe('Tasks that run at most.'),
  })
  .superRefine(({ min, max }, context) => {
    if (min !== undefined && min > max) {
      context.addIssue({
        code: 'custom',
        path: ['min'],
        message: `must be at most "max" (${max}), was: ${min}`,
        params: { fix: 'Lower "min" or raise "max".' },
      });
    }
  });

const cpuUnits = [...FARGATE_SIZES.keys()];

const healthCheck = z.strictObject({
  command: command.describe(
    'Exit code 0 is healthy. A text runs in a shell, a list as it is. $PORT is where the program listens.',
  ),
  interval: duration(ECS_HEALTH.interval).prefault('30s').describe('Time between two checks.'),
  timeout: duration(ECS_HEALTH.timeout).prefault('5s').describe('Time a check may take.'),
  retries: whole(ECS_HEALTH.retries)
    .default(ECS_HEALTH.retries.default)
    .describe('Failures in a row that make the task unhealthy.'),
  startPeriod: duration(ECS_HEALTH.startPeriod)
    .prefault('0s')
    .describe('Failures this soon after the start do not count.'),
});

const circuitBreaker = z
  .strictObject({
    enable: z.boolean().default(true).describe('Fail a deployment whose tasks do not come up.'),
    rollback: z.boolean().default(true).describe('Go back to the last deployment that completed.'),
    resetOnHealthyTask: z
      .boolean()
      .default(true)
      .describe('A task that becomes healthy sets the count of failures to zero.'),
    threshold: z
      .strictObject({
        type: z
          .enum(['bounded-percent', 'unbounded-percent', 'count'])
          .default('bounded-percent')
          .describe('Percentage of the desired tasks, within 3 to 200 or not; or a count.'),
        value: whole({ min: 1, max: 10_000 }).default(50).describe('The percentage, or the count.'),
      })
      .superRefine(({ type, value }, context) => {
        if (type === 'count' || value <= 100) return;
        context.addIssue({
          code: 'custom',
          path: ['value'],
          message: `must be a percentage from 1 to 100, was: ${value}`,
          params: { fix: 'Lower it, or use "type: count".' },
        });
      })
      .prefault({})
      .describe('How many failures end a deployment.'),
  })
  .prefault({})
  .describe('Ends a deployment that cannot succeed.');

const deployment = z.strictObject({
  minimumHealthy: whole({ min: 0, max: 100 })
    .default(100)
    .describe('Percentage of the desired tasks that stay healthy, rounded up.'),
  maximum: whole({ min: 100, max: 400 })
    .default(200)
    .describe('Percentage of the desired tasks that may run or be starting, rounded down.'),
  circuitBreaker,
  alarms: z
    .strictObject({
      names: z.array(name).min(1).describe('Alarms of this file.'),
      rollback: z
        .boolean()
        .default(true)
        .describe('Go back to the last deployment that completed.'),
    })
    .optional()
    .describe('Alarms that fail a deployment.'),
});

const targetGroup = z
  .strictObject({
    protocol: z
      .enum(['http1', 'http2', 'grpc'])
      .default('http1')
      .describe(
        'What the program speaks: HTTP/1.1, HTTP/2 without TLS, or gRPC. The last two need "https" of the entry and take clients with HTTP/2 alone.',
      ),
    algorithm: z
      .enum(['round-robin', 'least-outstanding-requests'])
      .default('round-robin')
      .describe('Which task gets the next request.'),
    slowStart: duration({ min: 0, max: ALB_SLOW_START_S.max })
      .prefault('0s')
      .describe(
        'A new task gets its full part of the requests after this long: 30 s to 900 s, 0 is off.',
      ),
    stickiness: z
      .strictObject({
        cookie: z
          .string()
          .regex(/^[\w!#$%&'*+.^`|~-]+$/, { error: 'must be the name of a cookie' })
          .regex(/^(?!AWSALB)/, {
            error: 'must not begin with "AWSALB": a load balancer has those',
          })
          .optional()
          .describe(
            "The application's own cookie that starts a session. Default: a cookie of the load balancer.",
          ),
        duration: duration(ALB_STICKINESS_S)
          .prefault('1d')
          .describe('How long a client stays with its task.'),
      })
      .optional()
      .describe('A client goes to the same task again.'),
  })
  .superRefine(({ algorithm, slowStart }, context) => {
    if (slowStart === 0) return;
    if (slowStart < ALB_SLOW_START_S.min * 1000) {
      context.addIssue({
        code: 'custom',
        path: ['slowStart'],
        message: `must be 0, or 30 s to 900 s, was: ${slowStart / 1000}s`,
        params: { fix: 'Use 30s or more, or leave it out.' },
      });
    }
    if (algorithm !== 'round-robin') {
      context.addIssue({
        code: 'custom',
        path: ['slowStart'],
        message: 'goes with the algorithm "round-robin" only',
        params: { fix: 'Remove it, or use "algorithm: round-robin".' },
      });
    }
  });

export const fargate = z
  .strictObject({
    cpu: z
      .literal(cpuUnits, { error: `must be one of ${cpuUnits.join(', ')} (1024 is one vCPU)` })
      .default(256)
      .describe('CPU units: 1024 are one vCPU.'),
    memory: size({ min: 512, max: 244 * 1024 })
      .prefault(512)
      .describe('Memory in MB. Only some values go with each "cpu".'),
    architecture,
    ephemeral: whole({ min: FARGATE_EPHEMERAL_GIB.default, max: FARGATE_EPHEMERAL_GIB.max })
      .default(FARGATE_EPHEMERAL_GIB.default)
      .describe('Storage of a task in GiB, image included. 20 are free; 21 to 200 are charged.'),
    tasks: tasks.prefault({}).describe('How many copies may run.'),
    concurrency: whole({ min: 1, max: 10_000 })
      .default(20)
      .describe('Requests a task serves at a time before "auto" sends the next one to Lambda.'),
    scale: scale.prefault({}).describe('What else decides the number of tasks.'),
    autoscaling: autoscaling
      .optional()
      .describe(
        'Application Auto Scaling decides the number of tasks, as on AWS, instead of demand and "scale".',
      ),
    idle: duration({ min: 1, max: 7 * DAY_S })
      .prefault('10m')
      .describe('Without a request for this long the tasks go back to "tasks.min".'),
    spot: whole({ min: 0, max: 100 })
      .default(0)
      .describe(
        'Percentage of the tasks that run on Fargate Spot: cheaper, and AWS may take them back.',
      ),
    stopTimeout: duration(FARGATE_STOP_TIMEOUT_S)
      .prefault('30s')
      .describe('From SIGTERM to SIGKILL, 2 s to 120 s.'),
    drain: duration(ALB_DEREGISTRATION_S)
      .prefault('30s')
      .describe('How long a task that leaves may finish its requests (deregistration delay).'),
    healthCheck: healthCheck
      .optional()
      .describe(
        'A command that ECS runs in the task, besides the check of the load balancer. A HEALTHCHECK of the image is not looked at.',
      ),
    healthGrace: duration(ECS_GRACE_S)
      .prefault('0s')
      .describe('Failed checks are ignored for this long after a task first ran.'),
    deployment: deployment
      .prefault({})
      .describe('How tasks are replaced by those of a new revision.'),
    targetGroup: targetGroup
      .prefault({})
      .describe('How the load balancer spreads requests over the tasks.'),
  })
  .superRefine(({ cpu, memory }, context) => {
    const allowed = FARGATE_SIZES.get(cpu) ?? [];
    if (allowed.includes(memory)) return;
    context.addIssue({
      code: 'custom',
      path: ['memory'],
      message: `does not go with cpu ${cpu}, was: ${memory}`,
      params: { fix: `With cpu ${cpu} use one of: ${allowed.join(', ')}.` },
    });
  });
