// Points in time in bytes. Lines of a log mostly share their minute: it is read once, and again
// when a byte of it differs.

import { daysOf, MONTH_NAMES, MS_PER_DAY } from '../base/calendar.ts';
import { COLON, DOT, digit, MINUS, PLUS, SLASH, SPACE, twoDigits } from './bytes.ts';

const SECONDS_PER_DAY = MS_PER_DAY / 1000;
const LETTER_T = 84;
const LETTER_Z = 90;
const COMMA = 44;

/** A time that was read: whole seconds since the epoch and the rest of the last. */
export interface TimeScanner {
  seconds: number;
  micros: number;
  /** Reads a time at `at`; the place behind it, or -1 where there is none. */
  read(bytes: Uint8Array, at: number, end: number): number;
}

/** "2018-07-02T22:23" */
const ISO_MINUTE_BYTES = 16;

/**
 * "2018-07-02T22:23:00.186641Z", as ISO 8601 and what people make of it: a space for the T, slashes
 * in the date, no seconds, only a date, an offset such as +02:00. Without one it is UTC.
 */
export class IsoTime implements TimeScanner {
  seconds = 0;
  micros = 0;
  readonly #minute = new Uint8Array(ISO_MINUTE_BYTES);
  #minuteSeconds = 0;

  read(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < ISO_MINUTE_BYTES) return this.#day(bytes, at, end);
    if (!this.#isSameMinute(bytes, at)) {
      const minute = isoMinute(bytes, at);
      if (minute === undefined) return this.#day(bytes, at, end);
      this.#minute.set(bytes.subarray(at, at + ISO_MINUTE_BYTES));
      this.#minuteSeconds = minute;
    }
    this.seconds = this.#minuteSeconds;
    this.micros = 0;
    return this.#rest(bytes, at + ISO_MINUTE_BYTES, end);
  }

  #isSameMinute(bytes: Uint8Array, at: number): boolean {
    const minute = this.#minute;
    for (let index = ISO_MINUTE_BYTES - 1; index >= 0; index -= 1) {
      if (bytes[at + index] !== minute[index]) return false;
    }
    return true;
  }

  /** From after the minutes. */
  #rest(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    if (at < end && bytes[at] === COLON) {
      const seconds = at + 2 < end ? twoDigits(bytes, at + 1) : -1;
      // 60 is a leap second.
      if (seconds < 0 || seconds > 60) return -1;
      this.seconds += seconds;
      at += 3;
      if (at < end && (bytes[at] === DOT || bytes[at] === COMMA))
        at = this.#fraction(bytes, at, end);
    }
    if (at < 0 || at >= end) return at;
    if (bytes[at] === LETTER_Z) return at + 1;
    if (bytes[at] === PLUS || bytes[at] === MINUS) return this.#offset(bytes, at, end);
    return bytes[at] === SPACE && at + 1 < end && isSign(bytes[at + 1])
      ? this.#offset(bytes, at + 1, end)
      : at;
  }

  #fraction(bytes: Uint8Array, from: number, end: number): number {
    let at = from + 1;
    let scale = 100_000;
    let micros = 0;
    for (; at < end; at += 1) {
      const next = digit(bytes[at]);
      if (next > 9) break;
      micros += next * scale;
      scale = Math.floor(scale / 10);
    }
    if (at === from + 1) return -1;
    this.micros = micros;
    return at;
  }

  #offset(bytes: Uint8Array, at: number, end: number): number {
    const colon = bytes[at + 3] === COLON ? 1 : 0;
    const after = at + 5 + colon;
    const offset = after <= end ? offsetSeconds(bytes, at, colon) : undefined;
    if (offset === undefined) return -1;
    this.seconds -= offset;
    return after;
  }

  /** "2018-07-02" */
  #day(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < 10) return -1;
    const day = isoDay(bytes, at);
    if (day === undefined || (end - at > 10 && digit(bytes[at + 10]) <= 9)) return -1;
    if (end - at > 10 && (bytes[at + 10] === LETTER_T || bytes[at + 10] === SPACE)) return -1;
    this.seconds = day * SECONDS_PER_DAY;
    this.micros = 0;
    return at + 10;
  }
}

function isSign(byte: number | undefined): boolean {
  return byte === PLUS || byte === MINUS;
}

