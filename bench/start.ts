// How long the command line and an app take to be there.

import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AMPLE_TASK,
  benchFolder,
  freePort,
  helloApp,
  median,
  PROGRAMS,
  ROOT,
  report,
} from './support.ts';

const RUNS = 15;
const BIN = join(ROOT, 'bin', 'fulcrum.js');

export async function startBench(): Promise<void> {
  const bare: number[] = [];
  const version: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const one = wholeProcess(['-e', '0']);
    const other = wholeProcess([BIN, '--version']);
    if (run === 0) continue;
    bare.push(one);
    version.push(other);
  }
  const program: number[] = [];
  const app: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const alone = await programReady();
    const whole = await appReady();
    if (run === 0) continue;
    program.push(alone);
    app.push(whole);
  }
  const ratio = median(version) / median(bare);
  const added = median(app) - median(program);
  report('Starting', [
    { what: 'node -e 0', value: `${median(bare).toFixed(1)} ms` },
    { what: 'fulcrum --version', value: `${median(version).toFixed(1)} ms` },
    { what: 'ratio', value: ratio.toFixed(2), goal: { text: '≤ 2', met: ratio <= 2 } },
    { what: 'the program alone, until it listens', value: `${median(program).toFixed(0)} ms` },
    { what: 'fulcrum dev, until it is ready', value: `${median(app).toFixed(0)} ms` },
    {
      what: 'difference',
      value: `${added.toFixed(0)} ms`,
      goal: { text: '≤ 300 ms', met: added <= 300 },
    },
  ]);
}

function wholeProcess(args: readonly string[]): number {
  const began = performance.now();
  spawnSync(process.execPath, args, { stdio: 'ignore' });
  return performance.now() - began;
}

/** Milliseconds from the start of a process until it prints `text`. */
async function until(
  command: readonly string[],
  cwd: string,
  env: Record<string, string>,
  text: string,
): Promise<number> {
  const began = performance.now();
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  const took = await new Promise<number>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += String(chunk);
      if (output.includes(text)) resolve(performance.now() - began);
    });
  });
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('close', resolve));
  return took;
}

async function programReady(): Promise<number> {
  const command = [process.execPath, join(PROGRAMS, 'hello.mjs')];
  return until(command, PROGRAMS, { PORT: String(await freePort()) }, 'listening');
}

async function appReady(): Promise<number> {
  const folder = benchFolder();
  writeFileSync(join(folder, 'fulcrum.yml'), helloApp(AMPLE_TASK));
  const command = [
    process.execPath,
    '--max-semi-space-size=16',
    BIN,
    'dev',
    '--json',
    '--port',
    '0',
  ];
  return until(command, folder, {}, '"type":"ready"');
}
