// What usages cost, as somebody writes them: figures with a source, and everything that can be
// mistyped.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Fault, isFault } from '../src/base/fault.ts';
import { USAGE_KINDS } from '../src/cost/input/kinds.ts';
import { CATALOGUE, PRICE_ITEMS } from '../src/cost/prices/catalogue.ts';
import { priceBook, pricedRegions } from '../src/cost/prices/price-book.ts';
import { BUNDLED_PRICES } from '../src/cost/prices/price-data.ts';
import { type RatedUsage, rateUsages } from '../src/ops/rate-usage.ts';

const options = { prices: BUNDLED_PRICES, today: '2026-11-21' };

function rated(text: string): readonly RatedUsage[] {
  return rateUsages(text, options).rated;
}

function one(usage: unknown): RatedUsage {
  const [only] = rated(JSON.stringify(usage));
  if (only === undefined) throw new Error('nothing rated');
  return only;
}

function faultOf(text: string): Fault {
  try {
    rated(text);
  } catch (error) {
    if (
      isFault(error, 'RATE_USAGE_INVALID') ||
      isFault(error, 'RATE_INPUT_NOT_JSON') ||
      isFault(error, 'RATE_INPUT_EMPTY')
    )
      return error;
    throw error;
  }
  throw new Error('it was rated');
}

const problem = (usage: unknown): string => faultOf(JSON.stringify(usage)).message;

/** Half of the last digit that a figure states. */
function tolerance(figure: string): number {
  const [, places = ''] = figure.split('.');
  return 0.5 * 10 ** -places.length;
}

const VECTORS = '../shared/data/pricing-vectors.json';

interface Vector {
  readonly name: string;
  readonly expected_usd: number;
}

describe.skipIf(!existsSync(VECTORS))('golden vectors', () => {
  const text = existsSync(VECTORS) ? readFileSync(VECTORS, 'utf8') : '[]';
  const vectors = JSON.parse(text) as readonly Vector[];

  it('are all met to the digit that each states', () => {
    const answers = rated(text);
    expect(answers.map(({ name }) => name)).toEqual(vectors.map(({ name }) => name));
    for (const [index, { name, expected_usd: expected }] of vectors.entries()) {
      const off = Math.abs((answers[index]?.usd ?? Number.NaN) - expected);
      expect(off, name).toBeLessThanOrEqual(tolerance(decimal(expected)) * 1.000001);
    }
  });
});

/** "0.0000018667" for 1.8667e-06. */
function decimal(value: number): string {
  return value < 1e-6
    ? value.toFixed(12).replace(/0+$/, '')
    : value < 1e-4
      ? value.toFixed(10).replace(/0+$/, '')
      : String(value);
}

const INFRACOST = 'Infracost golden files lambda_function_test, lb_test at 95ba4f49';
const ARITHMETIC = 'arithmetic on list prices of 2026-08-31 to 2026-09-04';
const TASK = { vcpu: 0.25, gb: 0.5 };
const HALF_GB = { memoryMb: 512, durationMs: 200 };

