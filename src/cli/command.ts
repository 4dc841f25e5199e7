// A command as data. The parser, the help and the reference page are made from it.

import type { Context, Values } from './context.ts';

export interface Option {
  /** As commander reads it: "--port <number>". */
  readonly flags: string;
  readonly what: string;
  /** May be given several times. */
  readonly many?: true;
  readonly choices?: readonly string[];
}

export interface Argument {
  readonly name: string;
  readonly what: string;
  readonly optional?: true;
  /** Takes all that follow. Only the last one may. */
  readonly many?: true;
  readonly default?: string;
}

export interface Command {
  readonly name: string;
  readonly what: string;
  readonly arguments: readonly Argument[];
  readonly options: readonly Option[];
  readonly examples: readonly string[];
  /** Resolves to the exit code. */
  run(context: Context, values: Values): Promise<number>;
}

export const CONFIG_OPTIONS: readonly Option[] = [
  { flags: '-c, --config <file>', what: 'The fulcrum.yml, or the folder it is in. Default: here.' },
  { flags: '-s, --stage <name>', what: 'Lay the settings of this stage over the others.' },
];

export const JSON_OPTION: Option = { flags: '--json', what: 'Print JSON for programs.' };

/** Where the app is, from the options every command of an app has. */
export function choiceOf(context: Context, values: Values) {
  return { cwd: context.cwd, config: values.text('config'), stage: values.text('stage') };
}

export function printJson(context: Context, value: unknown): void {
  context.out.write(`${JSON.stringify(value, null, 2)}\n`);
}
