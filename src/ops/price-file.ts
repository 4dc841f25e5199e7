// Which prices are in use: those that came with Fulcrum, and refreshed ones where they are newer.

import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Fault } from '../base/fault.ts';
import { isPriceItem } from '../cost/prices/catalogue.ts';
import {
  BUNDLED_PRICES,
  dataProblems,
  type PriceData,
  type PriceSource,
} from '../cost/prices/price-data.ts';
import { newerOf } from '../cost/prices/refresh.ts';
import type { Machine } from './machine.ts';

export interface PriceChoice {
  readonly cwd: string;
  /** A file of refreshed prices to use instead of that of the user, whatever its age. */
  readonly pricesFile?: string | undefined;
  /** Only what came with Fulcrum. */
  readonly bundled?: boolean;
}

const BUNDLED: PriceSource = { data: BUNDLED_PRICES, from: 'bundled', file: undefined };

/**
 * Of each price the newer one, refreshed or bundled; a file that was named is used as it is. Throws
 * PRICES_FILE_INVALID, and PRICES_FILE_NOT_FOUND for a file that was named.
 */
export function pricesInUse(machine: Machine, choice: PriceChoice): PriceSource {
  if (choice.bundled === true) return BUNDLED;
  const named = namedFile(choice);
  const file = named ?? userFile(machine);
  const text = file === undefined ? undefined : textOf(machine, file);
  if (file === undefined || text === undefined) {
    if (named !== undefined) throw new Fault('PRICES_FILE_NOT_FOUND', { file: named });
    return BUNDLED;
  }
  const data = parsePriceData(file, text, named !== undefined);
  const used = named === undefined ? newerOf(BUNDLED_PRICES, data) : data;
  return used === undefined ? BUNDLED : { data: used, from: 'refreshed', file };
}

/** Where refreshed prices go. Throws PRICES_NO_HOME. */
export function refreshFile(machine: Machine, choice: PriceChoice): string {
  const file = namedFile(choice) ?? userFile(machine);
  if (file === undefined) throw new Fault('PRICES_NO_HOME', {});
  return file;
}

function namedFile({ cwd, pricesFile }: PriceChoice): string | undefined {
  return pricesFile === undefined ? undefined : resolve(cwd, pricesFile);
}

/** Whether a file that was named may be written over: one of ours, whole or damaged, or nothing. */
export function isReplaceable(machine: Machine, choice: PriceChoice): boolean {
  const named = namedFile(choice);
  const text = named === undefined ? undefined : textOf(machine, named);
  return text === undefined || text.trim() === '' || /^\s*\{\s*"schemaVersion"/.test(text);
}

/** In the folder for what can be fetched again, as each system has one. */
function userFile({ env, platform }: Machine): string | undefined {
  const folder = cacheFolder(env, platform);
  return folder === undefined ? undefined : join(folder, 'fulcrum', 'prices.json');
}

function cacheFolder(env: Machine['env'], platform: string): string | undefined {
  const named = env['XDG_CACHE_HOME'] ?? '';
  // The XDG specification has relative ones ignored.
  if (named.startsWith('/')) return named;
  if (platform === 'win32') return env['LOCALAPPDATA'];
  const home = env['HOME'] ?? '';
  if (home === '') return undefined;
  return platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache');
}

function textOf(machine: Machine, file: string): string | undefined {
  try {
    return machine.readText(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Fault('PRICES_FILE_INVALID', { file, problems: [why] }, { cause: error });
  }
}

const origin = { source: z.int().min(0), date: z.string(), confidence: z.string() };

const ROW = z.object({
  usd: z.string(),
  from: z.number().optional(),
  to: z.number().nullable().optional(),
  note: z.string().optional(),
  conflict: z.boolean().optional(),
  sku: z.string().optional(),
  ...origin,
});

const PRICE_DATA = z.object({
  schemaVersion: z.literal(1),
  asOf: z.string(),
  sources: z.array(z.string()),
  prices: z.record(z.string(), z.record(z.string(), z.array(ROW))),
  allowances: z.record(z.string(), z.object({ quantity: z.number(), unit: z.string(), ...origin })),
});

/**
 * Items that this version does not know are left out. `named`: the user says that it is one; it may be
 * another file of theirs. Throws PRICES_FILE_INVALID.
 */
export function parsePriceData(file: string, text: string, named = false): PriceData {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Fault('PRICES_FILE_INVALID', {
      file,
      named,
      problems: [`it is no JSON: ${printable(why)}`],
    });
  }
  const parsed = PRICE_DATA.safeParse(raw);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.length === 0 ? 'the file' : path.join('.')}: ${message}`,
    );
    throw new Fault('PRICES_FILE_INVALID', { file, named, problems });
  }
  const data: PriceData = { ...parsed.data, prices: knownOf(parsed.data.prices) };
  const problems = dataProblems(data);
  if (problems.length > 0) throw new Fault('PRICES_FILE_INVALID', { file, named, problems });
  return data;
}

function knownOf(prices: PriceData['prices']): PriceData['prices'] {
  return Object.fromEntries(
    Object.entries(prices).map(([region, items]) => [
      region,
      Object.fromEntries(Object.entries(items).filter(([item]) => isPriceItem(item))),
    ]),
  );
}

/** As the file is written: an item a line, so that two of them can be compared. */
export function priceDataText(data: PriceData): string {
  const regions = Object.entries(data.prices).map(([region, items]) => {
    const lines = Object.entries(items).map(
      ([item, rows]) => `      ${JSON.stringify(item)}: ${JSON.stringify(rows)}`,
    );
    return `    ${JSON.stringify(region)}: {\n${lines.join(',\n')}\n    }`;
  });
  const { schemaVersion, asOf, sources, allowances } = data;
  const line = ([name, value]: readonly [string, unknown]) =>
    `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`;
  return `{
  "schemaVersion": ${schemaVersion},
  "asOf": ${JSON.stringify(asOf)},
  "sources": ${JSON.stringify(sources, null, 2).replaceAll('\n', '\n  ')},
  "prices": {
${regions.join(',\n')}
  },
  "allowances": {
${Object.entries(allowances).map(line).join(',\n')}
  }
}
`;
}

/** Damaged files have anything in them; a terminal would obey some of it. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '�');
}
