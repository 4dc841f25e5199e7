// The command line, as a person at a terminal and as a program meets it.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readProcess } from '../src/host/process-table.ts';
import { enginesOf, FIXTURES, groupsOf, processesOf, temporaryFolder } from './support/app.ts';
import { type RunningCli, runCli, startCli } from './support/cli.ts';

const YAML = `
app: cli
services:
  api:
    source: ${FIXTURES}
    command: node program.mjs
    health: /health
    lambda: { memory: 512 }
    fargate: { cpu: 1024, memory: 2048, tasks: { min: 1, max: 1 }, stopTimeout: 5s }
routes:
  - { path: /lambda/*, service: api, compute: lambda }
  - { path: /*, service: api, compute: auto }
`;

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

interface Ready {
  readonly type: string;
  readonly url: string;
  readonly admin: string;
}

async function readyDev(
  cwd: string,
  ...more: readonly string[]
): Promise<{ cli: RunningCli; ready: Ready }> {
  const cli = startCli(['dev', '--json', '--port', '0', ...more], { cwd });
  const [first = ''] = (await cli.until('\n')).split('\n');
  return { cli, ready: JSON.parse(first) as Ready };
}

describe('fulcrum', () => {
  it('shows its commands', async () => {
    const { code, out } = await runCli(['--help'], { cwd: temporaryFolder() });
    expect(code).toBe(0);
    for (const name of [
      'init',
      'dev',
      'demo',
      'status',
      'logs',
      'explain',
      'validate',
      'schema',
      'doctor',
    ]) {
      expect(out).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
    }
  });

  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await runCli(['--version'], { cwd: temporaryFolder() })).toMatchObject({
      code: 0,
      out: `${version}\n`,
    });
    expect(await runCli(['-V'], { cwd: temporaryFolder() })).toMatchObject({ out: `${version}\n` });
  });

  it('suggests the command and the option that were meant, and ends with 2', async () => {
    const cwd = folderWith({ 'fulcrum.yml': YAML });
    const command = await runCli(['statsu'], { cwd });
    expect([command.code, command.err]).toEqual([
      2,
      expect.stringContaining('(Did you mean status?)'),
    ]);
    const option = await runCli(['dev', '--prot', '1'], { cwd });
    expect([option.code, option.err]).toEqual([
      2,
      expect.stringContaining('(Did you mean --port?)'),
    ]);
    const value = await runCli(['logs', '--compute', 'ec2'], { cwd });
    expect([value.code, value.err]).toEqual([
      2,
      expect.stringContaining('Allowed choices are lambda, fargate'),
    ]);
    const port = await runCli(['dev', '--port', 'http'], { cwd });
    expect([port.code, port.err]).toEqual([2, expect.stringContaining('was: http')]);
  });

  it('prints a failure as JSON where JSON was asked for', async () => {
    const { code, out, err } = await runCli(['validate', '--json'], { cwd: temporaryFolder() });
    expect([code, err]).toEqual([5, '']);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      error: { code: 'CONFIG_NOT_FOUND', fix: expect.any(String) },
    });
  });
});

describe('fulcrum validate', () => {
  it('lists everything that is wrong, with place and fix, and ends with 3', async () => {
    const cwd = folderWith({
      'fulcrum.yml': 'app: Bad\nservices:\n  api:\n    comand: x\n    lambda: { memory: 1 }\n',
    });
    const { code, err } = await runCli(['validate'], { cwd });
    expect(code).toBe(3);
    expect(err).toMatch(/fulcrum\.yml:1:1 {2}app: must be 1 to 30/);
    expect(err).toMatch(
      /fulcrum\.yml:4:5 {2}services\.api\.comand: unknown key "comand"\n {6}Did you mean "command"\?/,
    );
    expect(err).toMatch(
      /fulcrum\.yml:5:15 {2}services\.api\.lambda\.memory: must be a whole number of MB from 128/,
    );
  });

  it('says that a file is valid', async () => {
    const { code, out } = await runCli(['validate'], { cwd: folderWith({ 'fulcrum.yml': YAML }) });
    expect([code, out]).toEqual([0, 'fulcrum.yml is valid: 1 service, 2 routes\n']);
  });
});

describe('fulcrum schema', () => {
  it('prints the schema that is shipped', async () => {
    const { out } = await runCli(['schema'], { cwd: temporaryFolder() });
    expect(out).toBe(readFileSync('schema/fulcrum.schema.json', 'utf8'));
  });
});