/** "+0200" or, with `colon` 1, "+02:00". */
function offsetSeconds(bytes: Uint8Array, at: number, colon: 0 | 1): number | undefined {
  const hours = twoDigits(bytes, at + 1);
  const minutes = twoDigits(bytes, at + 3 + colon);
  if (!isSign(bytes[at]) || hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
    return undefined;
  const seconds = (hours * 60 + minutes) * 60;
  return bytes[at] === MINUS ? -seconds : seconds;
}

function isoDay(bytes: Uint8Array, at: number): number | undefined {
  const century = twoDigits(bytes, at);
  const year = twoDigits(bytes, at + 2);
  const month = twoDigits(bytes, at + 5);
  const day = twoDigits(bytes, at + 8);
  const parted = bytes[at + 4] === bytes[at + 7] && isDateMark(bytes[at + 4]);
  if (!parted || century < 0 || year < 0 || month < 0 || day < 0) return undefined;
  return daysOf({ year: century * 100 + year, month, day });
}

function isDateMark(byte: number | undefined): boolean {
  return byte === MINUS || byte === SLASH;
}

function isoMinute(bytes: Uint8Array, at: number): number | undefined {
  const day = isoDay(bytes, at);
  const hour = twoDigits(bytes, at + 11);
  const minute = twoDigits(bytes, at + 14);
  const parted =
    (bytes[at + 10] === LETTER_T || bytes[at + 10] === SPACE) && bytes[at + 13] === COLON;
  if (!parted || day === undefined || hour < 0 || hour > 23 || minute < 0 || minute > 59) {
    return undefined;
  }
  return day * SECONDS_PER_DAY + (hour * 60 + minute) * 60;
}

/** "10/Oct/2000:13:55" */
const CLF_MINUTE_BYTES = 17;
/** "10/Oct/2000:13:55:36 -0700" */
const CLF_BYTES = 26;

/** Month of its three letters, from 1. */
const MONTHS = new Map(MONTH_NAMES.map((name, index) => [keyOf(bytesOf(name), 0), index + 1]));

/** "10/Oct/2000:13:55:36 -0700", as in access logs of web servers. */
export class ClfTime implements TimeScanner {
  seconds = 0;
  micros = 0;
  readonly #minute = new Uint8Array(CLF_BYTES);
  #minuteSeconds = 0;

  read(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < CLF_BYTES) return -1;
    if (!this.#isSameMinute(bytes, at)) {
      const minute = clfMinute(bytes, at);
      if (minute === undefined) return -1;
      this.#minute.set(bytes.subarray(at, at + CLF_BYTES));
      this.#minuteSeconds = minute;
    }
    const seconds = twoDigits(bytes, at + 18);
    if (seconds < 0 || seconds > 60) return -1;
    this.seconds = this.#minuteSeconds + seconds;
    return at + CLF_BYTES;
  }

  /** Also of the same offset; the seconds may differ. */
  #isSameMinute(bytes: Uint8Array, at: number): boolean {
    const minute = this.#minute;
    for (let index = CLF_MINUTE_BYTES; index >= 0; index -= 1) {
      if (bytes[at + index] !== minute[index]) return false;
    }
    for (let index = 20; index < CLF_BYTES; index += 1) {
      if (bytes[at + index] !== minute[index]) return false;
    }
    return true;
  }
}

function clfMinute(bytes: Uint8Array, at: number): number | undefined {
  const date = {
    day: twoDigits(bytes, at),
    month: MONTHS.get(keyOf(bytes, at + 3)) ?? 0,
    year: twoDigits(bytes, at + 7) * 100 + twoDigits(bytes, at + 9),
  };
  const hour = twoDigits(bytes, at + 12);
  const minute = twoDigits(bytes, at + 15);
  const offset = offsetSeconds(bytes, at + 21, 0);
  const parted =
    bytes[at + 2] === SLASH &&
    bytes[at + 6] === SLASH &&
    bytes[at + 11] === COLON &&
    bytes[at + 14] === COLON &&
    bytes[at + 17] === COLON &&
    bytes[at + 20] === SPACE;
  const day =
    twoDigits(bytes, at + 7) < 0 || twoDigits(bytes, at + 9) < 0 ? undefined : daysOf(date);
  if (!parted || day === undefined || offset === undefined) return undefined;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return undefined;
  return day * SECONDS_PER_DAY + (hour * 60 + minute) * 60 - offset;
}

function keyOf(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
