// Failures of "fulcrum prices rate": what is written on its standard input.

import { EXIT, entry } from './fault-entry.ts';

const EXAMPLE = `echo '{"vcpu": 0.25, "gb": 0.5, "hours": 730}' | fulcrum prices rate`;

export const RATE_FAULTS = {
  RATE_INPUT_TERMINAL: entry<Record<string, never>>({
    blame: 'usage',
    exit: EXIT.usage,
    when: '"fulcrum prices rate" is to read from a terminal.',
    say: () => '"fulcrum prices rate" reads a usage as JSON from its standard input.',
    fix: () => `For example: ${EXAMPLE}, or: fulcrum prices rate < usage.json`,
  }),
  RATE_INPUT_EMPTY: entry<Record<string, never>>({
    blame: 'usage',
    exit: EXIT.usage,
    when: '"fulcrum prices rate" gets nothing to read.',
    say: () => 'There is nothing on standard input.',
    fix: () => `Write a usage as JSON to it. For example: ${EXAMPLE}`,
  }),
  RATE_INPUT_NOT_JSON: entry<{ line: number; column: number; found: string }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: '"fulcrum prices rate" reads what is not JSON.',
    say: ({ line, column, found }) =>
      `Standard input is not JSON: line ${line}, column ${column}, at ${found.startsWith('the end') ? found : `"${found}"`}.`,
    fix: () =>
      'Names and texts are in double quotes, numbers are not, and nothing follows the last entry. Give one object, a list of them, or one on each line.',
  }),
  RATE_USAGE_INVALID: entry<{ problems: readonly RateProblem[] }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: 'A usage has a field or a value that cannot be rated. All problems are listed; nothing is rated.',
    say: ({ problems }) =>
      [
        `The usage has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`,
        ...problems.map(({ usage, field, say, fix }) => {
          const where = [usage === undefined ? '' : `${usage}.`, field].filter(Boolean).join(' ');
          return `  ${where === '' ? '' : `${where}: `}${say}\n      ${fix}`;
        }),
      ].join('\n'),
    fix: () => 'Correct these; docs/guide/prices-rate.md has every service and field.',
  }),
};

export interface RateProblem {
  /** Which of a list, from 1; undefined: the only one. */
  readonly usage: number | undefined;
  readonly field: string;
  readonly say: string;
  readonly fix: string;
}
