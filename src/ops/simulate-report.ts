// What `fulcrum simulate --json` prints, as a schema; the types are those of it. Every number is one:
// what there is none of is null.

import { z } from 'zod';

const number = z.number();
const orNull = z.number().nullable();

const latencies = {
  p50Ms: orNull.describe('Null: no request.'),
  p95Ms: orNull,
  p99Ms: orNull,
  p999Ms: orNull,
};

const compute = z
  .object({
    requests: number,
    usd: number,
    overTarget: number.describe('Requests over the latency target.'),
    ...latencies,
  })
  .readonly();

const point = z
  .object({
    at: number.describe('Seconds since the beginning, of the middle of a part of the time.'),
    demandRate: number.describe('Requests a second that came.'),
    capacityRate: number.describe('Requests a second that the tasks could carry.'),
    lambdaRate: number,
    fargateRate: number,
    lambdaUsdPerHour: number,
    fargateUsdPerHour: number,
  })
  .readonly();

const policy = z
  .object({
    name: z.string(),
    says: z.string().describe('What it does, in one line.'),
    source: z.string().describe('Where it is from.'),
    foresight: z.boolean().describe('It is told the busiest moment and the best fleet before.'),
    done: number.describe(
      '1; below it the simulation was stopped, and all figures are of that part.',
    ),
    usd: number,
    ratio: orNull.describe(
      'usd ÷ optimum.lowerUsd. Null: it was stopped, or the optimum costs nothing.',
    ),
    lambdaUsd: number,
    fargateUsd: number,
    requests: number.describe('That came; those that were refused among them.'),
    overTarget: number.describe('Requests over the latency target.'),
    misplaced: number.describe('Of these, those that Lambda would have served within it.'),
    refused: number,
    coldStarts: number,
    taskStarts: number,
    utilization: orNull.describe('Part of the billed time of tasks that was used. Null: no tasks.'),
    usdPerMillionRequests: orNull,
    ...latencies,
    lambda: compute,
    fargate: compute,
    series: z.array(point).readonly().optional().describe('With --html only.'),
  })
  .readonly();

const spread = z
  .object({ medianMs: number, sigma: number, meanMs: number })
  .readonly()
  .describe('Lognormal where sigma is above 0, else always the median.');

const profile = z
  .object({
    app: z.string(),
    service: z.string(),
    region: z.string(),
    architecture: z.enum(['x86_64', 'arm64']),
    lambda: z
      .object({
        memoryMiB: number,
        duration: spread,
        init: spread.describe('Billed part of a cold start.'),
        coldExtra: spread.describe('Part of a cold start that nobody bills.'),
        idleSeconds: z.array(number).readonly().describe('An idle environment ends between these.'),
        accountConcurrency: number,
        scalingPer10s: number,
        usdPerGbSecond: number,
        usdPerRequest: number,
        usdPerMeanRequest: number.describe('Duration and fee of a request of mean duration.'),
      })
      .readonly(),
    fargate: z
      .object({
        vcpu: number,
        memoryGiB: number,
        duration: spread,
        concurrency: number,
        taskRate: number.describe('Requests a second that a task carries.'),
        startSeconds: number,
        startSigma: number,
        billedStartSeconds: number,
        drainSeconds: number,
        minimumSeconds: number,
        taskUsdPerSecond: number,
        taskUsdPerHour: number,
        minTasks: number,
        maxTasks: number,
      })
      .readonly(),
    targetMs: number,
    thresholdSeconds: number,
    from: z
      .record(
        z.string(),
        z
          .object({
            from: z.enum(['flag', 'file', 'measured', 'assumed', 'computed', 'prices', 'aws']),
            source: z.string(),
          })
          .readonly(),
      )
      .readonly()
      .describe('Where each figure is from, by its name, as "lambda.memoryMiB".'),
  })
  .readonly();

const trace = z
  .object({
    name: z.string(),
    kind: z.enum(['trace', 'access-log', 'synthetic']),
    start: z.string().nullable().describe('ISO 8601, UTC. Null: the source does not say.'),
    stepSeconds: number,
    steps: number,
    days: number.describe('Without gaps.'),
    requests: number,
    meanRate: number.describe('Requests a second.'),
    peakRate: number.describe('Requests a second of the busiest step.'),
    gaps: number,
    gapSeconds: number.describe('Not simulated: a gap is no time at all.'),
    scale: orNull.describe('--scale. Null: not given.'),
    mean: orNull.describe('--mean, requests a second. Null: not given.'),
  })
  .readonly();

export const simulationSchema = z
  .object({
    schemaVersion: z.literal(1),
    trace,
    profile,
    seed: number,
    fidelity: z.enum(['fluid', 'event']),
    optimum: z
      .object({ lowerUsd: number, upperUsd: number })
      .readonly()
      .describe('What the cheapest plan costs that knows all of the future: at least, at most.'),
    breakEven: z
      .object({
        requestsPerSecond: number.describe('From here on a task costs less than Lambda for them.'),
        reachable: z.boolean().describe('A task can carry so many.'),
      })
      .readonly(),
    policies: z.array(policy).readonly(),
    stopped: z.boolean().describe('It was stopped before its end: policies are missing.'),
    curves: z
      .array(
        z
          .object({
            name: z.string().describe('A policy, or "optimum".'),
            cheaperFrom: orNull.describe(
              'Mean load from which on it costs less than Lambda alone. Null: never.',
            ),
            points: z
              .array(z.object({ requestsPerSecond: number, usdPerHour: number }).readonly())
              .readonly(),
          })
          .readonly(),
      )
      .readonly()
      .optional()
      .describe('What an hour costs by the mean load. With --html only.'),
    curveNotes: z.array(z.string()).readonly().optional(),
    basis: z.array(z.string()).readonly(),
    warnings: z.array(z.string()).readonly(),
  })
  .readonly();

export type Simulation = z.infer<typeof simulationSchema>;
export type SimulatedPolicy = Simulation['policies'][number];

export function simulateSchemaText(): string {
  const schema = z.toJSONSchema(simulationSchema, {
    target: 'draft-2020-12',
    io: 'output',
    // That TypeScript may not write to it says nothing about the file.
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly;
    },
  });
  return `${JSON.stringify({ title: 'fulcrum simulate --json', ...schema }, null, 2)}\n`;
}