describe('figures with a source', () => {
  it.each<[string, string, object]>([
    [
      '0.00000186667',
      ARITHMETIC,
      { region: 'eu-west-2', arch: 'x86', ...HALF_GB, requests: 1, freeTier: false },
    ],
    ['1.86667', ARITHMETIC, { region: 'eu-west-2', ...HALF_GB, requests: 1e6 }],
    ['1.53334', ARITHMETIC, { region: 'eu-west-2', arch: 'arm64', ...HALF_GB, requests: 1e6 }],
    ['0', ARITHMETIC, { region: 'eu-west-2', ...HALF_GB, requests: 1e6, freeTier: true }],
    ['2.46667', ARITHMETIC, { region: 'us-east-1', ...HALF_GB, requests: 5e6, freeTier: 'always' }],
    [
      '0.204166675',
      'a millisecond and a bit is two',
      { region: 'us-east-1', memoryMb: 128, durationMs: 1.01, requests: 1e6 },
    ],
    [
      '857203.30',
      INFRACOST,
      { region: 'us-east-1', memoryMb: 2048, durationMs: 2048, requests: 15e9 },
    ],
    [
      '836008.16',
      INFRACOST,
      { region: 'us-east-1', arch: 'arm64', memoryMb: 2048, durationMs: 2048, requests: 18.25e9 },
    ],
    [
      '150490.90',
      INFRACOST,
      { region: 'us-east-1', arch: 'arm64', memoryMb: 1024, durationMs: 1024, requests: 11.25e9 },
    ],
    ['0.31', INFRACOST, { region: 'us-east-1', memoryMb: 512, durationMs: 350, requests: 1e5 }],
    [
      '0.04367',
      '10,000 INITs of 500 ms add $0.042; and their requests',
      { memoryMb: 512, durationMs: 0, requests: 10_000, initMs: 500, coldShare: 1 },
    ],
    [
      '5.48',
      ARITHMETIC,
      { region: 'us-east-1', memoryMb: 512, provisionedConcurrency: 1, hours: 730 },
    ],
    [
      '6.35',
      ARITHMETIC,
      { region: 'eu-west-2', memoryMb: 512, provisionedConcurrency: 1, hours: 730 },
    ],
    [
      '8.72',
      ARITHMETIC,
      { region: 'sa-east-1', memoryMb: 512, provisionedConcurrency: 1, hours: 730 },
    ],
    ['9.010025', ARITHMETIC, { region: 'us-east-1', arch: 'x86', ...TASK, hours: 730 }],
    ['10.36235', ARITHMETIC, { region: 'eu-west-2', ...TASK, hours: 730 }],
    ['15.476', ARITHMETIC, { region: 'sa-east-1', ...TASK, hours: 730 }],
    [
      '5.30',
      'ARM in ap-south-1 costs 44 % less',
      { region: 'ap-south-1', arch: 'arm64', ...TASK, hours: 730 },
    ],
    ['0.0002057083', 'a minute at least', { region: 'us-east-1', ...TASK, seconds: 20 }],
    ['16.425', INFRACOST, { region: 'us-east-1', hours: 730, lcuHours: 0 }],
    [
      '233.60',
      '1,000 new connections a second are 40 LCUs',
      { region: 'us-east-1', newConnPerSec: 1000, hours: 730 },
    ],
    [
      '0.032',
      '25 new connections a second are an LCU',
      { region: 'us-east-1', newConnPerSec: 100, hours: 1 },
    ],
    [
      '0.020',
      '0.4 GB an hour to functions are an LCU',
      { region: 'us-east-1', gbPerHourLambdaTarget: 1, hours: 1 },
    ],
    [
      '0.008',
      '1,000 evaluations a second above 10 rules',
      { region: 'us-east-1', requestsPerSec: 20, rules: 60, hours: 1 },
    ],
    ['2.0', 'one for every 512 KB begun', { region: 'us-east-1', requests: 1e6, kb: 513 }],
    [
      '390.0',
      'the second tier of an HTTP API',
      { service: 'http-api', region: 'us-east-1', requests: 400e6 },
    ],
  ])('$%s: %s', (figure, _source, usage) => {
    const { usd } = one(usage);
    expect(Math.abs((usd ?? Number.NaN) - Number(figure))).toBeLessThanOrEqual(
      tolerance(figure) * 1.000001,
    );
  });
});

