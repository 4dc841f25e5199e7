// What a test can see of a process from outside.

import { readFileSync } from 'node:fs';
import { readProcesses } from '../../src/host/process-table.ts';

/** Processes that carry "NAME=value" in their environment. */
export function processesWith(variable: string): readonly number[] {
  return readProcesses()
    .map(({ pid }) => pid)
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(variable));
}

/** "T": stopped; "S": waits; "R": runs; "": gone. */
export function stateOf(pid: number): string {
  return /\) (\S)/.exec(read(`/proc/${pid}/stat`))?.[1] ?? '';
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
