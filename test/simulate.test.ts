// `fulcrum simulate` as a person and as a program meet it: with the real command.

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CliHost } from '../src/cli/context.ts';
import { run } from '../src/cli/run.ts';
import { realMachine } from '../src/host/machine.ts';
import { type Simulation, simulationSchema } from '../src/ops/simulate-report.ts';
import { temporaryFolder } from './support/app.ts';
import { EXAMPLES, runCli as runAnywhere } from './support/cli.ts';

const YAML = `
app: shop
region: eu-west-2
services:
  web:
    command: node there-is-no-such-program.js
    lambda: { memory: 1024, architecture: arm64 }
    fargate: { cpu: 512, memory: 1024, architecture: arm64, drain: 20s, tasks: { max: 3 } }
  admin:
    command: node there-is-no-such-program.js
    lambda: { memory: 512 }
routes:
  - { path: /*, service: web, compute: auto }
cost:
  requests: { duration: 80ms, cpu: 10ms }
`;

function folder(files: Readonly<Record<string, string>> = {}): string {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return cwd;
}

/** Without the refreshed prices of whoever runs the tests. */
const runCli = (cwd: string, ...args: readonly string[]) =>
  runAnywhere(['simulate', ...args], { cwd, env: { HOME: cwd, XDG_CACHE_HOME: cwd } });

async function json(cwd: string, ...args: readonly string[]): Promise<Simulation> {
  const { code, out, err } = await runCli(cwd, '--json', ...args);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as Simulation;
}

const SHORT = ['--synthetic', 'flash:8,every=1h,at=20m', '--days', '0.1'] as const;

const minutes = (counts: readonly (number | string)[]): string =>
  [
    'timestamp,count',
    ...counts.map((count, index) => `${Date.UTC(2026, 0, 1, 0, index) / 1000},${count}`),
  ].join('\n');

describe('fulcrum simulate --json', () => {
  it('is what its schema says, of every policy, with nothing besides', async () => {
    const report = await json(folder(), ...SHORT, '--policy', 'all');
    expect(simulationSchema.parse(report)).toEqual(report);
    expect(report.policies.length).toBeGreaterThan(12);
    expect(JSON.stringify(report)).not.toContain('"series"');
    for (const {
      name,
      usd,
      ratio,
      lambdaUsd,
      fargateUsd,
      requests,
      lambda,
      fargate,
    } of report.policies) {
      expect(lambdaUsd + fargateUsd, name).toBeCloseTo(usd, 9);
      expect(ratio, name).toBeCloseTo(usd / report.optimum.lowerUsd, 9);
      expect(lambda.requests + fargate.requests, name).toBeLessThanOrEqual(requests * 1.000001);
      expect(requests, name).toBe(report.trace.requests);
    }
  });

  it('has the fields that programs were promised', async () => {
    const { trace, profile, seed, optimum, policies } = await json(folder(), ...SHORT);
    expect([typeof trace, typeof profile, seed]).toEqual(['object', 'object', 1]);
    expect(optimum.lowerUsd).toBeLessThanOrEqual(optimum.upperUsd);
    expect(policies.map(({ name }) => name)).toEqual([
      'level-counter',
      'lambda-only',
      'static-best',
    ]);
    const names =
      'name usd ratio lambdaUsd fargateUsd requests overTarget coldStarts taskStarts p50Ms p95Ms p99Ms';
    expect(Object.keys(policies[0] ?? {})).toEqual(expect.arrayContaining(names.split(' ')));
  });

  it('has null where there is no number', async () => {
    const { policies } = await json(folder(), ...SHORT, '--policy', 'lambda-only');
    expect(policies[0]).toMatchObject({ utilization: null, fargate: { requests: 0, p50Ms: null } });
  });

  it('takes auto for level-counter, names in any case and in a list, and each once', async () => {
    const asked = ['--policy', 'auto,Lambda-Only', '-p', 'level-counter'];
    const { policies } = await json(folder(), ...SHORT, ...asked);
    expect(policies.map(({ name }) => name)).toEqual(['level-counter', 'lambda-only']);
  });

  it('gives the same bytes for the same seed, and others for another', async () => {
    const cwd = folder();
    const of = async (seed: string) =>
      (
        await runCli(
          cwd,
          '--json',
          '--synthetic',
          'mmpp:5',
          '--days',
          '0.05',
          '--fidelity',
          'event',
          '--seed',
          seed,
        )
      ).out;
    const [one, again, other] = [await of('7'), await of('7'), await of('8')];
    expect(one).toBe(again);
    expect(other.replace('"seed": 8', '"seed": 7')).not.toBe(one);
  });

  it('charges Lambda alone the closed form, in either fidelity', async () => {
    const cwd = folder({ 'trace.csv': minutes(Array.from({ length: 120 }, () => 600)) });
    const asked = ['--trace', 'trace.csv', '--policy', 'lambda-only', '--init', '1ms'];
    const fluid = await json(cwd, ...asked);
    const event = await json(cwd, ...asked, '--fidelity', 'event');
    const expected = 120 * 600 * fluid.profile.lambda.usdPerMeanRequest;
    expect(fluid.policies[0]?.usd).toBeGreaterThanOrEqual(expected);
    expect(fluid.policies[0]?.usd).toBeLessThan(expected * 1.001);
    // 72,000 durations with a deviation of 0.31 of their mean: 0.12 % of it.
    expect(Math.abs((event.policies[0]?.usd ?? 0) / expected - 1)).toBeLessThan(0.01);
  });
});

