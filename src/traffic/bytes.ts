// Numbers and words in bytes, read without making a string of them.

export const NEWLINE = 10;
export const RETURN = 13;
export const SPACE = 32;
export const QUOTE = 34;
export const PLUS = 43;
export const MINUS = 45;
export const DOT = 46;
export const SLASH = 47;
const ZERO = 48;
export const COLON = 58;
export const BRACKET = 91;
export const BACKSLASH = 92;
export const END_BRACKET = 93;

/** Whole numbers of more digits do not fit. */
const MAX_DIGITS = 15;

/** The digit of a byte, or something above 9. */
export function digit(byte: number | undefined): number {
  return ((byte ?? 0) - ZERO) >>> 0;
}

/** Two digits at `at`, or -1. */
export function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = digit(bytes[at]);
  const ones = digit(bytes[at + 1]);
  return tens > 9 || ones > 9 ? -1 : tens * 10 + ones;
}

/** A whole number that fills `from` to `to`, or -1. */
export function wholeNumber(bytes: Uint8Array, from: number, to: number): number {
  if (to <= from || to - from > MAX_DIGITS) return -1;
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const next = digit(bytes[at]);
    if (next > 9) return -1;
    number = number * 10 + next;
  }
  return number;
}

/**
 * Seconds with a fraction that fill `from` to `to`, as whole microseconds: digits beyond the sixth
 * are cut off. -1 for what is none.
 */
export function microseconds(bytes: Uint8Array, from: number, to: number): number {
  if (to <= from || to - from > MAX_DIGITS) return -1;
  let number = 0;
  let at = from;
  for (; at < to && bytes[at] !== DOT; at += 1) {
    const next = digit(bytes[at]);
    if (next > 9) return -1;
    number = number * 10 + next;
  }
  if (at === from) return -1;
  let scale = 1_000_000;
  number *= scale;
  for (at += 1; at < to; at += 1) {
    const next = digit(bytes[at]);
    if (next > 9) return -1;
    scale = Math.floor(scale / 10);
    number += next * scale;
  }
  return number;
}

/** Where the next `byte` is from `from` on, or `to`. */
export function find(bytes: Uint8Array, byte: number, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== byte) at += 1;
  return at;
}

/** For messages: what is not plain text is shown as "·". */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    text += byte >= SPACE && byte < 127 ? String.fromCharCode(byte) : '·';
  }
  return text;
}
