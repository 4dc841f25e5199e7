// Limits that the kernel itself keeps, where this machine lets us set them: memory and processor
// time of a whole process tree. What a tree uses is sampled elsewhere (`process-table.ts`). Version 1
// and 2 of the control groups differ in the names of their files only. Without them the engine watches
// the memory and cannot limit the processor.

import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Limits } from '../base/ports.ts';
import { BYTES_PER_MIB } from '../base/units.ts';

export interface CgroupSupport {
  readonly version: 1 | 2 | undefined;
  /** Why there is none, or where it is. */
  readonly why: string;
  /** Makes a group, or undefined where there is no support. */
  create(name: string, limits: Limits): Cgroup | undefined;
}

export interface Cgroup {
  /** Writing a process id into each of these puts the process in the group. */
  readonly joinFiles: readonly string[];
  setCpu(cores: number | undefined): void;
  wasOutOfMemory(): boolean;
  /** Processor time of all that ever ran in it; undefined where it is not counted. */
  cpuMs(): number | undefined;
  /** Process ids still in the group. */
  members(): readonly number[];
  /** Removes the group once nothing runs in it. */
  remove(): void;
}

/** Short, so that a program over its share pauses often and briefly instead of rarely and long. */
const PERIOD_US = 20_000;

/** As small as the kernel takes. */
const MIN_QUOTA_US = 1000;

const US_PER_MS = 1000;
const NS_PER_MS = 1_000_000;

const periodOf = ({ cpuPeriodMs }: Limits): number =>
  cpuPeriodMs === undefined ? PERIOD_US : Math.round(cpuPeriodMs * US_PER_MS);

const ROOT = '/sys/fs/cgroup';

/** What was killed leaves its group a little later. */
const LEFT_WITHIN_MS = 1000;
const LOOK_EVERY_MS = 20;

/** `root` is where the control groups are mounted; another folder in tests. */
export function findCgroups(prefix: string, root = ROOT): CgroupSupport {
  if (
    isWritable(join(root, 'memory', 'cgroup.procs')) &&
    isWritable(join(root, 'cpu', 'cgroup.procs'))
  ) {
    return { version: 1, why: `version 1 in ${root}`, create: versionOne(root, prefix) };
  }
  const controllers = read(join(root, 'cgroup.controllers'));
  if (controllers === undefined) return none(`nothing is mounted at ${root}`);
  const missing = ['memory', 'cpu'].filter((name) => !controllers.split(/\s+/).includes(name));
  if (missing.length > 0) return none(`${missing.join(' and ')} cannot be limited here`);
  if (!isWritable(join(root, 'cgroup.subtree_control'))) return none('they belong to root');
  return { version: 2, why: `version 2 in ${root}`, create: versionTwo(root, prefix) };
}

/** Removes the groups of an engine that has ended, once what was killed in them has left. */
export async function removeCgroups(prefix: string, root = ROOT): Promise<void> {
  for (let waited = 0; waited < LEFT_WITHIN_MS; waited += LOOK_EVERY_MS) {
    const parents = ['memory', 'cpu', 'cpuacct', ''].map((controller) =>
      join(root, controller, prefix),
    );
    const left = parents.filter((parent) => existsSync(parent));
    if (left.length === 0) return;
    for (const parent of left) removeAll([...groupsIn(parent), parent]);
    if (left.some((parent) => existsSync(parent))) await sleep(LOOK_EVERY_MS);
  }
}

function groupsIn(parent: string): readonly string[] {
  const entries = readdirSync(parent, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name));
}

function none(why: string): CgroupSupport {
  return { version: undefined, why, create: () => undefined };
}

