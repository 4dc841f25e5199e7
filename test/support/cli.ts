// Runs the built command line as a process of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/fulcrum.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  /** Resolves with all of standard output once `text` is in it, or the program has ended. */
  until(text: string): Promise<string>;
  finished: Promise<Finished>;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The Node that runs the tests also runs the command and the programs it starts. */
const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`;

export function startCli(args: readonly string[], { cwd, env = {} }: CliOptions): RunningCli {
  const child = spawn(process.execPath, ['--max-semi-space-size=16', BIN, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  let wake: (() => void) | undefined;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    wake?.();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  let ended = false;
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code) => {
      ended = true;
      wake?.();
      resolve({ code, out, err });
    });
  });
  onTestFinished(async () => {
    // Asked, not killed: an engine that is killed leaves its programs behind.
    if (!ended) child.kill('SIGTERM');
    await finished;
  });
  return {
    child,
    out: () => out,
    err: () => err,
    finished,
    async until(text) {
      while (!out.includes(text) && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return out;
    },
  };
}

export function runCli(args: readonly string[], options: CliOptions): Promise<Finished> {
  return startCli(args, options).finished;
}

export const EXAMPLES = join(dirname(dirname(BIN)), 'examples');
