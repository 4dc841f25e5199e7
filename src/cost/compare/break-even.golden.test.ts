// Break-evens against figures that were worked out apart from this code from the same prices: whole
// tables, to the request a day.

import { describe, expect, it } from 'vitest';
import { type Sketch, sketchSetUp, sketchWorkload } from '../../../test/support/set-up.ts';
import type { FreeTierMode } from '../free-tier.ts';
import { breakEvenOf } from './break-even.ts';
import type { BreakEven } from './comparison.ts';
import { pricingOf } from './pricing.ts';

const PRICING = {
  none: pricingOf('none'),
  always: pricingOf('always'),
  legacy: pricingOf('legacy'),
};

function breakEven(sketch: Sketch, freeTier: FreeTierMode = 'none', peak = 1): BreakEven {
  const found = breakEvenOf(sketchSetUp(sketch), sketchWorkload(1, peak), PRICING[freeTier]);
  if (found.breakEven === null) throw new Error(found.notApplicable);
  return found.breakEven;
}

const first = (sketch: Sketch, freeTier?: FreeTierMode) =>
  breakEven(sketch, freeTier).firstRequestsPerDay ?? Number.NaN;

/** Nothing in front, and no public address. */
const BARE: Sketch = {
  entry: { lambda: 'none', fargate: 'none' },
  network: { publicTasks: false },
};
const HTTP_API: Sketch = { entry: { lambda: 'http-api', fargate: 'http-api' } };
const API_OR_ALB: Sketch = { entry: { lambda: 'http-api', fargate: 'alb' } };
const URL_OR_ALB: Sketch = { entry: { lambda: 'function-url', fargate: 'alb' } };
const TWO_TASKS = { fargate: { minTasks: 2 } };

// A bare task; A with the free tier; B HTTP API in front of both; C HTTP API and Lambda, load balancer
// and task; C with the free tier; D with two tasks; E function URL, load balancer and task.
const REGIONS = `
  us-east-1       x86       158689    279628    222975    430828    512135    580733    673336
  us-east-1       arm64     154565    273207    232825    465368    539826    611486    787817
  us-east-2       x86       158689    279628    222975    430828    512135    580733    673336
  us-east-2       arm64     154565    273207    232825    465368    539826    611486    787817
  us-west-2       x86       158689    279628    222975    430828    512135    580733    673336
  us-west-2       arm64     154565    273207    232825    465368    539826    611486    787817
  eu-west-1       x86       158689    279628    222975    436859    515068    581052    709811
  eu-west-1       arm64     154565    273207    232825    470698    541949    610521    832717
  eu-west-2       x86       182507    303446    246792    455558    532553    612677    753770
  eu-west-2       arm64     177769    296411    256029    487786    557789    638852    881073
  eu-central-1    x86       182507    303446    246792    453101    528944    607870    759153
  eu-central-1    arm64     177769    296411    256029    484476    553300    632999    887303
  ap-southeast-1  x86       198064    319003    262350    440937    515527    602744    751183
  ap-southeast-1  arm64     192873    311515    271134    468041    535587    622406    873417
  ap-northeast-1  x86       198064    319003    262350    428141    501759    587838    739025
  ap-northeast-1  arm64     192873    311515    271134    453288    519846    605394    858451
  sa-east-1       x86       272571    393510    336857    505526    573264    694198    966739
  sa-east-1       arm64     265851    384493    344112    527979    588630    703892   1123598
  ap-south-1      x86       166725    287664    231010    440401    520270    592961    700692
  ap-south-1      arm64     113673    232316    191934    444364    517329    562403    767654
`;