describe('claims that are often made, with what is right', () => {
  const us = (usages: readonly object[], freeTier: string = 'none') => ({
    region: 'us-east-1',
    freeTier,
    usages,
  });
  const lambdaGb = { service: 'lambda', memoryMb: 1024, durationMs: 200, requests: 1e6 };
  // A million requests of 11 KB.
  const alb = {
    service: 'alb',
    hours: 730,
    gbPerHour: (11 * 1024 * 1e6) / 1e9 / 730,
    addresses: 2,
    includeLoadBalancer: true,
  };
  const rds = { service: 'rds', instanceClass: 'db.t3.medium', hours: 730, storageGb: 20 };
  it.each<[string, string, object]>([
    ['0.0000035', 'a request of a REST API, not $0.035', { service: 'rest-api', requests: 1 }],
    ['0.0000010', 'a request of an HTTP API', { service: 'http-api', requests: 1 }],
    [
      '1.16',
      'a million of them in London',
      { service: 'http-api', region: 'eu-west-2', requests: 1e6 },
    ],
    ['0.00000083', '100 ms at 512 MB', { service: 'lambda', gbSeconds: 0.05 }],
    ['0.00000166667', '200 ms at 512 MB', { service: 'lambda', gbSeconds: 0.1 }],
    ['1.867', 'a million requests of 512 MB and 200 ms', { ...HALF_GB, requests: 1e6 }],
    [
      '0.014195',
      'an hour of the smallest task in London',
      { region: 'eu-west-2', ...TASK, hours: 1 },
    ],
    ['10.22', '720 hours of it', { region: 'eu-west-2', ...TASK, hours: 720 }],
    ['17.77', '720 hours of 0.5 vCPU and 1 GB', { vcpu: 0.5, gb: 1, hours: 720 }],
    ['18.02', '730 hours of it', { vcpu: 0.5, gb: 1, hours: 730 }],
    ['20.72', 'in London', { region: 'eu-west-2', vcpu: 0.5, gb: 1, hours: 730 }],
    ['23.73', 'a load balancer with two addresses', { service: 'alb', hours: 730, addresses: 2 }],
    ['26.62', 'in London', { service: 'alb', region: 'eu-west-2', hours: 730, addresses: 2 }],
    ['16.20', 'its hours alone, 720 of them', { service: 'alb', hours: 720 }],
    ['54.86', 'db.t3.medium with 20 GB', rds],
    ['3.33', '200,000 GB-seconds', { service: 'lambda', gbSeconds: 200_000 }],
    ['21.90', 'RDS Proxy', { service: 'rds-proxy', vcpus: 1, hours: 730 }],
    ['24.82', 'in London', { service: 'rds-proxy', region: 'eu-west-2', vcpus: 2, hours: 730 }],
    ['0.30', 'ten images of 300 MB', { service: 'ecr', storageGb: 3 }],
    ['11.68', 'cache.t4g.micro', { nodeType: 'cache.t4g.micro', hours: 730 }],
    ['13.14', 'in London', { region: 'eu-west-2', nodeType: 'cache.t4g.micro', hours: 730 }],
    [
      '10.51',
      'with Valkey',
      { region: 'eu-west-2', nodeType: 'cache.t4g.micro', engine: 'valkey', hours: 730 },
    ],
    ['12.41', 'cache.t3.micro', { nodeType: 'cache.t3.micro', hours: 730 }],
    [
      '13.98',
      'db.t4g.micro with 20 GB',
      { instanceClass: 'db.t4g.micro', hours: 730, storageGb: 20 },
    ],
    [
      '15.80',
      'in London',
      { region: 'eu-west-2', instanceClass: 'db.t4g.micro', hours: 730, storageGb: 20 },
    ],
    [
      '27.96',
      'in two zones',
      { instanceClass: 'db.t4g.micro', multiAz: true, hours: 730, storageGb: 20 },
    ],
    [
      '31.60',
      'in two zones of London',
      {
        region: 'eu-west-2',
        instanceClass: 'db.t4g.micro',
        multiAz: true,
        hours: 730,
        storageGb: 20,
      },
    ],
    [
      '15.44',
      'db.t3.micro with 20 GB',
      { instanceClass: 'db.t3.micro', hours: 730, storageGb: 20 },
    ],
    ['25.32', 'two smallest tasks with addresses', { ...TASK, hours: 730, tasks: 2, addresses: 1 }],
    ['28.02', 'in London', { region: 'eu-west-2', ...TASK, hours: 730, tasks: 2, addresses: 1 }],
    [
      '100.35',
      'the whole on Fargate',
      us([{ service: 'fargate', vcpu: 0.5, gb: 1, hours: 730, addresses: 1 }, alb, rds]),
    ],
    [
      '81.29',
      'the whole on Lambda',
      us([
        lambdaGb,
        { service: 'http-api', requests: 1e6 },
        { service: 'rds-proxy', vcpus: 2, hours: 730 },
        rds,
      ]),
    ],
    [
      '83.79',
      'with a REST API',
      us([
        lambdaGb,
        { service: 'rest-api', requests: 1e6 },
        { service: 'rds-proxy', vcpus: 2, hours: 730 },
        rds,
      ]),
    ],
    [
      '77.76',
      'with the free tier',
      us(
        [
          lambdaGb,
          { service: 'http-api', requests: 1e6 },
          { service: 'rds-proxy', vcpus: 2, hours: 730 },
          rds,
        ],
        'always',
      ),
    ],
  ])('$%s: %s', (figure, _what, usage) => {
    const { usd } = one(usage);
    expect(Math.abs((usd ?? Number.NaN) - Number(figure))).toBeLessThanOrEqual(
      tolerance(figure) * 1.000001,
    );
  });
});

