// Every command of the guide to costs, run as it stands there.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './support/app.ts';

const PAGE = readFileSync('docs/guide/cost.md', 'utf8');

const blocks = (language: string) =>
  [...PAGE.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , body = '']) => body);

const commands = blocks('sh').flatMap((block) => block.trim().split('\n'));

/** A folder as the reader of the page has it. */
function folder(): string {
  const cwd = temporaryFolder();
  const [yaml = ''] = blocks('yaml');
  writeFileSync(join(cwd, 'fulcrum.yml'), `${yaml}stages: { production: {} }\n`);
  const hours = Array.from({ length: 48 }, (_, hour) => hour);
  const rows = hours.map(
    (hour) =>
      `2026-10-0${1 + Math.floor(hour / 24)}T${String(hour % 24).padStart(2, '0')}:00:00Z,${1000 + 10 * hour}`,
  );
  writeFileSync(join(cwd, 'requests.csv'), `timestamp,count\n${rows.join('\n')}\n`);
  const lines = Array.from(
    { length: 59 },
    (_, second) =>
      `10.0.0.1 - - [10/Oct/2026:13:55:${String(second).padStart(2, '0')} +0000] "GET / HTTP/1.1" 200 5120 "-" "x"`,
  );
  writeFileSync(join(cwd, 'access.log'), `${lines.join('\n')}\n`);
  mkdirSync(join(cwd, 'bin'));
  symlinkSync(resolve('bin/fulcrum.js'), join(cwd, 'bin', 'fulcrum'));
  return cwd;
}

describe('docs/guide/cost.md', () => {
  it('has commands', () => expect(commands.length).toBeGreaterThan(20));

  it.each(commands)('%s', (command) => {
    const cwd = folder();
    const path = `${join(cwd, 'bin')}:${dirname(process.execPath)}:${process.env['PATH']}`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, PATH: path, HOME: cwd },
    });
    expect([status, stderr.replace(/^wrote \S+\n/, '')]).toEqual([0, '']);
    expect(stdout).not.toBe('');
  });
});
