// Writes the reference pages, and what the commands on pages of the guide print. Run by "make docs".

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { commandRunner, consolePages, withOutputs } from './pages.ts';
import { referencePages } from './reference.ts';

for (const [file, text] of Object.entries(referencePages())) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const runner = commandRunner();
for (const file of consolePages()) {
  writeFileSync(file, withOutputs(readFileSync(file, 'utf8'), runner.run));
}
runner.end();
