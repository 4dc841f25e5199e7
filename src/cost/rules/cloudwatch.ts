// CloudWatch and X-Ray.
//
// Rules [aws.amazon.com/cloudwatch/pricing, aws.amazon.com/xray/pricing]:
//  M20. Logs by what is taken in: the bytes of every event and 26 more; and by what is kept, compressed.
//  M21. Metrics, alarms and dashboards by the month, in proportion to the hours they were there.
//  M22. Traces by what is recorded, and by what is fetched or scanned.

import { type Amount, divided, exact, plus, times } from '../amount.ts';
import { LOG_COMPRESSED_PART } from '../assumptions.ts';
import type { Quantity } from '../quantity.ts';
import { BYTES_PER_GB, line, type Owner } from './line.ts';

/** Added to the bytes of every event. [logs/latest APIReference PutLogEvents] */
export const LOG_EVENT_BYTES = 26;

/** A month of a bill has 730 hours. */
const DAYS_PER_MONTH = 730 / 24;

export interface LogUse {
  readonly events: number;
  /** Of all events, without the 26 of each. */
  readonly bytes: number;
  /** How long they are kept: a month by default. */
  readonly keptMonths?: number | undefined;
  /** Default 0.15. */
  readonly compressedPart?: number | undefined;
}

/** Bytes that are taken in (M20). */
export function logBytes(use: Pick<LogUse, 'events' | 'bytes'>): Amount {
  return plus(exact(use.bytes), times(use.events, LOG_EVENT_BYTES));
}

/** `use` is that of one month; each month's is kept for `keptMonths`, so that so many lie there. */
export function logQuantities(use: LogUse, owner?: Owner): readonly Quantity[] {
  const { keptMonths = 1, compressedPart = LOG_COMPRESSED_PART } = use;
  const gb = divided(logBytes(use), BYTES_PER_GB);
  return [
    line('logs', 'cloudwatch.logsIngestGb', gb, { owner }),
    line('logs', 'cloudwatch.logsStorageGbMonth', times(gb, keptMonths, compressedPart), {
      owner,
      note: `kept ${keptWords(keptMonths)}, compressed to ${Math.round(compressedPart * 100)} % of their size, assumed`,
    }),
  ];
}

/** "a month", "2 months", "30 days": whole months as such, all else in days, as retention is set. */
function keptWords(months: number): string {
  if (months === 1) return 'a month';
  if (Number.isInteger(months)) return `${months} months`;
  const days = Math.round(months * DAYS_PER_MONTH * 100) / 100;
  return days === 1 ? 'a day' : `${days} days`;
}

export interface MonitoringUse {
  /** How long they were there. Default 1. */
  readonly months?: number | undefined;
  readonly metrics?: number | undefined;
  readonly alarms?: number | undefined;
  /** Alarms on periods under a minute. */
  readonly highResolutionAlarms?: number | undefined;
  readonly dashboards?: number | undefined;
  /** Scanned by queries of Logs Insights. */
  readonly insightsGb?: number | undefined;
}

export function monitoringQuantities(use: MonitoringUse, owner?: Owner): readonly Quantity[] {
  const by = (item: Quantity['item'], count = 0): Quantity =>
    line('logs', item, times(use.months ?? 1, count), { owner });
  return [
    by('cloudwatch.customMetricMonth', use.metrics),
    by('cloudwatch.alarmMonth', use.alarms),
    by('cloudwatch.alarmHighresMonth', use.highResolutionAlarms),
    by('cloudwatch.dashboardMonth', use.dashboards),
    line('logs', 'cloudwatch.insightsScanGb', exact(use.insightsGb ?? 0), { owner }),
  ];
}

export interface TraceUse {
  readonly recorded: number;
  /** Fetched or scanned. */
  readonly read?: number | undefined;
}

export function traceQuantities(use: TraceUse, owner?: Owner): readonly Quantity[] {
  return [
    line('logs', 'xray.traceRecorded', exact(use.recorded), { owner }),
    line('logs', 'xray.traceRetrievedOrScanned', exact(use.read ?? 0), { owner }),
  ];
}
