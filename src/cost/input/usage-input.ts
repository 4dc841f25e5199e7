// Reads one usage as somebody wrote it: of a service, of an item of the price book, or a list of them
// that is one bill.

import { exact } from '../amount.ts';
import { FREE_ITEMS, FREE_TIER_MODES, type FreeTierMode } from '../free-tier.ts';
import { findItem, nearItems } from '../prices/find-item.ts';
import { pricedRegions } from '../prices/price-book.ts';
import { nearestRegions } from '../prices/regions.ts';
import type { Quantity } from '../quantity.ts';
import { line } from '../rules/line.ts';
import { number, plain, readFields, type UsageProblem } from './field.ts';
import { type Billed, UseReader } from './kind.ts';
import { kindNamed, kindNear, kindOfFields, USAGE_KINDS } from './kinds.ts';

export const DEFAULT_REGION = 'us-east-1';

export interface UsageInput {
  readonly name: string | undefined;
  readonly region: string;
  /** No region was written. */
  readonly regionAssumed: boolean;
  readonly freeTier: FreeTierMode;
  /** What the rest of the account uses up, by allowance. */
  readonly used: Readonly<Record<string, number>>;
  /** What each part of it is: "lambda", or an item. */
  readonly services: readonly string[];
  readonly quantities: readonly Quantity[];
  readonly unknown: readonly string[];
}

export type ReadUsage =
  | { readonly usage: UsageInput }
  | { readonly problems: readonly UsageProblem[] };

type Raw = Readonly<Record<string, unknown>>;

interface Regions {
  readonly known: readonly string[];
  readonly otherwise: string;
}

/** `raw` is what JSON had; `regions` are those that have prices; `region` is that of one without. */
export function readUsage(
  raw: unknown,
  regions: readonly string[] = pricedRegions(),
  region: string = DEFAULT_REGION,
): ReadUsage {
  const problems: UsageProblem[] = [];
  const usage = usageOf(raw, { known: regions, otherwise: region }, problems);
  return problems.length > 0 || usage === undefined ? { problems } : { usage };
}

function usageOf(raw: unknown, regions: Regions, problems: UsageProblem[]): UsageInput | undefined {
  if (!isObject(raw)) {
    problems.push({
      field: '',
      say: 'must be an object such as {"service": "lambda", …}',
      fix: 'See "fulcrum prices --help".',
    });
    return undefined;
  }
  const about = spelt(raw);
  if (isObject(about['input'])) {
    const { name, input } = about;
    return usageOf(name === undefined ? input : { name, ...input }, regions, problems);
  }
  const { region, freeTier, freeTierUsed, name, usages, ...rest } = about;
  const parts = usages === undefined ? [rest] : partsOf(usages, rest, problems).map(spelt);
  const said = typeof name === 'string' ? name : undefined;
  const billed = parts.map((part) => billedOf(part, said, problems));
  return {
    name: said,
    region: regionOf(region, regions, problems),
    regionAssumed: region === undefined,
    freeTier: modeOf(freeTier, problems),
    used: usedOf(freeTierUsed, problems),
    services: billed.map(({ service }) => service),
    quantities: billed.flatMap(({ quantities }) => quantities),
    unknown: billed.flatMap(({ unknown = [] }) => unknown),
  };
}

const ABOUT = [
  ...['region', 'freeTier', 'freeTierUsed', 'name', 'usages', 'input'],
  ...['service', 'item'],
];

/** With the names that every usage has as they are written here: "free_tier" is "freeTier". */
function spelt(raw: Raw): Raw {
  const spelling = (name: string) => {
    const meant = ABOUT.find((one) => plain(one) === plain(name));
    return meant === undefined || meant in raw ? name : meant;
  };
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [spelling(name), value]));
}

/** Usages that are one bill: the free tier and the tiers of prices are of all of them together. */
function partsOf(usages: unknown, rest: Raw, problems: UsageProblem[]): readonly Raw[] {
  const [stray] = Object.keys(rest);
  if (!Array.isArray(usages) || usages.length === 0 || !usages.every(isObject)) {
    problems.push({
      field: 'usages',
      say: 'must be a list of usages, which are one bill',
      fix: 'Write {"region": …, "usages": [{…}, {…}]}.',
    });
    return [];
  }
  if (stray !== undefined) {
    problems.push({
      field: stray,
      say: 'stands beside "usages"',
      fix: 'Move it into one of them; region and freeTier stay outside.',
    });
  }
  return usages;
}

/** Where neither service nor fields tell it, the beginning of its name may: "nat.month". */
function billedOf(
  raw: Raw,
  name: string | undefined,
  problems: UsageProblem[],
): Billed & { readonly service: string } {
  const nothing = { service: '', quantities: [] };
  const { service: called, ...written } = raw;
  if (called !== undefined && typeof called !== 'string') {
    problems.push({ field: 'service', say: 'must be a text', fix: 'As in "service": "lambda".' });
    return nothing;
  }
  const [service, said] = serviceOf(called);
  if (written['item'] !== undefined) return itemOf(service, written, problems);
  const fields = { ...said, ...written };
  const kind =
    service === undefined ? kindOfFields(Object.keys(fields), name) : kindNamed(service, fields);
  if (kind === undefined) {
    problems.push(serviceProblem(service, Object.keys(fields)));
    return nothing;
  }
  const found: UsageProblem[] = [];
  const read = readFields(kind.fields, fields, found);
  // What is missing follows from what could not be read: one thing at a time.
  const reader = new UseReader(kind.fields, read, found);
  const isEmpty = Object.keys(written).length === 0;
  const billed = found.length === 0 && !isEmpty ? kind.quantities(reader) : nothing;
  if (isEmpty) {
    found.push({
      field: kind.service,
      say: 'has no usage',
      fix: `For example: ${JSON.stringify(kind.example)}`,
    });
  }
  problems.push(...found);
  return { ...billed, service: kind.service };
}

