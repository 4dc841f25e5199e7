// The cost section: what it takes, and what it refuses with place and fix.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestsPerMonth } from '../base/amount.ts';
import { Fault } from '../base/fault.ts';
import { loadApp } from './load.ts';

const APP = `app: x
region: eu-west-2
services:
  api: { command: node x, lambda: {}, fargate: {} }
`;

function costOf(cost: string, stage?: string, more = '') {
  return loadApp({ name: 'fulcrum.yml', text: `${APP}cost: ${cost}\n${more}` }, stage).cost;
}

/** "5:12 cost.x: what → fix" of each problem. */
function problems(cost: string, app = APP): readonly string[] {
  try {
    loadApp({ name: 'fulcrum.yml', text: `${app}cost: ${cost}\n` }, undefined);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'CONFIG_INVALID') throw error;
    const facts = error.facts as {
      problems: { line: number; path: string; say: string; fix: string }[];
    };
    return facts.problems.map(({ line, path, say, fix }) => `${line} ${path}: ${say} → ${fix}`);
  }
  return [];
}

describe('requests', () => {
  it.each([
    ['100000/day', 100_000 * (730 / 24)],
    ['100000', 100_000 * (730 / 24)],
    ['100k', 100_000 * (730 / 24)],
    ['1M/day', 1_000_000 * (730 / 24)],
    ['50/s', 50 * 730 * 3600],
    ['50 / s', 50 * 730 * 3600],
    ['0.5/s', 0.5 * 730 * 3600],
    ['3k/min', 3000 * 730 * 60],
    ['2.5/h', 2.5 * 730],
    ['1.5M/month', 1.5e6],
    ['1,500,000 per month', 1_500_000],
    ['1_000 / month', 1000],
    ['1e6/month', 1_000_000],
    ['0/day', 0],
  ])('%s', (text, perMonth) => expect(requestsPerMonth(text)).toBeCloseTo(perMonth, 6));

  it.each([
    ['-5/day', /must not be negative/],
    ['lots', /must be requests over time/],
    ['', /must be requests over time/],
    ['NaN', /must be requests over time/],
    ['Infinity', /must be requests over time/],
    ['/day', /must be requests over time/],
    ['1 000/day', /must be requests over time/],
    ['5 k k', /must be requests over time/],
    ['10/week', /has no unit "week": s, min, h, day or month/],
    ['1e30/s', /at most 10,000,000 a second/],
    ['1e999', /at most 10,000,000 a second/],
  ])('%j is refused', (text, why) => expect(requestsPerMonth(text)).toMatch(why));

  it('are a number over nothing, or refused, whatever is written', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = requestsPerMonth(text);
        expect(typeof found === 'string' || found >= 0).toBe(true);
      }),
    );
  });

  it('mean the same in each unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (count) => {
        expect(requestsPerMonth(`${count}/s`)).toBeCloseTo(
          Number(requestsPerMonth(`${count * 60}/min`)),
          3,
        );
        expect(requestsPerMonth(`${count}/h`)).toBeCloseTo(
          Number(requestsPerMonth(`${count * 24}/day`)),
          3,
        );
      }),
    );
  });
});

