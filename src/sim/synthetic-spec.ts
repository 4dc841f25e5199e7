// The little language of made-up traffic: "diurnal:10,peak=1.9,noise=none". A generator, the requests a
// second it has in the mean, and options.

import { requestsPerMonth } from '../base/amount.ts';
import { closest } from '../base/closest.ts';
import { parseDuration, writtenSeconds } from '../base/duration.ts';
import { Fault } from '../base/fault.ts';
import { MONTH_MS, MS_PER_SECOND } from '../base/units.ts';
import { bursts } from './generators/bursts.ts';
import { diurnal } from './generators/diurnal.ts';
import { flash } from './generators/flash.ts';
import type { Generator, GeneratorOption, OptionValues } from './generators/generator.ts';
import { mmpp } from './generators/mmpp.ts';
import { constant, night, poisson } from './generators/steady.ts';

/** In the order that help shows them. */
export const GENERATORS: Readonly<Record<string, Generator>> = {
  constant,
  poisson,
  diurnal,
  bursts,
  mmpp,
  flash,
  night,
};

/** Requests a second where the spec says none. */
export const DEFAULT_MEAN_RATE = 10;

export interface SyntheticSpec {
  /** As it was written. */
  readonly text: string;
  readonly kind: string;
  readonly generator: Generator;
  /** Requests a second. */
  readonly meanRate: number;
  readonly value: OptionValues;
  /** The requests of a second are drawn, with the rate as their mean. */
  readonly noise: boolean;
}

/** Throws SYNTHETIC_BAD. */
export function parseSynthetic(text: string): SyntheticSpec {
  const [head = '', ...rest] = text.split(',');
  const colon = head.indexOf(':');
  const kind = (colon < 0 ? head : head.slice(0, colon)).trim();
  const generator = Object.hasOwn(GENERATORS, kind) ? GENERATORS[kind] : undefined;
  if (generator === undefined) throw noGenerator(text, kind);
  const meanRate = colon < 0 ? DEFAULT_MEAN_RATE : rateOf(text, head, colon);
  const given = new Map<string, Written>();
  let noise = generator.noise;
  let at = head.length + 1;
  for (const part of rest) {
    const written = optionOf(text, part, at);
    at += part.length + 1;
    const { name } = written;
    if (given.has(name)) throw bad(written, `"${name}" is there twice.`, 'Leave one of them out.');
    given.set(name, written);
    if (name === 'noise') noise = noiseOf(written);
    else if (!Object.hasOwn(generator.options, name)) throw noOption(written, kind, generator);
  }
  const values = new Map(
    Object.entries(generator.options).map(([name, option]) => {
      const written = given.get(name);
      return [name, heldTo(written ?? defaultOf(text, name, option), option)] as const;
    }),
  );
  const value: OptionValues = (name) => values.get(name) ?? Number.NaN;
  const conflict = generator.conflict?.(value);
  if (conflict !== undefined) {
    const written = given.get(conflict.option) ?? { ...whole(text), name: conflict.option };
    const was = written.value === '' ? generator.options[conflict.option]?.default : written.value;
    throw bad(
      written,
      `"${conflict.option}" of "${kind}" ${conflict.problem}, was: ${was}.`,
      'Change one of the two.',
    );
  }
  return { text, kind, generator, meanRate, value, noise };
}

/** An option as it stands in a spec. */
interface Written {
  readonly spec: string;
  readonly name: string;
  readonly value: string;
  /** Where it begins, and how long it is. */
  readonly at: number;
  readonly length: number;
}

function optionOf(spec: string, part: string, at: number): Written {
  const equals = part.indexOf('=');
  const begin = at + part.length - part.trimStart().length;
  const length = part.trim().length;
  const name = (equals < 0 ? part : part.slice(0, equals)).trim();
  const value = equals < 0 ? '' : part.slice(equals + 1).trim();
  const written = { spec, name, value, at: begin, length };
  if (name !== '' && value !== '') return written;
  const problem =
    part.trim() === '' ? 'There is nothing between two commas.' : `"${part.trim()}" has no value.`;
  throw bad(written, problem, 'Write an option as name=value, with commas between them.');
}