describe('break-even of 512 MB and 200 ms against 0.25 vCPU and 0.5 GB', () => {
  const rows = REGIONS.trim()
    .split('\n')
    .map((row) => row.trim().split(/ +/));

  it('has a table of ten regions', () => expect(rows).toHaveLength(20));

  it.each(rows)('in %s on %s', (region = '', processor = '', ...printed) => {
    const on: Sketch = { region, architecture: processor === 'x86' ? 'x86_64' : 'arm64' };
    const found = [
      first({ ...BARE, ...on }),
      first({ ...BARE, ...on }, 'always'),
      first({ ...HTTP_API, ...on }),
      first({ ...API_OR_ALB, ...on }),
      first({ ...API_OR_ALB, ...on }, 'always'),
      first({ ...API_OR_ALB, ...on, ...TWO_TASKS }),
      first({ ...URL_OR_ALB, ...on }),
    ];
    // The table has the crossing of two lines, rounded; we the first whole volume from it on.
    for (const [index, value] of found.entries()) {
      const rounded = Number(printed[index]);
      expect([rounded, rounded + 1], `column ${index + 1}`).toContain(value);
    }
  });

  it('is the same for good where nothing limits a task', () => {
    const { firstRequestsPerDay, holdsFromRequestsPerDay, ...rest } = breakEven(API_OR_ALB);
    expect(holdsFromRequestsPerDay).toBe(firstRequestsPerDay);
    expect(rest).toEqual({
      lambdaHoldsFromRequestsPerDay: null,
      searchedToRequestsPerDay: null,
      averageConcurrency: expect.closeTo(0.997, 3),
      band: null,
      never: null,
      tasksAtFirst: 1,
      entry: { lambda: 'http-api', fargate: 'alb' },
    });
  });
});

describe('break-even in London', () => {
  const region = 'eu-west-2';
  const hours = (
    item: 'rdsProxy.vcpuHour' | 'nat.hour',
    count: bigint,
    on: 'lambda' | 'fargate',
  ) => [
    {
      name: item,
      on,
      quantities: [
        { item, amount: count, per: 1n, part: 'data', service: undefined, compute: undefined },
      ],
    } as const,
  ];
  const proxy = { resources: hours('rdsProxy.vcpuHour', 1460n, 'lambda') };

  it.each<[string, Sketch, number]>([
    ['a REST API', { entry: { lambda: 'rest-api', fargate: 'alb' } }, 253_400],
    ['a proxy of a database for Lambda', { ...API_OR_ALB, ...proxy }, 177_300],
    ['the same and two tasks', { ...API_OR_ALB, ...proxy, ...TWO_TASKS }, 334_400],
    ['Spot at 30 %', { ...API_OR_ALB, fargate: { spotShare: 1 }, spotPricePercent: 30 }, 374_200],
    ['two tasks and a function URL', { ...URL_OR_ALB, ...TWO_TASKS }, 1_013_700],
    [
      'a NAT gateway for the task, its address left out',
      {
        ...API_OR_ALB,
        network: { publicTasks: false },
        resources: hours('nat.hour', 730n, 'fargate'),
      },
      823_900,
    ],
  ])('with %s', (_, sketch, printed) => {
    expect(Math.abs(first({ region, ...sketch }) - printed)).toBeLessThanOrEqual(50);
  });

  it('counts the address of a NAT gateway', () => {
    const natGateways = { lambda: 0, fargate: 1 };
    const found = first({ region, network: { publicTasks: false, natGateways } });
    expect(found - 823_901).toBeCloseTo(3.65 / 0.0000029319 / (730 / 24), -2);
  });
});

describe('break-even by memory and duration in Virginia', () => {
  it.each([
    [128, 20, 1_225_700, 1_514_000, 1_038_800, 0.28],
    [256, 100, 480_400, 846_400, 783_600, 0.56],
    [512, 50, 480_400, 846_400, 783_600, 0.28],
    [512, 200, 158_700, 279_600, 430_800, 0.37],
    [512, 500, 67_800, 119_500, 226_700, 0.39],
    [1024, 200, 83_800, 147_700, 269_200, 0.19],
    [1024, 1000, 17_600, 30_900, 67_300, 0.2],
    [1769, 1000, 10_200, 17_900, 40_000, 0.12],
    [2048, 3000, 2960, 5150, 11_800, 0.1],
  ])('%d MB, %d ms', (memoryMiB, lambdaMs, ...printed) => {
    const [bare = 0, free = 0, api = 0, concurrency = 0] = printed;
    const of = { memoryMiB, lambdaMs };
    const near = (value: number, printed: number) =>
      expect(Math.abs(value - printed)).toBeLessThanOrEqual(printed < 10_000 ? 5 : 50);
    near(first({ ...BARE, ...of }), bare);
    near(first({ ...BARE, ...of }, 'always'), free);
    near(first({ ...API_OR_ALB, ...of }), api);
    const { averageConcurrency } = breakEven({ ...BARE, ...of });
    expect(averageConcurrency).toBeCloseTo(concurrency, 2);
  });
});

