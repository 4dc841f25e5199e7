// What a command gets to work with.

import type { Release } from '../base/ports.ts';
import type { Machine } from '../ops/machine.ts';
import type { Output, Paint } from './terminal.ts';

export interface CliHost {
  readonly machine: Machine;
  readonly cwd: string;
  /** Results. */
  readonly out: Output;
  /** Progress and messages. */
  readonly err: Output;
  /** Where the package lies, with its examples. */
  readonly packageFolder: string;
  readonly version: string;
  /** A person is at standard input: reading it would wait for them. */
  readonly inputIsTerminal: boolean;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** A folder of its own for temporary files. */
  temporaryFolder(): string;
  /** Calls back for every Ctrl-C or SIGTERM until released. */
  onInterrupt(handler: (signal: 'SIGINT' | 'SIGTERM') => void): Release;
}

export interface Context extends CliHost {
  readonly paint: Paint;
  readonly paintErr: Paint;
}

/** Values of a command's arguments and options, by name. */
export interface Values {
  readonly args: readonly string[];
  text(option: string): string | undefined;
  list(option: string): readonly string[];
  on(option: string): boolean;
}
