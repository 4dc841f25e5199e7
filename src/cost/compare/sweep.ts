// The same app in other regions, behind other entries, on other processors and sizes, in order of
// cost. What has no price in the book is said, never guessed and never ranked.

import type { Architecture } from '../../model/app.ts';
import { FARGATE_SIZES } from '../../model/aws-limits.ts';
import type { PriceItem } from '../prices/catalogue.ts';
import { pricedRegions } from '../prices/price-book.ts';
import { applyChanges, type Subject } from './apply-change.ts';
import { breakEvenOf } from './break-even.ts';
import type { Change } from './change.ts';
import type { Entry, TaskSize } from './change-values.ts';
import type { BreakEven, Mix } from './comparison.ts';
import { priceMix, usdNumber } from './mix-cost.ts';
import { type Pricing, pricingOf } from './pricing.ts';

/** What is varied. Left out: memory and tasks stay; of the others all that there are. */
export interface SweepOver {
  readonly regions?: readonly string[] | undefined;
  readonly entries?: readonly Entry[] | undefined;
  readonly architectures?: readonly Architecture[] | undefined;
  readonly memoryMiB?: readonly number[] | undefined;
  readonly tasks?: readonly TaskSize[] | undefined;
}

export interface SweepRow {
  readonly region: string;
  readonly entry: Entry;
  /** Null: as it was, where services differ. */
  readonly architecture: Architecture | null;
  readonly memoryMiB: number | null;
  readonly task: TaskSize | null;
  /** US dollars a month. Null: it cannot run that way, or a price is not known; `why` says which. */
  readonly costs: Readonly<Record<Mix, number | null>>;
  readonly why: Readonly<Partial<Record<Mix | 'breakEven', string>>>;
  readonly breakEven: BreakEven | null;
  readonly cheapest: { readonly mix: Mix; readonly monthlyUsd: number } | null;
  /** From 1; equal costs have equal ranks. Null: nothing of it has a price. */
  readonly rank: number | null;
}

export interface Sweep {
  /** The cheapest first; those without a rank last. */
  readonly rows: readonly SweepRow[];
  /** Items that some region has no price for, with the regions. */
  readonly unknown: readonly { readonly item: string; readonly regions: readonly string[] }[];
}

/** The entries that are compared, for Lambda and for Fargate. */
export const SWEEP_ENTRIES: readonly Entry[] = [
  { lambda: 'alb', fargate: 'alb' },
  { lambda: 'http-api', fargate: 'http-api' },
  { lambda: 'function-url', fargate: 'alb' },
  { lambda: 'http-api', fargate: 'alb' },
];

export const ARCHITECTURES: readonly Architecture[] = ['x86_64', 'arm64'];

const MIXES: readonly Mix[] = ['lambda', 'fargate', 'hybrid'];

/** Memory that is worth a look: powers of two, and what has one, two and more vCPUs. */
export const SWEEP_MEMORY: readonly number[] = [
  128, 256, 512, 1024, 1769, 2048, 3072, 3538, 5307, 7076, 8845, 10_240,
];

/** Every number of CPU units, with the least and twice the least memory. */
export const SWEEP_TASKS: readonly TaskSize[] = [...FARGATE_SIZES].flatMap(([cpuUnits, sizes]) =>
  sizes.slice(0, 2).map((memoryMiB) => ({ cpuUnits, memoryMiB })),
);

interface Variant {
  readonly region: string;
  readonly entry: Entry;
  readonly architecture: Architecture | undefined;
  readonly memoryMiB: number | undefined;
  readonly task: TaskSize | undefined;
}

