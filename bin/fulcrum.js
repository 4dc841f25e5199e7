#!/usr/bin/env -S node --max-semi-space-size=16
// The command `fulcrum`. The engine makes little garbage per request; a young generation of 16 MB
// keeps its memory flat at no cost in speed (bench/README.md).

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (process.argv.length === 3 && ['--version', '-V'].includes(process.argv[2])) {
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  process.stdout.write(`${version}\n`);
} else if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(`Fulcrum needs Node.js 22.13 or newer; this is ${process.versions.node}.\n`);
  process.exitCode = 1;
} else {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const { main } = await import('../dist/cli/main.js');
  await main(folder);
}
