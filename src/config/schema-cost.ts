// `cost` of `fulcrum.yml`: what bills are estimated with.

import { z } from 'zod';
import { whole } from './quantity.ts';
import { amount, durationRange, range, sizeRange } from './quantity-cost.ts';
import { costResource } from './schema-cost-resources.ts';
import { name, text } from './schema-program.ts';

/** A millisecond to a day. */
const DURATION = { min: 0, max: 86_400_000 };
const SIZE = { min: 0, max: 100e9 };

const hours = z
  .array(z.number().min(0, { error: 'must not be negative' }))
  .refine(({ length }) => length === 24 || length === 168, {
    error: 'must have 24 numbers, one for each hour of a day, or 168 for a week from Monday',
  })
  .refine((list) => list.some((value) => value > 0), { error: 'must not be 0 everywhere' });

const traffic = z.strictObject({
  requests: amount()
    .optional()
    .describe('Requests of the app: "100000/day", "50/s", "1.5M/month". A number alone is a day.'),
  shape: z
    .union([
      z.enum(['flat', 'day', 'week', 'business']),
      hours,
      z.strictObject({
        file: text.describe('A file of traffic, relative to this one.'),
      }),
    ])
    .optional()
    .describe(
      'How requests fall over time: flat (default), day, week, business; 24 numbers for the hours of a day, or 168 for a week; or "file:" with a trace.',
    ),
  peak: z
    .number({ error: 'must be a number from 1 to 1000' })
    .min(1, { error: 'must be at least 1' })
    .max(1000, { error: 'must be at most 1000' })
    .optional()
    .describe(
      'Busiest moment over the mean, within a step of the shape. Tasks are planned for it; 1 is steady. Default: that of a trace, or 2.',
    ),
});

const requestKeys = {
  duration: durationRange(DURATION)
    .optional()
    .describe('Duration of a request on both computes. Assumed: 100 ms, from 50 to 200.'),
  lambdaDuration: durationRange(DURATION)
    .optional()
    .describe('Duration on Lambda, at the memory it has there. Default: "duration".'),
  fargateDuration: durationRange(DURATION)
    .optional()
    .describe('Duration in a task. Default: "duration".'),
  cpu: durationRange(DURATION)
    .optional()
    .describe(
      'Processor time of a request, on a whole vCPU. Assumed: 10 ms, from 5 to 20. "fulcrum measure" finds it.',
    ),
  concurrency: range({ min: 1, max: 10_000 })
    .optional()
    .describe(
      'Requests that a task has in flight at once, at most. Default: "concurrency" of its "fargate".',
    ),
  requestSize: sizeRange(SIZE)
    .optional()
    .describe('Of a request, head and body. Assumed: 1 KB, from 0.5 to 2.'),
  responseSize: sizeRange(SIZE)
    .optional()
    .describe('Of an answer, head and body. Assumed: 10 KB, from 5 to 20.'),
  perConnection: range({ min: 1, max: 1_000_000 })
    .optional()
    .describe('Requests on each connection of a client. Assumed: 5, from 1 to 20.'),
  coldStarts: range({ min: 0, max: 100 })
    .optional()
    .describe(
      'Percentage of invocations that start an environment. Assumed: 1, from 0.2 to 5. AWS says under 1 as a rule.',
    ),
  init: durationRange({ min: 0, max: 130_000 })
    .optional()
    .describe('INIT of such a start, which is billed. Assumed: 500 ms, from 200 to 1500.'),
  logs: sizeRange(SIZE)
    .optional()
    .describe('Written to the log for each request. Assumed: 200 B, from 0 to 1000.'),
  lambdaLogs: sizeRange(SIZE)
    .optional()
    .describe(
      'Written by Lambda itself for each invocation: START, END and REPORT. Assumed: 400 B, from 300 to 500.',
    ),
};

const percent = z.number({ error: 'must be a percentage' }).min(0, { error: 'must be at least 0' });

