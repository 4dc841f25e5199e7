// "fulcrum prices rate" as a person at a terminal and as a program meets it.

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from '../src/cli/run.ts';
import { realMachine } from '../src/host/machine.ts';
import { temporaryFolder } from './support/app.ts';

const BIN = fileURLToPath(new URL('../bin/fulcrum.js', import.meta.url));

async function rate(input: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [BIN, 'prices', 'rate', '--bundled', ...args], {
    cwd: temporaryFolder(),
    env: { ...process.env, NO_COLOR: '1' },
  });
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { out, err, code };
}

const TASK = '{"region": "eu-west-2", "vcpu": 0.25, "gb": 0.5, "hours": 730}';

describe('fulcrum prices rate', () => {
  it('prints a table, and JSON for programs: one answer for one usage, a list for a list', async () => {
    const shown = await rate(TASK);
    expect([shown.code, shown.err]).toEqual([0, '']);
    expect(shown.out).toContain('fargate  eu-west-2');
    expect(shown.out).toMatch(/^Total {2}\$10\.36 {2}exactly 10\.36235$/m);
    const one = await rate(TASK, '--json');
    expect(JSON.parse(one.out)).toMatchObject({ region: 'eu-west-2', usd: 10.36235 });
    const list = await rate(`[${TASK}]`, '--json');
    expect(JSON.parse(list.out)).toMatchObject([{ usd: 10.36235 }]);
  });

  it('takes the region of usages that name none', async () => {
    const { out } = await rate(
      '{"vcpu": 0.25, "gb": 0.5, "hours": 730}',
      '--json',
      '--region',
      'eu-west-2',
    );
    const found = JSON.parse(out) as { region: string; usd: number; warnings: string[] };
    expect([found.region, found.usd]).toEqual(['eu-west-2', 10.36235]);
    expect(found.warnings.join()).not.toContain('No region');
  });

  it('prints what is known of what is not, and ends with 7', async () => {
    const { code, out, err } = await rate(
      '{"region": "eu-north-1", "hours": 1, "lcuHours": 2}',
      '--json',
    );
    expect([code, err]).toEqual([7, 'No price is known for: alb.lcuHour. That is not nothing.\n']);
    expect(JSON.parse(out)).toMatchObject({ usd: null, unknown: ['alb.lcuHour'] });
  });

  it('says what is wrong with the input, and ends with 2', async () => {
    const cut = await rate(TASK.slice(0, 30));
    expect(cut.code).toBe(2);
    expect(cut.err).toContain('line 1, column 31');
    expect((await rate('')).err).toContain('There is nothing on standard input.');
    const fault = await rate('{"vcpus": -1}', '--json');
    expect(JSON.parse(fault.out)).toMatchObject({
      ok: false,
      error: { code: 'RATE_USAGE_INVALID' },
    });
  });

  it.each([['foo'], ['--refresh'], ['--region', 'all'], ['--explain']])(
    'refuses %s',
    async (...args) => {
      const { code, err } = await rate(TASK, ...args);
      expect(code).toBe(2);
      expect(err).toContain('fulcrum prices rate --region eu-west-2 < usage.json');
    },
  );

  it('does not wait for a person at a terminal', async () => {
    let said = '';
    const output = {
      write: (more: string) => {
        said += more;
      },
      waiting: 0,
      isTerminal: false,
      columns: 80,
    };
    const code = await run(['prices', 'rate'], {
      machine: realMachine(),
      cwd: temporaryFolder(),
      out: output,
      err: output,
      packageFolder: '.',
      version: '0',
      inputIsTerminal: true,
      readInput: () => Promise.reject(new Error('it was read')),
      temporaryFolder,
      onInterrupt: () => () => {},
    });
    expect(code).toBe(2);
    expect(said).toContain('RATE_INPUT_TERMINAL');
  });
});
