// Starts programs as trees of processes that can be limited, frozen, measured and ended as one.
//
// Invariants
//   P1. Every program runs in a session of its own; signals go to the whole group.
//   P2. A program that goes over its memory is killed, by the kernel where it may be told to, else
//       by the watch, and `outOfMemory` says so.
//   P3. `exited` resolves once, after the last line was handed over.

import { type ChildProcess, spawn } from 'node:child_process';
import {
  type Beside,
  type Child,
  type Clock,
  type Exit,
  type Listener,
  type Processes,
  SAMPLE_EVERY_MS,
  type SpawnOptions,
  type Usage,
  type UsageNow,
} from '../base/ports.ts';
import { BYTES_PER_MIB, type Millis } from '../base/units.ts';
import type { Cgroup, CgroupSupport } from './cgroup.ts';
import { lineSplitter } from './lines.ts';
import {
  askPs,
  childrenOf,
  hasProc,
  isEnding,
  type ProcessInfo,
  readListeners,
  readProcess,
  readProcesses,
} from './process-table.ts';
import { whenStarted } from './program-start.ts';
import { ENGINE_VARIABLE, type RunRecord } from './run-record.ts';

export interface ProcessHost extends Processes {
  /** Stops measuring. */
  close(): void;
}

/** Measuring may take this part of the time at most. */
const MAX_SAMPLING_SHARE = 0.05;

const NOTHING: Usage = { cpuMs: 0, memoryBytes: 0, peakMemoryBytes: 0 };

export function processHost(clock: Clock, cgroups: CgroupSupport, record: RunRecord): ProcessHost {
  const children = new Set<Tree>();
  const every =
    cgroups.version === undefined ? SAMPLE_EVERY_MS.watching : SAMPLE_EVERY_MS.measuring;
  const sampler = startSampler(clock, children, every);
  let count = 0;
  const start = (options: SpawnOptions): Tree => {
    count += 1;
    const group = cgroups.create(`${options.label}-${count}`, options.limits);
    const child = new Tree(options, { engine: record.id, group, start }, () =>
      children.delete(child),
    );
    if (child.pid > 0) {
      record.started(child.pid);
      children.add(child);
    }
    return child;
  };
  return { spawn: start, close: () => sampler() };
}

/**
 * The shell joins the control groups and sets the limit of open files before it becomes the
 * program, so that not even its first instruction runs outside.
 */
function shellLine(options: SpawnOptions, group: Cgroup | undefined): readonly string[] {
  const joins = (group?.joinFiles ?? []).map((file) => `echo $$ > '${file}'; `).join('');
  const files = options.limits.openFiles;
  const limit = files === undefined ? '' : `ulimit -n ${files} 2>/dev/null; `;
  return typeof options.command === 'string'
    ? ['-c', `${joins}${limit}${withExec(options.command)}`]
    : ['-c', `${joins}${limit}exec "$0" "$@"`, ...options.command];
}

/**
 * A single command replaces the shell, so that signals and the exit code are the program's own.
 * What needs a shell (a list, a pipe, an assignment in front) keeps it.
 */
function withExec(command: string): string {
  return keepsShell(command) ? command : `exec ${command}`;
}

