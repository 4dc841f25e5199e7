// The JSON Schema of what "fulcrum prices rate" reads, from the same tables that read it. A name is
// listed as it is written here; letter case, "_" and "-" do not matter to the reader.

import { FREE_ITEMS, FREE_TIER_MODES } from '../free-tier.ts';
import type { Field } from './field.ts';
import type { UsageKind } from './kind.ts';
import { USAGE_KINDS } from './kinds.ts';

type Schema = Readonly<Record<string, unknown>>;

export function usageSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'What "fulcrum prices rate" reads',
    anyOf: [{ $ref: '#/$defs/bill' }, { type: 'array', items: { $ref: '#/$defs/bill' } }],
    $defs: {
      bill: {
        anyOf: [
          { $ref: '#/$defs/usage' },
          {
            type: 'object',
            required: ['usages'],
            properties: {
              ...ABOUT,
              usages: { type: 'array', minItems: 1, items: { $ref: '#/$defs/usage' } },
            },
          },
          {
            type: 'object',
            required: ['input'],
            properties: { name: { type: 'string' }, input: { $ref: '#/$defs/usage' } },
          },
        ],
      },
      usage: { anyOf: [ITEM, ...USAGE_KINDS.map(schemaOf)] },
    },
  };
}

const ABOUT: Schema = {
  name: { type: 'string' },
  region: { type: 'string', default: 'us-east-1' },
  freeTier: { enum: [true, false, 'on', 'off', ...FREE_TIER_MODES], default: 'none' },
  freeTierUsed: {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      FREE_ITEMS.map(({ name, unit }) => [
        name,
        { type: 'number', minimum: 0, description: `Used up of: ${unit}.` },
      ]),
    ),
  },
};

const ITEM: Schema = {
  type: 'object',
  required: ['item', 'quantity'],
  properties: {
    ...ABOUT,
    service: { type: 'string' },
    item: { type: 'string', description: 'An item of the price book.' },
    quantity: { type: 'number', minimum: 0 },
  },
  additionalProperties: false,
};

/** Names of a service that say more than which it is. */
const SAYING_MORE: Readonly<Record<string, readonly string[]>> = {
  fargate: ['fargate-spot'],
  sqs: ['sqs-fifo'],
};

function schemaOf({ service, also, what, fields, example }: UsageKind): Schema {
  return {
    title: service,
    type: 'object',
    description: what,
    examples: [example],
    properties: {
      ...ABOUT,
      service: { enum: [service, ...also, ...(SAYING_MORE[service] ?? [])] },
      ...Object.fromEntries(Object.values(fields).flatMap(propertiesOf)),
    },
    additionalProperties: false,
  };
}

function propertiesOf(field: Field): readonly (readonly [string, Schema])[] {
  return Object.entries(field.names).map(([name, factor], index) => [
    name,
    {
      ...ruleOf(field, leastFactor(field, name, factor)),
      ...(index === 0 ? { description: field.what } : {}),
    },
  ]);
}

/** A name that stands for two units goes as far as the smaller one. */
function leastFactor(field: Field, name: string, factor: number): number {
  const beyond = field.kind === 'number' ? field.beyond?.[name]?.factor : undefined;
  return Math.min(factor, beyond ?? factor);
}

function ruleOf(field: Field, factor: number): Schema {
  if (field.kind === 'flag') return { type: 'boolean' };
  if (field.kind === 'word') {
    const words = Object.entries(field.words ?? {}).flatMap(([word, also]) => [word, ...also]);
    return words.length === 0 ? { type: 'string' } : { enum: words };
  }
  const { over0, least = 0, most } = field;
  return {
    type: 'number',
    ...(over0 === true && least === 0 ? { exclusiveMinimum: 0 } : { minimum: least / factor }),
    ...(most === undefined ? {} : { maximum: most / factor }),
  };
}
