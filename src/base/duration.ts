// Durations as people write them, in fulcrum.yml and on the command line.

import { type Millis, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND } from './units.ts';

const MS_PER_UNIT: Readonly<Record<string, Millis>> = {
  ms: 1,
  s: MS_PER_SECOND,
  m: MS_PER_MINUTE,
  h: MS_PER_HOUR,
  d: 24 * MS_PER_HOUR,
};

/** "500ms", "30s", "5m", "2h", "4d". Undefined for what is none. */
export function parseDuration(text: string): Millis | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text.trim());
  const unit = MS_PER_UNIT[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}
