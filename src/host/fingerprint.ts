// Whether the files of a program are what they were: one hash over all that a person would call its
// sources. Git says which those are where it knows; else everything but what is fetched or hidden.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Files of a folder that are looked at, in the order of their names. */
const MAX_FILES = 20_000;

/** Of a larger file its size stands for what is in it. */
const MAX_BYTES = 4 * 1024 * 1024;

const NOT_SOURCES = new Set(['node_modules', '__pycache__', 'venv', 'fulcrum.measured.json']);

/** Sixteen hexadecimal digits. */
export async function fingerprint(folder: string): Promise<string> {
  const files = ((await askGit(folder)) ?? walk(folder)).sort().slice(0, MAX_FILES);
  const hash = createHash('sha256');
  for (const file of files) {
    const path = join(folder, file);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() !== true) continue;
    hash.update(`${file}\0${found.size}\0`);
    if (found.size > MAX_BYTES) continue;
    try {
      hash.update(readFileSync(path));
    } catch {
      // What may not be read is known by its name and size.
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/** What is under version control, or could be; undefined where that is not known. */
function askGit(folder: string): Promise<string[] | undefined> {
  return new Promise((resolve) => {
    const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    execFile('git', list, { cwd: folder, maxBuffer: 64e6 }, (error, stdout) => {
      const files = stdout.split('\0').filter((file) => file !== '' && isSource(file));
      resolve(error !== null || files.length === 0 ? undefined : files);
    });
  });
}

const isSource = (file: string): boolean =>
  !file.split('/').some((part) => NOT_SOURCES.has(part) || part.startsWith('.'));

function walk(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((found) => {
    const path = below === '' ? found.name : `${below}/${found.name}`;
    if (!isSource(path)) return [];
    if (found.isDirectory()) return walk(folder, path);
    return found.isFile() ? [path] : [];
  });
}