describe('a figure', () => {
  it('is a value, or a range in rising order', () => {
    const { requests } = costOf(
      '{ requests: { duration: 0.2s, cpu: { low: 5ms, expected: 10ms }, responseSize: 1.5 MB, coldStarts: 2 } }',
    );
    expect(requests.durationMs).toEqual({ low: 200, expected: 200, high: 200 });
    expect(requests.cpuMs).toEqual({ low: 5, expected: 10, high: 10 });
    expect(requests.responseBytes?.expected).toBe(1.5e6);
    expect(requests.coldShare?.expected).toBe(0.02);
    expect(requests.initMs).toBeUndefined();
  });

  it.each([
    ['{ requests: { cpu: { low: 5ms, expected: 1ms } } }', /rising order/],
    ['{ requests: { duration: 200 } }', /must be a duration .* was: 200 → Write it with its unit/],
    ['{ requests: { duration: -5ms } }', /must be a duration/],
    ['{ requests: { coldStarts: 101 } }', /must be a number from 0 to 100/],
    ['{ requests: { logs: 5 TB } }', /must be a size/],
    ['{ requests: { perConnection: 0 } }', /from 1 to 1000000/],
    ['{ requests: { cpu: { hihg: 3ms, expected: 1ms } } }', /hihg|must be a duration/],
    ['{ requests: { concurency: 3 } }', /Did you mean "concurrency"/],
    ['{ traffic: { peak: 0.5 } }', /must be at least 1/],
    ['{ traffic: { shape: dya } }', /Did you mean "day"/],
    ['{ traffic: { shape: [1, 2, 3] } }', /24 numbers/],
    [`{ traffic: { shape: [${Array(24).fill(0).join()}] } }`, /not be 0 everywhere/],
    ['{ traffic: { requests: 99999M/s } }', /10,000,000 a second/],
  ])('%s is refused', (cost, message) => expect(problems(cost).join('\n')).toMatch(message));
});

describe('what it names', () => {
  it.each([
    ['{ services: { apii: {} } }', /^5 cost.services.apii: .* → Did you mean "api"\?$/],
    ['{ services: { api: { perBatch: 2 } } }', /reads no queue/],
    ['{ network: { natBytes: 5 KB } }', /there is no NAT gateway/],
    ['{ items: { s3.putRequests: 5 } }', /Did you mean "s3.putRequest"\?/],
    ['{ items: { s3.bucket: 5 } }', /There are: s3.standardGbMonth, s3.putRequest, s3.getRequest/],
    ['{ items: { alb.hour: -1 } }', /must not be negative/],
    ['{ resources: { a: { type: dynamo } } }', /must have a "type"/],
    ['{ resources: { a: { type: s3, storge: 1 } } }', /Did you mean "storage"\?/],
    [
      '{ resources: { a: { type: rds, instance: db.t4g.micor } } }',
      /Did you mean "db.t4g.micro"\?/,
    ],
    [
      '{ resources: { a: { type: elasticache, engine: valkey, node: cache.m7g.large } } }',
      /Those with a price for valkey in eu-west-2: cache.t4g.micro, cache.t4g.medium/,
    ],
    ['{ resources: { a: { type: cloudfront, plan: pro, out: 5 } } }', /included in the plan "pro"/],
    [
      '{ resources: { a: { type: cloudfront }, b: { type: cloudfront } } }',
      /another one of type "cloudfront"/,
    ],
  ])('%s', (cost, message) => expect(problems(cost).join('\n')).toMatch(message));

  it('must be on the compute that it says something of', () => {
    const app = 'app: x\nservices: { api: { command: x, fargate: {} } }\n';
    expect(problems('{ services: { api: { init: 5ms, cpu: 5ms } } }', app)).toEqual([
      '3 cost.services.api.init: "api" has no settings on Lambda, so nothing hangs on this → Remove it, or add "lambda:" to the service.',
    ]);
    const own = 'app: x\nfunctions: { job: {} }\n';
    expect(problems('{ services: { job: { init: 5ms } } }', own)).toEqual([]);
    expect(problems('{ services: { job: { cpu: 5ms } } }', own).join()).toMatch(/on Fargate/);
  });
});

describe('stages', () => {
  it('lay over it', () => {
    const stages = 'stages: { prod: { cost: { traffic: { requests: 5/s }, freeTier: always } } }\n';
    const base = costOf('{ traffic: { requests: 1/s, peak: 3 } }', undefined, stages);
    const prod = costOf('{ traffic: { requests: 1/s, peak: 3 } }', 'prod', stages);
    expect([base.traffic.requestsPerMonth, base.freeTier]).toEqual([730 * 3600, 'none']);
    expect([prod.traffic.requestsPerMonth, prod.freeTier]).toEqual([5 * 730 * 3600, 'always']);
    expect(prod.traffic.peak).toBe(3);
  });

  it('may be left empty', () => {
    expect(costOf('').traffic.requestsPerMonth).toBeUndefined();
  });
});
