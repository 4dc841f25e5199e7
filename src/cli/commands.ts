// Every command, as one table.

import type { Command } from './command.ts';
import { cost } from './command-cost.ts';
import { demo } from './command-demo.ts';
import { dev } from './command-dev.ts';
import { fail } from './command-fail.ts';
import { invoke } from './command-invoke.ts';
import { measure } from './command-measure.ts';
import { prices } from './command-prices.ts';
import { redeploy } from './command-redeploy.ts';
import { simulate } from './command-simulate.ts';
import { doctor, explain, init, logs, schema, status, validate } from './commands-short.ts';

export const COMMANDS: readonly Command[] = [
  init,
  dev,
  demo,
  status,
  logs,
  redeploy,
  fail,
  invoke,
  measure,
  explain,
  cost,
  simulate,
  prices,
  validate,
  schema,
  doctor,
];