describe('real bills', () => {
  it.each<[string, object]>([
    ['19.44', { region: 'eu-central-1', service: 'alb', hours: 720 }],
    ['13.68', { region: 'eu-central-1', instanceClass: 'db.t4g.micro', hours: 720 }],
    [
      '2.74',
      { region: 'eu-central-1', service: 'rds', item: 'pg_gp2_single_az_gb_month', quantity: 20 },
    ],
    ['8.40', { region: 'eu-central-1', metrics: 28 }],
    ['0.01', { region: 'eu-west-1', service: 'alb', item: 'lcu_hour', quantity: 0.8 }],
    ['1.32', { region: 'eu-west-1', service: 'fargate', item: 'x86_gb_hour', quantity: 297 }],
  ])('$%s of %j', (figure, usage) => {
    expect(Math.abs((one(usage).usd ?? Number.NaN) - Number(figure))).toBeLessThanOrEqual(
      tolerance(figure) * 1.000001,
    );
  });
});

describe('a usage', () => {
  it('has a service by its fields, when they fit one', () => {
    const of = (usage: object) => one({ region: 'us-east-1', ...usage }).services;
    expect(of({ memoryMb: 128, durationMs: 5, requests: 1 })).toEqual(['lambda']);
    expect(of({ vcpu: 1, gb: 2, hours: 1 })).toEqual(['fargate']);
    expect(of({ hours: 1, activeConn: 3000 })).toEqual(['alb']);
    expect(of({ requests: 1, kb: 1 })).toEqual(['http-api']);
    expect(of({ instanceClass: 'db.t4g.micro' })).toEqual(['rds']);
    expect(of({ addresses: 2, hours: 3 })).toEqual(['ipv4']);
    expect(of({ name: 'nat.month', hours: 730, gb: 3 })).toEqual(['nat']);
    expect(of({ name: 'rds_proxy', vcpu: 2, hours: 730 })).toEqual(['rds-proxy']);
    expect(problem({ gb: 3 })).toContain('gb could be of several');
    expect(problem({ requests: 3 })).toContain(
      'service: is missing, and requests could be of several',
    );
  });

  it('is the same in other words and units', () => {
    const usd = (usage: object) => one({ region: 'us-east-1', ...usage }).usdExact;
    const lambda = usd({ arch: 'arm64', memoryMb: 1024, durationMs: 1500, requests: 1e5 });
    expect(
      usd({ architecture: 'graviton', memory_gb: 1, durationSeconds: 1.5, invocations: 1e5 }),
    ).toBe(lambda);
    expect(
      usd({
        service: 'AWS-Lambda',
        Arch: 'ARM',
        'memory-size-mb': 1024,
        duration_ms: 1500,
        requests: 1e5,
      }),
    ).toBe(lambda);
    const task = usd({ vcpu: 0.5, gb: 1, hours: 2 });
    expect(usd({ cpuUnits: 512, memoryMiB: 1024, minutes: 120 })).toBe(task);
    expect(usd({ vcpu: 0.5, gb: 1, seconds: 3600, tasks: 2 })).toBe(task);
    expect(usd({ service: 'nat', hours: 730, gb: 1 })).toBe(
      usd({ service: 'nat-gateway', months: 1, mb: 1024 }),
    );
  });

  it('of a load balancer with a dimension is its LCUs alone, unless it is asked for', () => {
    const usd = (usage: object) => one({ region: 'us-east-1', hours: 10, ...usage }).usd;
    expect(usd({ gbPerHour: 2 })).toBeCloseTo(0.16, 10);
    expect(usd({ gbPerHour: 2, includeLoadBalancer: true })).toBeCloseTo(0.16 + 0.225, 10);
    expect(usd({ gbPerHour: 2, addresses: 1 })).toBeCloseTo(0.16 + 0.225 + 0.05, 10);
    expect(usd({ lcuHours: 20 })).toBeCloseTo(0.16 + 0.225, 10);
  });

  it('of Spot costs what one says it does', () => {
    const usd = (more: object) =>
      one({ region: 'us-east-1', vcpu: 1, gb: 2, hours: 100, ...more }).usd ?? 0;
    const whole = usd({});
    expect(usd({ spot: true })).toBeCloseTo(whole * 0.35, 9);
    expect(usd({ spotPricePercent: 30 })).toBeCloseTo(whole * 0.3, 9);
    expect(usd({ spotDiscountPercent: 69 })).toBeCloseTo(whole * 0.31, 9);
  });

  it('of an item takes any spelling of the price book, and counts tiers from the first unit', () => {
    const usd = (
      service: string | undefined,
      item: string,
      quantity: number,
      region = 'us-east-1',
    ) => one({ region, service, item, quantity }).usdExact;
    expect(usd('apigateway', 'http_request_tier1', 400e6)).toBe('390');
    expect(usd('apigateway', 'http_request_tier2', 400e6)).toBe('390');
    expect(usd('lambda', 'x86_gb_second_tier1', 1)).toBe('0.0000166667');
    expect(usd('nat', 'gb_processed', 10)).toBe('0.45');
    expect(usd(undefined, 'fargate.arm64.vcpuHour', 2)).toBe('0.06476');
    expect(usd('data_transfer', 'internet_out_gb_tier1', 10_241)).toBe('921.685');
    expect(one({ item: 'lambda.request', quantity: 3e6, freeTier: true }).usd).toBe(0.4);
  });

  it('of every item and every region costs its price', () => {
    for (const region of pricedRegions()) {
      const book = priceBook(region);
      const known = PRICE_ITEMS.filter((item) => book.price(item) !== undefined);
      const text = JSON.stringify(known.map((item) => ({ region, item, quantity: 1 })));
      for (const [index, answer] of rated(text).entries()) {
        const item = known[index] ?? 'lambda.request';
        expect(answer.usd, `${region} ${item}`).toBe(Number(book.price(item)?.[0].pico) / 1e12);
        expect(answer.lines[0]?.unit ?? CATALOGUE[item].unit).toBe(CATALOGUE[item].unit);
      }
    }
  });

  it('is answered with everything that its charge rests on', () => {
    expect(
      one({ name: 'mine', region: 'eu-west-2', freeTier: true, ...HALF_GB, requests: 3e6 }),
    ).toMatchObject({
      name: 'mine',
      region: 'eu-west-2',
      pricesAsOf: '2026-11-20',
      freeTier: 'always',
      usd: 0.4,
      usdExact: '0.4',
      lines: [
        {
          item: 'lambda.request',
          quantity: 3e6,
          free: 1e6,
          unit: 'request',
          usd: 0.4,
          confidence: 'A',
        },
        { item: 'lambda.x86_64.gbSecond', quantity: 3e5, free: 3e5, usd: 0 },
      ],
      unknown: [],
    });
  });

  it('has the free tier less what is used up already', () => {
    const usage = { ...HALF_GB, requests: 1e6, freeTier: 'always' };
    expect(one(usage).usd).toBe(0);
    expect(one({ ...usage, freeTierUsed: { lambdaRequestsMonth: 250_000 } }).usd).toBe(0.05);
    expect(problem({ ...usage, freeTierUsed: { lambdaRequestMonth: 1 } })).toContain(
      'Did you mean "lambdaRequestsMonth"?',
    );
  });

  it('together with others is one bill, with one free tier', () => {
    const lambda = { service: 'lambda', ...HALF_GB, requests: 1e6 };
    const bill = { region: 'us-east-1', freeTier: true, usages: [lambda, lambda] };
    expect(one(bill)).toMatchObject({ services: ['lambda', 'lambda'], usd: 0.2 });
    expect(problem({ ...bill, hours: 3 })).toContain('hours: stands beside "usages"');
  });

  it('in a list or on lines is answered in the same order', () => {
    const [a, b] = [
      { service: 'nat', hours: 1 },
      { service: 'alb', hours: 1 },
    ];
    for (const text of [
      JSON.stringify([a, b]),
      `${JSON.stringify(a)}\n\n${JSON.stringify(b)}\r\n`,
    ]) {
      const answer = rateUsages(text, options);
      expect([answer.isList, answer.rated.map(({ services }) => services[0])]).toEqual([
        true,
        ['nat', 'alb'],
      ]);
    }
    expect(rateUsages(JSON.stringify(a), options).isList).toBe(false);
    expect(rateUsages('[]', options)).toEqual({ rated: [], isList: true });
  });

  it('without a region is of us-east-1, and says so', () => {
    const { region, warnings } = one({ service: 'nat', hours: 1 });
    expect([region, warnings[0]]).toEqual(['us-east-1', 'No region is given: us-east-1.']);
  });

  it('without a known price is unknown, not free', () => {
    const redis = one({ region: 'eu-north-1', service: 'alb', hours: 1, lcuHours: 3 });
    expect(redis).toMatchObject({ usd: null, usdExact: null, unknown: ['alb.lcuHour'] });
    expect(redis.knownUsd).toBeGreaterThan(0);
    expect(one({ instanceClass: 'db.x9.huge' })).toMatchObject({
      usd: null,
      unknown: ['rds postgres db.x9.huge in one zone, gp2'],
    });
  });
});

