// Bills and break-evens of a London and a Virginia app, against figures worked out apart from this
// code from the same prices.

import { describe, expect, it } from 'vitest';
import {
  NO_ENTRY,
  type Sketch,
  sketchSetUp,
  sketchWorkload,
} from '../../../test/support/set-up.ts';
import type { Architecture } from '../../model/app.ts';
import { usdOf } from '../money.ts';
import { priceBook } from '../prices/price-book.ts';
import { billOf, estimate } from './estimate.ts';

function usd(
  one: Sketch & { readonly region: string },
  mix: 'lambda' | 'fargate' | 'hybrid',
  perDay: number,
  peak = 1,
): number {
  const book = priceBook(one.region);
  const bill = billOf(
    estimate(sketchSetUp(one), sketchWorkload(perDay, peak), mix, 'expected', { book }),
    book,
  );
  expect(bill.unknown).toEqual([]);
  return usdOf(bill.total.all);
}

describe('a month by its volume', () => {
  const VOLUMES = [10_000, 100_000, 1_000_000, 10_000_000];
  const rows = (of: (perDay: number) => number) => VOLUMES.map((n) => of(n).toFixed(2));

  it.each([
    ['us-east-1', '0.57 5.68 56.78 567.78', '0.87 8.72 87.19 871.53', '1.63 16.32 163.24 1632.36'],
    ['eu-west-2', '0.57 5.68 56.78 567.78', '0.92 9.21 92.06 920.11', '1.63 16.32 163.24 1632.36'],
  ])('on Lambda in %s, with nothing, an HTTP API and a REST API before it', (region, ...said) => {
    const found = (['none', 'http-api', 'rest-api'] as const).map((lambda) =>
      rows((n) => usd({ region, entry: { lambda, fargate: 'none' } }, 'lambda', n)).join(' '),
    );
    expect(found).toEqual(said);
  });

  it.each([
    [
      'us-east-1',
      '36.41 36.66 51.79 203.05',
      '36.41 36.66 89.77 646.16',
      '49.07 49.32 89.77 646.16',
    ],
    [
      'eu-west-2',
      '40.66 40.92 57.52 223.54',
      '40.66 40.92 99.56 713.98',
      '54.67 54.93 99.56 713.98',
    ],
  ])('in tasks behind a load balancer in %s, sized for three times the mean', (region, ...said) => {
    const alb = { region, entry: { lambda: 'none', fargate: 'alb' } } as const;
    const found = [
      rows((n) => usd({ ...alb, cpuMs: 5 }, 'fargate', n, 3)),
      rows((n) => usd({ ...alb, cpuMs: 20 }, 'fargate', n, 3)),
      rows((n) => usd({ ...alb, cpuMs: 20, fargate: { minTasks: 2 } }, 'fargate', n, 3)),
    ];
    expect(found.map((row) => row.join(' '))).toEqual(said);
  });
});

describe('volumes at which both cost the same', () => {
  it.each<[string, Architecture, string]>([
    ['us-east-1', 'x86_64', '158689 222975 430828 580733 673336'],
    ['us-east-1', 'arm64', '154565 232825 465368 611486 787817'],
    ['us-west-2', 'x86_64', '158689 222975 430828 580733 673336'],
    ['eu-west-1', 'x86_64', '158689 222975 436859 581052 709811'],
    ['eu-west-1', 'arm64', '154565 232825 470698 610521 832717'],
    ['eu-west-2', 'x86_64', '182507 246792 455558 612677 753770'],
    ['eu-west-2', 'arm64', '177769 256029 487786 638852 881073'],
    ['ap-southeast-1', 'x86_64', '198064 262350 440937 602744 751183'],
    ['ap-southeast-1', 'arm64', '192873 271134 468041 622406 873417'],
    ['ap-northeast-1', 'x86_64', '198064 262350 428141 587838 739025'],
  ])('in %s on %s', (region, architecture, said) => {
    const on = { region, architecture };
    const apiOrAlb = { ...on, entry: { lambda: 'http-api', fargate: 'alb' } } as const;
    const cases = [
      { ...on, entry: NO_ENTRY, network: { publicTasks: false } },
      { ...on, entry: { lambda: 'http-api', fargate: 'http-api' } },
      apiOrAlb,
      { ...apiOrAlb, fargate: { minTasks: 2 } },
      { ...on, entry: { lambda: 'function-url', fargate: 'alb' } },
    ] as const;
    const found = cases.map((one) => {
      const over = (perDay: number) => usd(one, 'lambda', perDay) - usd(one, 'fargate', perDay);
      let [low, high] = [1, 2_000_000];
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (over(middle) < 0) low = middle;
        else high = middle;
      }
      // The nearer of the two, as it is printed.
      return Math.abs(over(low)) < Math.abs(over(high)) ? low : high;
    });
    expect(found.join(' ')).toBe(said);
  });
});
