// What the programs of a test write down: one JSON text a line.

import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';

export interface Entry {
  readonly step: string;
}

export interface Records<entry extends Entry> {
  all(): readonly entry[];
  of(step: string): readonly entry[];
  /** The first of a step, which may be written after the caller of the function has its answer. */
  first(step: string): Promise<entry>;
}

export function recordsOf<entry extends Entry>(file: string): Records<entry> {
  return recordsIn(() => (existsSync(file) ? readFileSync(file, 'utf8') : ''));
}

/** Whole lines that are JSON; others may stand between them. */
export function recordsIn<entry extends Entry>(text: () => string): Records<entry> {
  const all = (): readonly entry[] =>
    text()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as entry);
  const of = (step: string): readonly entry[] => all().filter((one) => one.step === step);
  return {
    all,
    of,
    async first(step) {
      await expect.poll(() => of(step).length).toBeGreaterThan(0);
      return of(step)[0] as entry;
    },
  };
}
