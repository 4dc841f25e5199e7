// What the program needs from the world, as narrow interfaces.
//
// `host/` implements them with the real machine; tests and the simulator pass their own. Nothing
// outside `host/` reads a clock, draws chance, starts a process or opens a file by itself.

import type { MiB, Millis } from './units.ts';

/** Takes back what an acquisition gave. Calling it twice does nothing the second time. */
export type Release = () => void;

export interface Clock {
  /**
   * Milliseconds since the epoch on a clock that never jumps: it starts at the wall time and then
   * only counts what has passed. Every duration and deadline is measured on it.
   */
  now(): Millis;
  /** The wall clock, for what people and logs read. It may jump in either direction. */
  wall(): Millis;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: Millis, signal?: AbortSignal): Promise<void>;
  after(ms: Millis, run: () => void): Release;
  every(ms: Millis, run: () => void): Release;
  /** A timer that is started and stopped often: it costs nothing to do so. */
  timer(run: () => void): Timer;
}

export interface Timer {
  /** Runs after `ms` unless it is stopped or started again. Always the same `ms` for one timer. */
  start(ms: Millis): void;
  stop(): void;
}

/** One stream of chance. Streams of different names do not disturb each other. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** `length` random lower-case hexadecimal digits. */
  hex(length: number): string;
  /** A version-4 UUID. */
  uuid(): string;
}

export type Exit = { readonly code: number } | { readonly signal: string };

export interface Limits {
  /** The whole process tree is killed above this. */
  readonly memoryMiB?: MiB;
  /** Cores the process tree may use on average. 1 is one core. */
  readonly cpu?: number;
  /**
   * The share of the processor is kept over periods this long. Default 20 ms: a program over its
   * share pauses often and briefly. A container keeps to the default.
   */
  readonly cpuPeriodMs?: Millis;
  /** The kernel counts the processor time of the tree, where it may be told to. */
  readonly counted?: boolean;
  /** Open files, soft and hard. */
  readonly openFiles?: number;
}

/** Where a program is to listen. */
export interface SpawnPort {
  /** Of 127.0.0.1 of this machine: where it can be asked, wherever it runs. */
  readonly here: number;
  /** Where it listens when it has a network of its own. */
  readonly inside: number;
  /** Variables that tell the program its port; whoever starts it fills them in. */
  readonly variables: readonly string[];
}

/** A program that runs in a container instead of as a process: image and what AWS says about it. */
export interface InContainer {
  /** Id of the image. */
  readonly image: string;
  /** In place of the ENTRYPOINT of the image; its CMD is then left out. */
  readonly entrypoint: readonly string[] | undefined;
  /** In place of the CMD of the image. */
  readonly command: readonly string[] | undefined;
  /** Containers of one sandbox share their network: they reach each other at 127.0.0.1. */
  readonly sandbox: string | undefined;
  /** What `Files.temporary` gave: it is /tmp, and all else can only be read. */
  readonly temporary: string | undefined;
}