// For good, with tasks for the peak all month: flat, peak 3, peak 10; then a function URL at peak 3.
// 0: never. As printed, in thousands.
const BY_CONCURRENCY = [
  ['us-east-1', 1, 581, 0, 0],
  ['eu-west-2', 1, 612, 0, 0],
  ['us-east-1', 2, 430, 880, 0],
  ['eu-west-2', 2, 455, 927, 0],
  ['us-east-1', 5, 430, 430, 1330],
  ['eu-west-2', 5, 455, 455, 1550],
  ['us-east-1', 10, 430, 430, 581],
  ['eu-west-2', 10, 455, 455, 612],
  ['us-east-1', 20, 430, 430, 430],
  ['eu-west-2', 20, 455, 455, 455],
] as const;

const BY_PROCESSOR = [
  ['us-east-1', 2, 430, 430, 430, 673],
  ['eu-west-2', 2, 455, 455, 455, 753],
  ['us-east-1', 5, 430, 430, 880, 907],
  ['eu-west-2', 5, 455, 455, 1080, 1010],
  ['us-east-1', 10, 430, 581, 0, 1370],
  ['eu-west-2', 10, 455, 612, 0, 1790],
  ['us-east-1', 20, 430, 1330, 0, 0],
  ['eu-west-2', 20, 455, 1550, 0, 0],
  ['us-east-1', 58, 1180, 0, 0, 0],
  ['eu-west-2', 58, 1400, 0, 0, 0],
] as const;

function expectForGood({ holdsFromRequestsPerDay: holds, never }: BreakEven, thousands: number) {
  if (thousands === 0) {
    expect(holds).toBeNull();
    expect(never).toContain('million');
    return;
  }
  expect(never).toBeNull();
  const unit = thousands >= 1000 ? 10_000 : 1000;
  expect(Math.abs((holds ?? Number.NaN) - thousands * 1000)).toBeLessThan(unit);
}

describe('break-even for good by what a task carries', () => {
  it.each(BY_CONCURRENCY)('%s, %d in flight', (region, concurrency, flat, peak3, peak10) => {
    const of = { ...API_OR_ALB, region, concurrency };
    expectForGood(breakEven(of), flat);
    expectForGood(breakEven(of, 'none', 3), peak3);
    expectForGood(breakEven(of, 'none', 10), peak10);
  });

  it.each(BY_PROCESSOR)('%s, %d ms of processor', (region, cpuMs, ...printed) => {
    const [flat, peak3, peak10, url] = printed;
    const of = { ...API_OR_ALB, region, cpuMs };
    expectForGood(breakEven(of), flat);
    expectForGood(breakEven(of, 'none', 3), peak3);
    expectForGood(breakEven(of, 'none', 10), peak10);
    expectForGood(breakEven({ ...of, ...URL_OR_ALB }, 'none', 3), url);
  });

  it('says why it never is', () => {
    expect(breakEven({ ...API_OR_ALB, cpuMs: 58 }, 'none', 3)).toMatchObject({
      firstRequestsPerDay: null,
      lambdaHoldsFromRequestsPerDay: 1,
      never:
        'a task of "api" carries 2.6 requests a second, limited by its processor, and all month there are tasks for a peak of 3 times the mean: a million requests more cost $5.68 on Fargate and $2.77 on Lambda, so Fargate never makes up for what it costs before the first',
    });
  });

  it('has a band where one task more makes Lambda the cheaper one again', () => {
    expect(breakEven({ ...API_OR_ALB, concurrency: 1 })).toMatchObject({
      firstRequestsPerDay: 430_829,
      holdsFromRequestsPerDay: 580_734,
      band: { fromRequestsPerDay: 430_829, toRequestsPerDay: 580_734 },
      tasksAtFirst: 1,
    });
  });
});
