// Durations as people write them, in fulcrum.yml and on the command line.

import {
  type Millis,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  MS_PER_SECOND,
  SECONDS_PER_DAY,
  SECONDS_PER_HOUR,
} from './units.ts';

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

/** As it would be written: "30s", "10m", "6h", "2d"; "0" and "500ms" below a second. */
export function writtenSeconds(seconds: number): string {
  if (seconds === 0) return '0';
  if (seconds < 1) return `${seconds * MS_PER_SECOND}ms`;
  const unit = WRITTEN_UNITS.find(([, size]) => seconds % size === 0);
  return unit === undefined ? `${seconds}s` : `${seconds / unit[1]}${unit[0]}`;
}

const WRITTEN_UNITS = [
  ['d', SECONDS_PER_DAY],
  ['h', SECONDS_PER_HOUR],
  ['m', SECONDS_PER_HOUR / 60],
] as const;
