// Every assumption that can be changed is in the table of the docs, with its default.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { jsonSchema, schemaAt } from '../src/config/json-schema.ts';

it('the table of assumptions has every key with its default', () => {
  const page = readFileSync('docs/design/assumptions.md', 'utf8');
  const assume = schemaAt(jsonSchema(), ['local', 'assume'])?.properties ?? {};
  expect(Object.keys(assume).length).toBeGreaterThan(0);
  for (const [key, { default: fallback }] of Object.entries(assume)) {
    expect(page, key).toContain(`| \`${key}\` | \`${String(fallback)}\` |`);
  }
});
