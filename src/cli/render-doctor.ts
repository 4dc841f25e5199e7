// `fulcrum doctor` for people.

import type { Diagnosis } from '../ops/doctor.ts';
import type { Paint } from './terminal.ts';

const MARKS = { ok: '✓', missing: '–', problem: '✖' } as const;
const COLOURS = { ok: 'green', missing: 'yellow', problem: 'red' } as const;

export function doctorText({ checks }: Diagnosis, paint: Paint): string {
  return checks
    .map(({ name, state, found, cost }) => {
      const line = `${paint(COLOURS[state], MARKS[state])} ${name.padEnd(17)} ${found}\n`;
      return cost === undefined ? line : `${line}  ${' '.repeat(17)} ${paint('dim', cost)}\n`;
    })
    .join('');
}
