// What the operations need of the machine. `host/` has it; the command line hands it over.

import type { Clock, Exit, Net, Rng, Thread, Web } from '../base/ports.ts';
import type { EnginePorts } from '../engine/program.ts';

export interface Machine {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly net: Net;
  readonly web: Web;
  readonly platform: string;
  readonly nodeVersion: string;
  readonly cores: number;
  /** What the processor calls itself. */
  readonly processor: string;
  readonly freeMemoryBytes: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined when there is no such file. */
  readText(path: string): string | undefined;
  /**
   * Bytes of a file as they are read, or of standard input for "-". Rejects with what the system says.
   * A chunk is only valid until the next is asked for.
   */
  openBytes(path: string, signal?: AbortSignal): Promise<ByteSource>;
  /** Whole or not at all. */
  writeText(path: string, text: string): void;
  /** Whole or not at all, into a folder that is there. Throws what the system says. */
  writeOutput(path: string, text: string): void;
  isFolder(path: string): boolean;
  isExecutable(path: string): boolean;
  exists(path: string): boolean;
  /** Names in a folder; empty when there is none. */
  list(folder: string): readonly string[];
  removeFolder(folder: string): void;
  /** Runs a command line to its end. */
  run(command: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ran>;
  /** The container engine that `env` names or that is found. Throws CONTAINER_ENGINE_MISSING. */
  containers(env: Machine['env']): Promise<Containers>;
  findContainers(env: Machine['env']): Promise<ContainerSearch>;
  /** Begins the record of an engine for the app in `folder`, whose programs run as processes. */
  openRun(folder: string): Run;
  /** The engine that runs for the app in `folder`. */
  findEngine(folder: string): Promise<RunningEngine | undefined>;
  /** What dead engines left behind; with `end` it is ended. */
  leftovers(folder: string, end: boolean): Promise<Leftovers>;
  cgroups(): { readonly version: 1 | 2 | undefined; readonly why: string };
  /** The first line a tool prints of its version, or undefined when it is not there. */
  toolVersion(tool: string, flag: string): Promise<string | undefined>;
  openFilesLimit(): Promise<number | undefined>;
  /** Says of the files of a program that they are what they were. */
  fingerprint(folder: string): Promise<string>;
  /** Runs a module beside the program; `order` is copied, and so is each message that it posts. */
  startThread(module: URL, order: unknown, onMessage: (message: unknown) => void): Thread;
  /** Since some moment, in milliseconds: what this process used of processors, and what all did. */
  processorTime(): { readonly ownMs: number; readonly allMs: number };
}

export interface ByteSource {
  /** Undefined for what is piped in. */
  readonly sizeBytes: number | undefined;
  readonly chunks: AsyncGenerator<Uint8Array, void>;
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
  /** Throws CONTAINERS_LEFT or IMAGES_LEFT; then the record stays. */
  close(): Promise<void>;
}

/** Docker or Podman. */
export interface Containers {
  /** "Podman 4.3.1". */
  readonly name: string;
  /** "unix:///run/podman/podman.sock". */
  readonly endpoint: string;
  readonly tool: 'docker' | 'podman';
  /** Throws IMAGE_BUILD_FAILED. */
  build(order: ImageOrder): Promise<Image>;
  /** Pulls it if it is not there. Throws IMAGE_NOT_FOUND. */
  find(
    service: string,
    image: string,
    onLine: (line: string) => void,
    stop?: AbortSignal,
  ): Promise<Image>;
  /** As that of the machine, with programs that run in containers. */
  openRun(folder: string): Run;
}

export interface ImageOrder {
  readonly service: string;
  /** Absolute. */
  readonly folder: string;
  /** Relative to `folder`. */
  readonly dockerfile: string;
  /** Name the image gets. */
  readonly tag: string;
  readonly onLine: (line: string) => void;
  /** Aborted when nobody waits for it any more. */
  readonly stop?: AbortSignal | undefined;
}

export interface Image {
  readonly id: string;
  /** Names of the executables in its /opt/extensions. */
  readonly extensions: readonly string[];
}

export interface ContainerSearch {
  readonly engine: Pick<Containers, 'name' | 'endpoint'> | undefined;
  /** Where nothing answered, and why. */
  readonly tried: readonly string[];
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
  readonly containers: readonly string[];
}
