// Fields of a usage that somebody writes down: their names, units and limits, as data. Reading, the
// JSON Schema and the reference page are made from it.
//
// Letter case, "_" and "-" do not matter in a name. A name may carry a unit: "durationSeconds: 2" is
// "durationMs: 2000".

import { closest } from '../../base/closest.ts';
import { MONTH_MS, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND } from '../../base/units.ts';

export type Field = NumberField | FlagField | WordField;

export interface NumberField {
  readonly kind: 'number';
  readonly what: string;
  /** Each name, with what a value under it is multiplied by. The first is the one we write. */
  readonly names: Readonly<Record<string, number>>;
  /**
   * Names without a unit that both a small and a large one would suit: from this value on they are
   * multiplied by another factor.
   */
  readonly beyond?:
    | Readonly<Record<string, { readonly from: number; readonly factor: number }>>
    | undefined;
  /** 0 is not enough. */
  readonly over0?: boolean | undefined;
  /** In the unit of the first name. */
  readonly least?: number | undefined;
  readonly most?: number | undefined;
  readonly whole?: boolean | undefined;
  /** What it is when it is left out, for people. */
  readonly otherwise?: string | undefined;
}

export interface FlagField {
  readonly kind: 'flag';
  readonly what: string;
  readonly names: Readonly<Record<string, number>>;
  readonly otherwise?: string | undefined;
}

export interface WordField {
  readonly kind: 'word';
  readonly what: string;
  readonly names: Readonly<Record<string, number>>;
  /** Word → other words for it; undefined: any text. */
  readonly words: Readonly<Record<string, readonly string[]>> | undefined;
  readonly otherwise?: string | undefined;
}

export type Fields = Readonly<Record<string, Field>>;

/** One thing wrong with a usage. */
export interface UsageProblem {
  /** The field, or "" for the whole. */
  readonly field: string;
  /** What is wrong, with the rule and the value. */
  readonly say: string;
  readonly fix: string;
}

type Limits = Omit<NumberField, 'kind' | 'what' | 'names'>;

export function number(
  what: string,
  names: Readonly<Record<string, number>>,
  limits: Limits = {},
): NumberField {
  return { kind: 'number', what, names, ...limits };
}

export function count(what: string, ...names: readonly string[]): NumberField {
  return number(what, each(names));
}

export function flag(what: string, ...names: readonly string[]): FlagField {
  return { kind: 'flag', what, names: each(names), otherwise: 'false' };
}

export function word(
  what: string,
  words: WordField['words'],
  otherwise: string | undefined,
  ...names: readonly string[]
): WordField {
  return { kind: 'word', what, names: each(names), words, otherwise };
}

function each(names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(names.map((name) => [name, 1]));
}

/** With a stem, "initMs"; without one, "ms". */
function named(stem: string, units: Readonly<Record<string, number>>) {
  return Object.fromEntries(
    Object.entries(units).map(([unit, factor]) => [
      stem === '' ? unit : stem + unit.charAt(0).toUpperCase() + unit.slice(1),
      factor,
    ]),
  );
}

/** In milliseconds. */
export function millis(stem: string): Readonly<Record<string, number>> {
  return named(stem, { ms: 1, seconds: 1000, sec: 1000, s: 1000 });
}

/** In milliseconds, written in hours by rights; a month is 730. */
export function time(stem = ''): Readonly<Record<string, number>> {
  return named(stem, {
    hours: MS_PER_HOUR,
    hour: MS_PER_HOUR,
    h: MS_PER_HOUR,
    days: 24 * MS_PER_HOUR,
    months: MONTH_MS,
    minutes: MS_PER_MINUTE,
    seconds: MS_PER_SECOND,
    sec: MS_PER_SECOND,
    ms: 1,
  });
}

/** In bytes. */
export function bytes(stem = ''): Readonly<Record<string, number>> {
  const [kb, mb, gb] = [1024, 1024 ** 2, 1024 ** 3];
  return named(stem, { bytes: 1, kb, kib: kb, mb, mib: mb, gb, gib: gb });
}

/** In GB of 2³⁰ bytes. */
export function gigabytes(stem = ''): Readonly<Record<string, number>> {
  const [mb, kb] = [1 / 1024, 1 / 1024 ** 2];
  return named(stem, { gb: 1, gib: 1, tb: 1024, tib: 1024, mb, mib: mb, kb, bytes: 1 / 1024 ** 3 });
}

/** Of letters and digits alone. */
export function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** The field that a name means. */
export function fieldOf(fields: Fields, name: string): readonly [string, number] | undefined {
  const written = plain(name);
  return fieldWritten(fields, written) ?? fieldWritten(fields, withoutMonth(written));
}

