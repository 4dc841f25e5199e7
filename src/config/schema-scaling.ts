// `alarms.<name>` and `services.<name>.fargate.autoscaling` of `fulcrum.yml`.

import { z } from 'zod';
import { ALARM_LIMITS, AUTOSCALING_LIMITS } from '../model/aws-limits.ts';
import { METRICS, namespaceOf } from '../model/metric.ts';
import { scheduleProblem, timeOf } from '../model/schedule.ts';
import { duration, whole } from './quantity.ts';
import { name } from './schema-program.ts';

/** Metrics that have a short name. */
export const METRIC_WORDS = {
  cpu: 'CPUUtilization',
  memory: 'MemoryUtilization',
  requests: 'RequestCountPerTarget',
} as const;

const isMetricWord = (text: string): text is keyof typeof METRIC_WORDS => text in METRIC_WORDS;

/** The name of CloudWatch for a metric that may be written short. */
export const metricName = (text: string): string =>
  isMetricWord(text) ? METRIC_WORDS[text] : text;

const metricBlock = z
  .strictObject({
    namespace: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('Namespace, for a metric that the program itself publishes.'),
    name: z.string().min(1).max(255).describe('Name of the metric.'),
    queue: name.optional().describe('The queue whose metric it is, by its name in this file.'),
    dimensions: z
      .record(z.string(), z.string())
      .optional()
      .describe('Its dimensions. Default: those of the service, or none for a namespace of yours.'),
  })
  .superRefine(({ namespace, name: metric }, context) => {
    const word = metricName(metric);
    const issue = (message: string, fix: string) =>
      context.addIssue({ code: 'custom', path: ['name'], message, params: { fix } });
    if (namespace === undefined) {
      if (namespaceOf(word) !== undefined) return;
      issue(
        `there is no metric "${metric}"`,
        'Use cpu, memory, requests, a metric of AWS by its name, or a block with "namespace" and "name".',
      );
    } else if (namespace in METRICS) {
      const known: readonly string[] = METRICS[namespace as keyof typeof METRICS];
      if (!known.includes(word)) {
        issue(`${namespace} has no metric "${metric}"`, `Use one of: ${known.join(', ')}.`);
      }
    }
  });

const metric = z
  .union([z.string().transform((text) => ({ name: text })), z.unknown()])
  .pipe(metricBlock)
  .describe(
    'cpu, memory, requests (per task and minute), a metric of AWS by its name, or a block with namespace and name.',
  );

const statistic = z
  .enum(['average', 'sum', 'minimum', 'maximum', 'sampleCount'])
  .optional()
  .describe('What is made of the values of a period. Default average, for requests sum.');

const period = duration({ min: 10, max: ALARM_LIMITS.spanS })
  .prefault('60s')
  .superRefine((ms, context) => {
    if ([10_000, 20_000, 30_000].includes(ms) || ms % 60_000 === 0) return;
    context.addIssue({
      code: 'custom',
      message: `must be 10s, 20s, 30s or whole minutes, was: ${ms / 1000}s`,
      params: { fix: 'Use one of them.' },
    });
  })
  .describe('Length of a datapoint: 10 s, 20 s, 30 s or whole minutes.');

const alarmKeys = {
  metric,
  statistic,
  threshold: z.number({ error: 'must be a number' }).describe('What the metric is compared with.'),
  comparison: z
    .enum(['greaterThan', 'greaterThanOrEqual', 'lessThan', 'lessThanOrEqual'])
    .default('greaterThan')
    .describe('How it is compared.'),
  period,
  datapoints: whole({ min: 1, max: ALARM_LIMITS.periods })
    .optional()
    .describe('So many of the last "of" datapoints must cross. Default: all of them.'),
  of: whole({ min: 1, max: ALARM_LIMITS.periods })
    .optional()
    .describe('Datapoints that are looked at. Default: as many as "datapoints", or 1.'),
  missing: z
    .enum(['missing', 'ignore', 'breaching', 'notBreaching'])
    .default('missing')
    .describe('What a period without data counts as.'),
};

interface AlarmKeys {
  readonly period: number;
  readonly datapoints?: number | undefined;
  readonly of?: number | undefined;
}

/** M and N, each filled in from the other. */
export function datapointsOf({ datapoints, of }: AlarmKeys) {
  return { datapoints: datapoints ?? of ?? 1, of: of ?? datapoints ?? 1 };
}

