// A point in time as access logs write it: "12/Mar/2020:19:03:58 +0000".

import type { Millis } from '../base/units.ts';
import { MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND } from '../base/units.ts';

const MONTHS = [
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

const MS_PER_DAY = 24 * MS_PER_HOUR;
const DAYS_PER_ERA = 146_097;
/** From 1 March of the year 0 to 1 January 1970. */
const EPOCH_DAYS = 719_468;

/** In UTC. */
export function clfTime(epochMs: Millis): string {
  const days = Math.floor(epochMs / MS_PER_DAY);
  const ms = epochMs - days * MS_PER_DAY;
  const { year, month, day } = dateOf(days);
  const time = [
    Math.floor(ms / MS_PER_HOUR),
    Math.floor(ms / MS_PER_MINUTE) % 60,
    Math.floor(ms / MS_PER_SECOND) % 60,
  ];
  return `${two(day)}/${MONTHS[month - 1]}/${year}:${time.map(two).join(':')} +0000`;
}

const two = (number: number): string => String(number).padStart(2, '0');

/**
 * Day, month and year of a number of days since 1970: eras of 400 years, and years that begin in
 * March, so that the leap day is the last. (Howard Hinnant, "chrono-compatible low-level date
 * algorithms", civil_from_days.)
 */
function dateOf(daysSinceEpoch: number): { year: number; month: number; day: number } {
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