describe('fulcrum init', () => {
  const programs: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    [
      'Node with a start script',
      { 'package.json': '{"scripts":{"start":"node src/main.js"}}' },
      'command: node src/main.js',
    ],
    [
      'Node with a main file',
      { 'package.json': '{"main":"app.js"}', 'app.js': '' },
      'command: node app.js',
    ],
    [
      'Python with FastAPI',
      {
        'requirements.txt': 'fastapi\n',
        'main.py': 'from fastapi import FastAPI\napp = FastAPI()\n',
      },
      'command: python3 -m uvicorn main:app --host 0.0.0.0 --port $PORT',
    ],
    ['Python', { 'server.py': 'print(1)\n' }, 'command: python3 server.py'],
    [
      'Go',
      { 'go.mod': 'module x\n', 'main.go': 'package main\n' },
      'build: go build -o .fulcrum/program .',
    ],
    [
      'a Dockerfile',
      {
        Dockerfile:
          'FROM scratch\nEXPOSE 9000\nHEALTHCHECK CMD curl http://localhost:9000/up\nENTRYPOINT ["/serve"]\nCMD ["--all", "a b"]\n',
      },
      `command: "/serve --all \\"a b\\""`,
    ],
  ];

  it.each(programs)('writes a file for %s that is valid', async (_what, files, line) => {
    const cwd = folderWith(files);
    const { code, out, err } = await runCli(['init'], { cwd });
    expect([code, err]).toEqual([0, 'Next: fulcrum dev\n']);
    expect(out).toMatch(/^fulcrum\.yml {2}/);
    expect(readFileSync(join(cwd, 'fulcrum.yml'), 'utf8')).toContain(line);
    expect((await runCli(['validate'], { cwd })).code).toBe(0);
  });

  it('takes port and health path from the Dockerfile', async () => {
    const cwd = folderWith(programs[5]?.[1] ?? {});
    await runCli(['init'], { cwd });
    const text = readFileSync(join(cwd, 'fulcrum.yml'), 'utf8');
    expect(text).toContain('port: 9000');
    expect(text).toContain('health: /up');
  });

  it('does not write over a file', async () => {
    const cwd = folderWith({ 'fulcrum.yml': 'mine', 'server.js': '' });
    expect(await runCli(['init'], { cwd })).toMatchObject({ code: 6 });
    expect(readFileSync(join(cwd, 'fulcrum.yml'), 'utf8')).toBe('mine');
    expect(await runCli(['init', '--force'], { cwd })).toMatchObject({ code: 0 });
  });

  it('says what it looked for, and takes a command instead', async () => {
    const cwd = folderWith({ 'notes.txt': '' });
    const { code, err } = await runCli(['init'], { cwd });
    expect([code, err]).toEqual([5, expect.stringContaining('fulcrum init --command')]);
    expect(await runCli(['init', '--command', './run --port $PORT'], { cwd })).toMatchObject({
      code: 0,
    });
  });
});

