// Every command, as one table.

import type { Command } from './command.ts';
import { demo } from './command-demo.ts';
import { dev } from './command-dev.ts';
import { invoke } from './command-invoke.ts';
import { doctor, explain, init, logs, schema, status, validate } from './commands-short.ts';

export const COMMANDS: readonly Command[] = [
  init,
  dev,
  demo,
  status,
  logs,
  invoke,
  explain,
  validate,
  schema,
  doctor,
];
