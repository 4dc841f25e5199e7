// What the container engine gets to build an image from: the source folder as a tar, without what
// .dockerignore names.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import dockerignore from '@balena/dockerignore';
import { pack } from 'tar-fs';

/** `dockerfile` is relative to `folder`. */
export function buildContext(folder: string, dockerfile: string): Readable {
  return pack(folder, { entries: [...contextFiles(folder, dockerfile)] });
}

/** Paths relative to `folder`; what is ignored is not even looked into, where no "!" brings it back. */
export function contextFiles(folder: string, dockerfile: string): readonly string[] {
  const rules = ignoreRules(folder, dockerfile);
  const filter = dockerignore.default({ ignorecase: false }).add(rules);
  const bringsBack = rules.some((rule) => rule.startsWith('!'));
  const files: string[] = [];
  const visit = (below: string): void => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      // The engine reads the Dockerfile, whatever the rules say.
      const ignored = path !== dockerfile && filter.ignores(path);
      if (entry.isDirectory()) {
        if (!ignored || bringsBack || dockerfile.startsWith(`${path}/`)) visit(path);
      } else if (!ignored && !entry.isSocket() && !entry.isFIFO()) {
        files.push(path);
      }
    }
  };
  visit('');
  return files;
}

/** A file beside the Dockerfile, named after it, goes before .dockerignore. */
function ignoreRules(folder: string, dockerfile: string): string[] {
  const file = [`${dockerfile}.dockerignore`, '.dockerignore']
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
  if (file === undefined) return [];
  return readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/^(!?)\//, '$1'));
}
