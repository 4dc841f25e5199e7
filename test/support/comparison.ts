// A comparison to render: London, x86, 512 MB and 200 ms behind an HTTP API, against one task of
// 0.25 vCPU and 0.5 GB behind a load balancer, at 100,000 requests a day.

import type { Comparison, CostLine, MixCost } from '../../src/cost/compare/comparison.ts';

const line = (item: string, quantity: number, unit: string, usd: number | null): CostLine => ({
  item,
  part: item.startsWith('lambda') || item.startsWith('fargate') ? 'compute' : 'entry',
  service: item.startsWith('lambda') || item.startsWith('fargate') ? 'api' : null,
  compute: item.startsWith('lambda') ? 'lambda' : item.startsWith('fargate') ? 'fargate' : null,
  quantity,
  free: 0,
  unit,
  usd,
  source: usd === null ? null : 'the price list of AWS',
  date: usd === null ? null : '2026-08-31',
  confidence: usd === null ? null : 'A',
  note: null,
});

function mix(lines: readonly CostLine[], more: Partial<MixCost>): MixCost {
  const monthlyUsd = lines.reduce((sum, { usd }) => sum + (usd ?? 0), 0);
  const largest = [...lines].sort((a, b) => (b.usd ?? 0) - (a.usd ?? 0))[0];
  return {
    monthlyUsd,
    perMillionRequestsUsd: monthlyUsd / 3.041667,
    range: { lowUsd: monthlyUsd * 0.8, highUsd: monthlyUsd * 1.3 },
    lines,
    unknown: lines.filter(({ usd }) => usd === null).map(({ item }) => item),
    dominatedBy:
      largest === undefined ? null : { item: largest.item, share: (largest.usd ?? 0) / monthlyUsd },
    mostSensitiveTo: { figure: 'duration on Lambda', elasticity: 0.55 },
    tasks: { mean: 0, peak: 0 },
    lambdaShare: 1,
    why: [],
    ...more,
  };
}

const LAMBDA = [
  line('lambda.request', 3_041_667, 'request', 0.608333),
  line('lambda.x86_64.gbSecond', 304_166.7, 'GB-second', 5.069455),
  line('apigateway.httpRequest', 3_041_667, 'request', 3.528334),
];

const FARGATE = [
  line('fargate.x86_64.vcpuHour', 182.5, 'vCPU-hour', 8.4972),
  line('fargate.x86_64.gbHour', 365, 'GB-hour', 1.86515),
  line('alb.hour', 730, 'ALB-hour', 19.3158),
  line('alb.lcuHour', 33.796, 'LCU-hour', 0.283889),
  line('ipv4.addressHour', 2190, 'address-hour', 10.95),
];

export const COMPARISON: Comparison = {
  schemaVersion: 1,
  app: 'shop',
  region: 'eu-west-2',
  pricesAsOf: '2026-11-20',
  freeTier: 'none',
  workload: {
    requestsPerDay: 100_000,
    requestsPerMonth: 3_041_667,
    shape: 'flat',
    peakOverAverage: 1,
    averageConcurrency: 0.2315,
  },
  computes: {
    lambda: mix(LAMBDA, {}),
    fargate: mix(FARGATE, {
      range: { lowUsd: 40.5, highUsd: 44.1 },
      mostSensitiveTo: { figure: 'CPU time', elasticity: 0.01 },
      tasks: { mean: 1, peak: 1 },
      lambdaShare: 0,
    }),
    hybrid: mix(LAMBDA, {}),
  },
  notApplicable: {},
  breakEven: {
    firstRequestsPerDay: 455_558,
    holdsFromRequestsPerDay: 612_677,
    lambdaHoldsFromRequestsPerDay: null,
    searchedToRequestsPerDay: null,
    averageConcurrency: 1.0545,
    band: { fromRequestsPerDay: 455_558, toRequestsPerDay: 612_677 },
    never: null,
    tasksAtFirst: 1,
    entry: { lambda: 'http-api', fargate: 'alb' },
  },
  assumptions: [
    {
      figure: 'duration on Lambda',
      service: 'api',
      low: 100,
      expected: 200,
      high: 400,
      unit: 'ms',
      from: 'assumed',
    },
    {
      figure: 'CPU time',
      service: 'api',
      low: 2,
      expected: 5,
      high: 10,
      unit: 'ms',
      from: 'measured on 2026-11-21',
    },
    {
      figure: 'requests a connection',
      service: null,
      low: 1,
      expected: 1,
      high: 1,
      unit: 'requests',
      from: 'fulcrum.yml',
    },
  ],
  warnings: ['The price of alb.lcuHour in eu-west-2 is of low confidence (D).'],
  notModelled: ['tax', 'support plans', 'data transfer between regions'],
};

/** Nothing on Fargate has a price, and the app has no function. */
export const UNPRICED: Comparison = {
  ...COMPARISON,
  computes: {
    lambda: null,
    fargate: mix([line('fargate.x86_64.vcpuHour', 182.5, 'vCPU-hour', null)], {
      monthlyUsd: 0,
      perMillionRequestsUsd: 0,
      range: { lowUsd: 0, highUsd: 0 },
      dominatedBy: null,
      mostSensitiveTo: null,
      tasks: { mean: 1.4, peak: 3 },
      lambdaShare: 0,
    }),
    hybrid: null,
  },
  notApplicable: {
    lambda: 'api does not run on Lambda.',
    hybrid: 'api does not run on Lambda.',
    breakEven: 'api runs on Fargate alone.',
  },
  breakEven: null,
};
