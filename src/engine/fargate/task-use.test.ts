import { describe, expect, it } from 'vitest';
import { fargateSettings } from '../../../test/support/fargate-settings.ts';
import type { Fault } from '../../base/fault.ts';
import { UseMeter } from './task-use.ts';

const GIB = 1024 ** 3;

/** A task that has used `cores` all the time and has so many bytes of files. */
function task(id: string, { cores = 0, memoryBytes = 0, storage = 0, size = {} } = {}) {
  const state = { now: 0, storage };
  return {
    state,
    running: {
      id,
      program: { service: { name: 'api' }, settings: fargateSettings(size) },
      child: { usage: () => ({ cpuMs: cores * state.now, memoryBytes, peakMemoryBytes: 0 }) },
      storageBytes: async () => state.storage,
    },
  };
}

type Running = Parameters<UseMeter['read']>[0];

function read(meter: UseMeter, tasks: readonly ReturnType<typeof task>[], now: number) {
  for (const { state } of tasks) state.now = now;
  return meter.read(tasks.map(({ running }) => running) as unknown as Running, now);
}

describe('the use of tasks', () => {
  it('is a part of what they reserve, each by its own size', () => {
    const meter = new UseMeter(() => {});
    const small = task('a', { cores: 0.125, memoryBytes: GIB / 4 });
    const large = task('b', {
      cores: 0.5,
      memoryBytes: GIB,
      size: { cpuUnits: 1024, memoryMiB: 2048, ephemeralGiB: 50 },
    });
    expect(read(meter, [small, large], 0)).toMatchObject({ cpuPercent: undefined });
    expect(read(meter, [small, large], 1000)).toMatchObject({
      cpuPercent: (100 * 640) / 1280,
      memoryPercent: (100 * 1280) / 2560,
      cpuUnitsReserved: 1280,
      memoryMiBReserved: 2560,
      storageGiBReserved: 70,
    });
    expect(read(meter, [], 2000)).toMatchObject({ cpuPercent: undefined, cpuUnitsReserved: 0 });
  });

  it('says once that the storage of a task is full', async () => {
    const faults: Fault[] = [];
    const meter = new UseMeter((fault) => faults.push(fault));
    const one = task('0123456789abcdef', { storage: 21 * GIB });
    read(meter, [one], 0);
    await Promise.resolve();
    read(meter, [one], 10_000);
    await Promise.resolve();
    expect(faults.map(({ message }) => message)).toEqual([
      'api: task 01234567 has 21504 MB of temporary files; its storage is 20 GB. On Fargate its writes fail now (ENOSPC).',
    ]);
    expect(read(meter, [one], 10_001).storageGiBUsed).toBe(21);
  });
});
