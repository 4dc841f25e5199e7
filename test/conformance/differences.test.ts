// The page on conformance has exactly the differences the cases know of.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DIFFERENCES } from './differences.ts';

it('every difference is explained, and asked for by a case', () => {
  const page = readFileSync('docs/design/conformance.md', 'utf8');
  const table = page.slice(page.indexOf('## Where'), page.indexOf('## What the emulator'));
  const rows = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
  expect(rows).toEqual(DIFFERENCES);
  const folder = 'test/conformance';
  const cases = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  for (const name of DIFFERENCES) expect(cases).toContain(`differs(under, '${name}')`);
});