const program = z.strictObject({
  share: percent
    .max(1_000_000, { error: 'must be at most 1000000' })
    .optional()
    .describe(
      'Requests it serves, as a percentage of those of the app; of a queue, messages. Default: programs with routes share alike what the others leave, a queue has 10.',
    ),
  perBatch: range({ min: 1, max: 10_000 })
    .optional()
    .describe('Messages of its queue that one invocation is given. Assumed: 1, up to "batch".'),
  minTasks: whole({ min: 0, max: 5000 })
    .optional()
    .describe(
      'Tasks that run on Fargate alone, whatever the traffic. Default: "tasks.min", or one in each zone where that is 0 and Lambda could serve too.',
    ),
  utilization: percent
    .min(1, { error: 'must be at least 1' })
    .max(100, { error: 'must be at most 100' })
    .optional()
    .describe(
      'Percentage of their processor that tasks are planned to use. Default: what they scale on, or 60.',
    ),
  ...requestKeys,
});

const network = z.strictObject({
  nat: z
    .enum(['none', 'one', 'per-zone'])
    .default('none')
    .describe('NAT gateways: none, one for all, or one in each zone.'),
  natFor: z
    .enum(['both', 'lambda', 'fargate'])
    .default('both')
    .describe('Who reaches out through them, and has them on its bill.'),
  publicTasks: z
    .boolean()
    .optional()
    .describe('Each task has a public IPv4 address. Default: unless a NAT gateway serves them.'),
  natBytes: sizeRange(SIZE)
    .optional()
    .describe('Through NAT gateways for each request, both ways. Assumed: 2 KB, from 0 to 10.'),
  crossZone: sizeRange(SIZE)
    .optional()
    .describe('Between zones for each request, to a database for one. Assumed: 0, up to 2 KB.'),
});

const logs = z.strictObject({
  retention: whole({ min: 0, max: 3653 })
    .optional()
    .describe(
      'Days that lines are kept. Default 30, or 0 in regions where the price of it is not known; 0 leaves their storage out.',
    ),
  stored: range({ min: 0, max: 100 })
    .optional()
    .describe('Stored bytes, compressed, as a percentage. Assumed: 15, from 10 to 25.'),
});

export const cost = z.strictObject({
  traffic: traffic.prefault({}).describe('What the app is asked to do.'),
  requests: z
    .strictObject(requestKeys)
    .prefault({})
    .describe(
      'What one request takes, on the average. Each is a value, or a block with "low", "expected" and "high".',
    ),
  services: z
    .record(name, program)
    .default({})
    .describe('The same for one service or function, with its share of the requests.'),
  freeTier: z
    .enum(['none', 'always', 'legacy'])
    .default('none')
    .describe(
      'What the account has for nothing: none of it, what is always free, or also the first year of an account opened before 2025-07-15.',
    ),
  entry: z
    .strictObject({
      lambda: z
        .enum(['none', 'alb', 'http-api', 'rest-api', 'function-url'])
        .optional()
        .describe('How requests reach functions. Default: the entry of the app.'),
      fargate: z
        .enum(['none', 'alb', 'http-api', 'rest-api'])
        .optional()
        .describe('How requests reach tasks. Default: the entry of the app.'),
    })
    .prefault({})
    .describe('Another entry for the comparison.'),
  network: network.prefault({}).describe('Gateways, addresses, traffic between zones.'),
  logs: logs.prefault({}).describe('How long logs are kept.'),
  spotPrice: range({ min: 1, max: 100 })
    .optional()
    .describe(
      'Price of Spot as a percentage of the price on demand. Assumed: 35, from 30 to 40. It floats; AWS does not list it.',
    ),
  resources: z
    .record(name, costResource)
    .default({})
    .describe('What is billed beside the programs, by name: databases, caches, mail and so on.'),
  items: z
    .record(z.string(), z.number().min(0, { error: 'must not be negative' }).max(1e15))
    .default({})
    .describe('Anything else: an item of the price book, and its units a month.'),
});

export type CostInput = z.output<typeof cost>;
