// Failures of a question about cost.

import { EXIT, entry } from './fault-entry.ts';

export const COST_FAULTS = {
  COST_TRAFFIC_MISSING: entry<{ file: string | undefined }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: '"fulcrum cost" is not told how much traffic there is.',
    say: ({ file }) =>
      file === undefined
        ? 'What it costs depends on the traffic, and nothing says how much there is.'
        : `What it costs depends on the traffic, and neither the command nor ${file} says how much there is.`,
    fix: () =>
      [
        'Say it in one of these ways:',
        '    --requests 100000/day     or /s, /min, /h, /month; 1M is a million',
        '    --trace FILE              counts of requests over time, or an export of CloudWatch',
        '    --access-log FILE         an access log',
        '    --measured                what the engine that runs has seen',
        '    in fulcrum.yml            cost: { traffic: { requests: 100000/day } }',
      ].join('\n'),
  }),
  COST_NOTHING_TO_PRICE: entry<{ file: string }>({
    blame: 'config',
    exit: EXIT.config,
    when: 'An app has neither a service nor a function.',
    say: ({ file }) =>
      `${file} has neither a service nor a function, so there is nothing to price.`,
    fix: () => 'Add one below "services:" or "functions:".',
  }),
  OUTPUT_FOLDER_MISSING: entry<{ file: string; folder: string }>({
    blame: 'usage',
    exit: EXIT.notFound,
    when: 'A file is to be written into a folder that is not there.',
    say: ({ file, folder }) => `${file} cannot be written: there is no folder ${folder}.`,
    fix: ({ folder }) => `Make it first: mkdir -p ${folder}`,
  }),
  OUTPUT_IS_OTHER: entry<{ file: string; kind: string }>({
    blame: 'usage',
    exit: EXIT.conflict,
    when: 'A file to be written is there and is something else.',
    say: ({ file, kind }) => `${file} is there and is not ${kind}; nothing was written.`,
    fix: () => 'Name another file, or remove this one first.',
  }),
  FILE_UNREADABLE: entry<{ file: string; why: string }>({
    blame: 'machine',
    exit: EXIT.notFound,
    when: 'A file that is there cannot be read, fulcrum.yml for example: no permission.',
    say: ({ file, why }) => `${file} cannot be read: ${why}.`,
    fix: () => 'Give yourself permission to read it, or name another file.',
  }),
  OUTPUT_FAILED: entry<{ file: string; why: string }>({
    blame: 'machine',
    exit: EXIT.unexpected,
    when: 'A file cannot be written: no permission, no space.',
    say: ({ file, why }) => `${file} cannot be written: ${why}.`,
    fix: () => 'Name another file, or make room and give permission.',
  }),
};
