// What `fulcrum cost --json` prints: the types, and the schema from which they are inferred and
// `schema/cost.schema.json` is made. Money is US dollars, to the pico-dollar.

import { z } from 'zod';

const usd = z.number().describe('US dollars, without tax.');
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const part01 = z.number().min(0).max(1);
const perDay = z.number().min(0).describe('Requests a day.');

const mixSchema = z.enum(['lambda', 'fargate', 'hybrid']);

const costLineSchema = z
  .object({
    item: z.string().describe('An item of the price book, as "lambda.request".'),
    part: z.string().describe('What the line is for: compute, entry, network, logs, data, other.'),
    service: z.string().nullable().describe('The service or function; null: the whole app.'),
    compute: z.enum(['lambda', 'fargate']).nullable().describe('Null: it belongs to neither.'),
    quantity: z.number().min(0).describe('Units of one month, those that are free included.'),
    free: z.number().min(0).describe('Units of it that the free tier covers.'),
    unit: z.string(),
    usd: usd.nullable().describe('Of one month. Null: no price is known; it is not in the sum.'),
    source: z.string().nullable().describe('Where the price is from.'),
    date: day.nullable().describe('The day the price was read.'),
    confidence: z
      .enum(['A', 'B', 'C', 'D'])
      .nullable()
      .describe('A price list; B one dated source or a bill; C inferred; D recollection.'),
    note: z.string().nullable().describe('What is assumed.'),
  })
  .readonly()
  .meta({ id: 'CostLine' });

const mixCostSchema = z
  .object({
    monthlyUsd: usd.describe('Sum of the lines that have a price, of a month of 730 hours.'),
    perMillionRequestsUsd: usd.nullable().describe('Null where there are no requests.'),
    range: z
      .object({ lowUsd: usd, highUsd: usd })
      .readonly()
      .describe('With every uncertain figure at its cheaper, and at its dearer end.'),
    lines: z.array(costLineSchema).readonly(),
    unknown: z
      .array(z.string())
      .readonly()
      .describe('Items without a known price: they are not in the sum.'),
    dominatedBy: z
      .object({ item: z.string(), share: part01 })
      .readonly()
      .nullable()
      .describe('The largest line, and its part of the whole.'),
    mostSensitiveTo: z
      .object({ figure: z.string(), elasticity: z.number() })
      .readonly()
      .nullable()
      .describe(
        'The figure on which the bill hangs most: percent of it for one percent of the figure.',
      ),
    tasks: z
      .object({ mean: z.number().min(0), peak: z.number().min(0) })
      .readonly()
      .describe('Tasks at the mean and at the peak; 0 on Lambda alone.'),
    lambdaShare: part01.describe('Of the requests, the part Lambda serves.'),
    why: z.array(z.string()).readonly().describe('How tasks and shares come about, in sentences.'),
  })
  .readonly()
  .meta({ id: 'MixCost' });

const breakEvenSchema = z
  .object({
    firstRequestsPerDay: perDay
      .nullable()
      .describe('Fewest requests a day at which Fargate alone costs no more than Lambda alone.'),
    holdsFromRequestsPerDay: perDay.nullable().describe('From here on it never costs more again.'),
    lambdaHoldsFromRequestsPerDay: perDay
      .nullable()
      .describe('From here on Fargate always costs more; null: there is no such volume.'),
    searchedToRequestsPerDay: perDay
      .nullable()
      .describe('All this holds for volumes up to here; null: for every volume.'),
    averageConcurrency: z
      .number()
      .nullable()
      .describe('Lambda environments busy on the average at the first.'),
    band: z
      .object({ fromRequestsPerDay: perDay, toRequestsPerDay: perDay })
      .readonly()
      .nullable()
      .describe('Between these the cheaper one changes several times; null when it changes once.'),
    never: z
      .string()
      .nullable()
      .describe('Why there is none, or why it does not last; null when there is one that lasts.'),
    tasksAtFirst: z.number().nullable(),
    entry: z.object({ lambda: z.string(), fargate: z.string() }).readonly(),
  })
  .readonly()
  .meta({ id: 'BreakEven' });

const assumptionLineSchema = z
  .object({
    figure: z.string(),
    service: z.string().nullable(),
    low: z.number(),
    expected: z.number(),
    high: z.number(),
    unit: z.string(),
    from: z.string().describe('Where it is from: fulcrum.yml, measured on a day, assumed.'),
  })
  .readonly()
  .meta({ id: 'AssumptionLine' });

const workloadSchema = z
  .object({
    requestsPerDay: perDay,
    requestsPerMonth: z.number().min(0),
    shape: z.string(),
    peakOverAverage: z.number().describe('Busiest moment over the mean of the month.'),
    averageConcurrency: z.number().min(0).describe('Requests in flight on Lambda, on the average.'),
  })
  .readonly();

export const comparisonSchema = z
  .object({
    schemaVersion: z.literal(1),
    app: z.string(),
    region: z.string(),
    pricesAsOf: day.describe('The day of the newest price of the book.'),
    freeTier: z.enum(['none', 'always', 'legacy']),
    workload: workloadSchema,
    computes: z
      .object({
        lambda: mixCostSchema.nullable(),
        fargate: mixCostSchema.nullable(),
        hybrid: mixCostSchema.nullable(),
      })
      .readonly()
      .describe('Null with a reason in `notApplicable` where the app cannot run that way.'),
    notApplicable: z
      .object({
        lambda: z.string().optional(),
        fargate: z.string().optional(),
        hybrid: z.string().optional(),
        breakEven: z.string().optional(),
      })
      .readonly(),
    breakEven: breakEvenSchema.nullable(),
    assumptions: z
      .array(assumptionLineSchema)
      .readonly()
      .describe('Every figure that the bills rest on, with where it is from.'),
    warnings: z
      .array(z.string())
      .readonly()
      .describe('Old prices, prices of low confidence, items without a price.'),
    notModelled: z.array(z.string()).readonly().describe('What is not in these bills.'),
  })
  .readonly()
  .meta({ id: 'Comparison' });

export type Mix = z.infer<typeof mixSchema>;
export type CostLine = z.infer<typeof costLineSchema>;
export type MixCost = z.infer<typeof mixCostSchema>;
export type BreakEven = z.infer<typeof breakEvenSchema>;
export type AssumptionLine = z.infer<typeof assumptionLineSchema>;
export type Comparison = z.infer<typeof comparisonSchema>;
