// `fulcrum cost` as a person and as a program meet it: with the real command.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Comparison, comparisonSchema } from '../src/cost/compare/comparison.ts';
import { ASSUMED } from '../src/cost/estimate/assumed.ts';
import { temporaryFolder } from './support/app.ts';
import { type CliOptions, EXAMPLES, runCli as runAnywhere, startCli } from './support/cli.ts';

const YAML = `
app: shop
region: eu-west-2
services:
  web:
    command: node there-is-no-such-program.js
    lambda: { memory: 512 }
    fargate: { cpu: 256, memory: 512, tasks: { min: 1, max: 40 } }
routes:
  - { path: /*, service: web, compute: auto }
cost:
  entry: { lambda: http-api, fargate: alb }
  traffic: { peak: 1 }
  requests:
    duration: 200ms
    cpu: 2ms
    requestSize: 1 KB
    responseSize: 10 KB
    perConnection: 1
    coldStarts: 0
    logs: 0
  services: { web: { minTasks: 1 } }
`;

/** Without the refreshed prices of whoever runs the tests. */
const runCli = (args: readonly string[], { cwd }: CliOptions) =>
  runAnywhere(args, { cwd, env: { HOME: cwd, XDG_CACHE_HOME: cwd } });

function shop(yaml = YAML): string {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'fulcrum.yml'), yaml);
  return cwd;
}

async function json(cwd: string, ...args: readonly string[]): Promise<Comparison> {
  const { code, out, err } = await runCli(['cost', '--json', ...args], { cwd });
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as Comparison;
}

describe('fulcrum cost --json', () => {
  it('is what its schema says, with nothing besides', async () => {
    const answer = await json(shop(), '--requests', '100000/day');
    expect(comparisonSchema.parse(answer)).toEqual(answer);
    expect(answer).toMatchObject({
      schemaVersion: 1,
      app: 'shop',
      region: 'eu-west-2',
      freeTier: 'none',
      workload: { requestsPerDay: 100_000, shape: 'flat', peakOverAverage: 1 },
    });
  });

  it('has sums that are those of its lines, to the pico-dollar', async () => {
    const { computes } = await json(shop(), '--requests', '1M/day');
    for (const cost of Object.values(computes)) {
      const pico = (cost?.lines ?? []).reduce(
        (sum, { usd }) => sum + Math.round((usd ?? 0) * 1e12),
        0,
      );
      expect(Math.round((cost?.monthlyUsd ?? 0) * 1e12)).toBe(pico);
      expect(cost?.range.lowUsd).toBeLessThanOrEqual(cost?.monthlyUsd ?? 0);
      expect(cost?.range.highUsd).toBeGreaterThanOrEqual(cost?.monthlyUsd ?? 0);
    }
  });

  it('names the price, source and day of each line', async () => {
    const { computes } = await json(shop(), '--requests', '100000/day');
    const requests = computes.lambda?.lines.find(({ item }) => item === 'lambda.request');
    expect(requests).toMatchObject({
      quantity: 3_041_666.66667,
      unit: 'request',
      usd: 0.608333333333,
      confidence: 'A',
      service: 'web',
      compute: 'lambda',
      date: expect.stringMatching(/^20\d\d-/),
    });
  });

  it('has Fargate cheaper from the break-even on, and not before', async () => {
    const cwd = shop();
    const { breakEven } = await json(cwd, '--requests', '100000/day');
    const first = breakEven?.firstRequestsPerDay ?? Number.NaN;
    const at = await json(cwd, '--requests', String(first));
    const before = await json(cwd, '--requests', String(first - 1));
    expect(at.computes.fargate?.monthlyUsd).toBeLessThanOrEqual(
      at.computes.lambda?.monthlyUsd ?? 0,
    );
    expect(before.computes.fargate?.monthlyUsd).toBeGreaterThan(
      before.computes.lambda?.monthlyUsd ?? 0,
    );
  });

  it('says what does not apply and why, instead of a bill', async () => {
    const only = `
app: queue
region: eu-west-2
services:
  worker: { command: none, lambda: { memory: 512 } }
routes: [{ path: /*, service: worker, compute: lambda }]
`;
    const { breakEven, notApplicable } = await json(shop(only), '--requests', '5k');
    expect(breakEven).toBeNull();
    expect(notApplicable.breakEven).toMatch(/both Lambda and Fargate/);
  });

  it('bills an idle month when there are no requests', async () => {
    const { computes } = await json(shop(), '--requests', '0');
    expect(computes.lambda?.monthlyUsd).toBe(0);
    expect(computes.lambda?.perMillionRequestsUsd).toBeNull();
    expect(computes.fargate?.monthlyUsd).toBeGreaterThan(0);
  });

  it('never takes a price that is not known for 0', async () => {
    const { computes } = await json(shop(), '--requests', '1M', '--region', 'ap-northeast-3');
    const { lambda } = computes;
    expect(lambda?.unknown).toContain('apigateway.httpRequest');
    const line = lambda?.lines.find(({ item }) => item === 'apigateway.httpRequest');
    expect(line).toMatchObject({ usd: null, source: null, date: null, confidence: null });
    const { out } = await runCli(
      ['cost', '--requests', '1M', '--region', 'ap-northeast-3', '--lines'],
      {
        cwd: shop(),
      },
    );
    expect(out).toMatch(/Which is cheapest is not known|no price is known for apigateway/);
    expect(out).toMatch(/^ {2}unknown +API Gateway requests/m);
  });
});