describe('the traffic', () => {
  it('leaves gaps out, and takes them as nothing where that is asked for', async () => {
    const text = minutes([60, 120, 60, 60, 60])
      .split('\n')
      .filter((_, line) => line !== 3)
      .join('\n');
    const cwd = folder({ 'trace.csv': text });
    const { trace, warnings } = await json(cwd, '--trace', 'trace.csv');
    expect(trace).toMatchObject({
      kind: 'trace',
      stepSeconds: 60,
      steps: 5,
      gaps: 1,
      gapSeconds: 60,
    });
    expect(trace).toMatchObject({
      requests: 300,
      meanRate: 1.25,
      peakRate: 2,
      start: '2026-01-01T00:00:00.000Z',
    });
    expect(warnings.join()).toMatch(/no time at all/);
    const zero = await json(cwd, '--trace', 'trace.csv', '--gaps-are-zero');
    expect(zero.trace).toMatchObject({ gaps: 0, meanRate: 1, requests: 300 });
  });

  it.each([
    [['--scale', '10x'], { requests: 6000, scale: 10, mean: null }],
    [['--scale', '0.5'], { requests: 300, scale: 0.5, mean: null }],
    [['--mean', '4'], { meanRate: 4, mean: 4, scale: null }],
    [['--mean', '14400/h'], { meanRate: 4, mean: 4, scale: null }],
  ] as const)('is brought to what %j says', async (asked, expected) => {
    const cwd = folder({ 'trace.csv': minutes([60, 120, 180, 120, 120]) });
    expect((await json(cwd, '--trace', 'trace.csv', ...asked)).trace).toMatchObject(expected);
  });

  it('is cut or repeated to the days that are asked for', async () => {
    const cwd = folder({ 'trace.csv': minutes(Array.from({ length: 60 }, (_, index) => index)) });
    const days = async (text: string) =>
      (await json(cwd, '--trace', 'trace.csv', '--days', text)).trace.steps;
    expect([await days('0.0125'), await days('0.125')]).toEqual([18, 180]);
  });

  it('is that of an access log, with the durations that it has', async () => {
    const line = (second: number) =>
      `http 2026-01-01T00:00:${String(second).padStart(2, '0')}.000000Z app/lb/1 10.0.0.1:1 10.0.0.2:80 0.000 0.250 0.000 200 200 100 500 "GET http://a:80/ HTTP/1.1" "c" - - arn "-" "-" "-" 0 2026-01-01T00:00:00.000000Z "forward" "-" "-" "10.0.0.2:80" "200" "-" "-"`;
    const text = Array.from({ length: 50 }, (_, second) => line(second)).join('\n');
    const { trace, profile } = await json(
      folder({ 'access.log': text }),
      '--access-log',
      'access.log',
    );
    expect(trace).toMatchObject({ kind: 'access-log', requests: 50 });
    expect(profile.lambda.duration.meanMs).toBeCloseTo(250, 6);
    expect(profile.from['lambda.duration']).toEqual({
      from: 'measured',
      source: 'from access.log',
    });
  });
});

