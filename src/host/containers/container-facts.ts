// How Docker says what the engine wants to know: exits, use, shares of the processor.

import type Docker from 'dockerode';
import type { Exit, Usage } from '../../base/ports.ts';

/** Short, so that a program over its share pauses often and briefly instead of rarely and long. */
export const CPU_PERIOD_US = 20_000;

/** The least the kernel takes. */
const MIN_QUOTA_US = 1000;

/** -1 takes the limit away. */
export function cpuQuota(cores: number | undefined): number {
  return cores === undefined ? -1 : Math.max(MIN_QUOTA_US, Math.round(cores * CPU_PERIOD_US));
}

/** A program may exit with any number above 128; with these it hardly does by itself. */
const SIGNALS: Readonly<Record<number, string>> = {
  132: 'SIGILL',
  134: 'SIGABRT',
  135: 'SIGBUS',
  136: 'SIGFPE',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
};

/** The engine of the containers tells a signal as 128 and its number. */
export function exitOf(status: number): Exit {
  const signal = SIGNALS[status];
  return signal === undefined ? { code: status } : { signal };
}

const NS_PER_MS = 1_000_000;

/** As `docker stats` counts it: without what the kernel would give back. */
export function usageOf({ cpu_stats, memory_stats }: Docker.ContainerStats): Usage {
  const { usage = 0, max_usage, stats } = memory_stats as Partial<Docker.MemoryStats>;
  const cache = stats?.total_inactive_file ?? stats?.inactive_file ?? 0;
  return {
    cpuMs: cpu_stats.cpu_usage.total_usage / NS_PER_MS,
    memoryBytes: Math.max(0, usage - cache),
    peakMemoryBytes: max_usage ?? usage,
  };
}
