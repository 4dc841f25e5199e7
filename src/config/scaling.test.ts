import { describe, expect, it } from 'vitest';
import { Fault, isFault } from '../base/fault.ts';
import { awsNames } from '../model/metric.ts';
import { loadApp } from './load.ts';

const load = (text: string) => loadApp({ name: 'fulcrum.yml', text }, undefined);

const app = (fargate: string, more = '') => `app: demo
services:
  api:
    command: node web.js
    fargate:
${fargate.replaceAll(/^/gm, '      ')}
${more}`;

const policies = (list: string, tasks = '{ min: 1, max: 10 }') =>
  `tasks: ${tasks}\nautoscaling:\n  policies:\n${list.replaceAll(/^/gm, '    ')}`;

function problemsOf(text: string): readonly string[] {
  try {
    load(text);
  } catch (error) {
    if (isFault(error, 'CONFIG_INVALID')) {
      return error.facts.problems.map(
        ({ line, path, say, fix }) => `${line} ${path}: ${say} → ${fix}`,
      );
    }
    if (!(error instanceof Fault)) throw error;
  }
  return [];
}

const ecs = { ClusterName: 'demo', ServiceName: 'api' };

describe('autoscaling', () => {
  it('has policies with the defaults of ECS', () => {
    const loaded = load(
      app(
        policies(`- targetTracking: { metric: cpu, target: 60 }
- targetTracking: { metric: requests, target: 1000, scaleInCooldown: 1m, disableScaleIn: true }
- targetTracking: { name: fast, metric: memory, target: 70, resolution: 20s }`),
      ),
    );
    expect(loaded.services[0]?.fargate?.autoscaling?.tracking).toEqual([
      {
        name: 'cpu-target',
        metric: { namespace: 'AWS/ECS', name: 'CPUUtilization', dimensions: ecs },
        statistic: 'Average',
        target: 60,
        periodMs: 60_000,
        scaleOutCooldownMs: 300_000,
        scaleInCooldownMs: 300_000,
        disableScaleIn: false,
      },
      {
        name: 'requests-target',
        metric: {
          namespace: 'AWS/ApplicationELB',
          name: 'RequestCountPerTarget',
          dimensions: {
            LoadBalancer: awsNames('demo').loadBalancer,
            TargetGroup: awsNames('demo').targetGroup('api', 'fargate'),
          },
        },
        statistic: 'Sum',
        target: 1000,
        periodMs: 60_000,
        scaleOutCooldownMs: 300_000,
        scaleInCooldownMs: 60_000,
        disableScaleIn: true,
      },
      expect.objectContaining({ name: 'fast', periodMs: 20_000 }),
    ]);
  });

  it('has steps in order, or one that stands for them', () => {
    const loaded = load(
      app(
        policies(`- step: { metric: cpu, threshold: 60, by: 1 }
- step: { metric: cpu, threshold: 60, comparison: lessThan, datapoints: 5, by: -1, cooldown: 60s }
- step:
    name: fine
    metric: { namespace: Jobs, name: Waiting, dimensions: { Queue: q } }
    threshold: 50
    of: 3
    datapoints: 2
    adjustment: percent
    minMagnitude: 2
    aggregation: maximum
    steps: [{ from: 20, by: 30 }, { from: 0, to: 20, by: 10 }]`),
      ),
    );
    const steps = loaded.services[0]?.fargate?.autoscaling?.steps;
    expect(steps?.map(({ name, steps: some }) => [name, some])).toEqual([
      ['cpu-step', [{ from: 0, to: undefined, by: 1 }]],
      ['cpu-step-2', [{ from: undefined, to: 0, by: -1 }]],
      [
        'fine',
        [
          { from: 0, to: 20, by: 10 },
          { from: 20, to: undefined, by: 30 },
        ],
      ],
    ]);
    expect(steps?.[1]).toMatchObject({
      cooldownMs: 60_000,
      alarm: { name: 'demo-api-cpu-step-2', datapoints: 5, of: 5, missing: 'missing' },
    });
    expect(steps?.[2]).toMatchObject({
      adjustment: 'percent',
      minMagnitude: 2,
      aggregation: 'Maximum',
      alarm: {
        metric: { namespace: 'Jobs', name: 'Waiting', dimensions: { Queue: 'q' } },
        datapoints: 2,
        of: 3,
      },
    });
  });

  it('has schedules', () => {
    const loaded = load(
      app(
        policies(
          `- schedule: { when: cron(0 8 ? * MON-FRI *), timezone: Europe/Berlin, min: 3, start: "2026-12-01T00:00:00Z" }
- schedule: { name: night, when: rate(1 day), max: 2, end: "2027-01-01T00:00:00" }`,
          '{ min: 0, max: 10 }',
        ),
      ),
    );
    expect(loaded.services[0]?.fargate?.autoscaling?.schedules).toEqual([
      {
        name: 'schedule-1',
        schedule: { text: 'cron(0 8 ? * MON-FRI *)', timezone: 'Europe/Berlin' },
        startAt: Date.UTC(2026, 11, 1),
        endAt: undefined,
        min: 3,
        max: undefined,
      },
      {
        name: 'night',
        schedule: { text: 'rate(1 day)', timezone: 'UTC' },
        startAt: undefined,
        endAt: Date.UTC(2027, 0, 1),
        min: undefined,
        max: 2,
      },
    ]);
  });

  it('is the only one that decides the number of tasks', () => {
    const both = `scale: { cpu: 60 }\nidle: 5m\n${policies('- targetTracking: { metric: cpu, target: 60 }')}`;
    expect(problemsOf(app(both))).toEqual([
      '6 services.api.fargate.scale: "autoscaling" decides the number of tasks, and this would say nothing → Remove "scale" or "autoscaling".',
      '7 services.api.fargate.idle: "autoscaling" decides the number of tasks, and this would say nothing → Remove "idle" or "autoscaling".',
    ]);
  });

  it.each([
    ['- targetTracking: { metric: cpu, target: 60, resolution: 10s }', 'resolution'],
    ['- targetTracking: { metric: cpu, target: 60, resolution: 30s }', 'must be 60s, or 20s'],
    ['- targetTracking: { metric: requests, target: 60, resolution: 20s }', 'must be 60s, or 20s'],
    ['- targetTracking: { metric: cpu, target: 0 }', 'must be above 0'],
    ['- targetTracking: { metric: cpus, target: 6 }', 'there is no metric "cpus"'],
    [
      '- targetTracking: { metric: { namespace: AWS/ECS, name: Cpu }, target: 6 }',
      'AWS/ECS has no',
    ],
    ['- step: { metric: cpu, threshold: 60 }', 'either "by" or "steps" must be there'],
    ['- step: { metric: cpu, threshold: 6, by: 1, steps: [{ from: 0, by: 1 }] }', 'either "by" or'],
    ['- step: { metric: cpu, threshold: 6, steps: [{ by: 1 }] }', 'a step needs "from", "to"'],
    [
      '- step: { metric: cpu, threshold: 6, steps: [{ from: 5, to: 2, by: 1 }] }',
      'must be below its',
    ],
    [
      '- step: { metric: cpu, threshold: 6, steps: [{ from: 0, to: 5, by: 1 }] }',
      'highest step must',
    ],
    ['- step: { metric: cpu, threshold: 6, steps: [{ from: -5, by: 1 }] }', 'lowest step must'],
    [
      '- step: { metric: cpu, threshold: 6, steps: [{ from: 0, to: 5, by: 1 }, { from: 6, by: 2 }] }',
      'without gap or overlap',
    ],
    ['- step: { metric: cpu, threshold: 6, by: -1, adjustment: exact }', 'must not be below 0'],
    ['- step: { metric: cpu, threshold: 6, by: 1, datapoints: 3, of: 2 }', 'must be at most "of"'],
    ['- step: { metric: cpu, threshold: 6, by: 1, period: 45s }', 'must be 10s, 20s, 30s or whole'],
    ['- step: { metric: cpu, threshold: 6, by: 1, period: 1h, of: 30 }', 'at most a day, was: 30'],
    ['- schedule: { when: cron(0 8 * * * *), min: 1 }', 'exactly one of day-of-month'],
    ['- schedule: { when: rate(1 day), min: 1, timezone: Mars }', '"Mars" is not a time zone'],
    ['- schedule: { when: rate(1 day) }', 'sets neither "min" nor "max"'],
    ['- schedule: { when: rate(1 day), min: 3, max: 2 }', 'must be at most "max" (2), was: 3'],
    ['- schedule: { when: rate(1 day), min: 3, start: soon }', 'must be a time in UTC'],
    ['- { }', 'must be one of targetTracking, step and schedule, has: 0'],
    [
      '- { schedule: { when: rate(1 day), min: 1 }, step: { metric: cpu, threshold: 1, by: 1 } }',
      'has: 2',
    ],
    [
      '- step: { name: a, metric: cpu, threshold: 6, by: 1 }\n- step: { name: a, metric: cpu, threshold: 9, by: 1 }',
      'there is another policy "a"',
    ],
    [
      '- targetTracking: { metric: cpu, target: 6 }\n- targetTracking: { metric: CPUUtilization, target: 9 }',
      'another target of CPUUtilization is there already',
    ],
  ])('refuses %s', (list, why) => {
    expect(problemsOf(app(policies(list))).join('\n')).toContain(why);
  });

  it('counts requests where there is a load balancer only', () => {
    const list = policies('- targetTracking: { metric: requests, target: 60 }');
    expect(problemsOf(app(list, 'entry: http-api\n')).join()).toContain(
      'RequestCountPerTarget is counted by a load balancer, and the entry is an HTTP API',
    );
  });
});