describe('the requests of a log', () => {
  // One a second, each for 250 ms, and in one second two at a time.
  const text = Array.from({ length: 121 }, (_, index) => {
    const at = index === 120 ? 30.1 : index;
    return `${new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString()},250`;
  }).join('\n');
  const files = { 'requests.csv': `time,duration_ms\n${text}\n` };
  const asked = ['--trace', 'requests.csv', '--policy', 'lambda-only', '--init', '1ms'];
  const played = (...more: readonly string[]) =>
    json(folder(files), ...asked, '--fidelity', 'event', ...more);

  it('are played as they came and for as long as they took', async () => {
    const { trace, policies, profile, basis } = await played();
    expect(trace).toMatchObject({ requests: 121, stepSeconds: 1 });
    // The first, and the one that finds the environment busy.
    expect(policies[0]).toMatchObject({ requests: 121, coldStarts: 2 });
    const { memoryMiB, usdPerGbSecond, usdPerRequest } = profile.lambda;
    const usdOf = (ms: number) => (ms / 1000) * (memoryMiB / 1024) * usdPerGbSecond;
    const usd = 121 * usdPerRequest + usdOf(121 * 250);
    const inits = ((policies[0]?.usd ?? 0) - usd) / usdOf(1);
    // INIT is about a millisecond, and what it makes is rounded up.
    expect(inits).toBeGreaterThan(1.99);
    expect(inits).toBeLessThan(6.01);
    expect(basis.join()).toContain('each request of requests.csv as it came');
  });

  it('are as much longer as an option says that they take', async () => {
    const { policies } = await played('--duration', '500ms');
    expect(policies[0]?.lambda.p50Ms ?? 0).toBeGreaterThan(495);
    expect(policies[0]?.lambda.p50Ms ?? 0).toBeLessThan(505);
  });

  it('are drawn where there are to be more of them, or in the fluid', async () => {
    const more = await played('--scale', '3');
    expect(more.policies[0]?.requests).toBe(363);
    expect(more.basis.join()).not.toContain('as it came');
    const fluid = await json(folder(files), ...asked);
    expect(fluid.basis.join()).not.toContain('as it came');
  });
});

describe('the profile', () => {
  it('is of the service that runs on both computes, each figure with where it is from', async () => {
    const { profile } = await json(
      folder({ 'fulcrum.yml': YAML }),
      ...SHORT,
      '--memory',
      '2GB',
      '--start-delay',
      '50s',
    );
    expect(profile).toMatchObject({
      app: 'shop',
      service: 'web',
      region: 'eu-west-2',
      architecture: 'arm64',
      lambda: { memoryMiB: 2048 },
      // 60 % of half a vCPU at 10 ms each.
      fargate: { vcpu: 0.5, taskRate: 30, startSeconds: 50, drainSeconds: 20, maxTasks: 3 },
    });
    // It waits for 70 ms, and its processor time falls with more memory.
    expect(profile.lambda.duration.meanMs).toBeGreaterThan(70);
    expect(profile.lambda.duration.meanMs).toBeLessThan(80);
    const from = (path: string) => profile.from[path]?.from;
    expect(from('lambda.memoryMiB')).toBe('flag');
    expect(from('fargate.startSeconds')).toBe('flag');
    expect(from('fargate.vcpu')).toBe('file');
    expect(from('lambda.coldExtra')).toBe('assumed');
    expect(from('fargate.taskRate')).toBe('computed');
    expect(from('lambda.usdPerRequest')).toBe('prices');
  });

  it('has the latency target and the threshold that the engine has', async () => {
    const text = YAML.replace('    command: node', '    latency: 450ms\n    command: node').replace(
      'tasks: { max: 3 }',
      'tasks: { max: 3 }, scale: { window: 90s }',
    );
    const cwd = folder({ 'fulcrum.yml': text });
    const { profile } = await json(cwd, ...SHORT);
    expect(profile).toMatchObject({ targetMs: 450, thresholdSeconds: 90 });
    expect([profile.from['targetMs']?.from, profile.from['thresholdSeconds']?.from]).toEqual([
      'file',
      'file',
    ]);
    const said = await json(cwd, ...SHORT, '--latency', '2s', '--threshold', '30s');
    expect(said.profile).toMatchObject({ targetMs: 2000, thresholdSeconds: 30 });
    const usual = await json(folder({ 'fulcrum.yml': YAML }), ...SHORT);
    expect(usual.profile).toMatchObject({ targetMs: 1000, thresholdSeconds: 60 });
  });

  it('computes the start of a task from its image', async () => {
    const cwd = folder({ 'fulcrum.yml': YAML });
    const start = async (...args: readonly string[]) => {
      const { profile } = await json(cwd, ...SHORT, ...args);
      const { startSeconds, billedStartSeconds } = profile.fargate;
      return [startSeconds, billedStartSeconds, profile.from['fargate.startSeconds']?.from];
    };
    // 12 s for its place, 1000 MB at 25 MB/s, half a second of a vCPU on half of one, two checks.
    expect(await start('--image-size', '1000MB')).toEqual([63, 51, 'computed']);
    expect(await start('--image-size', '1000', '--soci')).toEqual([43, 31, 'computed']);
    expect(await start()).toEqual([35, 25, 'assumed']);
  });

  it('takes what was measured, unless it is asked not to', async () => {
    const cwd = join(EXAMPLES, 'costs', 'two-computes');
    const { profile } = await json(cwd, ...SHORT, '--no-measured-figures');
    expect(Object.values(profile.from).some(({ from }) => from === 'measured')).toBe(false);
  });

  it('has INIT of a runtime, and what a task carries, as they are said', async () => {
    const asked = ['--runtime', 'java21', '--packaging', 'image', '--requests-per-task', '40'];
    const { profile, breakEven } = await json(folder(), ...SHORT, ...asked);
    expect(profile.lambda.init.medianMs).toBe(340);
    expect(profile.fargate.taskRate).toBe(40);
    const perSecond = profile.fargate.taskUsdPerSecond / profile.lambda.usdPerMeanRequest;
    expect(breakEven.requestsPerSecond).toBeCloseTo(perSecond, 6);
  });

  it('says a target that no compute meets, and goes on', async () => {
    const { warnings, policies } = await json(folder(), ...SHORT, '--latency', '2ms');
    expect(warnings.join()).toMatch(/No compute meets the latency target of 2 ms/);
    expect(policies[0]?.overTarget).toBeGreaterThan(0);
  });
});