describe('fulcrum dev', () => {
  it('prints events as JSON, the first says where it is', async () => {
    const cwd = folderWith({ 'fulcrum.yml': YAML });
    const { cli, ready } = await readyDev(cwd);
    expect(ready).toMatchObject({
      type: 'ready',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    await (await fetch(`${ready.url}/who`)).text();
    await cli.until('"type":"request"');
    cli.child.kill('SIGINT');
    const { code, out } = await cli.finished;
    expect(code).toBe(130);
    for (const line of out.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('at');
    expect(enginesOf(cwd)).toEqual([]);
  });

  it('talks to people in lines', async () => {
    const cwd = folderWith({ 'fulcrum.yml': YAML });
    const cli = startCli(['dev', '--port', '0'], { cwd });
    await expect.poll(cli.err).toMatch(/answers at http/);
    const url = /answers at (\S+)/.exec(cli.err())?.[1];
    await (await fetch(`${url}/lambda/who`)).text();
    expect(await cli.until('lambda ')).toMatch(
      /200 GET {2}\/lambda\/who lambda .* cold the route names lambda/,
    );
    cli.child.kill('SIGTERM');
    expect((await cli.finished).code).toBe(143);
  });

  it('says where HTTPS is, and what to trust', async () => {
    const cwd = folderWith({ 'fulcrum.yml': `${YAML}\nentry: { https: true }\n` });
    const cli = startCli(['dev', '--port', '0'], { cwd });
    await expect.poll(cli.err).toMatch(/HTTPS +https:\/\/127\.0\.0\.1:\d+\n/);
    const authority = join(cwd, '.fulcrum', 'tls', 'authority.pem');
    expect(cli.err()).toContain(`curl --cacert ${authority}, or NODE_EXTRA_CA_CERTS`);
    const { out } = await runCli(['status'], { cwd });
    expect(out).toMatch(/at http:\/\/127\.0\.0\.1:\d+ and https:\/\/127\.0\.0\.1:\d+, /);
    cli.child.kill('SIGTERM');
    expect((await cli.finished).code).toBe(143);
  });

  it('can be asked, failed and stopped while its tasks are still starting', async () => {
    const slow = YAML.replace(/^app: .*$/m, '$&\nlocal: { taskStart: 10m }');
    const cwd = folderWith({ 'fulcrum.yml': slow });
    const cli = startCli(['dev', '--port', '0'], { cwd });
    await expect.poll(cli.err).toMatch(/ PENDING in /);
    const { code, out } = await runCli(['status'], { cwd });
    expect([code, out]).toEqual([0, expect.stringMatching(/task [0-9a-f]{8} PENDING/)]);
    const second = await runCli(['dev', '--port', '0'], { cwd });
    expect(second.code).toBe(6);
    const before = cli.err().length;
    cli.child.kill('SIGINT');
    const { code: ended, err } = await cli.finished;
    expect(ended).toBe(130);
    expect(err.slice(before)).not.toMatch(/answers at|COMPLETED|steady state/);
  });

  it('refuses a port that is taken, and a second engine for the same app', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = String(typeof address === 'object' ? address?.port : 0);
    const cwd = folderWith({ 'fulcrum.yml': YAML });
    const taken = await runCli(['dev', '--port', port], { cwd });
    expect([taken.code, taken.err]).toEqual([6, expect.stringContaining(`Port ${port} is taken`)]);
    other.close();
    await readyDev(cwd);
    const second = await runCli(['dev', '--port', '0'], { cwd });
    expect([second.code, second.err]).toEqual([6, expect.stringContaining('already runs at http')]);
  });

  it('ends at once on the second Ctrl-C', async () => {
    const cwd = folderWith({
      'fulcrum.yml': YAML.replace('node program.mjs', 'node ignores-sigterm.mjs')
        .replace('health: /health', 'health: /')
        .replace('stopTimeout: 5s', 'stopTimeout: 120s'),
    });
    const { cli } = await readyDev(cwd);
    const [engine = ''] = enginesOf(cwd);
    cli.child.kill('SIGINT');
    await expect.poll(cli.err).toContain('Ctrl-C again');
    cli.child.kill('SIGINT');
    expect((await cli.finished).code).toBe(130);
    expect(processesOf(engine)).toEqual([]);
  });

  it('leaves nothing behind for long when it is killed itself', async () => {
    const cwd = folderWith({ 'fulcrum.yml': YAML });
    const { cli, ready } = await readyDev(cwd);
    await (await fetch(`${ready.url}/lambda/who`)).text();
    const { child } = (await (await fetch(`${ready.url}/fork`)).json()) as { child: number };
    const [engine = ''] = enginesOf(cwd);
    cli.child.kill('SIGKILL');
    await cli.finished;
    expect(processesOf(engine).length).toBeGreaterThan(2);
    const seen = await runCli(['doctor'], { cwd });
    expect([seen.code, seen.out]).toEqual([
      7,
      expect.stringMatching(/leftovers +\d+ processes of 1 dead engine/),
    ]);
    const cleaned = await runCli(['doctor', '--clean'], { cwd });
    expect([cleaned.code, cleaned.out]).toEqual([0, expect.stringContaining('ended')]);
    await expect.poll(() => processesOf(engine)).toEqual([]);
    expect(readProcess(child)).toBeUndefined();
    expect([enginesOf(cwd), groupsOf(engine)]).toEqual([[], []]);
  });

  it('cleans up after a killed engine when it starts again', async () => {
    const cwd = folderWith({ 'fulcrum.yml': YAML });
    const { cli } = await readyDev(cwd);
    const [engine = ''] = enginesOf(cwd);
    cli.child.kill('SIGKILL');
    await cli.finished;
    await readyDev(cwd);
    await expect.poll(() => processesOf(engine)).toEqual([]);
    expect(groupsOf(engine)).toEqual([]);
  });

  it('stays small whatever a program prints', async () => {
    const cwd = folderWith({ 'fulcrum.yml': YAML });
    const { cli, ready } = await readyDev(cwd);
    const printed = await fetch(`${ready.url}/print?kb=102400`);
    expect(await printed.text()).toBe('printed');
    const memory = readProcess(cli.child.pid ?? 0)?.memoryBytes ?? 0;
    expect(memory / 1e6).toBeLessThan(400);
    const logs = await runCli(['logs', 'api', '--compute', 'fargate'], { cwd });
    expect(logs.out.length).toBeLessThan(6_000_000);
    expect(logs.out.length).toBeGreaterThan(3_000_000);
  });

  it('builds first, and says why a build fails', async () => {
    const good = folderWith({
      'fulcrum.yml': YAML.replace('command:', 'build: echo building > built.txt\n    command:'),
    });
    symlinkSync(join(FIXTURES, 'program.mjs'), join(good, 'program.mjs'));
    writeFileSync(
      join(good, 'fulcrum.yml'),
      readFileSync(join(good, 'fulcrum.yml'), 'utf8').replace(FIXTURES, '.'),
    );
    await readyDev(good);
    expect(readFileSync(join(good, 'built.txt'), 'utf8')).toBe('building\n');
    const bad = folderWith({
      'fulcrum.yml': YAML.replace('command:', 'build: echo no compiler; exit 4\n    command:'),
    });
    const { code, err } = await runCli(['dev'], { cwd: bad });
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/Building "api" ended with exit code 4[\s\S]*\| no compiler/),
    ]);
  });

  it('wants the secrets it is told of, and a source that exists', async () => {
    const secret = folderWith({
      'fulcrum.yml': YAML.replace('health:', 'secrets: { DB: ssm:/db }\n    health:'),
    });
    expect(await runCli(['dev'], { cwd: secret })).toMatchObject({
      code: 3,
      err: expect.stringContaining('.env gives no value for: DB'),
    });
    const source = folderWith({ 'fulcrum.yml': YAML.replace(FIXTURES, 'nowhere') });
    expect(await runCli(['dev'], { cwd: source })).toMatchObject({
      code: 3,
      err: expect.stringContaining('nowhere'),
    });
  });
});

