// What the operations need of the machine. `host/` has it; the command line hands it over.

import type { Clock, Exit, Net, Rng } from '../base/ports.ts';
import type { EnginePorts } from '../engine/program.ts';

export interface Machine {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly net: Net;
  readonly platform: string;
  readonly nodeVersion: string;
  readonly cores: number;
  readonly freeMemoryBytes: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined when there is no such file. */
  readText(path: string): string | undefined;
  /** Whole or not at all. */
  writeText(path: string, text: string): void;
  isFolder(path: string): boolean;
  isExecutable(path: string): boolean;
  exists(path: string): boolean;
  /** Names in a folder; empty when there is none. */
  list(folder: string): readonly string[];
  removeFolder(folder: string): void;
  /** Runs a command line to its end. */
  run(command: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ran>;
  /** Begins the record of an engine for the app in `folder`. */
  openRun(folder: string): Run;
  /** The engine that runs for the app in `folder`. */
  findEngine(folder: string): Promise<RunningEngine | undefined>;
  /** What dead engines left behind; with `end` it is ended. */
  leftovers(folder: string, end: boolean): Promise<Leftovers>;
  cgroups(): { readonly version: 1 | 2 | undefined; readonly why: string };
  /** The first line a tool prints of its version, or undefined when it is not there. */
  toolVersion(tool: string, flag: string): Promise<string | undefined>;
  openFilesLimit(): Promise<number | undefined>;
}

export interface Ran {
  readonly exit: Exit;
  /** The last lines it printed. */
  readonly output: string;
}

export interface Run {
  readonly ports: EnginePorts;
  readonly token: string;
  announce(app: string, url: string, admin: string): void;
  close(): void;
}

export interface RunningEngine {
  readonly pid: number;
  readonly app: string;
  readonly url: string;
  readonly admin: string;
  readonly token: string;
}

export interface Leftovers {
  readonly engines: number;
  readonly processes: readonly number[];
}