/** `pricing` is that of the subject unless another is given, e.g. with another price book. */
export function sweep(
  subject: Subject,
  over: SweepOver = {},
  pricing: Pricing = pricingOf(subject.freeTier),
): Sweep {
  const unknown = new Map<string, Set<string>>();
  const rows = variantsOf(over).map((variant) => {
    const row = rowOf(subject, variant, pricing);
    for (const item of row.unknown) {
      unknown.set(item, (unknown.get(item) ?? new Set()).add(variant.region));
    }
    return row.row;
  });
  const cost = ({ cheapest }: SweepRow) => cheapest?.monthlyUsd ?? Infinity;
  const sorted = [...rows].sort((a, b) => (cost(a) < cost(b) ? -1 : cost(a) > cost(b) ? 1 : 0));
  const ranked = sorted.map((row) => ({
    ...row,
    rank: row.cheapest === null ? null : sorted.findIndex((one) => cost(one) === cost(row)) + 1,
  }));
  return {
    rows: ranked,
    unknown: [...unknown].map(([item, regions]) => ({ item, regions: [...regions].sort() })),
  };
}

function variantsOf(over: SweepOver): readonly Variant[] {
  const { regions = pricedRegions(), entries = SWEEP_ENTRIES } = over;
  const { architectures = ARCHITECTURES, memoryMiB = [undefined], tasks = [undefined] } = over;
  return regions.flatMap((region) =>
    entries.flatMap((entry) =>
      architectures.flatMap((architecture) =>
        memoryMiB.flatMap((memory) =>
          tasks.map((task) => ({ region, entry, architecture, memoryMiB: memory, task })),
        ),
      ),
    ),
  );
}

function changesOf({ region, entry, architecture, memoryMiB, task }: Variant): readonly Change[] {
  const whole = { service: undefined, text: 'sweep' };
  return [
    { ...whole, key: 'region', value: region },
    { ...whole, key: 'entry', value: entry },
    ...(architecture === undefined
      ? []
      : [{ ...whole, key: 'architecture', value: architecture } as const]),
    ...(memoryMiB === undefined ? [] : [{ ...whole, key: 'memory', value: memoryMiB } as const]),
    ...(task === undefined ? [] : [{ ...whole, key: 'task', value: task } as const]),
  ];
}

interface PricedRow {
  readonly row: SweepRow;
  readonly unknown: ReadonlySet<PriceItem>;
}

function rowOf(before: Subject, variant: Variant, pricing: Pricing): PricedRow {
  const { subject } = applyChanges(before, changesOf(variant));
  const { setUp, workload } = subject;
  const book = pricing.bookOf(variant.region);
  const priced = { setUp, workload, book, allowances: pricing.allowances };
  const costs: Record<Mix, number | null> = { lambda: null, fargate: null, hybrid: null };
  const why: Partial<Record<Mix | 'breakEven', string>> = {};
  const unknown = new Set<PriceItem>();
  for (const mix of MIXES) {
    const { estimate, bill } = priceMix(priced, mix, 'expected');
    for (const item of bill.unknown) unknown.add(item);
    const noPrice = `there is no price for ${bill.unknown.join(', ')} in ${variant.region}`;
    const reason = estimate.notApplicable ?? (bill.unknown.length > 0 ? noPrice : undefined);
    if (reason === undefined) costs[mix] = usdNumber(bill.total.all);
    else why[mix] = reason;
  }
  const { breakEven, notApplicable } = breakEvenOf(setUp, workload, pricing);
  if (notApplicable !== undefined) why.breakEven = notApplicable;
  const known = MIXES.flatMap((mix) => {
    const monthlyUsd = costs[mix];
    return monthlyUsd === null ? [] : [{ mix, monthlyUsd }];
  });
  // Of equals the simpler one, which comes first.
  const [cheapest = null] = known.sort((a, b) => a.monthlyUsd - b.monthlyUsd);
  return {
    unknown,
    row: {
      region: variant.region,
      entry: variant.entry,
      architecture: variant.architecture ?? null,
      memoryMiB: variant.memoryMiB ?? null,
      task: variant.task ?? null,
      costs,
      why,
      breakEven,
      cheapest,
      rank: null,
    },
  };
}
