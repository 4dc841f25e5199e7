// Joins the command line with this machine and this process.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { realMachine } from '../host/machine.ts';
import type { CliHost } from './context.ts';
import { run } from './run.ts';
import type { Output } from './terminal.ts';

/** `packageFolder` is where package.json and the examples are. */
export async function main(packageFolder: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const host: CliHost = {
    machine: realMachine(),
    cwd: process.cwd(),
    out: outputOf(process.stdout),
    err: outputOf(process.stderr),
    packageFolder,
    version,
    inputIsTerminal: process.stdin.isTTY === true,
    readInput: () => text(process.stdin),
    temporaryFolder: () => mkdtempSync(join(tmpdir(), 'fulcrum-')),
    onInterrupt(handler) {
      const interrupt = () => handler('SIGINT');
      const terminate = () => handler('SIGTERM');
      process.on('SIGINT', interrupt);
      process.on('SIGTERM', terminate);
      return () => {
        process.off('SIGINT', interrupt);
        process.off('SIGTERM', terminate);
      };
    },
  };
  process.exitCode = await run(process.argv.slice(2), host);
}

function outputOf(stream: NodeJS.WriteStream): Output {
  // A reader that left (`fulcrum logs | head`) is no failure of ours.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    write: (text) => {
      stream.write(text);
    },
    get waiting() {
      return stream.writableLength;
    },
    isTerminal: stream.isTTY === true,
    columns: stream.columns ?? 80,
  };
}
