// The one definition of `fulcrum.yml`: types, validation, JSON Schema and the reference page all
// come from it. Rules that need more than one key of the same block stand beside the block; rules
// that need other blocks are in `cross-checks.ts`.

import { z } from 'zod';
import {
  ALB_GRPC_HEALTH,
  ALB_HEALTH,
  HTTP_API_ROUTES,
  LAMBDA_ACCOUNT_CONCURRENCY,
} from '../model/aws-limits.ts';
import { PRESETS } from './presets.ts';
import { duration, whole } from './quantity.ts';
import { cost } from './schema-cost.ts';
import { entry } from './schema-entry.ts';
import { fargate } from './schema-fargate.ts';
import { lambdaFunction } from './schema-function.ts';
import { local } from './schema-local.ts';
import { command, lambda, name, programKeys } from './schema-program.ts';
import { queue, queueSource } from './schema-queue.ts';
import { route } from './schema-route.ts';
import { alarm } from './schema-scaling.ts';

const absolutePath = z
  .string()
  .regex(/^\/[^\s]*$/, { error: 'must begin with "/" and have no spaces' });

const seconds = (bounds: { min: number; max: number; default: number }) =>
  duration(bounds).prefault(`${bounds.default}s`);

const MATCHER =
  /^([2-4]\d\d(-[2-4]\d\d)?(,[2-4]\d\d(-[2-4]\d\d)?)*|\d\d?(-\d\d?)?(,\d\d?(-\d\d?)?)*)$/;

const matcherText = z
  .union([z.number(), z.string()])
  .transform((value) => String(value))
  .pipe(
    z.string().regex(MATCHER, {
      error:
        'must be status codes from 200 to 499 such as "200", "200-299" or "200,302", of gRPC from 0 to 99',
    }),
  );

const healthBlock = z
  .strictObject({
    path: absolutePath
      .optional()
      .describe(
        `Asked with GET, as the load balancer does; with gRPC the method it calls. Default /, with gRPC ${ALB_GRPC_HEALTH.path}.`,
      ),
    interval: seconds(ALB_HEALTH.interval).describe('Time between two checks of a task.'),
    timeout: seconds(ALB_HEALTH.timeout).describe('Time a check may take.'),
    healthy: whole(ALB_HEALTH.healthy)
      .default(ALB_HEALTH.healthy.default)
      .describe('Successes in a row that bring a task back. A new task needs one.'),
    unhealthy: whole(ALB_HEALTH.unhealthy)
      .default(ALB_HEALTH.unhealthy.default)
      .describe('Failures in a row that take a task out.'),
    matcher: matcherText
      .optional()
      .describe(
        `Status codes that count as success, with gRPC those of gRPC. Default 200-399, with gRPC ${ALB_GRPC_HEALTH.matcher}.`,
      ),
  })
  .superRefine(({ interval, timeout }, context) => {
    if (timeout >= interval) {
      context.addIssue({
        code: 'custom',
        path: ['timeout'],
        message: `must be less than "interval" (${interval / 1000}s), was: ${timeout / 1000}s`,
        params: { fix: 'Lower "timeout" or raise "interval".' },
      });
    }
  });

const health = z
  .union([absolutePath.transform((path) => ({ path })), z.unknown()])
  .pipe(healthBlock);

const service = z.strictObject({
  preset: z
    .enum(Object.keys(PRESETS))
    .optional()
    .describe(
      'A recommended set-up. What is written beside it goes over it; in a stage it goes over what the app says.',
    ),
  source: programKeys.source,
  build: programKeys.build,
  command: command.describe(
    'Starts the program. A text runs in a shell, a list as it is. The program listens on $PORT. In a container its image says how it starts.',
  ),
  port: whole({ min: 1, max: 65_535 })
    .default(8080)
    .describe(
      'Where the program listens when it has a network of its own: on AWS, and in containers. As a process every copy gets a free port in $PORT, and a program that listens here instead is told so.',
    ),
  health: health
    .prefault({})
    .describe('The check of the load balancer and of readiness: a path, or a block.'),
  latency: duration({ min: 0, max: 900 })
    .prefault('1s')
    .describe(
      'Latency target: "auto" sends a request to Fargate only if it will be answered there within this time, as far as what was learned of its route says. 0 is off: a free slot is all it takes.',
    ),
  environment: programKeys.environment,
  secrets: programKeys.secrets,
  image: programKeys.image,
  dockerfile: programKeys.dockerfile,
  imageCommand: programKeys.imageCommand,
  lambda: lambda
    .optional()
    .describe('Settings on Lambda. Without the block it does not run there.'),
  fargate: fargate
    .optional()
    .describe('Settings on Fargate. Without the block it does not run there.'),
  queue: queueSource
    .optional()
    .describe(
      'The queue whose messages it is given on Lambda: a name, or a block. The adapter sends each batch to POST /events, or to AWS_LWA_PASS_THROUGH_PATH.',
    ),
});

export const appSchema = z.strictObject({
  app: name.describe('Name of the app.'),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, { error: 'must be a region such as "eu-west-2"' })
    .default('us-east-1')
    .describe('AWS region. It decides the prices.'),
  account: z
    .strictObject({
      lambdaConcurrency: whole({ min: 10, max: 1_000_000 })
        .default(LAMBDA_ACCOUNT_CONCURRENCY)
        .describe(
          'Concurrent executions of all functions. AWS gives 1000, to new accounts fewer, and more on request.',
        ),
    })
    .prefault({})
    .describe('What AWS grants the account.'),
  zones: whole({ min: 1, max: 6 })
    .default(2)
    .describe('Availability zones that the tasks are spread over.'),
  entry: entry.prefault({}).describe('The front door: "alb", "http-api", or a block.'),
  services: z.record(name, service).default({}).describe('The HTTP programs of the app, by name.'),
  functions: z
    .record(name, lambdaFunction)
    .default({})
    .describe('Programs that speak the Lambda Runtime API themselves, by name.'),
  queues: z
    .record(name, queue)
    .default({})
    .describe('Queues of the app, by name. A program finds each in $<NAME>_QUEUE_URL.'),
  alarms: z
    .record(name, alarm)
    .default({})
    .describe('Alarms of CloudWatch, by name: for deployments, and to be seen in "status".'),
  routes: z
    .array(route)
    .max(HTTP_API_ROUTES, { error: `must be at most ${HTTP_API_ROUTES} routes` })
    .optional()
    .describe(
      'Which request goes to which service or function. Default: everything to the only service; functions get none.',
    ),
  cost: cost
    .prefault({})
    .describe(
      'What bills are estimated with: traffic, what a request takes, what is billed beside.',
    ),
  local: local.prefault({}).describe('Knobs of the local engine; without effect on AWS.'),
  stages: z
    .record(name, z.looseObject({}))
    .default({})
    .describe('Settings laid over the others by --stage. Lists replace, blocks are merged.'),
});

/** What validation gives: every default filled in, every quantity in one unit. */
export type AppInput = z.output<typeof appSchema>;
export type ServiceInput = AppInput['services'][string];
export type FunctionInput = AppInput['functions'][string];
export type AlarmInput = AppInput['alarms'][string];
export type QueueInput = AppInput['queues'][string];
export type RouteInput = NonNullable<AppInput['routes']>[number];