describe('what is no usage', () => {
  it.each<[string, number, number, string]>([
    ['{"a": }', 1, 7, '}'],
    ['{"vcpu": 0.25,\n "gb": 0.5,\n}', 3, 1, '}'],
    ['{"hours": NaN}', 1, 11, 'NaN}'],
    ['{"hours": 730', 1, 14, 'the end'],
    ["{'hours': 730}", 1, 2, "'hours': 730}"],
    ['{"a": 01}', 1, 7, '01}'],
    ['[{"a": 1} {"a": 2}]', 1, 11, '{"a": 2}]'],
    ['hours: 730', 1, 1, 'hours: 730'],
    ['{"service": "nat", "hours": 1}\n{"service": "nat", hours}', 2, 20, 'hours}'],
    ['{"a": "x\ny"}', 1, 7, '"x'],
    ['{"a": 1}}', 1, 9, '}'],
    ['{"a": tru}', 1, 7, 'tru}'],
  ])('%j is not JSON at line %d, column %d', (text, line, column, found) => {
    const fault = faultOf(text);
    expect([fault.code, fault.facts]).toEqual(['RATE_INPUT_NOT_JSON', { line, column, found }]);
  });

  it.each(['', '  \n', '\uFEFF'])('%j is empty', (text) => {
    expect(faultOf(text).code).toBe('RATE_INPUT_EMPTY');
  });

  const LAMBDA = { service: 'lambda', memoryMb: 512, durationMs: 200, requests: 10 };
  it.each<[string, unknown]>([
    [
      'durationMS2: is not a field of this usage\n      Did you mean "durationMs"?',
      { ...LAMBDA, durationMS2: 3 },
    ],
    ['memoryMb: must be over 0, was: 0', { ...LAMBDA, memoryMb: 0 }],
    ['memoryMb: must be from 128 to 10240, was: 20000', { ...LAMBDA, memoryMb: 20_000 }],
    ['durationMs: must not be negative, was: -1', { ...LAMBDA, durationMs: -1 }],
    ['durationMs: must be from 0 to 900000, was: 1000000', { ...LAMBDA, durationMs: 1e6 }],
    ['requests: must be from 0 to 1000000000000000000, was: 1e+30', { ...LAMBDA, requests: 1e30 }],
    [
      'requests: must be a number, was: "10"\n      Write it without quotes.',
      { ...LAMBDA, requests: '10' },
    ],
    ['requests: must be a number, was: null', { ...LAMBDA, requests: null }],
    ['requests: is missing', { ...LAMBDA, requests: undefined }],
    ['invocations: says the same as "requests"', { ...LAMBDA, invocations: 3 }],
    [
      'arch: must be one of x86_64, arm64, was: "arm46"\n      Did you mean "arm64"?',
      { ...LAMBDA, arch: 'arm46' },
    ],
    [
      'region: has no prices: "eu-west-22"\n      Did you mean eu-west-2',
      { ...LAMBDA, region: 'eu-west-22' },
    ],
    [
      'freeTier: must be true, false, "none", "always" or "legacy", was: "yes"',
      { ...LAMBDA, freeTier: 'yes' },
    ],
    ['coldStarts: is more than the 10 requests', { ...LAMBDA, coldStarts: 11, initMs: 1 }],
    ['initMs: is missing', { ...LAMBDA, coldStarts: 1 }],
    [
      'service: must be one that is priced, was: "lamda"\n      Did you mean "lambda"?',
      { ...LAMBDA, service: 'lamda' },
    ],
    ['vcpu: must be over 0', { vcpu: 0, gb: 1, hours: 1 }],
    ['hours: is missing', { vcpu: 1, gb: 1 }],
    ['hours: must not be negative, was: -5', { service: 'nat', hours: -5 }],
    ['spot: must be true or false, was: "yes"', { vcpu: 1, gb: 1, hours: 1, spot: 'yes' }],
    [
      'spotPricePercent: must be a whole number, was: 30.5',
      { vcpu: 1, gb: 1, hours: 1, spotPricePercent: 30.5 },
    ],
    ['lcuHours: and a dimension say the same', { hours: 1, lcuHours: 1, newConnPerSec: 1 }],
    [
      'item: is none of the price book: "reqest"\n      Did you mean lambda.request',
      { service: 'lambda', item: 'reqest', quantity: 1 },
    ],
    ['quantity: is missing', { item: 'lambda.request' }],
    ['must be an object', 3],
    ['must be an object', null],
    ['nat: has no usage\n      For example', { service: 'nat' }],
    ['service: is missing, and nothing is in it', {}],
  ])('%j', (said, usage) => {
    expect(problem(usage)).toContain(said);
  });

  it('is listed at once with its place, and nothing else is rated', () => {
    const fault = faultOf(
      JSON.stringify([LAMBDA, { ...LAMBDA, memoryMb: 0 }, { service: 'nat', hourss: 1, gb: -1 }]),
    );
    expect(fault.message.split('\n').filter((line) => /^ {2}\d/.test(line))).toEqual([
      '  2. memoryMb: must be over 0, was: 0',
      '  3. hourss: is not a field of this usage',
      '  3. gb: must not be negative, was: -1',
    ]);
    expect(fault.exitCode).toBe(2);
  });
});

