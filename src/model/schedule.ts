// Schedules as Application Auto Scaling writes them: at(…), rate(…) and cron(…), in a time zone.
// [AAS:scheduled-scaling-using-cron-expressions]
//
// croner knows L, W and #, and the change to and from summer time; what AWS writes differently is
// put into its words here: six fields without seconds, "?", "0/15", "L" as a day of the week.

import { Cron } from 'croner';
import { type Millis, MS_PER_MINUTE } from '../base/units.ts';

export interface Schedule {
  /** As it was written, "cron(0 8 ? * MON-FRI *)". */
  readonly text: string;
  readonly timezone: string;
}

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  minute: MS_PER_MINUTE,
  hour: 60 * MS_PER_MINUTE,
  day: 24 * 60 * MS_PER_MINUTE,
};

const FORMS = 'at(yyyy-mm-ddThh:mm:ss), rate(5 minutes) or cron(0 8 ? * MON-FRI *)';

const LONG_AGO = '0001-01-01T00:00:00Z';

/** The last value of a field of cron, seconds first. */
const LAST_OF_FIELD = ['59', '59', '23', '31', '12', '7', '2199'] as const;
const DAY_OF_MONTH = 3;
const DAY_OF_WEEK = 5;

/** What is wrong with it, or undefined. */
export function scheduleProblem({ text, timezone }: Schedule): string | undefined {
  if (!isTimeZone(timezone)) return `"${timezone}" is not a time zone`;
  if (everyMs(text) !== undefined) return undefined;
  try {
    const cron = cronOf({ text, timezone });
    if (cron === undefined) return `must be ${FORMS}`;
    const date = /^at\((.*)\)$/.exec(text)?.[1];
    return date !== undefined && timeOf(date) === undefined ? 'is not a date' : undefined;
  } catch (error) {
    return `is not a schedule: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/**
 * The first time after `after`, or undefined if there is none. A rate counts from `from`. The
 * schedule must be one that {@link scheduleProblem} finds nothing wrong with.
 */
export function nextTime(schedule: Schedule, after: Millis, from: Millis): Millis | undefined {
  const every = everyMs(schedule.text);
  if (every === undefined) return cronOf(schedule)?.nextRun(isoTime(after))?.getTime();
  return from + (Math.floor(Math.max(0, after - from) / every) + 1) * every;
}

/** "2026-11-21T08:00:00" or "…Z" in UTC as milliseconds, or undefined. */
export function timeOf(text: string): Millis | undefined {
  const local = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z?$/.exec(text)?.[1];
  if (local === undefined) return undefined;
  try {
    const once = new Cron(local, { timezone: 'UTC', paused: true });
    const at = once.nextRun(LONG_AGO)?.getTime();
    // The 31st of February would be read as the 3rd of March.
    return at !== undefined && isoTime(at) === `${local}Z` ? at : undefined;
  } catch {
    return undefined;
  }
}

function everyMs(text: string): Millis | undefined {
  const [, count = '', unit = '', plural = ''] =
    /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(text) ?? [];
  const ms = MS_PER_UNIT[unit];
  return ms === undefined || (count === '1') === (plural === 's') ? undefined : Number(count) * ms;
}

function cronOf({ text, timezone }: Schedule): Cron | undefined {
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(text)?.[1];
  if (at !== undefined) return new Cron(at, { timezone, paused: true });
  const cron = /^cron\((.+)\)$/.exec(text)?.[1];
  if (cron === undefined) return undefined;
  const options = { timezone, mode: '7-part', alternativeWeekdays: true, paused: true } as const;
  return new Cron(patternOf(cron), options);
}

/** Throws when it has not six fields, or seven with seconds first, or no "?" where one must be. */
function patternOf(cron: string): string {
  const written = cron.trim().split(/\s+/);
  const fields = written.length === 6 ? ['0', ...written] : written;
  if (fields.length !== 7) throw new Error(`cron has 6 fields, was: ${written.length}`);
  const open = [fields[DAY_OF_MONTH], fields[DAY_OF_WEEK]].filter((field) => field === '?');
  if (open.length !== 1) {
    throw new Error('exactly one of day-of-month and day-of-week must be "?"');
  }
  return fields.map(fieldOf).join(' ');
}

function fieldOf(field: string, index: number): string {
  if (field === '?') return '*';
  if (index === DAY_OF_WEEK && field === 'L') return '7';
  return field
    .split(',')
    .map((part) => part.replace(/^(\w+)\/(\d+)$/, `$1-${LAST_OF_FIELD[index]}/$2`))
    .join(',');
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The locale of Sweden writes a date and a time as ISO 8601 does. Made when it is needed: it takes milliseconds. */
let iso: Intl.DateTimeFormat | undefined;

function isoTime(at: Millis): string {
  iso ??= new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'UTC',
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return `${iso.format(at).replace(' ', 'T')}Z`;
}