function versionOne(root: string, prefix: string): CgroupSupport['create'] {
  return (name, limits) => {
    const memory = join(root, 'memory', prefix, name);
    const cpu = join(root, 'cpu', prefix, name);
    const counts = limits.counted === true && isWritable(join(root, 'cpuacct', 'cgroup.procs'));
    const books = counts ? [join(root, 'cpuacct', prefix, name)] : [];
    if (!tryMake([memory, cpu, ...books])) return undefined;
    const periodUs = periodOf(limits);
    const setCpu = (cores: number | undefined) =>
      write(
        join(cpu, 'cpu.cfs_quota_us'),
        cores === undefined ? -1 : Math.max(MIN_QUOTA_US, Math.round(cores * periodUs)),
      );
    write(join(cpu, 'cpu.cfs_period_us'), periodUs);
    if (limits.memoryMiB !== undefined) {
      write(join(memory, 'memory.limit_in_bytes'), limits.memoryMiB * BYTES_PER_MIB);
      write(join(memory, 'memory.memsw.limit_in_bytes'), limits.memoryMiB * BYTES_PER_MIB);
    }
    if (limits.cpu !== undefined) setCpu(limits.cpu);
    return {
      joinFiles: [memory, cpu, ...books].map((folder) => join(folder, 'cgroup.procs')),
      setCpu,
      cpuMs() {
        const [folder] = books;
        const ns = folder === undefined ? undefined : read(join(folder, 'cpuacct.usage'));
        return ns === undefined ? undefined : Number(ns) / NS_PER_MS;
      },
      wasOutOfMemory: () => /\boom_kill [1-9]/.test(read(join(memory, 'memory.oom_control')) ?? ''),
      members: () => processIds(read(join(memory, 'cgroup.procs'))),
      remove: () =>
        removeAll([
          memory,
          cpu,
          ...books,
          ...['memory', 'cpu', ...books.map(() => 'cpuacct')].map((controller) =>
            join(root, controller, prefix),
          ),
        ]),
    };
  };
}

function versionTwo(root: string, prefix: string): CgroupSupport['create'] {
  return (name, limits) => {
    const parent = join(root, prefix);
    const group = join(parent, name);
    if (!tryMake([parent])) return undefined;
    write(join(root, 'cgroup.subtree_control'), '+memory +cpu');
    write(join(parent, 'cgroup.subtree_control'), '+memory +cpu');
    if (!tryMake([group])) return undefined;
    const periodUs = periodOf(limits);
    const setCpu = (cores: number | undefined) => {
      const quota =
        cores === undefined ? 'max' : Math.max(MIN_QUOTA_US, Math.round(cores * periodUs));
      write(join(group, 'cpu.max'), `${quota} ${periodUs}`);
    };
    if (limits.memoryMiB !== undefined) {
      write(join(group, 'memory.max'), limits.memoryMiB * BYTES_PER_MIB);
      write(join(group, 'memory.swap.max'), 0);
    }
    if (limits.cpu !== undefined) setCpu(limits.cpu);
    return {
      joinFiles: [join(group, 'cgroup.procs')],
      setCpu,
      cpuMs() {
        const us = /^usage_usec (\d+)$/m.exec(read(join(group, 'cpu.stat')) ?? '')?.[1];
        return us === undefined ? undefined : Number(us) / US_PER_MS;
      },
      wasOutOfMemory: () => /\boom_kill [1-9]/.test(read(join(group, 'memory.events')) ?? ''),
      members: () => processIds(read(join(group, 'cgroup.procs'))),
      remove: () => removeAll([group, parent]),
    };
  };
}

function processIds(text: string | undefined): readonly number[] {
  return (text ?? '').split('\n').filter(Boolean).map(Number);
}

function tryMake(folders: readonly string[]): boolean {
  try {
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

/** A group with processes in it, or with other groups, stays; whoever ends last removes it. */
function removeAll(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      // Busy or gone already.
    }
  }
}

/** A limit the kernel refuses (swap accounting is often off) is left as it is. */
function write(file: string, value: string | number): void {
  if (!existsSync(file)) return;
  try {
    writeFileSync(file, String(value));
  } catch {
    // The memory watch stands in for what could not be set.
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
