// The JSON Schema of `fulcrum.yml`, made from the zod definition, for editors and for `fulcrum
// schema`; and the walk along it that tells which keys a block may have.

import { z } from 'zod';
import { appSchema } from './schema.ts';
import type { KeyPath } from './source-map.ts';

export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  /** Blocks told apart by the constant of one key. */
  readonly oneOf?: readonly JsonSchema[];
}

let made: JsonSchema | undefined;

/** Draft 2020-12. Made once; the same object every time. */
export function jsonSchema(): JsonSchema {
  made ??= withStages(
    z.toJSONSchema(appSchema, {
      io: 'input',
      target: 'draft-2020-12',
      reused: 'inline',
      override: ({ zodSchema, jsonSchema: schema }) => openPipes(zodSchema, schema),
    }) as JsonSchema,
  );
  return made;
}

/** A pipe such as `health` takes a text or a block: the schema shows both. */
function openPipes(zodSchema: z.core.$ZodTypes, schema: z.core.JSONSchema.BaseSchema): void {
  if (zodSchema._zod.def.type !== 'pipe') return;
  const { in: input, out } = zodSchema._zod.def;
  if (input._zod.def.type !== 'union' || out._zod.def.type !== 'object') return;
  const options = (input as z.ZodUnion)._zod.def.options;
  const short = options[0];
  if (short === undefined) return;
  schema.anyOf = [
    strip(z.toJSONSchema(short as z.ZodType, { io: 'input' })),
    strip(z.toJSONSchema(out as z.ZodType, { io: 'input' })),
  ];
}

function strip(schema: z.core.JSONSchema.BaseSchema): z.core.JSONSchema.BaseSchema {
  const { $schema: _dialect, ...rest } = schema;
  return rest;
}

/** A stage may say anything the app says, and nothing is required of it. */
function withStages(schema: JsonSchema): JsonSchema {
  const { app: _app, stages, ...shared } = schema.properties ?? {};
  const { default: _default, ...stagesRest } = stages ?? {};
  const stage: JsonSchema = optional({ ...schema, properties: shared });
  const { $schema: _dialect, ...stageRest } = stage as JsonSchema & { $schema?: string };
  return {
    ...schema,
    properties: {
      ...schema.properties,
      stages: { ...stagesRest, additionalProperties: stageRest },
    },
  };
}

function optional(schema: JsonSchema): JsonSchema {
  const { required: _required, oneOf, ...others } = schema;
  // Without its constant no block can be told apart: any of them will do.
  const rest: JsonSchema = oneOf === undefined ? others : { ...others, anyOf: oneOf.map(optional) };
  if (rest.properties === undefined && typeof rest.additionalProperties !== 'object') return rest;
  return {
    ...rest,
    ...(rest.properties && {
      properties: Object.fromEntries(
        Object.entries(rest.properties).map(([key, value]) => [key, optional(value)]),
      ),
    }),
    ...(typeof rest.additionalProperties === 'object' && {
      additionalProperties: optional(rest.additionalProperties),
    }),
  };
}

/** The schema of the block at `path`, or undefined where the path leaves the schema. */
export function schemaAt(schema: JsonSchema, path: KeyPath): JsonSchema | undefined {
  let here: JsonSchema | undefined = schema;
  for (const step of path) {
    if (here === undefined) return undefined;
    here = stepInto(here, step);
  }
  return here?.anyOf?.find((option) => option.properties !== undefined) ?? here;
}

function stepInto(schema: JsonSchema, step: string | number): JsonSchema | undefined {
  const options = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  for (const option of options) {
    const named = option.properties?.[String(step)];
    if (named !== undefined) return named;
    if (typeof step === 'number' && option.items !== undefined) return option.items;
    if (typeof option.additionalProperties === 'object') return option.additionalProperties;
  }
  return undefined;
}
