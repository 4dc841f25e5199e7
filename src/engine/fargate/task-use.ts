// How much of what they reserve the tasks of a service use.

import { Fault } from '../../base/fault.ts';
import { BYTES_PER_MIB, type Millis, MS_PER_SECOND } from '../../base/units.ts';
import { CPU_UNITS_PER_VCPU } from '../../model/aws-limits.ts';
import type { TaskProcess } from './task-process.ts';

export interface TaskUse {
  /** Mean over the running tasks, percent of what they reserve; undefined without a task. */
  readonly cpuPercent: number | undefined;
  readonly memoryPercent: number | undefined;
  readonly cpuUnitsUsed: number;
  /** Processor time they took since the last reading. */
  readonly cpuMs: Millis;
  readonly memoryMiBUsed: number;
  readonly storageGiBUsed: number;
  /** Of the tasks that run, whatever their revision. */
  readonly cpuUnitsReserved: number;
  readonly memoryMiBReserved: number;
  readonly storageGiBReserved: number;
}

/** Files are counted rarely: there may be many. */
const STORAGE_EVERY_MS = 10 * MS_PER_SECOND;

const MIB_PER_GIB = 1024;

interface Measured {
  readonly cpuMs: number;
  readonly at: Millis;
}

export class UseMeter {
  readonly #measured = new Map<string, Measured>();
  readonly #storage = new Map<string, number>();
  /** Tasks whose storage is full; it was said. */
  readonly #full = new Set<string>();
  readonly #tell: (fault: Fault) => void;
  #storageAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(tell: (fault: Fault) => void) {
    this.#tell = tell;
  }

  /** Since the last call. */
  read(running: readonly TaskProcess[], now: Millis): TaskUse {
    this.#forgetAllBut(running);
    if (now - this.#storageAt >= STORAGE_EVERY_MS) {
      this.#storageAt = now;
      for (const task of running) void this.#countStorage(task);
    }
    let used = 0;
    let tookMs = 0;
    let memory = 0;
    const seen = { cpuUnits: 0, memoryMiB: 0 };
    const all = { cpuUnits: 0, memoryMiB: 0, storageGiB: 0 };
    for (const { id, child, program } of running) {
      const { cpuUnits, memoryMiB, ephemeralGiB } = program.settings;
      all.cpuUnits += cpuUnits;
      all.memoryMiB += memoryMiB;
      all.storageGiB += ephemeralGiB;
      const { cpuMs, memoryBytes } = child.usage();
      const before = this.#measured.get(id);
      this.#measured.set(id, { cpuMs, at: now });
      if (before === undefined || now <= before.at) continue;
      seen.cpuUnits += cpuUnits;
      seen.memoryMiB += memoryMiB;
      // A task has what it reserves; without control groups it may take more of this machine.
      const took = Math.max(0, cpuMs - before.cpuMs);
      const cores = took / (now - before.at);
      tookMs += took;
      used += Math.min(cores * CPU_UNITS_PER_VCPU, cpuUnits);
      memory += memoryBytes / BYTES_PER_MIB;
    }
    const bytes = [...this.#storage.values()].reduce((sum, one) => sum + one, 0);
    return {
      cpuPercent: seen.cpuUnits === 0 ? undefined : (100 * used) / seen.cpuUnits,
      memoryPercent: seen.memoryMiB === 0 ? undefined : (100 * memory) / seen.memoryMiB,
      cpuUnitsUsed: used,
      cpuMs: tookMs,
      memoryMiBUsed: memory,
      storageGiBUsed: bytes / BYTES_PER_MIB / MIB_PER_GIB,
      cpuUnitsReserved: all.cpuUnits,
      memoryMiBReserved: all.memoryMiB,
      storageGiBReserved: all.storageGiB,
    };
  }

  /** Of a task, as counted last. */
  storageBytes(id: string): number {
    return this.#storage.get(id) ?? 0;
  }

  #forgetAllBut(running: readonly TaskProcess[]): void {
    const ids = new Set(running.map(({ id }) => id));
    for (const kept of [this.#measured, this.#storage, this.#full]) {
      for (const id of kept.keys()) if (!ids.has(id)) kept.delete(id);
    }
  }

  async #countStorage({ id, program, storageBytes }: TaskProcess): Promise<void> {
    const bytes = await storageBytes();
    this.#storage.set(id, bytes);
    const limitGiB = program.settings.ephemeralGiB;
    const usedMiB = Math.round(bytes / BYTES_PER_MIB);
    if (usedMiB <= limitGiB * MIB_PER_GIB || this.#full.has(id)) return;
    this.#full.add(id);
    const service = program.service.name;
    this.#tell(new Fault('APP_STORAGE_FULL', { service, task: id.slice(0, 8), usedMiB, limitGiB }));
  }
}