/** "requestsPerMonth" and "monthlyRequests" are "requests": everything here is of a month. */
function withoutMonth(written: string): string {
  return written.replace(/^monthly(?=.)/, '').replace(/(?<=.)permonth$/, '');
}

function fieldWritten(fields: Fields, written: string): readonly [string, number] | undefined {
  for (const [field, { names }] of Object.entries(fields)) {
    for (const [known, factor] of Object.entries(names)) {
      if (plain(known) === written) return [field, factor];
    }
  }
  return undefined;
}

export type Read = Readonly<Record<string, number | boolean | string>>;

/** Values by field, in the units of the first names. `problems` gets what is wrong with them. */
export function readFields(
  fields: Fields,
  raw: Readonly<Record<string, unknown>>,
  problems: UsageProblem[],
): Read {
  const read: Record<string, number | boolean | string> = {};
  const writtenAs = new Map<string, string>();
  for (const [name, value] of Object.entries(raw)) {
    const [key, factor] = fieldOf(fields, name) ?? [];
    const field = key === undefined ? undefined : fields[key];
    if (key === undefined || field === undefined || factor === undefined) {
      problems.push(unknownField(name, fields));
      continue;
    }
    const twice = writtenAs.get(key);
    if (twice !== undefined) {
      problems.push({
        field: name,
        say: `says the same as "${twice}"`,
        fix: 'Keep one of the two.',
      });
      continue;
    }
    writtenAs.set(key, name);
    const good = meantBy(field, factor, name, value);
    if (typeof good === 'object') problems.push(good);
    else read[key] = good;
  }
  return read;
}

function unknownField(name: string, fields: Fields): UsageProblem {
  const firsts = Object.values(fields).map(({ names }) => Object.keys(names)[0] ?? '');
  const near = closest(
    name,
    Object.values(fields).flatMap(({ names }) => Object.keys(names)),
  );
  const all = `Known: ${[...firsts, 'region', 'service', 'freeTier'].join(', ')}.`;
  return {
    field: name,
    say: 'is not a field of this usage',
    fix: near === undefined ? all : `Did you mean "${near}"? ${all}`,
  };
}

type Value = number | boolean | string;

function meantBy(field: Field, factor: number, name: string, value: unknown): Value | UsageProblem {
  const wrong = (say: string, fix: string): UsageProblem => ({ field: name, say, fix });
  if (field.kind === 'number') return numberOf(field, factor, name, value);
  if (field.kind === 'flag') {
    if (typeof value === 'boolean') return value;
    return wrong(`must be true or false, was: ${shown(value)}`, 'Write it without quotes.');
  }
  if (typeof value !== 'string') return wrong(`must be a text, was: ${shown(value)}`, field.what);
  if (field.words === undefined) return value;
  for (const [meant, others] of Object.entries(field.words)) {
    if ([meant, ...others].some((one) => plain(one) === plain(value))) return meant;
  }
  const known = Object.keys(field.words);
  const near = closest(value, [...known, ...Object.values(field.words).flat()]);
  return wrong(
    `must be one of ${known.join(', ')}, was: "${value}"`,
    near === undefined ? field.what : `Did you mean "${near}"?`,
  );
}

/** More than anybody has of anything in a month. */
const ABSURD = 1e18;

function numberOf(
  field: NumberField,
  factor: number,
  name: string,
  value: unknown,
): number | UsageProblem {
  const wrong = (say: string): UsageProblem => ({ field: name, say, fix: field.what });
  if (typeof value !== 'number') {
    const quoted =
      typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
    return { ...wrong(`must be a number, was: ${shown(value)}`), ...(quoted ? UNQUOTE : {}) };
  }
  if (!Number.isFinite(value)) return wrong('must be a number that JSON can hold');
  if (value < 0) return wrong(`must not be negative, was: ${value}`);
  if (field.over0 === true && value === 0) return wrong('must be over 0, was: 0');
  const beyond = beyondOf(field, name);
  if (beyond !== undefined && value >= beyond.from && factor !== beyond.factor) {
    return numberOf(field, beyond.factor, name, value);
  }
  // 15 digits: what a multiplication adds beyond them is not what was written.
  const scaled = factor === 1 ? value : Number((value * factor).toPrecision(15));
  const { least = 0, most = ABSURD } = field;
  if (scaled < least || scaled > most) {
    return wrong(
      `must be from ${sayNumber(least / factor)} to ${sayNumber(most / factor)}, was: ${value}`,
    );
  }
  if (field.whole === true && !Number.isInteger(scaled)) {
    return wrong(`must be a whole number, was: ${value}`);
  }
  return scaled;
}

function beyondOf({ beyond = {} }: NumberField, name: string) {
  return Object.entries(beyond).find(([one]) => plain(one) === plain(name))?.[1];
}

const UNQUOTE = { fix: 'Write it without quotes.' };

function sayNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
