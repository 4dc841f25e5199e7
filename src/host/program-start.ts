// When a program runs: the shell that starts it has become it, or is what runs.

import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import type { Exit } from '../base/ports.ts';
import { hasProc } from './process-table.ts';

/** What a shell exits with that finds no program, or one that it may not run. */
const NOT_STARTED: ReadonlySet<number> = new Set([126, 127]);

/**
 * After this the program is taken to run: soon where processes cannot be looked at, and late where
 * the shell is seen to be still there, on a machine that has no time for it.
 */
const PATIENCE_MS = hasProc ? 2000 : 100;

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
    const words = wordsOf(pid);
    let timer: NodeJS.Timeout | undefined;
    const look = (): void => {
      const seen = runsIn(pid);
      // A program may be a script of the same shell, which other words have started.
      const now = seen === SHELL ? wordsOf(pid) : undefined;
      const became = seen !== undefined && seen !== SHELL;
      const late = performance.now() - since >= PATIENCE_MS;
      if (became || (now !== undefined && now !== words) || late) resolve(true);
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

/** What a process was started with; undefined when that cannot be seen, or it is gone. */
function wordsOf(pid: number): string | undefined {
  if (!hasProc) return undefined;
  try {
    // Of a process that has ended there are none.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') || undefined;
  } catch {
    return undefined;
  }
}
