// The JSON Schema of what `fulcrum cost --json` prints, made from the schema its types are of.

import { z } from 'zod';
import { comparisonSchema } from '../cost/compare/comparison.ts';

export function costSchemaText(): string {
  const schema = z.toJSONSchema(comparisonSchema, {
    target: 'draft-2020-12',
    io: 'output',
    // That TypeScript may not write to it says nothing about the file.
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly;
    },
  });
  return `${JSON.stringify({ title: 'fulcrum cost --json', ...schema }, null, 2)}\n`;
}
