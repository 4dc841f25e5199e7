// Writes a file that a person asked for: whole, readable as their other files, and never into a
// folder that they did not make.

import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Beside the file and then over it, so that a reader sees all of it or the one before. A link is
 * followed; what is no file, such as /dev/stdout, is written to as it is. Throws what the system says.
 */
export function writeOutput(path: string, text: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) {
    writeFileSync(path, text);
    return;
  }
  const file =
    found === undefined ? join(realpathSync(dirname(path)), basename(path)) : realpathSync(path);
  const beside = `${file}.${process.pid}.tmp`;
  try {
    const handle = openSync(beside, 'wx', found === undefined ? 0o666 : found.mode & 0o777);
    try {
      const bytes = Buffer.from(text, 'utf8');
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
