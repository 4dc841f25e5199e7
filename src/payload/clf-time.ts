// A point in time as access logs write it: "12/Mar/2020:19:03:58 +0000".

import { dateOf, MONTH_NAMES, MS_PER_DAY, timeOfDay, two } from '../base/calendar.ts';
import type { Millis } from '../base/units.ts';

/** In UTC. */
export function clfTime(epochMs: Millis): string {
  const days = Math.floor(epochMs / MS_PER_DAY);
  const { year, month, day } = dateOf(days);
  return `${two(day)}/${MONTH_NAMES[month - 1]}/${year}:${timeOfDay(epochMs - days * MS_PER_DAY)} +0000`;
}
