// Folders for temporary files of programs, below the folder of the engine's record.

import { mkdirSync, rmSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Files } from '../base/ports.ts';

/** What `stat` counts blocks in. */
const BLOCK_BYTES = 512;

export function realFiles(folder: string): Files {
  const place = (name: string) => join(folder, 'tmp', name);
  return {
    temporary(name) {
      rmSync(place(name), { recursive: true, force: true });
      mkdirSync(place(name), { recursive: true });
      return place(name);
    },
    dropTemporary(name) {
      void rm(place(name), { recursive: true, force: true });
    },
    usedBytes: (name) => usedBelow(place(name)),
  };
}

/** What vanishes while it is counted does not count. */
async function usedBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    const stat = await lstat(path).catch(() => undefined);
    bytes += (stat?.blocks ?? 0) * BLOCK_BYTES;
    if (entry.isDirectory()) bytes += await usedBelow(path);
  }
  return bytes;
}
