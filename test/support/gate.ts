// Requests that `program.mjs` answers when the test lets it: how long they take is not left to the
// machine.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestApp } from './app.ts';

export interface Gate {
  /** What asks for it is answered once it is open. */
  readonly path: string;
  /** For functions that wait for it themselves. */
  readonly file: string;
  open(): void;
}

/** For programs that run as processes. */
export function gateOf({ folder }: TestApp): Gate {
  const file = join(folder, 'gate-is-open');
  return { path: `/until?file=${file}`, file, open: () => writeFileSync(file, '') };
}
