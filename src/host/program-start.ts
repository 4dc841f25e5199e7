// When a program runs: the shell that starts it has become it, or is what runs.

import { readlinkSync, realpathSync } from 'node:fs';
import type { Exit } from '../base/ports.ts';
import { hasProc } from './process-table.ts';

/** What a shell exits with that finds no program, or one that it may not run. */
const NOT_STARTED: ReadonlySet<number> = new Set([126, 127]);

/** What can be seen nowhere is taken to run after this. */
const SURELY_STARTED_MS = 100;

const LOOK_EVERY_MS = 2;

const SHELL = realpathSync('/bin/sh');

/** `becomes`: the shell gives its place to the program. */
export function whenStarted(
  pid: number,
  becomes: boolean,
  exited: Promise<Exit>,
): Promise<boolean> {
  if (!becomes) return Promise.resolve(true);
  return new Promise((resolve) => {
    const since = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const look = (): void => {
      const seen = runsIn(pid);
      const late = performance.now() - since >= SURELY_STARTED_MS;
      if ((seen !== undefined && seen !== SHELL) || late) resolve(true);
      else timer = setTimeout(look, LOOK_EVERY_MS);
    };
    look();
    void exited.then((exit) => {
      clearTimeout(timer);
      resolve(!('code' in exit && NOT_STARTED.has(exit.code)));
    });
  });
}

/** Path of what a process runs; undefined when that cannot be seen, or it is gone. */
function runsIn(pid: number): string | undefined {
  if (!hasProc) return undefined;
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}