describe('every kind of usage', () => {
  it.each(USAGE_KINDS.map((kind) => [kind.service, kind] as const))(
    '%s rates its example',
    (service, kind) => {
      const { usd, services } = one({ region: 'us-east-1', service, ...kind.example });
      expect(services).toEqual([service]);
      expect(usd).toBeGreaterThanOrEqual(0);
      for (const also of kind.also) {
        expect(one({ region: 'us-east-1', service: also, ...kind.example }).usd).toBe(usd);
      }
    },
  );

  it('has names that mean one field each', () => {
    for (const { service, fields } of USAGE_KINDS) {
      const names = Object.values(fields).flatMap((field) =>
        Object.keys(field.names).map((name) => name.toLowerCase()),
      );
      expect(
        names.filter((name, index) => names.indexOf(name) !== index),
        service,
      ).toEqual([]);
    }
    // Which API of API Gateway is meant, its fields say.
    const shared = ['apigateway', 'api-gateway', 'apigatewayv2'];
    const services = USAGE_KINDS.flatMap(({ service, also }) => [service, ...also]).filter(
      (name) => !shared.includes(name),
    );
    expect(new Set(services).size).toBe(services.length);
  });
});

const QUARTER = { service: 'fargate', vcpu: 0.25, gb: 0.5, hours: 730 };

