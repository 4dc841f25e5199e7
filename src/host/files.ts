// Folders for temporary files of programs, below the folder of the engine's record.

import { mkdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Files } from '../base/ports.ts';

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
  };
}
