// Joins the command line with this machine and this process.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Fault, systemReason } from '../base/fault.ts';
import { EXIT } from '../base/fault-entry.ts';
import { realMachine } from '../host/machine.ts';
import type { CliHost } from './context.ts';
import { faultText } from './render-fault.ts';
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
  // A reader that left (`fulcrum logs | head`) is no failure of ours; a full disk is said.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    const facts = { file: 'standard output', why: systemReason(error) };
    const fault = new Fault('OUTPUT_FAILED', facts, { cause: error });
    if (stream === process.stdout) process.stderr.write(faultText(fault, (_, text) => text, false));
    process.exit(fault.exitCode);
  });
  return {
    write: (text) => {
      stream.write(text);
    },
    get waiting() {
      return stream.writableLength;
    },
    isTerminal: stream.isTTY === true,
    // 0 is what a terminal says that does not know.
    columns: stream.columns || 80,
  };
}
