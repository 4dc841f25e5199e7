// From fulcrum.yml to a set-up: what is taken from where, and that everything it accepts changes the
// bill.

import { describe, expect, it } from 'vitest';
import { loadApp } from '../../config/load.ts';
import type { Mix } from '../compare/comparison.ts';
import { usdOf } from '../money.ts';
import { priceBook } from '../prices/price-book.ts';
import { billOf, estimate } from './estimate.ts';
import { sure } from './figures.ts';
import { type MeasuredProfiles, setUpOf } from './set-up-of.ts';

const SHAPE = { stepMs: 3_600_000, steps: [0.5, 1.5], name: 'two' };

function setUp(yaml: string, measured: MeasuredProfiles = {}) {
  return setUpOf(loadApp({ name: 'fulcrum.yml', text: yaml }, undefined), measured);
}

function bill(yaml: string, mix: Mix, requestsPerMonth = 30e6) {
  const made = setUp(yaml);
  const book = priceBook(made.region);
  const workload = { requestsPerMonth, shape: SHAPE, peak: 2 };
  return billOf(estimate(made, workload, mix, 'expected', { book }), book);
}

const APP = `
app: x
region: eu-west-2
queues: { jobs: {} }
services:
  api:
    command: node api
    lambda: {}
    fargate: { tasks: { max: 50 }, spot: 50 }
functions:
  worker: { queue: jobs }
`;

describe('figures', () => {
  it('are measured, said of the service, said of all, or assumed, in this order', () => {
    const yaml = `${APP}
cost:
  requests: { duration: 300ms, cpu: 30ms, init: 1s, responseSize: 5 KB }
  services: { api: { cpu: { low: 10ms, expected: 20ms, high: 40ms }, init: 2s } }
`;
    const measured = { api: { initMs: sure(77, 'measured on 2026-11-21') } };
    const { requests } = setUp(yaml, measured).services[0] ?? {};
    expect(requests?.initMs).toEqual(sure(77, 'measured on 2026-11-21'));
    expect(requests?.cpuMs).toEqual({ low: 10, expected: 20, high: 40, from: 'fulcrum.yml' });
    expect(requests?.lambdaMs).toEqual(sure(300, 'fulcrum.yml'));
    expect(requests?.responseBytes).toEqual(sure(5000, 'fulcrum.yml'));
    expect(requests?.requestBytes.from).toBe('assumed');
    expect(requests?.concurrency?.expected).toBe(20);
  });

  it('of tasks are those of the service: one in each zone where none has to run', () => {
    const of = (fargate: string, more = '') =>
      setUp(`
app: x
zones: 3
services: { api: { command: a, lambda: {}, fargate: ${fargate} } }
${more}`).services[0]?.fargate;
    expect(of('{}')).toMatchObject({ minTasks: 3, maxTasks: 10, autoscaling: true });
    expect(of('{ tasks: { min: 2, max: 2 } }')).toMatchObject({ minTasks: 2, autoscaling: false });
    expect(of('{ scale: { cpu: 75 } }')?.targetUtilization).toBe(0.75);
    const said = of('{}', 'cost: { services: { api: { minTasks: 1, utilization: 40 } } }');
    expect(said).toMatchObject({ minTasks: 1, targetUtilization: 0.4 });
    expect(of('{ idle: 5m }')?.idleMs).toBe(300_000);
  });

  it('of tasks without Lambda beside them may go to zero, as the service says', () => {
    const { services } = setUp(
      '{ app: x, services: { api: { command: a, fargate: { tasks: { min: 0 } } } } }',
    );
    expect(services[0]?.fargate?.minTasks).toBe(0);
  });

  it('share what the others leave', () => {
    const yaml = (cost: string) => `
app: x
services: { a: { command: a, lambda: {} }, b: { command: b, lambda: {} }, c: { command: c, lambda: {} } }
routes:
  - { path: /a*, service: a }
  - { path: /b*, service: b }
  - { path: /*, service: c }
cost: { services: ${cost} }`;
    const shares = (cost: string) => setUp(yaml(cost)).services.map(({ share }) => share);
    expect(shares('{}')).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(shares('{ a: { share: 60 } }')).toEqual([0.6, 0.2, 0.2]);
    expect(shares('{ a: { share: 120 } }')).toEqual([1.2, 0, 0]);
  });

  it('of a queue come with its function, which is no part of the entry', () => {
    const [api, worker] = setUp(APP).services;
    expect(api).toMatchObject({ name: 'api', share: 1, trigger: { kind: 'entry' } });
    expect(worker).toMatchObject({ name: 'worker', share: 0.1, trigger: { kind: 'queue' } });
    expect(worker?.fargate).toBeUndefined();
  });
});