describe('a service that could never wake from zero', () => {
  const zero = (list: string, more = '') => problemsOf(app(policies(list, '{ min: 0 }'), more));
  const CPU = '- targetTracking: { metric: cpu, target: 60 }';

  it('is refused with the reason and the fix', () => {
    expect(zero(CPU)).toEqual([
      '6 services.api.fargate.tasks.min: is 0, and no policy can ever start the first task: at zero tasks ECS has no processor or memory use → Set "tasks.min" to 1 or more, or add a policy on requests or a metric of your own, or a schedule that sets "min".',
    ]);
    expect(zero('- step: { metric: memory, threshold: 60, by: 1 }')).toHaveLength(1);
    expect(zero(`${CPU}\n- schedule: { when: rate(1 day), max: 3 }`)).toHaveLength(1);
    expect(
      zero('- step: { metric: requests, threshold: 6, comparison: lessThan, by: -1 }'),
    ).toHaveLength(1);
  });

  it('is refused at the block when zero is the default', () => {
    const text = app(
      'autoscaling: { policies: [{ targetTracking: { metric: cpu, target: 60 } }] }',
      '    lambda: {}\n',
    );
    expect(problemsOf(text).join()).toContain('6 services.api.fargate.autoscaling: is 0');
  });

  it.each([
    '- targetTracking: { metric: requests, target: 60 }',
    '- targetTracking: { metric: { namespace: Jobs, name: Waiting }, target: 60 }',
    `${CPU}\n- step: { metric: RequestCountPerTarget, threshold: 1, by: 1 }`,
    `${CPU}\n- schedule: { when: rate(1 day), min: 3 }`,
  ])('is one only without such as %s', (list) => {
    expect(zero(list)).toEqual([]);
  });

  it('is one too if what would wake it is suspended, or assumed not to be counted', () => {
    const requests = '- targetTracking: { metric: requests, target: 60 }';
    const suspended = `${policies(requests, '{ min: 0 }')}\n  suspended: { scaleOut: true }`;
    expect(problemsOf(app(suspended))).toHaveLength(1);
    const assume = 'local: { assume: { requestsWithoutTargets: uncounted } }\n';
    expect(zero(requests, assume)).toHaveLength(1);
  });
});

