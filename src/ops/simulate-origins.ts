// Where each figure of a profile is from, by the name of the figure.

import type { Figure } from '../cost/estimate/set-up.ts';

export type Origin = 'flag' | 'file' | 'measured' | 'assumed' | 'computed' | 'prices' | 'aws';

export interface OriginOf {
  readonly from: Origin;
  /** For people: "--memory", "fulcrum.yml", "measured on 2026-11-21". */
  readonly source: string;
}

/** "lambda.memoryMiB" → where it is from. */
export type ProfileOrigins = Readonly<Record<string, OriginOf>>;

/** Each call notes where a figure is from, and gives the figure back. */
export class Origins {
  readonly #found = new Map<string, OriginOf>();
  /** As messages name the file of the app; undefined: there is none, and its settings are assumed. */
  readonly #file: string | undefined;
  readonly #given: ReadonlySet<string>;

  constructor(file: string | undefined, given: ReadonlySet<string>) {
    this.#file = file;
    this.#given = given;
  }

  all(): ProfileOrigins {
    return Object.fromEntries(this.#found);
  }

  #note<value>(path: string, value: value, from: Origin, source: string): value {
    this.#found.set(path, { from, source });
    return value;
  }

  flag<value>(path: string, value: value, option: string): value {
    return this.#note(path, value, 'flag', option);
  }

  assumed<value>(path: string, value: value): value {
    return this.#note(path, value, 'assumed', 'assumed');
  }

  ofFile<value>(path: string, value: value): value {
    if (this.#file === undefined) return this.assumed(path, value);
    return this.#note(path, value, 'file', this.#file);
  }

  /** A setting of the file for which there is an option of this name. */
  setting<value>(path: string, value: value, option: string): value {
    return this.#given.has(option)
      ? this.flag(path, value, `--${option}`)
      : this.ofFile(path, value);
  }

  /** What an option says, or else what is assumed. */
  said<value>(path: string, said: value | undefined, option: string, otherwise: value): value {
    return said === undefined ? this.assumed(path, otherwise) : this.flag(path, said, option);
  }

  /** What an option says, or else the file. */
  orFile<value>(path: string, said: value | undefined, option: string, otherwise: value): value {
    return said === undefined ? this.ofFile(path, otherwise) : this.flag(path, said, option);
  }

  measured<value>(path: string, value: value, how: string): value {
    return this.#note(path, value, 'measured', `measured, ${how}`);
  }

  computed<value>(path: string, value: value, how: string): value {
    return this.#note(path, value, 'computed', how);
  }

  priced(path: string, value: { readonly usd: number; readonly source: string }): number {
    return this.#note(path, value.usd, 'prices', value.source);
  }

  stated<value>(path: string, value: value, source: string): value {
    return this.#note(path, value, 'aws', source);
  }

  /** The expected value of a figure of an estimate. */
  figure(path: string, { expected, from }: Pick<Figure, 'expected' | 'from'>): number {
    if (from === 'asked for') return this.#note(path, expected, 'flag', 'an option');
    if (from.startsWith('assumed')) return this.#note(path, expected, 'assumed', from);
    if (/fulcrum\.yml/.test(from)) {
      if (this.#file === undefined) return this.assumed(path, expected);
      return this.#note(path, expected, 'file', from);
    }
    return this.#note(path, expected, 'measured', from);
  }
}