describe('everything that is accepted', () => {
  const before = Object.fromEntries(
    (['lambda', 'fargate'] as const).map((mix) => [mix, bill(APP, mix).total.all]),
  );

  const changes = (cost: string): string[] => {
    const yaml = `${APP}cost: ${cost}\n`;
    return (['lambda', 'fargate'] as const).filter(
      (mix) => bill(yaml, mix).total.all !== before[mix],
    );
  };

  it.each<[string, string]>([
    ['{ requests: { duration: 7s } }', 'lambda,fargate'],
    ['{ requests: { lambdaDuration: 150ms } }', 'lambda,fargate'],
    ['{ requests: { fargateDuration: 3s } }', 'fargate'],
    ['{ requests: { cpu: 90ms } }', 'fargate'],
    ['{ requests: { concurrency: 1 } }', 'fargate'],
    ['{ requests: { requestSize: 200 KB } }', 'lambda,fargate'],
    ['{ requests: { responseSize: 20 KB } }', 'lambda,fargate'],
    ['{ requests: { perConnection: 1, responseSize: 1 B } }', 'lambda,fargate'],
    ['{ requests: { coldStarts: 50 } }', 'lambda,fargate'],
    ['{ requests: { init: 9s } }', 'lambda,fargate'],
    ['{ requests: { logs: 9 KB } }', 'lambda,fargate'],
    ['{ requests: { lambdaLogs: 9 KB } }', 'lambda,fargate'],
    ['{ services: { worker: { share: 50 } } }', 'lambda,fargate'],
    ['{ services: { worker: { perBatch: 10 } } }', 'lambda,fargate'],
    ['{ services: { api: { minTasks: 9 } } }', 'fargate'],
    ['{ services: { api: { utilization: 10 } } }', 'fargate'],
    ['{ entry: { lambda: function-url } }', 'lambda'],
    ['{ entry: { fargate: http-api } }', 'fargate'],
    ['{ network: { nat: one } }', 'lambda,fargate'],
    ['{ network: { nat: per-zone, natFor: lambda } }', 'lambda,fargate'],
    ['{ network: { publicTasks: false } }', 'fargate'],
    ['{ network: { crossZone: 1 KB } }', 'lambda,fargate'],
    ['{ logs: { retention: 365 } }', 'lambda,fargate'],
    ['{ logs: { stored: 90 } }', 'lambda,fargate'],
    ['{ spotPrice: 31 }', 'fargate'],
    ['{ items: { kms.request: 5000000 } }', 'lambda,fargate'],
    ['{ resources: { db: { type: rds, instance: db.t4g.micro } } }', 'lambda,fargate'],
    ['{ resources: { db: { type: rds, instance: db.t4g.micro, on: fargate } } }', 'fargate'],
    ['{ resources: { c: { type: elasticache, node: cache.t4g.micro } } }', 'lambda,fargate'],
    ['{ resources: { f: { type: s3, storage: 1 } } }', 'lambda,fargate'],
    ['{ resources: { m: { type: ses, emails: 1000 } } }', 'lambda,fargate'],
    ['{ resources: { u: { type: cognito, users: 50, tier: plus } } }', 'lambda,fargate'],
    ['{ resources: { c: { type: cloudfront } } }', 'lambda,fargate'],
    ['{ resources: { q: { type: sqs, requests: 50000 } } }', 'lambda,fargate'],
    ['{ resources: { s: { type: secrets, keys: 1 } } }', 'lambda,fargate'],
    ['{ resources: { i: { type: ecr, storage: 3 } } }', 'lambda,fargate'],
    ['{ resources: { a: { type: monitoring, alarms: 3 } } }', 'lambda,fargate'],
    ['{ resources: { n: { type: nat } } }', 'lambda,fargate'],
    ['{ resources: { e: { type: endpoint } } }', 'lambda,fargate'],
  ])('%s changes the bill of %s', (cost, said) => {
    expect(changes(cost).join()).toBe(said);
  });

  it('in a resource changes its lines', () => {
    const lines = (resource: string) =>
      bill(`${APP}cost: { resources: { x: ${resource} } }\n`, 'lambda')
        .lines.filter(({ service }) => service?.startsWith('x') === true)
        .map(({ item, quantity }) => `${item} ${quantity}`);
    const rds = '{ type: rds, instance: db.t4g.micro, storage: 20, backup: 25';
    expect(lines(`${rds} }`)).toEqual([
      'rds.pgDbT4gMicroSingleAzHour 730',
      'rds.pgGp2SingleAzGbMonth 20',
      'rds.backupGbMonth 5',
    ]);
    expect(
      lines(`${rds}, multiAz: true, volume: gp3, count: 2, hours: 365, proxy: true }`),
    ).toEqual([
      'rds.pgDbT4gMicroMultiAzHour 730',
      'rds.pgGp3MultiAzGbMonth 40',
      'rds.backupGbMonth 10',
      'rdsProxy.vcpuHour 1460',
    ]);
    expect(lines('{ type: ses, emails: 5, plan: pro, attachments: 1 }')).toEqual([
      'ses.proPlanMonth 1',
      'ses.aLaCarteEmail 5',
      'ses.attachmentGb 1',
    ]);
    expect(lines('{ type: cloudfront, plan: business }')).toEqual([
      'cloudfront.flatBusinessMonth 1',
    ]);
  });
});

