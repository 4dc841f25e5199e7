// Days, dates and their words, in UTC and by arithmetic alone: eras of 400 years, and years that begin
// in March, so that the leap day is the last. (Howard Hinnant, "chrono-compatible low-level date
// algorithms", days_from_civil and civil_from_days.)

import { type Millis, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND } from './units.ts';

export const MONTH_NAMES = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
] as const;

export const MS_PER_DAY = 24 * MS_PER_HOUR;

const DAYS_PER_ERA = 146_097;
/** From 1 March of the year 0 to 1 January 1970. */
const EPOCH_DAYS = 719_468;

export interface CivilDate {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  /** From 1. */
  readonly day: number;
}

/** Date of a number of days since 1970-01-01. */
export function dateOf(daysSinceEpoch: number): CivilDate {
  const days = daysSinceEpoch + EPOCH_DAYS;
  const era = Math.floor(days / DAYS_PER_ERA);
  const dayOfEra = days - era * DAYS_PER_ERA;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524);
  const lastDay = Math.floor(dayOfEra / (DAYS_PER_ERA - 1));
  const yearOfEra = Math.floor((dayOfEra - leaps - lastDay) / 365);
  const yearsDays = 365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfYear = dayOfEra - yearsDays;
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** Days since 1970-01-01. Undefined when there is no such day. */
export function daysOf({ year, month, day }: CivilDate): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const marchMonth = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * marchMonth + 2) / 5) + day - 1;
  const leaps = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * DAYS_PER_ERA + yearOfEra * 365 + leaps + dayOfYear - EPOCH_DAYS;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** "2014-04-10 00:04:00", in UTC. */
export function sayTime(epochMs: Millis): string {
  const days = Math.floor(epochMs / MS_PER_DAY);
  const { year, month, day } = dateOf(days);
  const date = [String(year).padStart(4, '0'), two(month), two(day)].join('-');
  return `${date} ${timeOfDay(epochMs - days * MS_PER_DAY)}`;
}

/** "19:03:58" of milliseconds since midnight. */
export function timeOfDay(ms: Millis): string {
  return [
    Math.floor(ms / MS_PER_HOUR),
    Math.floor(ms / MS_PER_MINUTE) % 60,
    Math.floor(ms / MS_PER_SECOND) % 60,
  ]
    .map(two)
    .join(':');
}

export const two = (number: number): string => String(number).padStart(2, '0');