describe('what cannot be', () => {
  it.each([
    [[], 2, 'SIMULATE_TRAFFIC_MISSING'],
    [['--trace', 'a.csv', '--synthetic', 'constant:1'], 2, '--trace and --synthetic'],
    [['--synthetic', 'diurnla:3'], 2, 'Did you mean "diurnal"'],
    [[...SHORT, '--policy', 'levelcounter'], 2, 'Did you mean "level-counter"'],
    [[...SHORT, '--policy', ','], 2, '--policy names no policy'],
    [[...SHORT, '--scale', '0'], 2, '--scale must be a number over 0'],
    [[...SHORT, '--scale=-1'], 2, 'was: -1'],
    [[...SHORT, '--scale', '2', '--mean', '3'], 2, '--scale and --mean'],
    [[...SHORT, '--mean', '0'], 2, 'must be more than 0'],
    [['--synthetic', 'constant:1', '--days', '0'], 2, '--days must be'],
    [['--synthetic', 'constant:1', '--days', '1e9'], 2, 'up to 3660'],
    [[...SHORT, '--seed', '-1'], 2, '--seed must be'],
    [[...SHORT, '--latency', '200'], 2, '--latency must be a duration'],
    [[...SHORT, '--billed-start', '40s', '--start-delay', '35s'], 2, 'part of --start-delay'],
    [[...SHORT, '--billed-start', '20m'], 2, '1200s of 35s, the default'],
    [[...SHORT, '--image-size', 'large'], 2, '--image-size must be a number'],
    [
      [...SHORT, '--image-size', '150MB', '--start-delay', '9s'],
      2,
      '--image-size and --start-delay',
    ],
    [[...SHORT, '--soci'], 2, '--soci goes with --image-size'],
    [[...SHORT, '--min-tasks', '4'], 2, 'more than the 3 tasks that may run by fulcrum.yml'],
    [[...SHORT, '--cpu', '256', '--task', '1vCPU/2GB'], 2, '--cpu and --task each say'],
    [['--trace', ''], 2, '--trace names no file'],
    [['--tarce', 'x'], 2, 'Run "fulcrum simulate --help" for its options.'],
    [[...SHORT, '--runtime', 'node24'], 2, 'Did you mean "nodejs24"'],
    [[...SHORT, '--packaging', 'image'], 2, '--packaging goes with --runtime'],
    [[...SHORT, '--memory', '1'], 2, '--memory 1'],
    [[...SHORT, '--service', 'wbe'], 2, 'Did you mean "web"'],
    [[...SHORT, '--service', 'admin'], 3, 'does not run on Fargate'],
    [[...SHORT, '--html', 'nowhere/a.html'], 5, 'no folder nowhere'],
    [[...SHORT, '--html', 'bad.csv'], 6, 'not a page of HTML'],
    [['--trace', 'missing.csv'], 5, 'no such file'],
    [['--trace', 'bad.csv'], 3, 'bad.csv:3: its count -3 is negative'],
    [['--trace', 'zero.csv'], 3, 'has no request in it'],
    [['--trace', 'zero.csv', '--mean', '5'], 3, 'TRAFFIC_WITHOUT_REQUESTS'],
    [['--skip-bad-lines', '--synthetic', 'constant:1'], 2, 'goes with --trace'],
  ] as const)('%j is refused with its reason', async (args, code, words) => {
    const cwd = folder({
      'fulcrum.yml': YAML,
      'bad.csv': minutes([5, -3, 4]),
      'zero.csv': minutes([0, 0, 0]),
    });
    const finished = await runCli(cwd, ...args);
    expect([finished.code, finished.out]).toEqual([code, '']);
    expect(finished.err).toContain(words);
    expect(readFileSync(join(cwd, 'bad.csv'), 'utf8')).toBe(minutes([5, -3, 4]));
  });

  it.skipIf(!existsSync('/dev/full'))(
    'a full disk behind the page or the output is said',
    async () => {
      const cwd = folder();
      const page = await runCli(cwd, ...SHORT, '--html', '/dev/full');
      expect([page.code, page.out]).toEqual([1, '']);
      expect(page.err).toMatch(/\/dev\/full cannot be written: no space/);
      const full = openSync('/dev/full', 'w');
      const bin = join(EXAMPLES, '..', 'bin', 'fulcrum.js');
      const args = [bin, 'simulate', ...SHORT, '--json'];
      const { status, stderr } = spawnSync(process.execPath, args, {
        cwd,
        stdio: ['ignore', full, 'pipe'],
      });
      closeSync(full);
      expect([status, String(stderr)]).toEqual([1, expect.stringContaining('standard output')]);
    },
  );
});