describe('CloudFront', () => {
  it('keeps what it answers away from the app, and its bytes from the internet', () => {
    const yaml = `${APP}cost: { resources: { cdn: { type: cloudfront, cached: 80 } } }\n`;
    const items = new Map(bill(yaml, 'lambda').lines.map((line) => [line.item, line.quantity]));
    expect(items.get('cloudfront.usHttps10k')).toBeCloseTo(3000, 6);
    expect(items.get('cloudfront.usEuGb')).toBeCloseTo((30e6 * 10_000) / 1024 ** 3, 6);
    expect(items.has('dataTransfer.internetOutGb')).toBe(false);
    const requests = bill(yaml, 'lambda').lines.find(
      ({ item, service }) => item === 'lambda.request' && service === 'api',
    );
    expect(requests?.quantity).toBeCloseTo(6e6, 3);
  });
});

describe('an app of its own', () => {
  const usd = (yaml: string, mix: Mix, perMonth: number) =>
    usdOf(bill(yaml, mix, perMonth).total.all);

  it('moved from two tasks to Lambda: an events API in Virginia, before and after', () => {
    const yaml = `
app: events
region: us-east-1
services:
  api:
    command: ./bootstrap
    lambda: { memory: 512 }
    fargate: { tasks: { min: 2, max: 4 } }
cost:
  requests:
    { duration: 200ms, cpu: 5ms, perConnection: 1, requestSize: 1 KB, responseSize: 2 KB, coldStarts: 0, logs: 0 B, lambdaLogs: 0 B }
  network: { nat: one, natBytes: 0 B }
  entry: { lambda: http-api, fargate: alb }
  resources:
    db: { type: rds, instance: db.t4g.micro, storage: 20, proxy: lambda }
    cache: { type: elasticache, node: cache.t4g.micro }
`;
    // Two tasks 18.02, load balancer and its addresses 23.73, LCU 0.09, NAT and its address 36.50,
    // database 13.98, cache 11.68, 1.86 GB out 0.17.
    expect(usd(yaml, 'fargate', 1e6)).toBeCloseTo(104.16, 2);
    // Lambda 1.87, HTTP API 1.00, NAT 36.50, database 13.98, its proxy 21.90, cache 11.68, out 0.17.
    expect(usd(yaml, 'lambda', 1e6)).toBeCloseTo(87.09, 2);
  });

  it('on both at once behind one load balancer: a demo API in London', () => {
    const yaml = `
app: demo
region: eu-west-2
services: { api: { command: x, lambda: {}, fargate: { tasks: { min: 1, max: 10 } } } }
cost:
  requests:
    { duration: 200ms, cpu: 5ms, perConnection: 1, requestSize: 0 B, responseSize: 0 B, coldStarts: 0, logs: 0 B, lambdaLogs: 0 B }
`;
    // 10,000 requests a day: Lambda 0.57, load balancer 26.62, LCU 0.03; a task and its address 14.01.
    expect(usd(yaml, 'lambda', 304_166.67)).toBeCloseTo(27.21, 2);
    expect(usd(yaml, 'fargate', 304_166.67)).toBeCloseTo(40.66, 2);
    expect(usd(yaml, 'hybrid', 304_166.67)).toBeCloseTo(27.21, 2);
  });

  it('chosen for Fargate: a product with its database, mail and sign-in, in Frankfurt', () => {
    const yaml = `
app: cases
region: eu-central-1
services:
  api:
    command: node server.js
    lambda: { memory: 1024 }
    fargate: { cpu: 512, memory: 1024, tasks: { min: 2, max: 10 }, scale: { cpu: 70, memory: 80 } }
    secrets: { DATABASE_URL: "secretsmanager:db", JWT_SECRET: "secretsmanager:jwt" }
cost:
  requests:
    { duration: 80ms, cpu: 8ms, requestSize: 1 KB, responseSize: 10 KB, coldStarts: 1, init: 800ms, logs: 300 B }
  logs: { retention: 7 }
  resources:
    db: { type: rds, instance: db.t4g.micro, multiAz: true, storage: 20, proxy: lambda }
    files: { type: s3, storage: 50, puts: 100000, gets: 1000000 }
    mail: { type: ses, emails: 20000 }
    people: { type: cognito, users: 5000 }
    cdn: { type: cloudfront, clients: eu, cached: 0, out: 20, requests: 500000 }
`;
    const found = bill(yaml, 'fargate', 3e6);
    const cents = new Map<string, number>();
    for (const { item, pico } of found.lines) {
      cents.set(item, (cents.get(item) ?? 0) + usdOf(pico ?? 0n));
    }
    const two = (item: string) => (cents.get(item) ?? 0).toFixed(2);
    // No price is known there for what logs take: the line says so, and is not 0.
    expect(found.unknown).toEqual(['cloudwatch.logsStorageGbMonth']);
    expect(bill(yaml.replace('  logs: { retention: 7 }\n', ''), 'fargate').unknown).toEqual([]);
    expect(two('fargate.x86_64.vcpuHour')).toBe('33.99');
    expect(two('fargate.x86_64.gbHour')).toBe('7.46');
    expect(two('alb.hour')).toBe('19.71');
    expect(two('rds.pgDbT4gMicroMultiAzHour')).toBe('27.01');
    expect(two('s3.standardGbMonth')).toBe('1.23');
    expect(two('ses.essentialsEmail')).toBe('3.20');
    expect(two('cognito.essentialsMau')).toBe('75.00');
    expect(two('secretsmanager.secretMonth')).toBe('0.80');
    expect(cents.has('rdsProxy.vcpuHour')).toBe(false);
    expect(bill(yaml, 'lambda', 3e6).lines.some(({ item }) => item === 'rdsProxy.vcpuHour')).toBe(
      true,
    );
  });
});