function defaultOf(spec: string, name: string, option: GeneratorOption): Written {
  return { ...whole(spec), name, value: option.default };
}

function whole(spec: string): Written {
  return { spec, name: '', value: '', at: 0, length: spec.length };
}

function rateOf(text: string, head: string, colon: number): number {
  const written = head.slice(colon + 1);
  const perMonth = requestsPerMonth(written, 's');
  if (typeof perMonth === 'number' && perMonth > 0) return (perMonth / MONTH_MS) * MS_PER_SECOND;
  const what = typeof perMonth === 'string' ? perMonth : 'must be more than 0';
  const at = { ...whole(text), at: colon + 1, length: written.length };
  throw bad(
    at,
    `The mean ${what}, was: ${written.trim() === '' ? '""' : written}.`,
    'Write it as 10, 50/s, 3k/h or 1.5M/month; a number alone is a second.',
  );
}

function noiseOf(written: Written): boolean {
  if (written.value === 'poisson') return true;
  if (written.value === 'none') return false;
  throw bad(
    written,
    `"noise" must be poisson or none, was: ${written.value}.`,
    suggestion(written.value, ['poisson', 'none']) ??
      'With poisson the requests of a second are drawn; with none they are the rate.',
  );
}

function heldTo(written: Written, option: GeneratorOption): number {
  const { name, value } = written;
  const number = numberOf(value, option);
  if (number !== undefined && number >= option.min && number <= option.max) {
    if (option.kind !== 'duration' || Number.isInteger(number)) return number;
    throw bad(written, `"${name}" must be whole seconds, was: ${value}.`, 'Use whole seconds.');
  }
  throw bad(written, `"${name}" must be ${rule(option)}, was: ${value}.`, `It is ${option.what}.`);
}

function numberOf(text: string, { kind }: GeneratorOption): number | undefined {
  if (kind === 'factor') return /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : undefined;
  if (kind === 'clock') {
    const [, hours, minutes] = /^(\d{1,2}):(\d\d)$/.exec(text) ?? [];
    if (hours === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined;
    return (Number(hours) * 60 + Number(minutes)) * 60;
  }
  const ms = text === '0' ? 0 : parseDuration(text);
  // 1.1 minutes are 66.00000000000001 seconds.
  return ms === undefined ? undefined : Math.round(ms * 1e6) / (1e6 * MS_PER_SECOND);
}

function rule({ kind, min, max }: GeneratorOption): string {
  if (kind === 'clock') return 'a time of day from 00:00 to 23:59 ("22:00")';
  if (kind === 'factor') return `a number from ${min} to ${max}`;
  return `a duration from ${writtenSeconds(min)} to ${writtenSeconds(max)} ("30s", "10m", "6h")`;
}

function noGenerator(text: string, kind: string): Fault {
  const names = Object.keys(GENERATORS);
  const all = `There are: ${names.join(', ')}.`;
  const near = suggestion(kind, names);
  return bad(
    { ...whole(text), at: text.length - text.trimStart().length, length: kind.length },
    `No generator is called "${kind}".`,
    near === undefined ? all : `${near} ${all}`,
  );
}

function noOption(written: Written, kind: string, { options }: Generator): Fault {
  const names = [...Object.keys(options), 'noise'];
  const near = suggestion(written.name, names);
  const all = `It has: ${names.join(', ')}.`;
  return bad(
    written,
    `"${kind}" has no option "${written.name}".`,
    near === undefined ? all : `${near} ${all}`,
  );
}

function suggestion(word: string, known: readonly string[]): string | undefined {
  const near = closest(word, known);
  return near === undefined ? undefined : `Did you mean "${near}"?`;
}

function bad({ spec, at, length }: Written, problem: string, fix: string): Fault {
  return new Fault('SYNTHETIC_BAD', { spec, at, length, problem, fix });
}