function serviceProblem(service: string | undefined, names: readonly string[]): UsageProblem {
  const all = `One of: ${USAGE_KINDS.map((kind) => kind.service).join(', ')}.`;
  if (service === undefined) {
    const what =
      names.length === 0 ? 'nothing is in it' : `${names.join(', ')} could be of several`;
    return { field: 'service', say: `is missing, and ${what}`, fix: `Add it. ${all}` };
  }
  const near = kindNear(service);
  return {
    field: 'service',
    say: `must be one that is priced, was: "${service}"`,
    fix: near === undefined ? all : `Did you mean "${near}"? ${all}`,
  };
}

/** Names of a service that say more than which it is. */
const SAYING_MORE: Readonly<Record<string, readonly [string, Raw]>> = {
  fargatespot: ['fargate', { spot: true }],
  sqsfifo: ['sqs', { fifo: true }],
};

/** The service that a name means, and what else the name says. */
function serviceOf(called: string | undefined): readonly [string | undefined, Raw] {
  const more = called === undefined ? undefined : SAYING_MORE[plain(called)];
  return more ?? [called, {}];
}

const QUANTITY = {
  quantity: number('How many units of the item.', { quantity: 1, amount: 1, units: 1, count: 1 }),
};

function itemOf(
  service: string | undefined,
  { item: written, ...fields }: Raw,
  problems: UsageProblem[],
): Billed & { readonly service: string } {
  const found: UsageProblem[] = [];
  const reader = new UseReader(QUANTITY, readFields(QUANTITY, fields, found), found);
  if (found.length === 0) reader.needed('quantity');
  // A price of any tier is a price of the item: tiers are counted from the first unit.
  const item =
    typeof written === 'string'
      ? (findItem(service, written) ??
        findItem(service, written.replace(/[-_ ]?tier[-_ ]?\d+$/i, '')))
      : undefined;
  if (item === undefined) {
    const near = typeof written === 'string' ? nearItems(service, written) : [];
    found.push({
      field: 'item',
      say: `is none of the price book: ${JSON.stringify(written)}`,
      fix:
        near.length === 0
          ? '"fulcrum prices" lists every item.'
          : `Did you mean ${near.join(', or ')}?`,
    });
  }
  problems.push(...found);
  if (item === undefined || found.length > 0) return { service: '', quantities: [] };
  return { service: item, quantities: [line('other', item, exact(reader.number('quantity')))] };
}

function regionOf(
  written: unknown,
  { known, otherwise }: Regions,
  problems: UsageProblem[],
): string {
  const region = written ?? otherwise;
  if (typeof region === 'string' && known.includes(region)) return region;
  const near = typeof region === 'string' ? nearestRegions(region, known) : [];
  problems.push({
    field: 'region',
    say: `has no prices: ${JSON.stringify(region)}`,
    fix:
      near.length === 0 ? `Use one of: ${known.join(', ')}.` : `Did you mean ${near.join(' or ')}?`,
  });
  return otherwise;
}

const OTHER_MODES: Readonly<Record<string, FreeTierMode>> = {
  off: 'none',
  on: 'always',
  alwaysfree: 'always',
  '12month': 'legacy',
  '12months': 'legacy',
};

function modeOf(value: unknown, problems: UsageProblem[]): FreeTierMode {
  if (value === undefined || value === false) return 'none';
  if (value === true) return 'always';
  const other = typeof value === 'string' ? OTHER_MODES[plain(value)] : undefined;
  if (other !== undefined) return other;
  const mode = FREE_TIER_MODES.find(
    (one) => typeof value === 'string' && plain(value) === plain(one),
  );
  if (mode !== undefined) return mode;
  problems.push({
    field: 'freeTier',
    say: `must be true, false, "none", "always" or "legacy", was: ${JSON.stringify(value)}`,
    fix: 'true is "always": what is free for every account. "legacy" adds the first 12 months of accounts opened before 2025-07-15.',
  });
  return 'none';
}

function usedOf(value: unknown, problems: UsageProblem[]): Readonly<Record<string, number>> {
  if (value === undefined) return {};
  if (!isObject(value)) {
    problems.push({
      field: 'freeTierUsed',
      say: 'must be an object',
      fix: 'As in {"lambdaRequestsMonth": 250000}.',
    });
    return {};
  }
  const allowances = Object.fromEntries(
    FREE_ITEMS.map(({ name, unit }) => [name, number(`Used up of: ${unit}.`, { [name]: 1 })]),
  );
  return readFields(allowances, value, problems) as Readonly<Record<string, number>>;
}

function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