describe('alarms', () => {
  const alarms = (text: string, fargate = '{}') =>
    `app: demo
services:
  api: { command: node web.js, lambda: {}, fargate: ${fargate} }
  web: { command: node web.js, lambda: {} }
functions:
  fn: { handler: x.y }
queues: { jobs: { fifo: true } }
routes: [{ path: /web*, service: web }, { path: /*, service: api }]
alarms:
  one: ${text}
`;

  it('name a metric and its service, with the defaults of CloudWatch', () => {
    const loaded = load(
      alarms('{ metric: HTTPCode_Target_5XX_Count, service: api, statistic: sum, threshold: 5 }'),
    );
    expect(loaded.alarms).toEqual([
      {
        name: 'one',
        metric: {
          namespace: 'AWS/ApplicationELB',
          name: 'HTTPCode_Target_5XX_Count',
          dimensions: {
            LoadBalancer: awsNames('demo').loadBalancer,
            TargetGroup: awsNames('demo').targetGroup('api', 'fargate'),
          },
        },
        statistic: 'Sum',
        comparison: 'GreaterThanThreshold',
        threshold: 5,
        periodMs: 60_000,
        datapoints: 1,
        of: 1,
        missing: 'missing',
      },
    ]);
  });

  it.each([
    ['{ metric: Errors, service: fn, threshold: 1 }', { FunctionName: 'demo-fn' }],
    ['{ metric: cpu, service: api, threshold: 1 }', ecs],
    ['{ metric: { name: cpu, dimensions: { a: b } }, threshold: 1 }', { a: 'b' }],
    [
      '{ metric: HTTPCode_ELB_5XX_Count, threshold: 1 }',
      { LoadBalancer: awsNames('demo').loadBalancer },
    ],
    [
      '{ metric: TargetResponseTime, service: web, threshold: 1 }',
      {
        LoadBalancer: awsNames('demo').loadBalancer,
        TargetGroup: awsNames('demo').targetGroup('web', 'lambda'),
      },
    ],
    ['{ metric: { namespace: Jobs, name: Waiting }, threshold: 1 }', {}],
    [
      '{ metric: { name: ApproximateAgeOfOldestMessage, queue: jobs }, threshold: 1 }',
      { QueueName: 'demo-jobs.fifo' },
    ],
    ['{ metric: UnreservedConcurrentExecutions, threshold: 1 }', {}],
  ])('%s has its dimensions', (text, dimensions) => {
    expect(load(alarms(text)).alarms[0]?.metric.dimensions).toEqual(dimensions);
  });

  it.each([
    ['{ metric: cpu, threshold: 1 }', 'CPUUtilization is a metric of one program, and "service"'],
    [
      '{ metric: ApproximateAgeOfOldestMessage, threshold: 1 }',
      'is a metric of a queue, and "queue"',
    ],
    [
      '{ metric: { name: ApproximateAgeOfOldestMessage, queue: job }, threshold: 1 }',
      'you mean "jobs"',
    ],
    [
      '{ metric: { name: Errors, queue: jobs }, service: fn, threshold: 1 }',
      'is no metric of a queue',
    ],
    ['{ metric: cpu, service: apu, threshold: 1 }', 'Did you mean "api"?'],
    ['{ metric: cpu, service: web, threshold: 1 }', '"web" does not run on fargate'],
    ['{ metric: cpu, service: fn, threshold: 1 }', '"fn" does not run on fargate'],
    ['{ metric: cpu, service: api }', 'threshold: is missing'],
    [
      '{ metric: cpu, service: api, threshold: 1, missing: none }',
      'must be one of missing, ignore',
    ],
  ])('refuses %s', (text, why) => {
    expect(problemsOf(alarms(text)).join('\n')).toContain(why);
  });

  it('of a deployment must be declared', () => {
    const named = (name: string) =>
      problemsOf(
        alarms(
          '{ metric: cpu, service: api, threshold: 1 }',
          `{ deployment: { alarms: { names: [${name}] } } }`,
        ),
      );
    expect(named('one')).toEqual([]);
    expect(named('on').join()).toContain(
      'deployment.alarms.names.0: there is no alarm "on" → Did you mean "one"?',
    );
  });
});