describe('as somebody else writes it', () => {
  const london = { region: 'eu-west-2' };
  const million = { service: 'lambda', memoryMb: 512, durationMs: 200 };
  const task = 730 * (0.25 * 0.04656 + 0.5 * 0.00511);
  // What each costs is worked out from the prices of London by hand.
  const usages: readonly (readonly [Readonly<Record<string, unknown>>, number])[] = [
    [{ ...million, requests: 1e6, free_tier: false }, 1.86667],
    [{ ...million, requests: 1e6, free_tier: 'off' }, 1.86667],
    [{ ...million, requests: 1e6, Free_Tier: true }, 0],
    [{ ...million, requests: 1e6, 'free-tier': 'on' }, 0],
    [{ ...million, requests_per_month: 1e6 }, 1.86667],
    [{ ...million, monthlyRequests: 1e6 }, 1.86667],
    [{ Service: 'lambda', memory_size: 512, average_duration_ms: 200, requests: 1e6 }, 1.86667],
    [{ ...million, requests: 1e6, cold_start_ratio: 0.01, init: 500 }, 1.90833675],
    [{ service: 'lambda', gb_s: 100_000, requests: 1e6 }, 1.86667],
    [{ service: 'fargate', cpu: 0.25, memory: 0.5, hours: 730 }, task],
    [{ service: 'fargate', cpu: 256, memory: 512, hours: 730 }, task],
    [{ service: 'fargate', cpu: 256, memoryMb: 512, hours: 365, desired_count: 2 }, task],
    [{ service: 'fargate', vcpu_hours: 182.5, gb_hours: 365 }, task],
    [{ service: 'fargate', vcpuHours: 182.5, gbHours: 365, spot: true }, 0.35 * task],
    [{ service: 'fargate_spot', vcpu: 0.25, gb: 0.5, hours: 730 }, 0.35 * task],
    [{ ...QUARTER, capacityProvider: 'FARGATE_SPOT', spotDiscount: 70 }, 0.3 * task],
    [{ ...QUARTER, launchType: 'FARGATE' }, task],
    [{ ...QUARTER, hours: 0 }, 0],
    [{ service: 'apigateway', type: 'http', requests: 1e6 }, 1.16],
    [{ service: 'apigateway', type: 'REST', requests: 1e6 }, 3.5],
    [{ service: 'apigateway', rest_requests: 1e6 }, 3.5],
    [{ service: 'apigateway', http_requests: 1e6 }, 1.16],
    [{ service: 'apigateway', type: 'websocket', messages: 1e6, connectionMinutes: 1e6 }, 1.487],
    [{ service: 'apigateway', websocketMessages: 1e6 }, 1.19],
    [{ service: 'alb', gbPerHourIpTarget: 2, hours: 10 }, 0.168],
    [{ service: 'nat', hours: 2, data_processed_gb: 10 }, 0.6],
    [{ service: 'ipv4', address_hours: 1460 }, 7.3],
    [{ service: 'vpc_endpoint', availabilityZones: 2, hours: 730, processedGb: 20 }, 16.26],
    [{ service: 'sqs_fifo', requests: 1e6 }, 0.5],
    [{ service: 'cloudwatch', logsGb: 10, metrics: 10 }, 8.985],
    [{ service: 's3', gb_month: 100, put: 50_000, get: 1e6 }, 3.085],
    [{ service: 'elasticache', instance: 'cache.t4g.micro' }, 13.14],
  ];

  it.each(usages)('%j', (usage, usd) => {
    expect(one({ ...london, ...usage }).usd).toBeCloseTo(usd, 10);
  });

  it('does not take two ways of saying the same', () => {
    expect(problem({ service: 'ipv4', addresses: 2, addressHours: 5 })).toContain('says the same');
    expect(problem({ ...QUARTER, vcpuHours: 5 })).toContain('say the same');
    expect(problem({ service: 'rest-api', type: 'http', requests: 1 })).toContain('must be one of');
    expect(problem({ ...million, requests: 1, freeTier: true, free_tier: true })).toContain(
      'free_tier: is not a field',
    );
  });

  it('counts what is used up of the free tier as people do', () => {
    const used = { cloudfrontRequestsMonth: 5_000_000 };
    const usage = { service: 'cloudfront', requests: 20e6, freeTier: true };
    expect(one({ ...usage, freeTierUsed: used }).usd).toBe(15);
    expect(one(usage).usd).toBe(10);
  });
});