function checkAlarm(alarm: AlarmKeys, context: z.RefinementCtx): void {
  const { datapoints, of } = datapointsOf(alarm);
  if (datapoints > of) {
    context.addIssue({
      code: 'custom',
      path: ['datapoints'],
      message: `must be at most "of" (${of}), was: ${datapoints}`,
      params: { fix: 'Lower "datapoints" or raise "of".' },
    });
  }
  const spanS = (alarm.period * of) / 1000;
  if (spanS <= ALARM_LIMITS.spanS) return;
  context.addIssue({
    code: 'custom',
    path: ['period'],
    message: `all periods together must be at most a day, was: ${spanS / 3600} hours`,
    params: { fix: 'Lower "period" or "of". AWS evaluates longer ones once an hour.' },
  });
}

export const alarm = z
  .strictObject({
    ...alarmKeys,
    service: name.optional().describe('The service or function whose metric it is.'),
  })
  .superRefine(checkAlarm);

const cooldown = duration({ min: 0, max: AUTOSCALING_LIMITS.cooldownS }).prefault(
  `${AUTOSCALING_LIMITS.defaultCooldownS}s`,
);

const targetTracking = z
  .strictObject({
    name: name.optional().describe('Its name. Default: that of the metric and "-target".'),
    metric,
    statistic,
    target: z
      .number({ error: 'must be a number' })
      .gt(0, { error: 'must be above 0' })
      .describe('What the metric is kept at.'),
    resolution: duration({ min: 20, max: 60 })
      .prefault('60s')
      .describe('Length of a datapoint: 60 s, or 20 s for cpu and memory.'),
    scaleOutCooldown: cooldown.describe('After adding tasks, only more than that are added.'),
    scaleInCooldown: cooldown.describe('After removing tasks, none are removed.'),
    disableScaleIn: z.boolean().default(false).describe('It only adds tasks.'),
  })
  .superRefine(({ resolution, metric: { name: one, namespace } }, context) => {
    const high = ['CPUUtilization', 'MemoryUtilization'].includes(metricName(one));
    if (resolution === 60_000) return;
    if (resolution === 20_000 && high && namespace === undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['resolution'],
      message: `must be 60s, or 20s for cpu and memory, was: ${resolution / 1000}s`,
      params: { fix: high ? 'Use 20s or 60s.' : 'Use 60s.' },
    });
  });

const bound = z.number({ error: 'must be a number' }).optional();

const stepItem = z.strictObject({
  from: bound.describe('Lower bound, relative to the threshold. Without it there is none.'),
  to: bound.describe('Upper bound, relative to the threshold. Without it there is none.'),
  by: z.number().int({ error: 'must be a whole number' }).describe('Tasks, or percent.'),
});

const step = z
  .strictObject({
    name: name.optional().describe('Its name. Default: that of the metric and "-step".'),
    ...alarmKeys,
    adjustment: z
      .enum(['change', 'percent', 'exact'])
      .default('change')
      .describe('What a step says: tasks more or fewer, percent more or fewer, or how many.'),
    by: z
      .number()
      .int({ error: 'must be a whole number' })
      .optional()
      .describe('The only step, however far the metric is beyond the threshold.'),
    steps: z
      .array(stepItem)
      .min(1)
      .max(AUTOSCALING_LIMITS.steps)
      .optional()
      .describe('What happens how far beyond the threshold.'),
    cooldown: cooldown.describe('How long it waits for what it did to take effect.'),
    minMagnitude: whole({ min: 1, max: 5000 })
      .default(1)
      .describe('With "percent": at least so many tasks.'),
    aggregation: z
      .enum(['average', 'minimum', 'maximum'])
      .default('average')
      .describe('What is made of the latest datapoints to choose a step.'),
  })
  .superRefine(checkAlarm)
  .superRefine(({ by, steps, adjustment }, context) => {
    const issue = (path: string, message: string, fix: string) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { fix } });
    if ((by === undefined) === (steps === undefined)) {
      issue('by', 'either "by" or "steps" must be there', 'Keep one of the two.');
      return;
    }
    const changes = steps?.map((one) => one.by) ?? [by ?? 0];
    if (adjustment === 'exact' && changes.some((change) => change < 0)) {
      issue(steps === undefined ? 'by' : 'steps', 'must not be below 0 with "exact"', 'Raise it.');
    }
    const wrong = stepsProblem(steps ?? []);
    if (wrong !== undefined) issue('steps', wrong, 'See the rules of step adjustments of AWS.');
  });