export interface SpawnOptions {
  /** A string runs in a shell, a list runs as it is: as `CMD` in a Dockerfile. */
  readonly command: string | readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly port?: SpawnPort;
  /** "127.0.0.1:4566": what the program calls on this machine, as it stands in values of `env`. */
  readonly calls?: readonly string[];
  /** Then `command` and `cwd` are those of the image. */
  readonly container?: InContainer;
  readonly limits: Limits;
  /** Names the process in the record that lets a later run find what this one left behind. */
  readonly label: string;
  /** Called with each whole line the program prints, without its line break. */
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface Usage {
  /** Processor time used since the start, user and system, in milliseconds. */
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly peakMemoryBytes: number;
}

export interface UsageNow extends Usage {
  /** Whose books say it: the kernel's for the whole tree, or those of each process, to 10 ms. */
  readonly from: 'kernel' | 'processes';
}

export interface Listener {
  readonly port: number;
  /** It can be reached from this machine only. */
  readonly loopback: boolean;
}

/** A command that runs where a program runs. */
export interface Beside {
  readonly exited: Promise<Exit>;
  kill(): void;
}

/** A process and all that descends from it, or a container. */
export interface Child {
  /** 0 before it has one that this machine can see. */
  readonly pid: number;
  /** Where this machine reaches what listens in it; undefined: in another of its sandbox, or not. */
  readonly address: string | undefined;
  /** Resolves when the program runs; false: it could not be started. `exited` follows then too. */
  readonly started: Promise<boolean>;
  readonly exited: Promise<Exit>;
  /**
   * True when its program has ended or is about to, though `exited` may come later: the end of a
   * container is told late. False also where that cannot be seen.
   */
  ending(): boolean;
  /** True once the tree was killed because it went over its memory limit. */
  readonly outOfMemory: () => boolean;
  /**
   * Signals the whole group; a container gets what its image says instead of SIGTERM. Signalling what
   * has ended does nothing.
   */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  freeze(): void;
  thaw(): void;
  /** The last usage seen, at most {@link SAMPLE_EVERY_MS} old while it runs. */
  usage(): Usage;
  /** Of this moment, with what processes of the tree used that have ended. */
  usageNow(): Promise<UsageNow>;
  /** Changes the share of the processor; undefined takes the limit away. */
  limitCpu(cores: number | undefined): void;
  /** Whether that does anything on this machine. */
  readonly limitsCpu: boolean;
  /** Where the tree listens, as far as the machine can tell; else empty. */
  listeners(): readonly Listener[];
  /** Runs a command beside it: in its folder with its variables and limits, or in its container. */
  run(command: string | readonly string[], onLine: (line: string) => void): Beside;
  /** Bytes it has written to the storage of its container; 0 for a process, which has none of its own. */
  writtenBytes(): Promise<number>;
}

/**
 * How often running process trees are measured: often where the watch has to keep the memory limit
 * itself, rarely where the kernel does.
 */
export const SAMPLE_EVERY_MS = { watching: 100, measuring: 500 } as const;

export interface Processes {
  spawn(options: SpawnOptions): Child;
}

export interface Net {
  /** A TCP port of 127.0.0.1 that nothing listens on and that no other caller was given. */
  freePort(): Promise<number>;
}

export interface Files {
  /** Makes an empty folder for temporary files and returns its path; for containers, a volume. */
  temporary(name: string): string;
  /** Removes it with all that is in it. */
  dropTemporary(name: string): void;
  /** Bytes that what is in it takes on the disk. */
  usedBytes(name: string): Promise<number>;
}

/** The web, from here outwards. */
export interface Web {
  /**
   * Asks with GET and follows redirects. Rejects with an Error in words when there is no answer, or
   * when `signal` aborts. A body of which nothing comes for `idleMs` counts as broken off.
   */
  get(url: string, options: WebOptions): Promise<WebAnswer>;
}

export interface WebOptions {
  readonly signal: AbortSignal;
  readonly idleMs: Millis;
}

export interface WebAnswer {
  readonly status: number;
  /** "" when it does not say. */
  readonly contentType: string;
  /** Of the body as it is read; undefined when that is not known. */
  readonly bytes: number | undefined;
  /** Content encodings undone. Throws an Error in words when it breaks off. Read once, or cancel. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Nobody wants the rest; who waits for it is told that it was stopped. */
  cancel(): void;
}

/** Work that runs beside the program, so that the program stays free to hear and to tell. */
export interface Thread {
  /** Resolves when it has ended by itself or was killed; rejects with what it threw. */
  readonly ended: Promise<void>;
  /** Asks it to end; it does when it looks. */
  stop(): void;
  kill(): void;
}

/** What the module of a thread finds. */
export interface ThreadOrder<order> {
  readonly order: order;
  /** Not 0 once it is asked to end. */
  readonly stop: Int32Array;
}
