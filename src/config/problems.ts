// Turns what the schema found into problems a person can act on: where, which rule, which value,
// what to do.

import type { z } from 'zod';
import { closest } from '../base/closest.ts';
import type { JsonSchema } from './json-schema.ts';
import { schemaAt } from './json-schema.ts';
import type { KeyPath } from './source-map.ts';

/** A problem before its place in the file is known. */
export interface Finding {
  readonly path: KeyPath;
  readonly say: string;
  readonly fix: string;
}

export function findingsOf(
  issues: readonly z.core.$ZodIssue[],
  raw: unknown,
  schema: JsonSchema,
): readonly Finding[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    return findingsOfIssue(issue, path, valueAt(raw, path), schema);
  });
}

function findingsOfIssue(
  issue: z.core.$ZodIssue,
  path: KeyPath,
  value: unknown,
  schema: JsonSchema,
): readonly Finding[] {
  const block = optionFor(schemaAt(schema, path), value);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, Object.keys(block?.properties ?? {})));
    case 'invalid_type':
      return value === undefined
        ? [{ path, say: 'is missing', fix: `Add it: ${block?.description ?? describe(block)}` }]
        : [{ path, say: `${wordType(issue)}, was: ${show(value)}`, fix: describe(block) }];
    case 'invalid_value': {
      const known = issue.values.map(String);
      const near = typeof value === 'string' ? closest(value, known) : undefined;
      const say =
        value === undefined ? 'is missing' : `${wordEnum(issue, known)}, was: ${show(value)}`;
      const fix =
        near === undefined ? `Use one of: ${known.join(', ')}.` : `Did you mean "${near}"?`;
      return [{ path, say, fix }];
    }
    case 'invalid_key':
      return [
        { path, say: issue.issues[0]?.message ?? 'is not a valid key', fix: 'Rename the key.' },
      ];
    case 'invalid_union': {
      const meant = issue.errors.filter((option) => !option.some(isOtherType));
      if (meant.length !== 1) return [generalFinding(issue, path, value, block)];
      return (meant[0] ?? []).flatMap((one) => {
        const inner = one.path.filter((step) => typeof step !== 'symbol');
        return findingsOfIssue(one, [...path, ...inner], valueAt(value, inner), schema);
      });
    }
    case 'custom': {
      const fix: unknown = issue.params?.['fix'];
      return [{ path, say: issue.message, fix: typeof fix === 'string' ? fix : describe(block) }];
    }
    default:
      return [generalFinding(issue, path, value, block)];
  }
}

/** Of blocks told apart by a constant, the one the value is meant to be. */
function optionFor(block: JsonSchema | undefined, value: unknown): JsonSchema | undefined {
  const meant = block?.oneOf?.find((option) =>
    Object.entries(option.properties ?? {}).some(
      ([key, { const: constant }]) => constant !== undefined && valueAt(value, [key]) === constant,
    ),
  );
  return meant ?? block;
}

/** The value is not even of the type of this option. */
function isOtherType(issue: z.core.$ZodIssue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((one) => one.some(isOtherType));
  return issue.code === 'invalid_type';
}

function generalFinding(
  issue: z.core.$ZodIssue,
  path: KeyPath,
  value: unknown,
  block: JsonSchema | undefined,
): Finding {
  return value === undefined
    ? { path, say: 'is missing', fix: `Add it: ${block?.description ?? describe(block)}` }
    : { path, say: `${issue.message}, was: ${show(value)}`, fix: describe(block) };
}

function unknownKey(key: string, path: KeyPath, known: readonly string[]): Finding {
  const near = closest(key, known);
  const fix = near === undefined ? `Use one of: ${known.join(', ')}.` : `Did you mean "${near}"?`;
  return { path: [...path, key], say: `unknown key "${key}"`, fix };
}

function wordType(issue: { readonly expected: string; readonly message: string }): string {
  if (issue.message.startsWith('must')) return issue.message;
  const words: Readonly<Record<string, string>> = {
    object: 'must be a block of keys',
    record: 'must be a block of keys',
    array: 'must be a list',
    string: 'must be a text',
    number: 'must be a number',
    boolean: 'must be true or false',
  };
  return words[issue.expected] ?? `must be a ${issue.expected}`;
}

function wordEnum(issue: { readonly message: string }, known: readonly string[]): string {
  return issue.message.startsWith('must') ? issue.message : `must be one of ${known.join(', ')}`;
}

/** The rule of a block in words, from its JSON Schema. */
function describe(block: JsonSchema | undefined): string {
  if (block?.minimum !== undefined && block.maximum !== undefined) {
    return `Use ${block.minimum} to ${block.maximum}.`;
  }
  if (block?.description !== undefined) return block.description;
  if (block?.properties !== undefined)
    return `Its keys are: ${Object.keys(block.properties).join(', ')}.`;
  return 'See "fulcrum schema".';
}

export function valueAt(raw: unknown, path: KeyPath): unknown {
  let value = raw;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return value;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
