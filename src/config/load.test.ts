import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fault, isFault } from '../base/fault.ts';
import { jsonSchema, schemaAt } from './json-schema.ts';
import { loadApp } from './load.ts';
import { PRESETS } from './presets.ts';

const load = (text: string, stage?: string) => loadApp({ name: 'fulcrum.yml', text }, stage);

/** "line:column path: say" of every problem. */
function problems(text: string): readonly string[] {
  try {
    load(text);
  } catch (error) {
    if (!isFault(error, 'CONFIG_INVALID')) throw error;
    return error.facts.problems.map(
      ({ line, column, path, say }) => `${line}:${column} ${path}: ${say}`,
    );
  }
  return [];
}

const fixOf = (text: string): string => {
  try {
    load(text);
    return '';
  } catch (error) {
    return (error as Fault<'CONFIG_INVALID'>).facts.problems[0]?.fix ?? '';
  }
};

const SMALL = 'app: a\nservices:\n  api:\n    command: run\n';

describe('a small file', () => {
  it('has the check of gRPC where the target group speaks it', () => {
    const grpc = 'fargate: { targetGroup: { protocol: grpc } }';
    const text = (health: string) => `${SMALL}    ${grpc}\n${health}entry: { https: true }\n`;
    expect(load(text('')).services[0]).toMatchObject({
      health: { path: '/AWS.ALB/healthcheck', codes: 'grpc', matcher: [{ from: 12, to: 12 }] },
      fargate: { targetGroup: { protocol: 'grpc' } },
    });
    expect(
      load(text('    health: { path: /a.B/C, matcher: "0,5-9" }\n')).services[0],
    ).toMatchObject({
      health: {
        path: '/a.B/C',
        codes: 'grpc',
        matcher: [
          { from: 0, to: 0 },
          { from: 5, to: 9 },
        ],
      },
    });
  });

  it('gets every default', () => {
    const app = load(`${SMALL}    lambda:\n    fargate: {}\n`);
    expect(app).toMatchObject({
      name: 'a',
      region: 'us-east-1',
      entry: { type: 'alb', idleTimeoutMs: 60_000, multiValueHeaders: true },
    });
    expect(app.services[0]).toMatchObject({
      source: '.',
      port: 8080,
      health: {
        path: '/',
        intervalMs: 30_000,
        timeoutMs: 5000,
        healthyAfter: 5,
        unhealthyAfter: 2,
        matcher: [{ from: 200, to: 399 }],
      },
      lambda: {
        memoryMiB: 512,
        timeoutMs: 30_000,
        provisioned: 0,
        architecture: 'x86_64',
        ephemeralMiB: 512,
      },
      fargate: {
        cpuUnits: 256,
        memoryMiB: 512,
        tasks: { min: 0, max: 10 },
        concurrency: 20,
        idleMs: 600_000,
        spotShare: 0,
      },
    });
    expect(app.routes).toMatchObject([
      {
        priority: 1,
        paths: { kind: 'patterns', values: ['/*'] },
        action: { kind: 'forward', service: 'api', compute: 'auto' },
      },
    ]);
  });

  it('keeps a task where nothing else can answer, and names the only compute', () => {
    const app = load(`${SMALL}    fargate: {}\n`);
    expect(app.services[0]?.fargate?.tasks.min).toBe(1);
    expect(app.routes[0]?.action).toMatchObject({ compute: 'fargate' });
  });
});

describe('quantities', () => {
  it('are written as people write them', () => {
    const app = load(
      `${SMALL}    lambda: { memory: 2 GB, timeout: 2m }\n    fargate: { cpu: 1024, memory: "4GB", idle: 1.5h, stopTimeout: 5 }\n`,
    );
    expect(app.services[0]?.lambda).toMatchObject({ memoryMiB: 2048, timeoutMs: 120_000 });
    expect(app.services[0]?.fargate).toMatchObject({
      memoryMiB: 4096,
      idleMs: 5_400_000,
      stopTimeoutMs: 5000,
    });
  });

  it.each(['2 TB', '2.5', '-512', '512 apples', 'lots'])('are refused otherwise: %s', (memory) => {
    expect(problems(`${SMALL}    lambda: { memory: "${memory}" }\n`)[0]).toMatch(
      /^5:15 services\.api\.lambda\.memory: must be a whole number of MB/,
    );
  });
});

