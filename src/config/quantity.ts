// Durations, sizes and words as people write them in YAML, turned into one unit.
//
// A quantity that does not parse, or lies outside its bounds, is one issue with the rule, the
// value and the fix; nothing is rounded or clamped.

import { z } from 'zod';
import { parseDuration, writtenSeconds } from '../base/duration.ts';
import { MS_PER_SECOND } from '../base/units.ts';

interface Bounds {
  /** Seconds. */
  readonly min: number;
  /** Seconds. */
  readonly max: number;
}

/** Seconds as a number, or "500ms", "30s", "5m", "2h", "4d". Gives milliseconds. */
export function duration({ min, max }: Bounds) {
  const rule = `must be a duration from ${writtenSeconds(min)} to ${writtenSeconds(max)} (30, "30s", "5m", "500ms")`;
  const fix = `Use ${writtenSeconds(min)} to ${writtenSeconds(max)}.`;
  return z.union([z.number(), z.string()], { error: rule }).transform((value, context) => {
    const ms = typeof value === 'number' ? value * MS_PER_SECOND : parseDuration(value);
    if (ms !== undefined && ms >= min * MS_PER_SECOND && ms <= max * MS_PER_SECOND) return ms;
    return reject(context, rule, fix, value);
  });
}

/** Mebibytes as a number, or "512 MB", "2 GB". Gives mebibytes. */
export function size({ min, max }: { readonly min: number; readonly max: number }) {
  const rule = `must be a whole number of MB from ${min} to ${max} (512, "512 MB", "2 GB")`;
  const fix = `Use ${min} to ${max}.`;
  return z.union([z.number(), z.string()], { error: rule }).transform((value, context) => {
    const mib = typeof value === 'number' ? value : parseSize(value);
    if (mib !== undefined && Number.isInteger(mib) && mib >= min && mib <= max) return mib;
    return reject(context, rule, fix, value);
  });
}

/** Kibibytes as a number, or "256 KB", "1 MB". Gives bytes. */
export function bytes({ min, max }: { readonly min: number; readonly max: number }) {
  const rule = `must be a whole number of KB from ${min} to ${max} (256, "256 KB", "1 MB")`;
  const fix = `Use ${min} to ${max}.`;
  return z.union([z.number(), z.string()], { error: rule }).transform((value, context) => {
    const kib = typeof value === 'number' ? value : parseKib(value);
    if (kib !== undefined && Number.isInteger(kib) && kib >= min && kib <= max) return kib * 1024;
    return reject(context, rule, fix, value);
  });
}

/** A whole number within bounds, with the rule in words. */
export function whole({ min, max }: { readonly min: number; readonly max: number }) {
  return z
    .number({ error: `must be a whole number from ${min} to ${max}` })
    .int({ error: 'must be a whole number' })
    .min(min, { error: `must be at least ${min}` })
    .max(max, { error: `must be at most ${max}` });
}

/** One text or a list of them; gives a list. */
export function oneOrMore(item: z.ZodType<string, string>) {
  return z
    .union([item, z.array(item).min(1, { error: 'must have at least one value' })])
    .transform((value): readonly string[] => (typeof value === 'string' ? [value] : value));
}

function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(MB|MiB|GB|GiB)$/i.exec(text.trim());
  if (match === null) return undefined;
  return Number(match[1]) * (match[2]?.toUpperCase().startsWith('G') === true ? 1024 : 1);
}

function parseKib(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(KB|KiB|MB|MiB)$/i.exec(text.trim());
  if (match === null) return undefined;
  return Number(match[1]) * (match[2]?.toUpperCase().startsWith('M') === true ? 1024 : 1);
}

function reject(context: z.RefinementCtx, rule: string, fix: string, value: unknown): never {
  context.addIssue({
    code: 'custom',
    message: `${rule}, was: ${JSON.stringify(value)}`,
    params: { fix },
  });
  return z.NEVER;
}