describe('a running engine', () => {
  it('is asked by status, logs and explain', async () => {
    const cwd = folderWith({ 'fulcrum.yml': YAML });
    const { ready } = await readyDev(cwd);
    await (await fetch(`${ready.url}/who`)).text();
    await (await fetch(`${ready.url}/lambda/who`)).text();
    const status = await runCli(['status'], { cwd });
    expect(status.out).toMatch(/lambda {3}0 busy, 1 idle/);
    expect(status.out).toMatch(/fargate {2}1 of 1 task healthy/);
    expect(status.out).toMatch(/total +\$0\.0\d+ +\$\d+/);
    const json = JSON.parse((await runCli(['status', '--json'], { cwd })).out) as {
      services: unknown[];
    };
    expect(json.services).toHaveLength(1);
    const logs = await runCli(['logs', '--compute', 'lambda'], { cwd });
    expect(logs.out).toMatch(/\/aws\/lambda\/cli-api REPORT RequestId/);
    const explained = await runCli(['explain', 'get', '/x', '--header', 'Host: a'], { cwd });
    expect(explained.out).toMatch(
      /\(of the app that runs now\)[\s\S]*→ fargate: auto: it shows whether a task meets 1\.0 s/,
    );
    const unknown = await runCli(['logs', 'apo'], { cwd });
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('no service "apo"')]);
  });

  it('is followed by logs until it stops', async () => {
    const cwd = folderWith({ 'fulcrum.yml': YAML });
    const { cli, ready } = await readyDev(cwd);
    const following = startCli(['logs', '--follow', '--json'], { cwd });
    await following.until('listening on');
    await (await fetch(`${ready.url}/lambda/who`)).text();
    expect(await following.until('REPORT')).toContain('"source":"platform"');
    cli.child.kill('SIGINT');
    await cli.finished;
    expect((await following.finished).code).toBe(0);
  });

  it('is missed by name when it does not run', async () => {
    const cwd = folderWith({ 'fulcrum.yml': YAML });
    for (const command of [['status'], ['logs']]) {
      expect(await runCli(command, { cwd })).toMatchObject({
        code: 5,
        err: expect.stringContaining('Nothing runs for'),
      });
    }
    const explained = await runCli(['explain', 'GET', '/lambda/x'], { cwd });
    expect(explained.out).toContain('of the app at rest');
  });
});

describe('fulcrum doctor', () => {
  it('tells what is there and what an absence costs', async () => {
    const { out } = await runCli(['doctor', '--json'], { cwd: temporaryFolder() });
    const { checks } = JSON.parse(out) as {
      checks: { name: string; state: string; cost?: string }[];
    };
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Node.js', 'control groups', 'open files', 'leftovers']),
    );
    for (const { state, cost } of checks) expect(cost === undefined).toBe(state === 'ok');
  });
});