describe('what is wrong', () => {
  it('is told all at once, in the order of the file, each with its fix', () => {
    const text = [
      'app: Shop',
      'regoin: eu-west-2',
      'services:',
      '  api:',
      '    command: run',
      '    lambda: { timeout: 20m, reserved: 1, provisioned: 2 }',
      '    fargate: { cpu: 512, memory: 1024, tasks: { min: 3, max: 2 } }',
      'routes:',
      '  - { path: x, service: apo }',
      '  - { path: /y, service: api, compute: lamda }',
      '',
    ].join('\n');
    expect(problems(text)).toEqual([
      '1:1 app: must be 1 to 30 of a-z, 0-9 and "-", beginning with a letter, was: "Shop"',
      '2:1 regoin: unknown key "regoin"',
      '6:15 services.api.lambda.timeout: must be a duration from 1s to 15m (30, "30s", "5m", "500ms"), was: "20m"',
      '7:49 services.api.fargate.tasks.min: must be at most "max" (2), was: 3',
      '9:7 routes.0.path: must begin with "/" and have only the characters a load balancer takes, "*" and "?", was: "x"',
      '9:16 routes.0.service: there is no service "apo"',
      '10:31 routes.1.compute: must be one of lambda, fargate, auto, was: "lamda"',
    ]);
  });

  const one: readonly (readonly [what: string, text: string, problem: RegExp, fix: RegExp])[] = [
    [
      'a pair that Fargate does not have',
      `${SMALL}    fargate: { cpu: 512, memory: 512 }\n`,
      /5:26 .*memory: does not go with cpu 512, was: 512/,
      /1024, 2048, 3072, 4096/,
    ],
    [
      'a key with a letter missing',
      `${SMALL}    lambda: { memry: 512 }\n`,
      /unknown key "memry"/,
      /Did you mean "memory"\?/,
    ],
    [
      'a key nobody knows',
      `${SMALL}    lambda: { zzzzzz: 1 }\n`,
      /unknown key "zzzzzz"/,
      /Use one of: memory, timeout/,
    ],
    [
      'no compute',
      SMALL,
      /3:3 services\.api: has neither "lambda" nor "fargate"/,
      /Add "lambda: \{\}"/,
    ],
    [
      'a route to a missing service',
      `${SMALL}    lambda: {}\nroutes: [{ path: /, service: web }]\n`,
      /there is no service "web"/,
      /Use one of: api/,
    ],
    [
      'a route to a compute the service lacks',
      `${SMALL}    lambda: {}\nroutes: [{ path: /, service: api, compute: auto }]\n`,
      /"auto" needs a "fargate" block/,
      /Add "fargate/,
    ],
    [
      'a route without a condition',
      `${SMALL}    lambda: {}\nroutes: [{ service: api }]\n`,
      /has no condition/,
      /takes everything/,
    ],
    [
      'too many values in a route',
      `${SMALL}    lambda: {}\nroutes: [{ path: [/1, /2, /3, /4, /5, /6], service: api }]\n`,
      /at most 5 condition values in all, was: 6/,
      /Split/,
    ],
    [
      'too many wildcards in a route',
      `${SMALL}    lambda: {}\nroutes: [{ path: "/*/*/*/*/*/*/*", service: api }]\n`,
      /at most 6 wildcards in all, was: 7/,
      /Split/,
    ],
    [
      'a priority used twice',
      `${SMALL}    lambda: {}\nroutes: [{ path: /a, service: api, priority: 5 }, { path: /b, service: api, priority: 5 }]\n`,
      /priority 5 is taken by route 1/,
      /of its own/,
    ],
    [
      'several services and no routes',
      `${SMALL}    lambda: {}\n  web: { command: run, lambda: {} }\n`,
      /several services and no "routes"/,
      /Add "routes:"/,
    ],
    [
      'a variable that Lambda sets',
      `${SMALL}    lambda: {}\n    environment: { AWS_REGION: x }\n`,
      /"AWS_REGION" is set by Lambda/,
      /another name/,
    ],
    [
      'a variable that is a secret too',
      `${SMALL}    lambda: {}\n    environment: { A: x }\n    secrets: { A: "ssm:/a" }\n`,
      /"A" is in "environment" too/,
      /one of the two/,
    ],
    [
      'a secret that is written down',
      `${SMALL}    lambda: {}\n    secrets: { A: hunter2 }\n`,
      /must be "ssm:\/name" or "secretsmanager:name"/,
      /.+/,
    ],
    [
      'more reserved than an account has',
      `${SMALL}    lambda: { reserved: 500 }\n  web: { command: run, lambda: { reserved: 500 } }\nroutes: [{ path: /, service: api }]\n`,
      /together must be at most 900.*was: 1000/,
      /Lower/,
    ],
    [
      'a health check slower than its interval',
      `${SMALL}    lambda: {}\n    health: { interval: 5s, timeout: 6s }\n`,
      /must be less than "interval" \(5s\), was: 6s/,
      /Lower/,
    ],
    [
      'an environment over 4 KB on Lambda',
      `${SMALL}    lambda: {}\n    environment: { A: ${'x'.repeat(5000)} }\n`,
      /at most 4096 bytes on Lambda, was: 5001/,
      /file or to a secret/,
    ],
    [
      'functions',
      `${SMALL}    lambda: {}\nfunctions: { api: { handler: x } }\n`,
      /functions.api: there is a service "api" too/,
      /a name of its own/,
    ],
    [
      'a key of the other front door',
      `${SMALL}    lambda: {}\nentry: { type: http-api, idleTimeout: 5s }\n`,
      /entry.idleTimeout: goes with the front door "alb", not with "http-api"/,
      /Remove it, or use "type: alb"/,
    ],
    [
      'credentials for any origin',
      `${SMALL}    lambda: {}\nentry: { type: http-api, cors: { origins: "*", credentials: true } }\n`,
      /entry.cors.credentials: cannot go with the origin "\*"/,
      /Name the origins/,
    ],
    [
      'an integration timeout over 30 s',
      `${SMALL}    lambda: {}\nentry: { type: http-api, timeout: 31s }\n`,
      /entry.timeout: must be a duration from .* to 30s/,
      /.+/,
    ],
    [
      'an unknown front door',
      `${SMALL}    lambda: {}\nentry: nginx\n`,
      /entry: must be .*was: "nginx"/,
      /.+/,
    ],
    [
      "a load balancer's cookie for the application's own",
      `${SMALL}    fargate: { targetGroup: { stickiness: { cookie: AWSALBAPP } } }\n`,
      /stickiness.cookie: must not begin with "AWSALB".*was: "AWSALBAPP"/,
      /.+/,
    ],
    [
      'a slow start that is too quick',
      `${SMALL}    fargate: { targetGroup: { slowStart: 10s } }\n`,
      /slowStart: must be 0, or 30 s to 900 s, was: 10s/,
      /Use 30s or more/,
    ],
    [
      'a slow start without turns',
      `${SMALL}    fargate: { targetGroup: { slowStart: 60s, algorithm: least-outstanding-requests } }\n`,
      /slowStart: goes with the algorithm "round-robin" only/,
      /Remove it/,
    ],
    [
      'a list where a block belongs',
      `${SMALL}    lambda: [1]\n`,
      /lambda: must be a block of keys, was: \[1\]/,
      /.+/,
    ],
    ['YAML that is none', 'app: [a\nservices: }', /\d+:\d+ : /, /Correct the YAML/],
    [
      'a key written twice',
      'app: a\napp: b\n',
      /2:1 : Map keys must be unique/,
      /Correct the YAML/,
    ],
    ['an empty file', '', /1:1 : the file is empty/, /fulcrum init/],
    ['a text instead of keys', 'hello', /must be a block of keys/, /.+/],
  ];

  it.each(one)('%s', (_what, text, problem, fix) => {
    expect(problems(text).join('\n')).toMatch(problem);
    expect(fixOf(text)).toMatch(fix);
  });

  it.each([
    ['a block that holds itself', 'app: &a\n  x: *a\n'],
    ['very many blocks in each other', `app: ${'['.repeat(20_000)}`],
  ])('ends in a fault for %s', (_name, text) => {
    expect(problems(text).length).toBeGreaterThan(0);
  });

  it('ends in a fault whatever the text, never in another error', () => {
    const pieces = fc.constantFrom(
      'app: a\n',
      'services:\n',
      '  api:\n',
      '    command: run\n',
      '    lambda: ',
      '{}\n',
      '{',
      '}',
      '[',
      'routes:\n',
      '- ',
      'x',
      ': ',
      '1',
      '\n',
      '  ',
      '&a ',
      '*a',
      '"',
      'stages:\n',
      '!!set',
      '# c\n',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 25, size: 'max' }), (parts) => {
        try {
          load(parts.join(''));
        } catch (error) {
          expect(isFault(error, 'CONFIG_INVALID'), String(error)).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('routes', () => {
  it('come in the order they are written, or in that of their priorities', () => {
    const app = load(`${SMALL}    lambda: {}
routes:
  - { path: /c, service: api, priority: 30 }
  - { path: /d, service: api }
  - { path: /a, service: api, priority: 2 }
  - { path: [/b, /b/*], host: "*.example.com", method: GET, header: { X-V: "2*" }, service: api }
  - { query: { q: [a, b], "*": c }, source: 10.0.0.0/8, service: api }
`);
    expect(app.routes.map(({ priority, paths }) => `${priority} ${paths.values}`)).toEqual([
      '2 /a',
      '3 /b,/b/*',
      '4 ',
      '30 /c',
      '31 /d',
    ]);
    expect(app.routes[1]).toMatchObject({
      hosts: { kind: 'patterns', values: ['*.example.com'] },
      methods: ['GET'],
      headers: [{ name: 'x-v', values: ['2*'] }],
    });
    expect(app.routes[2]).toMatchObject({
      query: [
        { key: 'q', value: 'a' },
        { key: 'q', value: 'b' },
        { key: undefined, value: 'c' },
      ],
      sources: ['10.0.0.0/8'],
    });
  });
});

describe('stages', () => {
  const STAGED = `${SMALL}    lambda: { memory: 512 }
stages:
  big:
    region: eu-west-2
    services: { api: { lambda: { memory: 2048 }, environment: { A: b } } }
  quiet:
    services: { api: { preset: production-low-traffic } }
`;

  it('lie over the app', () => {
    expect(load(STAGED).services[0]?.lambda?.memoryMiB).toBe(512);
    expect(load(STAGED, 'big')).toMatchObject({
      stage: 'big',
      region: 'eu-west-2',
      services: [{ lambda: { memoryMiB: 2048, timeoutMs: 30_000 }, environment: { A: 'b' } }],
    });
  });

  it('can choose a preset, which then goes over what the app says', () => {
    expect(load(STAGED, 'quiet').services[0]?.lambda).toMatchObject({
      memoryMiB: 1024,
      reserved: 100,
      provisioned: 5,
    });
  });

  it('are all checked, whichever is chosen, and point into themselves', () => {
    expect(problems(`${STAGED}  bad:\n    services: { api: { lambda: { memory: 1 } } }\n`)).toEqual(
      [expect.stringMatching(/^13:34 services\.api\.lambda\.memory/)],
    );
  });

  it('that do not exist are said with those that do', () => {
    expect(() => load(STAGED, 'prod')).toThrow('There is no stage "prod".');
    try {
      load(STAGED, 'prod');
    } catch (error) {
      expect((error as Fault).fix).toBe('Use one of: big, quiet.');
    }
  });
});

describe('presets', () => {
  it.each(Object.keys(PRESETS))('%s is valid by itself', (preset) => {
    const [service] = load(`${SMALL}    preset: ${preset}\n`).services;
    expect(service?.lambda ?? service?.fargate).toBeDefined();
  });

  it('are those of a team with one API', () => {
    const of = (preset: string) => load(`${SMALL}    preset: ${preset}\n`).services[0];
    expect(of('development')?.lambda).toMatchObject({ memoryMiB: 512, timeoutMs: 30_000 });
    expect(of('staging')?.lambda).toMatchObject({ memoryMiB: 1024, provisioned: 1 });
    expect(of('production-low-traffic')?.lambda).toMatchObject({
      memoryMiB: 1024,
      reserved: 100,
      provisioned: 5,
    });
    expect(of('production-high-traffic')?.fargate).toMatchObject({
      cpuUnits: 1024,
      memoryMiB: 2048,
      tasks: { min: 3, max: 20 },
      scale: { cpuPercent: 60 },
    });
  });

  it('give way to what the service says beside them', () => {
    const app = load(`${SMALL}    preset: staging\n    lambda: { memory: 3008 }\n`);
    expect(app.services[0]?.lambda).toMatchObject({ memoryMiB: 3008, provisioned: 1 });
  });
});

describe('the schema', () => {
  it('knows every block and key, each with a description', () => {
    const schema = jsonSchema();
    const undescribed: string[] = [];
    const walk = (block: ReturnType<typeof schemaAt>, path: string): void => {
      if (block === undefined) return;
      for (const [key, value] of Object.entries(block.properties ?? {})) {
        if (value.description === undefined) undescribed.push(`${path}${key}`);
        walk(value, `${path}${key}.`);
        walk(
          value.anyOf?.find((option) => option.properties !== undefined),
          `${path}${key}.`,
        );
      }
      if (typeof block.additionalProperties === 'object')
        walk(block.additionalProperties, `${path}*.`);
      walk(block.items, `${path}[].`);
    };
    walk(schemaAt(schema, []), '');
    expect(undescribed).toEqual([]);
    expect(schemaAt(schema, ['services', 'x', 'fargate', 'tasks', 'min'])?.description).toContain(
      'always run',
    );
    expect(schemaAt(schema, ['stages', 'x', 'services', 'y', 'lambda'])?.properties).toHaveProperty(
      'memory',
    );
  });
});

describe('queues', () => {
  it('are read for a service only on Lambda', () => {
    const text = `${SMALL}    fargate: {}\n    queue: jobs\nqueues:\n  jobs: {}\n`;
    expect(problems(text)).toEqual([
      '6:5 services.api.queue: needs a "lambda" block: on Fargate nothing reads a queue for a service',
    ]);
  });

  const QUEUES = `${SMALL}    lambda: {}\n`;
  const withQueues = (queues: string, rest = '') => `${QUEUES}queues:\n${queues}${rest}`;

  it('get every default, in the units of SQS', () => {
    expect(load(withQueues('  jobs: {}\n')).queues).toEqual([
      {
        name: 'jobs',
        visibilityMs: 30_000,
        retentionMs: 4 * 24 * 3_600_000,
        delayMs: 0,
        maxMessageBytes: 1024 * 1024,
        deadLetter: undefined,
        fifo: false,
        contentDedup: false,
      },
    ]);
  });

  it('are read by functions, by name or by a whole block', () => {
    const text = withQueues(
      '  jobs: { maxMessage: 256 KB, deadLetter: { queue: dead } }\n  dead: { retention: 14d }\n',
      `functions:
  short: { queue: jobs }
  long:
    queue: { url: 'https://sqs.eu-west-1.amazonaws.com/123456789012/theirs', batch: 100, window: 2m, partialFailures: true, maxConcurrency: 2 }
`,
    );
    const { queues, functions } = load(text);
    expect(queues[0]).toMatchObject({
      maxMessageBytes: 256 * 1024,
      deadLetter: { queue: 'dead', after: 3 },
    });
    expect(functions.map(({ queue }) => queue)).toEqual([
      {
        from: { name: 'jobs' },
        batch: 10,
        windowMs: 0,
        partialFailures: false,
        maxConcurrency: undefined,
      },
      {
        from: { url: 'https://sqs.eu-west-1.amazonaws.com/123456789012/theirs' },
        batch: 100,
        windowMs: 120_000,
        partialFailures: true,
        maxConcurrency: 2,
      },
    ]);
  });

  it.each([
    ['  jobs: { retention: 15d }\n', '', 'must be a duration from 1m to 14d'],
    ['  jobs: { delay: 500ms }\n', '', 'must be whole seconds, was: 500 ms'],
    ['  jobs: { maxMessage: 2 MB }\n', '', 'must be a whole number of KB from 1 to 1024'],
    [
      '  jobs: {}\n',
      'stages: { s: { services: { api: { lambda: { timeout: 31s }, queue: jobs } } } }\n',
      'the queue hides a message for 30 s, and the function may run 31 s',
    ],
    [
      '  jobs: { fifo: true }\n',
      'functions: { f: { async: { deadLetter: { queue: jobs } } } }\n',
      '"jobs" is a FIFO queue, to which Lambda sends nothing',
    ],
    ['  jobs: { contentDedup: true }\n', '', 'is for FIFO queues only'],
    [
      '  jobs: { fifo: true, deadLetter: { queue: dead } }\n  dead: {}\n',
      '',
      '"jobs" is a FIFO queue and "dead" a standard one',
    ],
    [
      '  jobs: { fifo: true }\n',
      'functions: { f: { queue: { name: jobs, window: 1s } } }\n',
      'is not there for a FIFO queue',
    ],
    ['  jobs: { deadLetter: { queue: jobs } }\n', '', 'is the queue itself'],
    ['  jobs: { deadLetter: { queue: job } }\n', '', 'there is no queue "job"'],
    ['  jobs: {}\n', 'functions: { f: { queue: job } }\n', 'there is no queue "job"'],
    ['  jobs: {}\n', 'functions: { f: { queue: {} } }\n', 'must have either "name" or "url"'],
    [
      '  jobs: {}\n',
      'functions: { f: { queue: { name: jobs, batch: 11 } } }\n',
      'must be at most 10 without a "window", was: 11',
    ],
    [
      '  jobs: {}\n',
      'functions: { f: { queue: jobs, lambda: { timeout: 60s } } }\n',
      'the queue hides a message for 30 s, and the function may run 60 s',
    ],
    [
      '  jobs: {}\n',
      "functions: { f: { queue: { url: 'https://example.com/jobs' } } }\n",
      'must be the URL of a queue',
    ],
  ])('that cannot be are refused: %j %j', (queues, rest, say) => {
    expect(problems(withQueues(queues, rest)).join('\n')).toContain(say);
  });
});
