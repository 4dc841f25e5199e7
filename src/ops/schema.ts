// The JSON Schema of fulcrum.yml, for editors: `# yaml-language-server: $schema=…`.

import { type JsonSchema, jsonSchema } from '../config/json-schema.ts';

export function schemaText(): string {
  const schema: JsonSchema & { readonly $id?: string; readonly title?: string } = {
    title: 'fulcrum.yml',
    ...jsonSchema(),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