describe('Ctrl-C', () => {
  it('prints what is done, without a ratio for what is not, and ends with 130', async () => {
    const cwd = folder();
    let out = '';
    let interrupt = () => {};
    const args = ['--synthetic', 'diurnal:2', '--days', '40', '--html', 'a.html', '--json'];
    const host: CliHost = {
      machine: realMachine(),
      cwd,
      packageFolder: cwd,
      version: '0',
      inputIsTerminal: false,
      out: { ...QUIET, write: (text) => (out += text) },
      // On a terminal it says which policy runs: Ctrl-C in the middle of the second one.
      err: { ...QUIET, isTerminal: true, write: (text) => /lambda-only/.test(text) && interrupt() },
      readInput: async () => '',
      temporaryFolder,
      onInterrupt: (handler) => {
        interrupt = () => handler('SIGINT');
        return () => {};
      },
    };
    expect(await run(['simulate', ...args], host)).toBe(130);
    const { policies, stopped, optimum } = JSON.parse(out) as Simulation;
    expect(stopped).toBe(true);
    expect(policies.map(({ name }) => name)).toEqual(['level-counter', 'lambda-only']);
    const [whole, part] = policies;
    expect(whole?.done).toBe(1);
    expect(whole?.ratio).toBeCloseTo((whole?.usd ?? 0) / optimum.lowerUsd, 9);
    expect(part?.ratio).toBeNull();
    expect(part?.done).toBeLessThan(1);
    expect(existsSync(join(cwd, 'a.html'))).toBe(false);
  });
});

describe('a pipe that nobody writes to', () => {
  it.skipIf(process.platform === 'win32')('is left at the first Ctrl-C', async () => {
    const cwd = folder();
    expect(spawnSync('mkfifo', ['pipe'], { cwd }).status).toBe(0);
    const bin = join(EXAMPLES, '..', 'bin', 'fulcrum.js');
    const child = spawn(process.execPath, [bin, 'simulate', '--trace', 'pipe'], { cwd });
    let err = '';
    child.stderr.on('data', (text) => (err += text));
    const code = new Promise((done) => child.on('close', done));
    // It waits until there is a reader, who then hears nothing.
    const writer = await open(join(cwd, 'pipe'), 'w');
    child.kill('SIGINT');
    const exit = await code;
    await writer.close();
    expect([exit, err]).toEqual([130, expect.stringContaining('Reading pipe was interrupted')]);
  });
});

const QUIET = { write: () => {}, waiting: 0, isTerminal: false, columns: 80 };

describe('the text', () => {
  it('says the answer first and fits into 80 columns', async () => {
    const { code, out, err } = await runCli(folder(), ...SHORT, '--policy', 'all');
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n')[0]).toMatch(/^\S+ is cheapest: \$/);
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(out).toMatch(/Break-even: a\s+task\s+costs|A\s+task\s+never\s+pays/);
    expect(out).toContain('the optimum');
  });
});
