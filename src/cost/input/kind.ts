// What can be billed, as data: one kind for each service.

import type { Quantity } from '../quantity.ts';
import type { Fields, Read, UsageProblem } from './field.ts';

export interface UsageKind {
  /** As `service` names it: "lambda". */
  readonly service: string;
  /** Other names of it. */
  readonly also: readonly string[];
  /** What is billed, for people. */
  readonly what: string;
  readonly fields: Fields;
  /** Fields that tell the service when `service` is left out: all of one of these lists. */
  readonly tells: readonly (readonly string[])[];
  /** A usage to begin with, for the reference page. */
  readonly example: Readonly<Record<string, unknown>>;
  quantities(use: UseReader): Billed;
}

export interface Billed {
  readonly quantities: readonly Quantity[];
  /** What the price book has no item for, in words. */
  readonly unknown?: readonly string[];
}

/** Typed access to what was read. */
export class UseReader {
  readonly #read: Read;
  readonly #problems: UsageProblem[];
  readonly #fields: Fields;

  constructor(fields: Fields, read: Read, problems: UsageProblem[]) {
    this.#fields = fields;
    this.#read = read;
    this.#problems = problems;
  }

  has(...fields: readonly string[]): boolean {
    return fields.some((field) => this.#read[field] !== undefined);
  }

  number(field: string, otherwise = 0): number {
    return (this.#read[field] as number | undefined) ?? otherwise;
  }

  maybe(field: string): number | undefined {
    return this.#read[field] as number | undefined;
  }

  /** A problem and 0 where it is missing. */
  needed(field: string): number {
    if (!this.has(field)) this.#missing(field);
    return this.number(field);
  }

  flag(field: string, otherwise = false): boolean {
    return (this.#read[field] as boolean | undefined) ?? otherwise;
  }

  word<words extends string>(field: string, otherwise: words): words {
    return (this.#read[field] as words | undefined) ?? otherwise;
  }

  neededWord(field: string): string {
    if (!this.has(field)) this.#missing(field);
    return this.word(field, '');
  }

  problem(field: string, say: string, fix: string): void {
    this.#problems.push({ field: this.#name(field), say, fix });
  }

  #missing(field: string): void {
    const what = this.#fields[field]?.what ?? '';
    this.#problems.push({ field: this.#name(field), say: 'is missing', fix: `Add it: ${what}` });
  }

  #name(field: string): string {
    return Object.keys(this.#fields[field]?.names ?? { [field]: 1 })[0] ?? field;
  }
}