type StepInput = z.output<typeof stepItem>;

/** [AAS:step-scaling-policy-overview] */
export function inOrder(steps: readonly StepInput[]): readonly StepInput[] {
  const low = ({ from }: StepInput) => from ?? Number.NEGATIVE_INFINITY;
  return [...steps].sort((a, b) => low(a) - low(b));
}

function stepsProblem(steps: readonly StepInput[]): string | undefined {
  const sorted = inOrder(steps);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  if (sorted.some(({ from, to }) => from === undefined && to === undefined)) {
    return 'a step needs "from", "to" or both';
  }
  if (sorted.some(({ from, to }) => from !== undefined && to !== undefined && from >= to)) {
    return '"from" of a step must be below its "to"';
  }
  if (sorted.some(({ to }, index) => index < sorted.length - 1 && to !== sorted[index + 1]?.from)) {
    return 'steps must follow each other without gap or overlap';
  }
  if (first.from !== undefined && first.from < 0) return 'the lowest step must have no "from"';
  if (last.to !== undefined && last.to > 0) return 'the highest step must have no "to"';
  return undefined;
}

const instant = z
  .string()
  .refine((text) => timeOf(text) !== undefined, {
    error: 'must be a time in UTC such as "2026-12-01T08:00:00Z"',
  })
  .optional();

const capacity = whole({ min: 0, max: 5000 }).optional();

const schedule = z
  .strictObject({
    name: name.optional().describe('Its name. Default: "schedule-1" and so on.'),
    when: z
      .string()
      .describe('at(yyyy-mm-ddThh:mm:ss), rate(5 minutes) or cron(0 8 ? * MON-FRI *).'),
    timezone: z.string().default('UTC').describe('Time zone of "at" and "cron", by its IANA name.'),
    start: instant.describe('It does not happen before, and also at this time. In UTC.'),
    end: instant.describe('It does not happen after this time. In UTC.'),
    min: capacity.describe('The new minimum of tasks.'),
    max: capacity.describe('The new maximum of tasks.'),
  })
  .superRefine(({ when, timezone, min, max }, context) => {
    const issue = (path: string, message: string, fix: string) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { fix } });
    const wrong = scheduleProblem({ text: when, timezone });
    if (wrong !== undefined) {
      const zone = wrong.endsWith('time zone');
      issue(
        zone ? 'timezone' : 'when',
        wrong,
        zone ? 'Use a name such as "Europe/Berlin".' : 'Correct it.',
      );
    }
    if (min === undefined && max === undefined) {
      issue('min', 'sets neither "min" nor "max"', 'Add one of them.');
    }
    if (min !== undefined && max !== undefined && min > max) {
      issue('min', `must be at most "max" (${max}), was: ${min}`, 'Lower "min" or raise "max".');
    }
  });

const policy = z
  .strictObject({
    targetTracking: targetTracking.optional().describe('Keeps a metric at a target.'),
    step: step.optional().describe('Adds or removes tasks while an alarm lasts.'),
    schedule: schedule.optional().describe('Sets the minimum and maximum at given times.'),
  })
  .superRefine((one, context) => {
    const kinds = Object.values(one).filter((kind) => kind !== undefined);
    if (kinds.length === 1) return;
    context.addIssue({
      code: 'custom',
      message: `must be one of targetTracking, step and schedule, has: ${kinds.length}`,
      params: { fix: 'Write each as an item of its own.' },
    });
  });

export const autoscaling = z.strictObject({
  policies: z
    .array(policy)
    .min(1)
    .max(AUTOSCALING_LIMITS.policies)
    .describe('Each is a block with one of the three kinds below.'),
  suspended: z
    .strictObject({
      scaleIn: z.boolean().default(false).describe('Policies remove no task.'),
      scaleOut: z.boolean().default(false).describe('Policies add no task.'),
      scheduled: z.boolean().default(false).describe('Schedules change nothing.'),
    })
    .prefault({})
    .describe('What is not carried out for now.'),
});
