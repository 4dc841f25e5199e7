// What an account has for nothing each month, in three ways:
//
//   none    nothing: what comparisons begin with.
//   always  what is free for every account for ever, less what the rest of the account uses up.
//   legacy  an account opened before 2025-07-15, in its first 12 months: both kinds.
//
// An allowance is of the whole account, so it is given once for a bill. Which lines get it is said
// in `rating.ts`.

import { type Amount, divided, exact, minus } from './amount.ts';
import { LEGACY_ITEMS, MORE_ALWAYS_FREE } from './free-tier-items.ts';
import type { PriceItem } from './prices/catalogue.ts';
import type { Confidence } from './prices/price-book.ts';
import data from './prices/price-data.json' with { type: 'json' };

export type FreeTierMode = 'none' | 'always' | 'legacy';

export const FREE_TIER_MODES: readonly FreeTierMode[] = ['none', 'always', 'legacy'];

/** So many units a month that cost nothing, of these items together. */
export interface Allowance {
  /** "lambdaRequestsMonth". */
  readonly name: string;
  /** In the order in which they are covered. */
  readonly items: ReadonlySet<PriceItem>;
  /** Units of them. */
  readonly units: Amount;
}

/** An allowance as it is kept: with where it is from. */
export interface FreeItem {
  readonly name: string;
  readonly mode: 'always' | 'legacy';
  readonly items: readonly PriceItem[];
  /** As people count them. */
  readonly units: number;
  /** Of them are one unit of the items. Default 1. */
  readonly per?: number | undefined;
  /** Of what, for people. */
  readonly unit: string;
  readonly source: string;
  readonly date: string;
  readonly confidence: Confidence;
}

/** Items that the allowances of the price book cover, and units of an item that one of theirs is. */
const OF_BOOK: Readonly<
  Record<string, { readonly items: readonly PriceItem[]; readonly per?: number }>
> = {
  lambdaRequestsMonth: { items: ['lambda.request'] },
  lambdaGbSecondsMonth: { items: ['lambda.x86_64.gbSecond', 'lambda.arm64.gbSecond'] },
  lambdaStreamingGibMonth: { items: ['lambda.responseStreamingGb'] },
  dataTransferOutGbMonth: { items: ['dataTransfer.internetOutGb'] },
  cloudwatchLogsGbMonth: {
    items: [
      'cloudwatch.logsIngestGb',
      'cloudwatch.logsStorageGbMonth',
      'cloudwatch.insightsScanGb',
    ],
  },
  cloudwatchMetrics: { items: ['cloudwatch.customMetricMonth'] },
  cloudwatchAlarms: { items: ['cloudwatch.alarmMonth'] },
  xrayTracesRecordedMonth: { items: ['xray.traceRecorded'] },
  sqsRequestsMonth: { items: ['sqs.standardRequest', 'sqs.fifoRequest'] },
  cloudfrontGbMonth: { items: ['cloudfront.usEuGb'] },
  cloudfrontRequestsMonth: {
    items: ['cloudfront.usHttps10k', 'cloudfront.euHttps10k'],
    per: 10_000,
  },
  cognitoMauEssentialsOrLite: { items: ['cognito.essentialsMau', 'cognito.liteMau'] },
};

/** Every allowance that is known, with its source. */
export const FREE_ITEMS: readonly FreeItem[] = [
  ...Object.entries(OF_BOOK).map(([name, { items, per = 1 }]): FreeItem => {
    const row = data.allowances[name as keyof typeof data.allowances];
    return {
      name,
      mode: 'always',
      items,
      units: row.quantity,
      per,
      unit: row.unit,
      source: data.sources[row.source] ?? '',
      date: row.date,
      confidence: row.confidence as Confidence,
    };
  }),
  ...MORE_ALWAYS_FREE,
  ...LEGACY_ITEMS,
];

/**
 * What is free in this mode. `used`, by the name of an allowance, is what everything else in the
 * account uses of it in the month, in its own units. Throws RangeError for a name that
 * there is not.
 */
export function freeTierOf(
  mode: FreeTierMode,
  used: Readonly<Record<string, number>> = {},
): readonly Allowance[] {
  const stray = Object.keys(used).find((name) => !FREE_ITEMS.some((item) => item.name === name));
  if (stray !== undefined) throw new RangeError(`there is no allowance "${stray}"`);
  if (mode === 'none') return [];
  return FREE_ITEMS.filter((item) => item.mode === 'always' || mode === 'legacy').map(
    ({ name, items, units, per = 1 }) => ({
      name,
      items: new Set(items),
      units: divided(minus(exact(units), exact(used[name] ?? 0)), per),
    }),
  );
}