describe('fulcrum cost', () => {
  it('needs no program, and says the answer first in 80 columns', async () => {
    const { code, out } = await runCli(['cost', '-r', '100000/day'], { cwd: shop() });
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Lambda alone is cheapest: \$[\d.]+ a month;\s+Fargate pays from [\d,]+ requests a day\n/,
    );
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(out).toMatch(/^shop in eu-west-2: 100,000 requests a day \(3\.04 M a month\), flat/m);
    expect(out).toMatch(/^lambda +\$/m);
    expect(out).toMatch(/^Break-even +From [\d,]+ requests a day/m);
  });

  it('answers a first question without a fulcrum.yml', async () => {
    const args = ['cost', '--requests', '1M/day', '--memory', '512', '--duration', '200ms'];
    const { code, out } = await runCli([...args, '--region', 'eu-west-2'], {
      cwd: temporaryFolder(),
    });
    expect(code).toBe(0);
    expect(out).toContain('estimate in eu-west-2: 1,000,000 requests a day');
    expect(out.replaceAll(/\s+/g, ' ')).toContain('one service of usual settings is assumed');
  });

  it('takes the traffic of fulcrum.yml, and that of the command before it', async () => {
    const cwd = shop(YAML.replace('{ peak: 1 }', '{ peak: 1, requests: 50000/day, shape: day }'));
    const said = await json(cwd);
    expect(said.workload).toMatchObject({ requestsPerDay: 50_000, shape: 'day' });
    const asked = await json(cwd, '--requests', '70000', '--shape', 'flat', '--peak', '3');
    expect(asked.workload).toEqual({
      ...asked.workload,
      requestsPerDay: 70_000,
      shape: 'flat',
      peakOverAverage: 3,
    });
  });

  it('bills the same for the same traffic however it is written', async () => {
    const cwd = shop();
    const [day, second] = [
      await json(cwd, '--requests', '86400/day'),
      await json(cwd, '--requests', '1/s'),
    ];
    expect(second).toEqual(day);
  });

  it('reads a trace, and says what is missing from it', async () => {
    const cwd = shop();
    const hours = Array.from({ length: 72 }, (_, hour) => hour).filter(
      (hour) => hour < 30 || hour > 33,
    );
    const rows = hours.map(
      (hour) =>
        `2026-10-0${1 + Math.floor(hour / 24)}T${String(hour % 24).padStart(2, '0')}:00:00Z,1000`,
    );
    writeFileSync(join(cwd, 'trace.csv'), `timestamp,count\n${rows.join('\n')}\n`);
    const { workload, warnings } = await json(cwd, '--trace', 'trace.csv');
    expect(workload.requestsPerDay).toBe(24_000);
    expect(workload.shape).toBe('trace.csv');
    expect(warnings[0]).toMatch(
      /^trace\.csv has one gap, 4 h in all, the longest from 2026-10-02 06:00 UTC/,
    );
    const zero = await json(cwd, '--trace', 'trace.csv', '--gaps-are-zero');
    expect(zero.workload.requestsPerDay).toBeCloseTo((24_000 * 68) / 72, 6);
  });

  it('names the line of a log that it cannot read, and can leave it out', async () => {
    const cwd = shop();
    const line = (second: number) =>
      `10.0.0.1 - - [10/Oct/2026:13:55:${String(second).padStart(2, '0')} +0000] "GET / HTTP/1.1" 200 512 "-" "x"`;
    writeFileSync(join(cwd, 'a.log'), [line(1), line(2), 'rubbish', line(50)].join('\n'));
    const { code, err } = await runCli(['cost', '--access-log', 'a.log'], { cwd });
    expect([code, err]).toEqual([3, expect.stringContaining('a.log:3: ')]);
    const { warnings, assumptions } = await json(cwd, '--access-log', 'a.log', '--skip-bad-lines');
    expect(warnings.join()).toContain('a.log: a line was left out; the first is line 3');
    expect(assumptions.find(({ figure }) => figure === 'size of a response')).toMatchObject({
      expected: 512,
      from: 'a.log',
    });
  });

  it.each([
    [[], 2, /--requests 100000\/day[\s\S]*--trace FILE[\s\S]*--access-log FILE[\s\S]*--measured/],
    [['--requests', '-1'], 2, /--requests must not be negative, was: -1/],
    [['--requests', '1e30/s'], 2, /at most 10,000,000 a second/],
    [['--requests', '1M', '--region', 'eu-west-9'], 2, /no region "eu-west-9"[\s\S]*eu-west-1/],
    [['--requests', '1M', '--memory', '64'], 2, /must be 128 or more, was: 64/],
    [['--requests', '1M', '--memory', '64'], 2, /"--memory 64"[\s\S]*as --memory 1024/],
    [['--requests', '1M', '--what-if', 'memory=64'], 2, /"memory=64"[\s\S]*as memory=1024/],
    [['--requests', '1M', '--entry', 'alb/alb/alb'], 2, /one for Lambda and one for Fargate/],
    [['--requests', '1M', '--format', 'alb'], 2, /--format goes with --trace or --access-log/],
    [
      ['--requests', '1M', '--skip-bad-lines', '--gaps-are-zero'],
      2,
      /--skip-bad-lines and --gaps-are-zero go with --trace/,
    ],
    [['--requests', '1M', '--html='], 2, /--html names no file/],
    [['--requests', '1M', '--shape', 'weak'], 2, /Did you mean "week"\?/],
    [['--requests', '1M', '--peak', '0.5'], 2, /--peak must be a number from 1/],
    [['--requests', '1M', '--what-if', 'memroy=1'], 2, /Did you mean "memory"\?/],
    [['--requests', '1M', '--sweep', 'regoin'], 2, /Did you mean "region"\?/],
    [['--requests', '1M', '--cheapest'], 2, /--latency 200ms/],
    [['--requests', '1M', '--latency', '1s'], 2, /go with --cheapest/],
    [['--requests', '1M', '--cheapest', '--latency', 'fast'], 2, /must be a duration, was: fast/],
    [['--requests', '1M', '--what-if', 'memory=1024', '--cheapest'], 2, /are two questions/],
    [['--trace', 'a.csv', '--access-log', 'b.log'], 2, /--trace and --access-log each say/],
    [['--trace', 'a.csv', '--shape', 'day'], 2, /--trace and --shape each say/],
    [['--trace', 'a.csv'], 5, /a\.csv cannot be read: no such file/],
    [['--requests', '1M', '--stage', 'prod'], 2, /no stage "prod"/],
    [['--requests', '1M', '--markdown', '--svg', '-'], 2, /each say what is printed/],
  ])('refuses %j', async (args, exit, message) => {
    const { code, out, err } = await runCli(['cost', ...args], { cwd: shop() });
    expect([code, out]).toEqual([exit, '']);
    expect(err).toMatch(message);
  });

  it('says in a sentence that there is no room for what it prints', async () => {
    if (!existsSync('/dev/full')) return;
    const cwd = shop();
    const bin = join(dirname(EXAMPLES), 'bin', 'fulcrum.js');
    const full = openSync('/dev/full', 'w');
    const child = spawnSync(process.execPath, [bin, 'cost', '--requests', '1M'], {
      cwd,
      env: { ...process.env, HOME: cwd, XDG_CACHE_HOME: cwd },
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect([child.status, child.stderr]).toEqual([
      1,
      expect.stringMatching(/^✖ standard output cannot be written: no space left on device\./),
    ]);
    expect(child.stderr).not.toContain('    at ');
  });

  it('says what the help says of the peak', async () => {
    const { out } = await runCli(['cost', '--help'], { cwd: shop() });
    const said = /else\s+(\d+)\./.exec(out.slice(out.indexOf('--peak')))?.[1];
    expect(Number(said)).toBe(ASSUMED.peak.expected);
  });

  it('ends at once when it is interrupted while it waits for a log', async () => {
    const cwd = shop();
    execFileSync('mkfifo', [join(cwd, 'log')]);
    const cli = startCli(['cost', '--access-log', 'log', '--html', 'page.html'], { cwd });
    // Opening a pipe to write waits until somebody reads.
    const pipe = await open(join(cwd, 'log'), 'w');
    cli.child.kill('SIGINT');
    const { out } = await cli.finished;
    expect([cli.child.signalCode, out]).toEqual(['SIGINT', '']);
    expect(readdirSync(cwd).sort()).toEqual(['fulcrum.yml', 'log']);
    await pipe.close();
  });

  it('compares before and after a change', async () => {
    const args = ['cost', '--requests', '1M', '--what-if', 'memory=1024'];
    const { out } = await runCli(args, { cwd: shop() });
    expect(out).toMatch(/^With memory=1024: /);
    expect(out).toMatch(/^lambda +\$[\d.]+ +\$[\d.]+ +[+−]\$[\d.]+$/m);
    const made = await runCli([...args, '--json'], { cwd: shop() });
    const { before, after, differences } = JSON.parse(made.out) as {
      readonly before: Comparison;
      readonly after: Comparison;
      readonly differences: { readonly lambda: { readonly monthlyUsd: number } };
    };
    expect(comparisonSchema.parse(after)).toEqual(after);
    expect(differences.lambda.monthlyUsd).toBeCloseTo(
      (after.computes.lambda?.monthlyUsd ?? 0) - (before.computes.lambda?.monthlyUsd ?? 0),
      9,
    );
  });

  it('ranks regions, entries and architectures', async () => {
    const { out } = await runCli(['cost', '--requests', '1M', '--sweep', 'region', '--json'], {
      cwd: shop(),
    });
    const { rows } = JSON.parse(out) as {
      readonly rows: readonly { readonly rank: number | null; readonly region: string }[];
    };
    expect(new Set(rows.map(({ region }) => region)).size).toBe(rows.length);
    const ranks = rows.flatMap(({ rank }) => rank ?? []);
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
    const text = await runCli(['cost', '--requests', '1M', '--sweep'], { cwd: shop() });
    expect(text.out).toMatch(/^Cheapest: [a-z]+-/);
  });

  it('finds the cheapest that is fast enough, and says what it gives up', async () => {
    const args = ['cost', '--requests', '1M', '--cheapest', '--latency', '2s'];
    const { out } = await runCli(args, { cwd: shop() });
    expect(out).toMatch(/^Cheapest that is fast enough: /);
    expect(out).toContain('gives up');
    const never = await runCli(['cost', '-r', '1M', '--cheapest', '--latency', '1ms'], {
      cwd: shop(),
    });
    expect(never.out).toMatch(/^Nothing is fast enough/);
  });
});

describe('documents', () => {
  it('are written whole, over those that were there, and over nothing else', async () => {
    const cwd = shop();
    const write = (file: string) =>
      runCli(['cost', '--requests', '1M', '--svg', file, '--html', 'page.html'], { cwd });
    expect(await write('a.svg')).toMatchObject({ code: 0, err: 'wrote a.svg\nwrote page.html\n' });
    const svg = readFileSync(join(cwd, 'a.svg'), 'utf8');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[\s\S]*<\/svg>\n$/);
    symlinkSync('a.svg', join(cwd, 'link.svg'));
    expect((await write('link.svg')).code).toBe(0);
    expect(statSync(join(cwd, 'a.svg')).mode & 0o400).toBe(0o400);
    expect(readFileSync(join(cwd, 'a.svg'), 'utf8')).toBe(svg);

    const other = await write('fulcrum.yml');
    expect([other.code, other.err]).toEqual([6, expect.stringContaining('is not an SVG picture')]);
    expect(readFileSync(join(cwd, 'fulcrum.yml'), 'utf8')).toBe(YAML);
    const nowhere = await write('nowhere/a.svg');
    expect([nowhere.code, nowhere.err]).toEqual([5, expect.stringContaining('no folder nowhere')]);
    expect(existsSync(join(cwd, 'nowhere'))).toBe(false);
    mkdirSync(join(cwd, 'folder.svg'));
    expect((await write('folder.svg')).code).toBe(6);
  });

  it('go to standard output for -', async () => {
    const { out, err } = await runCli(['cost', '--requests', '1M', '--svg', '-'], { cwd: shop() });
    expect(err).toBe('');
    expect(out).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
  });

  it('take nothing from outside', async () => {
    const { out } = await runCli(['cost', '--requests', '1M', '--html', '-'], { cwd: shop() });
    expect(out).toMatch(/^<!doctype html>/);
    expect(out.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:\/\/[^\s<]*["')]|<script|<link|<img|@import|url\((?!#)/,
    );
  });
});
