// Which engines there are, and what runs on behalf of one.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProcesses } from '../../src/host/process-table.ts';

/** Processes that carry the id of an engine in their environment. Linux only; else empty. */
export function processesOf(engine: string): readonly number[] {
  return readProcesses()
    .map(({ pid }) => pid)
    .filter((pid) => environmentOf(pid).includes(`FULCRUM_ENGINE=${engine}`));
}

/** The ids of the engines that have a record in `folder`. */
export function enginesOf(folder: string): readonly string[] {
  const runs = join(folder, '.fulcrum', 'run');
  return existsSync(runs) ? readdirSync(runs) : [];
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

/** Control groups that an engine has made and that are still there. */
export function groupsOf(engine: string): readonly string[] {
  return ['memory', 'cpu', '']
    .map((controller) => join('/sys/fs/cgroup', controller, `fulcrum-${engine}`))
    .filter((folder) => existsSync(folder));
}
