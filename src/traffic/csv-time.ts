// A time that fills a field of a CSV: seconds or milliseconds since the epoch, ISO 8601, or a number of
// units since the beginning.

import { DOT, digit, find, wholeNumber } from './bytes.ts';
import { IsoTime } from './times.ts';

/** What is smaller is no time but a number: 1973-03-03 in seconds, and in milliseconds. */
const FIRST_SECONDS = 1e8;
const FIRST_MILLIS = 1e11;
const FIRST_MICROS = 1e14;

const MICROS_PER_SECOND = 1_000_000;

export class CsvTime {
  /** Since the epoch, whole, and the rest. */
  seconds = 0;
  micros = 0;
  readonly #iso = new IsoTime();
  readonly #unitSeconds: number | undefined;

  /** `unitSeconds`: a number counts these from the beginning, not seconds since the epoch. */
  constructor(unitSeconds?: number) {
    this.#unitSeconds = unitSeconds;
  }

  read(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#unitSeconds !== undefined) return this.#since(bytes, from, to, this.#unitSeconds);
    if (this.#iso.read(bytes, from, to) === to) {
      this.seconds = this.#iso.seconds;
      this.micros = this.#iso.micros;
      return true;
    }
    const dot = find(bytes, DOT, from, to);
    const whole = wholeNumber(bytes, from, dot);
    const rest = dot === to ? 0 : fraction(bytes, dot + 1, to);
    if (whole < FIRST_SECONDS || whole >= FIRST_MICROS || rest < 0) return false;
    const isSeconds = whole < FIRST_MILLIS;
    this.seconds = isSeconds ? whole : Math.floor(whole / 1000);
    this.micros = isSeconds ? rest : (whole % 1000) * 1000 + Math.floor(rest / 1000);
    return true;
  }

  #since(bytes: Uint8Array, from: number, to: number, unitSeconds: number): boolean {
    const dot = find(bytes, DOT, from, to);
    const whole = wholeNumber(bytes, from, dot);
    const rest = dot === to ? 0 : fraction(bytes, dot + 1, to);
    if (whole < 0 || whole * unitSeconds >= FIRST_MILLIS || rest < 0) return false;
    const micros = Math.round((whole * MICROS_PER_SECOND + rest) * unitSeconds);
    this.seconds = Math.floor(micros / MICROS_PER_SECOND);
    this.micros = micros - this.seconds * MICROS_PER_SECOND;
    return true;
  }
}

/** Digits behind a point as millionths, or -1. */
function fraction(bytes: Uint8Array, from: number, to: number): number {
  let micros = 0;
  let scale = 100_000;
  for (let at = from; at < to; at += 1) {
    const next = digit(bytes[at]);
    if (next > 9) return -1;
    micros += next * scale;
    scale = Math.floor(scale / 10);
  }
  return micros;
}
