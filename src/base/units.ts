// Units that appear in more than one folder, and the words for them.
//
// A unit is in the name of a value (`timeoutMs`, `memoryMiB`); the types below only say so again
// where a bare `number` would hide it.

/** Milliseconds. A point in time is milliseconds since the Unix epoch. */
export type Millis = number;

/** Mebibytes, which AWS writes "MB" for Lambda and "MiB" or "GB" for Fargate. */
export type MiB = number;

export const BYTES_PER_MIB = 1024 * 1024;
export const MS_PER_SECOND = 1000;
export const MS_PER_MINUTE = 60_000;
export const MS_PER_HOUR = 3_600_000;
export const SECONDS_PER_HOUR = 3600;
export const SECONDS_PER_DAY = 24 * SECONDS_PER_HOUR;

/** Hours of a month, as the AWS pricing calculator counts them. */
export const MONTH_HOURS = 730;
/** 30.4166… */
export const MONTH_DAYS = MONTH_HOURS / 24;
export const MONTH_MS = MONTH_HOURS * MS_PER_HOUR;

/** "850 ms", "12.4 s", "3 min 20 s", "2 h 5 min": for people, never parsed. */
export function sayDuration(ms: Millis): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < MS_PER_SECOND) return `${Math.round(ms)} ms`;
  if (ms < MS_PER_MINUTE) return `${(ms / MS_PER_SECOND).toFixed(1)} s`;
  if (ms < MS_PER_HOUR) return sayTwo(ms, MS_PER_MINUTE, 'min', MS_PER_SECOND, 's');
  return sayTwo(ms, MS_PER_HOUR, 'h', MS_PER_MINUTE, 'min');
}

function sayTwo(ms: Millis, big: number, bigName: string, small: number, smallName: string) {
  const whole = Math.floor(ms / big);
  const rest = Math.floor((ms - whole * big) / small);
  return rest === 0 ? `${whole} ${bigName}` : `${whole} ${bigName} ${rest} ${smallName}`;
}

/** "512 B", "14.2 KiB", "3.0 MiB": for people, never parsed. */
export function sayBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < BYTES_PER_MIB) return `${(bytes / 1024).toFixed(1)} KiB`;
  if (bytes < 1024 * BYTES_PER_MIB) return `${(bytes / BYTES_PER_MIB).toFixed(1)} MiB`;
  return `${(bytes / (1024 * BYTES_PER_MIB)).toFixed(2)} GiB`;
}

/** Places behind the point beyond which an amount is nothing. */
const MAX_PLACES = 12;

/** "$0.000213", "$4.51": at least two places, and three digits of anything small. */
export function sayUsd(usd: number): string {
  if (usd === 0) return '$0';
  if (usd < 0) return `−${sayUsd(-usd)}`;
  if (usd >= 1) return `$${usd.toFixed(2)}`;
  const places = Math.min(MAX_PLACES, Math.max(2, 2 - Math.floor(Math.log10(usd))));
  return `$${usd.toFixed(places)}`;
}
