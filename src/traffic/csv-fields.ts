// Fields of a line of CSV, by where they stand. A field may be in quotes and then hold separators;
// a quote within quotes is doubled. A field with a line break is not known: no log has one.

import { QUOTE, SPACE } from './bytes.ts';

const COMMA = 44;
const SEMICOLON = 59;
const TAB = 9;

/** Columns beyond are not looked at. */
const MAX_FIELDS = 256;

export class CsvFields {
  count = 0;
  readonly #separator: number;
  readonly #from = new Int32Array(MAX_FIELDS);
  readonly #to = new Int32Array(MAX_FIELDS);

  constructor(separator: number) {
    this.#separator = separator;
  }

  from(index: number): number {
    return this.#from[index] ?? 0;
  }

  to(index: number): number {
    return this.#to[index] ?? 0;
  }

  /** Finds the first `most` fields. False when one has no closing quote. */
  split(bytes: Uint8Array, from: number, to: number, most = MAX_FIELDS): boolean {
    this.count = 0;
    let at = from;
    while (this.count < most) {
      while (at < to && bytes[at] === SPACE) at += 1;
      const begin = at;
      if (bytes[at] === QUOTE && at < to) {
        at = endOfQuoted(bytes, at + 1, to);
        if (at < 0) return false;
        this.#add(begin + 1, at);
        at += 1;
        while (at < to && bytes[at] !== this.#separator) at += 1;
      } else {
        while (at < to && bytes[at] !== this.#separator) at += 1;
        let end = at;
        while (end > begin && bytes[end - 1] === SPACE) end -= 1;
        this.#add(begin, end);
      }
      if (at >= to) return true;
      at += 1;
    }
    return true;
  }

  #add(from: number, to: number): void {
    this.#from[this.count] = from;
    this.#to[this.count] = to;
    this.count += 1;
  }
}

/** Where the closing quote stands, or -1. */
function endOfQuoted(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at += 1) {
    if (bytes[at] !== QUOTE) continue;
    if (bytes[at + 1] !== QUOTE || at + 1 >= to) return at;
    at += 1;
  }
  return -1;
}

/** What parts the fields of a line: the one of comma, semicolon and tab that stands in it first. */
export function separatorOf(line: string): number {
  const mark = /[,;\t]/.exec(line.replace(/"[^"]*"/g, ''))?.[0];
  return mark === ';' ? SEMICOLON : mark === '\t' ? TAB : COMMA;
}
