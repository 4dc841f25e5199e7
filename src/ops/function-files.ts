// Finds on this machine what a function is started with: its runtime client and its extensions.

import { join } from 'node:path';
import { Fault } from '../base/fault.ts';
import type { FunctionFiles } from '../engine/lambda/function-program.ts';
import type { FunctionCode } from '../model/app.ts';
import type { Machine } from './machine.ts';

const NODE_SOURCES = ['.mjs', '.js', '.cjs'];

/** Throws HANDLER_NOT_FOUND, RUNTIME_CLIENT_MISSING, EXTENSIONS_NOT_FOUND. */
export function functionFiles(
  machine: Machine,
  program: FunctionCode,
  folder: string,
): FunctionFiles {
  return {
    command: program.command ?? clientOf(machine, program, folder),
    extensions: extensionsOf(machine, program, folder),
  };
}

/** The file before the last dot of the handler tells the language. */
function clientOf(machine: Machine, { name, handler }: FunctionCode, folder: string) {
  const file = join(folder, handler.slice(0, Math.max(0, handler.lastIndexOf('.'))));
  if (machine.exists(`${file}.py`)) return ['python3', '-m', 'awslambdaric', handler];
  if (!NODE_SOURCES.some((ending) => machine.exists(`${file}${ending}`))) {
    throw new Fault('HANDLER_NOT_FOUND', { function: name, handler, folder });
  }
  const client = join(folder, 'node_modules', '.bin', 'aws-lambda-ric');
  if (machine.exists(client)) return [client, handler];
  throw new Fault('RUNTIME_CLIENT_MISSING', {
    function: name,
    client: 'aws-lambda-ric',
    install: 'npm install aws-lambda-ric',
  });
}

function extensionsOf(machine: Machine, program: FunctionCode, folder: string) {
  if (program.extensions === undefined) return [];
  const home = join(folder, program.extensions);
  const names = machine.list(home).filter((name) => machine.isExecutable(join(home, name)));
  if (names.length === 0) {
    throw new Fault('EXTENSIONS_NOT_FOUND', { function: program.name, folder: home });
  }
  return names.sort().map((name) => ({ name, path: join(home, name) }));
}
