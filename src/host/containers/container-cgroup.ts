// What the kernel knows of a container that is a process of this machine: read from its control
// groups, which is exact and costs nothing, where asking the engine takes a call.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Usage } from '../../base/ports.ts';

const ROOT = '/sys/fs/cgroup';
const NS_PER_MS = 1_000_000;
const US_PER_MS = 1000;

/** Of each controller the folder; version 2 has one for all. */
type Folders = Readonly<Record<'cpu' | 'cpuacct' | 'memory', string>>;

export class ContainerCgroup {
  readonly #folders: Folders;

  private constructor(folders: Folders) {
    this.#folders = folders;
  }

  /** Of the container whose first process is `pid`; undefined where it cannot be seen. */
  static of(pid: number): ContainerCgroup | undefined {
    const lines = read(`/proc/${pid}/cgroup`).split('\n');
    const placeOf = (controller: string): string | undefined => {
      for (const line of lines) {
        const [, controllers = '', ...path] = line.split(':');
        if (controllers.split(',').includes(controller)) {
          return join(ROOT, controller, path.join(':'));
        }
      }
      return undefined;
    };
    const memory = placeOf('memory');
    const unified = lines.find((line) => line.startsWith('0::'))?.slice(3);
    const all = memory ?? (unified === undefined ? undefined : join(ROOT, unified));
    if (all === undefined || !existsSync(all)) return undefined;
    return new ContainerCgroup({
      memory: all,
      cpu: placeOf('cpu') ?? all,
      cpuacct: placeOf('cpuacct') ?? all,
    });
  }

  /** Undefined when it is gone. */
  usage(): Usage | undefined {
    const { memory, cpuacct } = this.#folders;
    const now = number(memory, 'memory.usage_in_bytes') ?? number(memory, 'memory.current');
    if (now === undefined) return undefined;
    const peak = number(memory, 'memory.max_usage_in_bytes') ?? number(memory, 'memory.peak');
    const cache = fieldOf(memory, 'memory.stat', /^(?:total_)?inactive_file (\d+)$/m) ?? 0;
    const ns = number(cpuacct, 'cpuacct.usage');
    const us = fieldOf(cpuacct, 'cpu.stat', /^usage_usec (\d+)$/m) ?? 0;
    return {
      cpuMs: ns === undefined ? us / US_PER_MS : ns / NS_PER_MS,
      memoryBytes: Math.max(0, now - cache),
      peakMemoryBytes: peak ?? now,
    };
  }

  /** The kernel has killed something in it because it went over its memory. */
  outOfMemory(): boolean {
    const { memory } = this.#folders;
    const text = read(join(memory, 'memory.oom_control')) || read(join(memory, 'memory.events'));
    return /\boom_kill [1-9]/.test(text);
  }

  /** False where it may not be set. */
  setCpu(quotaUs: number, periodUs: number): boolean {
    const { cpu } = this.#folders;
    try {
      const one = join(cpu, 'cpu.cfs_quota_us');
      if (existsSync(one)) {
        writeFileSync(join(cpu, 'cpu.cfs_period_us'), String(periodUs));
        writeFileSync(one, String(quotaUs));
      } else {
        writeFileSync(join(cpu, 'cpu.max'), `${quotaUs < 0 ? 'max' : quotaUs} ${periodUs}`);
      }
      return true;
    } catch {
      return false;
    }
  }
}

function number(folder: string, file: string): number | undefined {
  const text = read(join(folder, file)).trim();
  return text === '' ? undefined : Number(text);
}

function fieldOf(folder: string, file: string, field: RegExp): number | undefined {
  const found = field.exec(read(join(folder, file)))?.[1];
  return found === undefined ? undefined : Number(found);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
