// `fulcrum prices` as a person meets it: what it shows, and new prices from a price list.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ExplainedPrice, PriceList } from '../src/ops/prices.ts';
import type { RefreshReport } from '../src/ops/refresh-prices.ts';
import type { EngineStatus } from '../src/ops/status.ts';
import { FIXTURES, temporaryFolder } from './support/app.ts';
import { runCli, startCli } from './support/cli.ts';
import {
  type Answer,
  csv,
  type MadeRow,
  offerCsv,
  priceServer,
  VERSION,
} from './support/offers.ts';

/** A user of their own, with nothing refreshed yet. */
function user() {
  const cwd = temporaryFolder();
  const cache = join(cwd, 'cache');
  const env = { XDG_CACHE_HOME: cache };
  return {
    cwd,
    env,
    file: join(cache, 'fulcrum', 'prices.json'),
    run: (...args: readonly string[]) => runCli(['prices', ...args], { cwd, env }),
    start: (...args: readonly string[]) => startCli(['prices', ...args], { cwd, env }),
    async json<value>(...args: readonly string[]): Promise<value> {
      const { out } = await runCli(['prices', ...args, '--json'], { cwd, env });
      return JSON.parse(out) as value;
    },
  };
}

describe('fulcrum prices', () => {
  it('shows every price of a region by service, with its date, its confidence and what is free', async () => {
    const { code, out } = await user().run();
    expect(code).toBe(0);
    expect(out).toContain('Prices of us-east-1, US East (N. Virginia)');
    expect(out).toMatch(
      /lambda\.request +\$0\.0000002 +per request \(\$0\.20 a million\) +A +2026-08-31/,
    );
    expect(out).toMatch(/above 6,000,000,000 +\$0\.000015 /);
    expect(out).toMatch(/savingsPlan\.lambda1yNoupfrontDiscount +12 % +off/);
    expect(out).toContain('400,000 GB-seconds/month');
    expect(out).toContain('Confidence D, from memory, not verified: cloudwatch.dashboardMonth.');
    expect(out).toContain('Book of 2026-11-20: 814 prices in 23 regions, came with Fulcrum.');
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  it('takes the region of the app, and says what is unknown there', async () => {
    const { cwd, run } = user();
    writeFileSync(
      join(cwd, 'fulcrum.yml'),
      'app: a\nregion: eu-west-2\nservices:\n  api: { source: ., command: x, lambda: {} }\nroutes:\n  - { path: /*, service: api, compute: lambda }\n',
    );
    const { out } = await run('windows');
    expect(out).toContain('Prices of eu-west-2, Europe (London)');
    expect(out).toMatch(/fargate\.windowsOsVcpuHour +\$0\.046 /);
    const elsewhere = await run('windows', '--region', 'eu-west-1');
    expect(elsewhere.out).toContain(
      'No price is known here for fargate.windowsVcpuHour, fargate.windowsGbHour',
    );
  });

  it('compares regions, all of them if asked', async () => {
    const { run, json } = user();
    const { out } = await run('fargate', 'arm', 'vcpu', '--region', 'ap-south-1,us-east-1');
    expect(out).toContain('ap-south-1  Asia Pacific (Mumbai)  $0.02383  A  2026-09-16');
    expect(out).toContain('us-east-1   US East (N. Virginia)  $0.03238');
    const all = await json<PriceList>('lambda.request', '--region', 'all');
    expect(all.regions).toHaveLength(23);
    expect(all.items[0]?.prices['af-south-1']?.[0]?.usd).toBe('0.00000027');
  });

  it('explains one item in full', async () => {
    const { run, json } = user();
    const { out } = await run('explain', 'Lambda', 'x86 gb-second', '--region', 'eu-west-2');
    expect(out).toContain('lambda.x86_64.gbSecond  Lambda, per GB-second');
    expect(out).toContain('Each invocation is rounded up to 1 ms');
    expect(out).toContain('AWSLambda, usage type Lambda-GB-Second');
    expect(out).toContain('from 6,000,000,000 to 15,000,000,000 a month');
    expect(out).toMatch(/sa-east-1 +South America \(São Paulo\) .*the same/);
    const json1 = await json<ExplainedPrice>('alb.lcu_hour', '--explain', '--region', 'eu-west-2');
    expect(json1.item.item).toBe('alb.lcuHour');
    expect(json1.item.prices['eu-west-2']?.[0]).toMatchObject({ usd: '0.0084', conflict: true });
    expect(json1.warnings[0]?.warnings.join()).toContain('Sources disagree on: alb.lcuHour');
  });

  it('says what was meant when a name is not known, or fits several', async () => {
    const { run } = user();
    const region = await run('--region', 'eu-wset-2');
    expect(region.code).toBe(2);
    expect(region.err).toContain('Did you mean eu-west-2, Europe (London)');
    const item = await run('nat.huor');
    expect(item.code).toBe(2);
    expect(item.err).toContain('Did you mean nat.hour');
    const several = await run('explain', 'nat');
    expect(several.code).toBe(2);
    expect(several.err).toContain('Name one of: nat.hour, nat.gbProcessed.');
    expect((await run('explain')).err).toContain('There is no item to explain.');
    expect((await run('--from', 'http://127.0.0.1:1')).err).toContain('--from is for --refresh.');
  });
});

const at = (code: string, region = 'eu-west-2') => `${code}/current/${region}/index.csv`;

const ECS: readonly MadeRow[] = [
  { usageType: 'EUW2-Fargate-vCPU-Hours:perCPU', usd: '0.0400000000', sku: 'XVCPU' },
  { usageType: 'EUW2-Fargate-GB-Hours', usd: '0.0051100000' },
  { usageType: 'EUW2-Fargate-ARM-vCPU-Hours:perCPU', usd: '0.0300000000' },
  { usageType: 'EUW2-Fargate-ARM-GB-Hours', usd: '0.0040900000' },
  { usageType: 'EUW2-Fargate-Windows-vCPU-Hours:perCPU', usd: '0.0900000000' },
  { usageType: 'EUW2-Fargate-vCPU-Hours:perCPU', usd: '0.0100000000', term: 'Reserved' },
  { usageType: 'EUW2-Fargate-GB-Hours', usd: '0.0300000000', currency: 'CNY' },
  { usageType: 'EUW2-Fargate-GB-Hours', usd: '0.0300000000', region: 'eu-west-3' },
];

const LAMBDA: readonly MadeRow[] = [
  { usageType: 'EUW2-Request', usd: '0.0000002100' },
  { usageType: 'Global-Request', usd: '0.0000000000', to: '1000000' },
  {
    usageType: 'EUW2-Lambda-GB-Second',
    usd: '0.0000150000',
    sku: 'GBS',
    from: '6000000000',
    to: 'Inf',
  },
  { usageType: 'EUW2-Lambda-GB-Second', usd: '0.0000166667', sku: 'GBS', to: '6000000000' },
];

const fargate = csv(offerCsv('AmazonECS', 'eu-west-2', ECS));
const lambda = csv(offerCsv('AWSLambda', 'eu-west-2', LAMBDA));

const refresh = (url: string, ...words: readonly string[]) => [
  ...words,
  '--refresh',
  '--region',
  'eu-west-2',
  '--from',
  url,
];

describe('fulcrum prices --refresh', () => {
  it('reads exact rows, keeps what is not there, and is used from then on', async () => {
    const { url } = await priceServer({ [at('AmazonECS')]: fargate, [at('AWSLambda')]: lambda });
    const { run, json, file } = user();
    const report = await json<RefreshReport>(...refresh(url, 'fargate'));
    const today = new Date().toISOString().slice(0, 10);
    expect(report).toMatchObject({ file, asOf: today, regions: ['eu-west-2'], read: 5, same: 2 });
    expect(report.changes).toContainEqual({
      region: 'eu-west-2',
      item: 'fargate.x86_64.vcpuHour',
      before: '0.04656',
      after: '0.04',
    });
    expect(report.kept.map(({ item }) => item)).toContain('fargate.ephemeralStorageGbHour');
    expect(report.notRead).toContain('fargate.spotVcpuHour2025');

    const shown = await json<PriceList>('fargate', '--region', 'eu-west-2,us-east-1');
    expect(shown.book).toMatchObject({ from: 'refreshed', file, asOf: today, regions: 23 });
    const priceOf = (item: string, region = 'eu-west-2') =>
      shown.items.find((one) => one.item === item)?.prices[region]?.[0];
    expect(priceOf('fargate.x86_64.vcpuHour')).toMatchObject({
      usd: '0.04',
      sku: 'XVCPU',
      date: today,
      confidence: 'A',
      source: `AWS Price List AmazonECS offer ${VERSION}`,
    });
    expect(priceOf('fargate.arm64.vcpuHour')?.usd).toBe('0.03');
    expect(priceOf('fargate.ephemeralStorageGbHour')).toMatchObject({ usd: '0.000129' });
    expect(priceOf('fargate.x86_64.vcpuHour', 'us-east-1')?.usd).toBe('0.04048');
    const bundled = await json<PriceList>(
      'fargate.x86_64.vcpuHour',
      '--region',
      'eu-west-2',
      '--bundled',
    );
    expect(bundled.items[0]?.prices['eu-west-2']?.[0]?.usd).toBe('0.04656');

    const second = await run(...refresh(url, 'lambda'));
    expect(second.out).toMatch(/lambda\.request +\$0\.0000002 +→ \$0\.00000021/);
    const both = await json<PriceList>('nat.hour', 'alb hour', '--region', 'eu-west-2');
    expect(both.items.map(({ item }) => item)).toEqual(['nat.hour', 'alb.hour']);
  });

  it('puts tiers in order, and leaves no temporary file', async () => {
    const { url } = await priceServer({ [at('AWSLambda')]: lambda });
    const { json, file } = user();
    await json<RefreshReport>(...refresh(url, 'lambda.x86_64.gbSecond'));
    const { items } = await json<PriceList>('lambda.x86_64.gbSecond', '--region', 'eu-west-2');
    expect(items[0]?.prices['eu-west-2']?.map(({ from, to, usd }) => [from, to, usd])).toEqual([
      [0, 6_000_000_000, '0.0000166667'],
      [6_000_000_000, null, '0.000015'],
    ]);
    expect(readdirSync(join(file, '..'))).toEqual(['prices.json']);
  });

  it('reads a price list that is packed', async () => {
    const packed = gzipSync(offerCsv('AmazonECS', 'eu-west-2', ECS));
    const encoded: Answer = (_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(packed);
    };
    for (const answer of [encoded, ((_, response) => response.end(packed)) satisfies Answer]) {
      const { url } = await priceServer({ [at('AmazonECS')]: answer });
      expect((await user().json<RefreshReport>(...refresh(url, 'fargate'))).read).toBe(5);
    }
  });

  it('keeps prices of a service that AWS does not have in a region', async () => {
    const index: Answer = csv(JSON.stringify({ regions: { 'us-east-1': {} } }));
    const { url } = await priceServer({
      [at('AmazonECS')]: fargate,
      'AWSLambda/current/region_index.json': index,
    });
    const { kept, read } = await user().json<RefreshReport>(...refresh(url, 'x86'));
    expect(read).toBe(2);
    expect(kept).toContainEqual({
      region: 'eu-west-2',
      item: 'lambda.x86_64.gbSecond',
      why: 'AWS has no AWSLambda there',
    });
  });

  const text = offerCsv('AmazonECS', 'eu-west-2', ECS);
  const failures: Readonly<Record<string, readonly [Answer, string, number]>> = {
    'a web page': [
      (_, response) => {
        response.setHeader('content-type', 'text/html; charset=utf-8');
        response.end('<html>sign in</html>');
      },
      'it is a web page',
      9,
    ],
    'a web page that calls itself CSV': [csv('<!doctype html>\n<html>'), 'it is a web page', 9],
    'an error': [
      (_, response) => {
        response.statusCode = 503;
        response.end();
      },
      'answered 503',
      9,
    ],
    'nothing for the region': [
      (_, response) => {
        response.statusCode = 404;
        response.end();
      },
      'answered 404',
      9,
    ],
    'nothing at all': [csv(''), 'it is empty', 9],
    'half a row': [csv(text.slice(0, text.length - 150)), 'cut off|middle of a row', 9],
    'a connection cut in half': [
      (_, response) => {
        response.setHeader('content-length', String(text.length));
        response.write(text.slice(0, text.length / 2), () => response.destroy());
      },
      'could not be read',
      9,
    ],
    'damaged gzip': [
      (_, response) => {
        response.end(gzipSync(text).subarray(0, 200));
      },
      'gzip is damaged',
      9,
    ],
    'other columns': [
      csv(offerCsv('AmazonECS', 'eu-west-2', ECS, ['SKU', 'TermType', 'UsageType'])),
      'has no column "StartingRange", "EndingRange", "PricePerUnit"',
      9,
    ],
    'another service': [csv(offerCsv('AmazonEC2', 'eu-west-2', ECS)), 'not of AmazonECS', 9],
    'a line without end': [csv(`"FormatVersion","${'x'.repeat(3 << 20)}`), 'is no price list', 9],
    JSON: [csv('{"formatVersion":"v1.0"}'), 'is no CSV', 9],
  };
  for (const [what, [answer, says, exit]] of Object.entries(failures)) {
    it(`takes nothing of a price list that is ${what}`, async () => {
      const { url } = await priceServer({ [at('AmazonECS')]: answer, [at('AWSLambda')]: lambda });
      const { run, file } = user();
      mkdirSync(join(file, '..'), { recursive: true });
      const { code, err } = await run(...refresh(url));
      expect(err).toMatch(new RegExp(says));
      expect(err).toContain('The prices in use stay as they were.');
      expect(err).toContain('Fix');
      expect(code).toBe(exit);
      expect(readdirSync(join(file, '..'))).toEqual([]);
    });
  }

  it('says so when nothing listens, and when the address is none', async () => {
    const { run } = user();
    const { code, err } = await run(...refresh('http://127.0.0.1:1', 'fargate'));
    expect(code).toBe(9);
    expect(err).toMatch(/could not be read: .*(ECONNREFUSED|bad port)/);
    expect((await run(...refresh('pricing.example', 'fargate'))).err).toContain(
      '--from must be an address',
    );
    expect((await run(...refresh('http://127.0.0.1:1', 'cognito'))).err).toContain(
      'not known for certain, so it is not read',
    );
  });

  it('does not wait for the end of what is no price list', async () => {
    const { url } = await priceServer({
      [at('AmazonECS')]: (_, response) => {
        response.write(offerCsv('AmazonEC2', 'eu-west-2', ECS));
      },
    });
    const { err } = await user().run(...refresh(url, 'fargate'));
    expect(err).toContain('it is of AmazonEC2, not of AmazonECS');
  });

  it('stops at Ctrl-C and writes nothing', async () => {
    let begun: (() => void) | undefined;
    const reading = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const { url } = await priceServer({
      [at('AmazonECS')]: (_, response) => {
        response.write(text.slice(0, 900), () => begun?.());
      },
    });
    const { start, file } = user();
    const cli = start(...refresh(url, 'fargate'));
    await reading;
    cli.child.kill('SIGINT');
    const { code, err } = await cli.finished;
    expect(code).toBe(130);
    expect(err).toContain('Stopped; nothing was written.');
    expect(() => readFileSync(file)).toThrow();
  });

  it('refuses a damaged file of refreshed prices, and a refresh replaces it', async () => {
    const { url } = await priceServer({ [at('AmazonECS')]: fargate });
    const { run, file } = user();
    expect((await run(...refresh(url, 'fargate'))).code).toBe(0);
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.slice(0, whole.length / 2));
    const damaged = await run('nat.hour');
    expect(damaged.code).toBe(3);
    expect(damaged.err).toContain('is no price book');
    expect((await run('nat.hour', '--bundled')).code).toBe(0);
    const { out } = await run(...refresh(url, 'fargate'));
    expect(out).toContain('in place of a damaged one');
    expect((await run('nat.hour')).code).toBe(0);
    writeFileSync(file, whole.replace('"0.04"', '"4e-2"'));
    expect((await run('nat.hour')).err).toContain('"4e-2" is no decimal');
  });

  it('keeps its prices in a file that is named, and only there', async () => {
    const { url } = await priceServer({ [at('AmazonECS')]: fargate });
    const { run, json, cwd, file } = user();
    const named = ['--prices-file', 'mine.json'];
    expect((await run('nat.hour', ...named)).err).toContain(
      'fulcrum prices --refresh --prices-file',
    );
    expect((await run(...refresh(url, 'fargate'), ...named)).out).toContain(join(cwd, 'mine.json'));
    expect(() => readFileSync(file)).toThrow();
    expect((await json<PriceList>('nat.hour', ...named)).book.from).toBe('refreshed');
    expect((await json<PriceList>('nat.hour')).book.from).toBe('bundled');
    mkdirSync(join(cwd, 'folder'));
    const unwritable = await run(...refresh(url, 'fargate'), '--prices-file', 'folder');
    expect(unwritable.err).toContain('cannot be written');
    expect(unwritable.code).toBe(1);
    expect(readdirSync(cwd).sort()).toEqual(['folder', 'mine.json']);
  });

  it('is what a running app is rated with, and its status says so', async () => {
    const { url } = await priceServer({ [at('AmazonECS')]: fargate });
    const { run, cwd, env } = user();
    writeFileSync(
      join(cwd, 'fulcrum.yml'),
      `app: a\nregion: eu-west-2\nservices:\n  api: { source: ${FIXTURES}, command: node program.mjs, health: /health, fargate: { cpu: 1024, memory: 2048, tasks: { min: 1, max: 1 } } }\nroutes:\n  - { path: /*, service: api, compute: fargate }\n`,
    );
    await run(...refresh(url, 'fargate'));
    const dev = startCli(['dev', '--json', '--port', '0'], { cwd, env });
    await dev.until('"RUNNING"');
    const { out } = await runCli(['status', '--json'], { cwd, env });
    const { cost } = JSON.parse(out) as EngineStatus;
    expect(cost.prices).toMatchObject({
      from: 'refreshed',
      asOf: new Date().toISOString().slice(0, 10),
    });
    const line = cost.lines.find(({ item }) => item === 'fargate.x86_64.vcpuHour');
    expect((line?.usd ?? 0) / (line?.quantity ?? 0)).toBeCloseTo(0.04, 6);
    expect((await runCli(['status'], { cwd, env })).out).toMatch(
      /prices of \d{4}-\d\d-\d\d, refreshed/,
    );
  });
});
