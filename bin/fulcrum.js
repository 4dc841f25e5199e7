#!/usr/bin/env -S node --max-semi-space-size=16
// The command `fulcrum`. The engine makes little garbage per request; a young generation of 16 MB
// keeps its memory flat at no cost in speed (bench/README.md).

import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));

if (process.argv.length === 3 && ['--version', '-V'].includes(process.argv[2])) {
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  process.stdout.write(`${version}\n`);
} else {
  enableCompileCache();
  const { main } = await import('../dist/cli/main.js');
  await main(folder);
}