function keepsShell(command: string | readonly string[]): boolean {
  return typeof command === 'string' && /[;&|<>(){}`\n]|^\s*(\w+=|exec\b|\.\s)/.test(command);
}

function portVariables({ port }: SpawnOptions): Readonly<Record<string, string>> {
  const variables = port?.variables ?? [];
  return Object.fromEntries(variables.map((name) => [name, String(port?.here)]));
}

/** How often a group that was asked to stop is looked at once its leader has gone. */
const GROUP_CHECK_MS = 20;

/** Twice what the sampler takes: a usage this old was missed, and is measured when it is asked for. */
const FRESH_MS = 1000;

interface TreeParts {
  /** Id of the engine it belongs to. */
  readonly engine: string;
  readonly group: Cgroup | undefined;
  /** Starts another one. */
  readonly start: (options: SpawnOptions) => Child;
}

class Tree implements Child {
  readonly pid: number;
  readonly address = '127.0.0.1';
  readonly started: Promise<boolean>;
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #options: SpawnOptions;
  readonly #start: TreeParts['start'];
  readonly #group: Cgroup | undefined;
  #usage: Usage = NOTHING;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #frozen = false;
  #outOfMemory = false;
  #ended = false;
  /** It was asked to stop, so that what the leader leaves behind may finish too. */
  #asked = false;
  #killed = false;

  constructor(options: SpawnOptions, { engine, group, start }: TreeParts, forget: () => void) {
    this.#options = options;
    this.#start = start;
    this.#group = group;
    this.#process = spawn('/bin/sh', shellLine(options, group), {
      cwd: options.cwd,
      env: { ...options.env, ...portVariables(options), [ENGINE_VARIABLE]: engine },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.pid = this.#process.pid ?? 0;
    this.exited = this.#watchExit().finally(forget);
    this.started = whenStarted(this.pid, !keepsShell(options.command), this.exited);
  }

  outOfMemory = (): boolean => this.#outOfMemory;

  get frozen(): boolean {
    return this.#frozen;
  }

  ending(): boolean {
    if (this.#ended || isEnding(this.pid)) return true;
    // A shell that was kept ends when what it waits for has ended.
    const children = keepsShell(this.#options.command) ? (childrenOf(this.pid) ?? []) : [];
    return children.length > 0 && children.every(isEnding);
  }

  signal(name: 'SIGTERM' | 'SIGKILL'): void {
    if (this.#ended && name === 'SIGTERM') return;
    if (name === 'SIGTERM') this.#asked = true;
    else this.#killed = true;
    this.#kill(name);
    // A stopped process cannot act on a signal other than SIGKILL.
    if (this.#frozen && name === 'SIGTERM') this.thaw();
    if (name === 'SIGKILL') for (const pid of this.#group?.members() ?? []) killProcess(pid);
  }

  freeze(): void {
    this.#frozen = true;
    this.#kill('SIGSTOP');
  }

  thaw(): void {
    this.#frozen = false;
    this.#kill('SIGCONT');
  }

  limitCpu(cores: number | undefined): void {
    this.#group?.setCpu(cores);
  }

  get limitsCpu(): boolean {
    return this.#group !== undefined;
  }

  usage(): Usage {
    if (hasProc && performance.now() - this.#measuredAt >= FRESH_MS) this.#measureLeader();
    return this.#usage;
  }

  async usageNow(): Promise<UsageNow> {
    const table = hasProc ? readProcesses() : await askPs();
    const own = table.filter(({ session }) => session === this.pid);
    const sum = (of: (info: ProcessInfo) => number) => own.reduce((all, one) => all + of(one), 0);
    const counted = this.#group?.cpuMs();
    const cpuMs = counted ?? sum(({ cpuMs, endedCpuMs }) => cpuMs + endedCpuMs);
    if (own.length > 0) {
      const memoryBytes = sum((one) => one.memoryBytes);
      this.measured(
        sum((one) => one.cpuMs),
        memoryBytes,
      );
    }
    return { ...this.#usage, cpuMs, from: counted === undefined ? 'processes' : 'kernel' };
  }

  /** The sampler misses what runs for a moment between two freezes: its leader at least is seen. */
  #measureLeader(): void {
    const leader = readProcess(this.pid);
    if (leader !== undefined && !this.#ended) this.#note(leader.cpuMs, leader.memoryBytes);
  }

  #note(cpuMs: number, memoryBytes: number): void {
    this.#measuredAt = performance.now();
    this.#usage = {
      cpuMs: Math.max(this.#usage.cpuMs, cpuMs),
      memoryBytes,
      peakMemoryBytes: Math.max(this.#usage.peakMemoryBytes, memoryBytes),
    };
  }

  listeners(): readonly Listener[] {
    return readListeners(this.pid);
  }

  run(command: string | readonly string[], onLine: (line: string) => void): Beside {
    const beside = this.#start({ ...this.#options, command, onLine });
    return { exited: beside.exited, kill: () => beside.signal('SIGKILL') };
  }

  writtenBytes(): Promise<number> {
    return Promise.resolve(0);
  }

  /** What the sampler saw; kills the tree when it is over its memory. */
  measured(cpuMs: number, memoryBytes: number): void {
    this.#note(cpuMs, memoryBytes);
    const { memoryMiB } = this.#options.limits;
    // The kernel counts better where it may: pages that two processes share count once there.
    if (this.#group !== undefined || memoryMiB === undefined) return;
    if (memoryBytes <= memoryMiB * BYTES_PER_MIB) return;
    this.#outOfMemory = true;
    this.signal('SIGKILL');
  }

  #kill(name: NodeJS.Signals): void {
    if (this.pid <= 0) return;
    try {
      process.kill(-this.pid, name);
    } catch {
      // The group has ended.
    }
  }

  async #watchExit(): Promise<Exit> {
    const { stdout, stderr } = this.#process;
    const lines = [stdout, stderr].map((stream, index) => {
      const split = lineSplitter((line) =>
        this.#options.onLine(line, index === 0 ? 'stdout' : 'stderr'),
      );
      stream?.on('data', split);
      return () => split(undefined);
    });
    const exit = await new Promise<Exit>((resolve) => {
      this.#process.once('error', (error) => {
        this.#options.onLine(error.message, 'stderr');
        resolve({ code: 127 });
      });
      this.#process.once('exit', (code, signal) => {
        resolve(signal === null ? { code: code ?? 0 } : { signal });
      });
    });
    this.#ended = true;
    while (this.#asked && !this.#killed && groupLives(this.pid)) {
      await new Promise((resolve) => setTimeout(resolve, GROUP_CHECK_MS));
    }
    // What the leader left in its group must not live on.
    this.signal('SIGKILL');
    await closed(this.#process);
    for (const flush of lines) flush();
    if (this.#group?.wasOutOfMemory() === true) this.#outOfMemory = true;
    this.#group?.remove();
    return exit;
  }
}

/** Waits for the output to end, but not for a descendant that escaped with the pipes. */
function closed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.stdout?.closed === true && child.stderr?.closed === true) {
      resolve();
      return;
    }
    const timer = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, 500);
    child.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    if (child.pid === undefined) {
      clearTimeout(timer);
      resolve();
    }
  });
}

function groupLives(leader: number): boolean {
  try {
    process.kill(-leader, 0);
    return true;
  } catch {
    return false;
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Measures every tree that is not frozen. Returns what stops it. */
function startSampler(clock: Clock, children: ReadonlySet<Tree>, everyMs: Millis): () => void {
  let stopped = false;
  const run = async (): Promise<void> => {
    while (!stopped) {
      const began = performance.now();
      const awake = [...children].filter(({ frozen }) => !frozen);
      if (awake.length > 0) distribute(hasProc ? readProcesses() : await askPs(), awake);
      const took = performance.now() - began;
      await clock.sleep(Math.max(everyMs, took / MAX_SAMPLING_SHARE), stop.signal);
    }
  };
  const stop = new AbortController();
  void run();
  return () => {
    stopped = true;
    stop.abort();
  };
}

function distribute(table: readonly ProcessInfo[], trees: readonly Tree[]): void {
  const sums = new Map(trees.map((tree) => [tree.pid, { cpuMs: 0, memoryBytes: 0 }]));
  for (const { session, cpuMs, memoryBytes } of table) {
    const sum = sums.get(session);
    if (sum === undefined) continue;
    sum.cpuMs += cpuMs;
    sum.memoryBytes += memoryBytes;
  }
  for (const tree of trees) {
    const sum = sums.get(tree.pid);
    if (sum !== undefined && sum.memoryBytes > 0) tree.measured(sum.cpuMs, sum.memoryBytes);
  }
}
