// Failures of what a person wrote: fulcrum.yml and command lines.

import { type ChangeProblem, type ConfigProblem, EXIT, entry, sayProblem } from './fault-entry.ts';

/** Options of the command are changes too; people know them as options. */
function changesInWords(problems: readonly ChangeProblem[]): string {
  const options = problems.every(({ text }) => text.startsWith('--'));
  if (problems.length === 1) return options ? 'An option' : 'A change';
  return `${problems.length} ${options ? 'options' : 'changes'}`;
}

export const CONFIG_FAULTS = {
  CONFIG_NOT_FOUND: entry<{ file: string }>({
    blame: 'config',
    exit: EXIT.notFound,
    when: 'A command needs a fulcrum.yml and finds none.',
    say: ({ file }) => `There is no ${file}.`,
    fix: () => 'Run "fulcrum init" in the folder of your program, or name a file with --config.',
  }),
  CONFIG_INVALID: entry<{ file: string; problems: readonly ConfigProblem[] }>({
    blame: 'config',
    exit: EXIT.config,
    when: 'fulcrum.yml is not valid. All its problems are listed at once.',
    say: ({ file, problems }) =>
      [
        `${file} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`,
        ...problems.map((problem) => `${sayProblem(problem)}`),
      ].join('\n'),
    fix: () => 'Correct the lines above; "fulcrum schema" prints every key with its rule.',
  }),
  STAGE_UNKNOWN: entry<{ stage: string; known: readonly string[] }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: '--stage names a stage that fulcrum.yml does not have.',
    say: ({ stage }) => `There is no stage "${stage}".`,
    fix: ({ known }) =>
      known.length === 0
        ? 'Add it below "stages:" in fulcrum.yml, or leave --stage out.'
        : `Use one of: ${known.join(', ')}.`,
  }),
  SECRETS_MISSING: entry<{ names: readonly string[]; file: string }>({
    blame: 'config',
    exit: EXIT.config,
    when: 'A secret named in fulcrum.yml has no local value.',
    say: ({ names, file }) => `${file} gives no value for: ${names.join(', ')}.`,
    fix: ({ names, file }) =>
      `Add a line such as ${names[0]}=… to ${file}. It is read locally only.`,
  }),
  SERVICE_UNKNOWN: entry<{ service: string; known: readonly string[] }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: 'A command names a service that the app does not have.',
    say: ({ service }) => `There is no service "${service}".`,
    fix: ({ known }) => `Use one of: ${known.join(', ')}.`,
  }),
  PROGRAM_UNKNOWN: entry<{ folder: string; looked: readonly string[] }>({
    blame: 'usage',
    exit: EXIT.notFound,
    when: '"fulcrum init" finds nothing it knows in the folder.',
    say: ({ folder, looked }) => `${folder} has none of: ${looked.join(', ')}.`,
    fix: () => 'Say how the program starts: fulcrum init --command "…".',
  }),
  FILE_EXISTS: entry<{ file: string }>({
    blame: 'usage',
    exit: EXIT.conflict,
    when: '"fulcrum init" would write over a file.',
    say: ({ file }) => `${file} is already there; nothing was written.`,
    fix: () => 'Remove it first, or write over it with --force.',
  }),
  CHANGES_INVALID: entry<{ problems: readonly ChangeProblem[] }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: 'A what-if names what cannot be changed, or a value that cannot be. All are listed at once.',
    say: ({ problems }) =>
      [
        `${changesInWords(problems)} cannot be understood:`,
        ...problems.map(({ text, say, fix }) => `  "${text}": ${say}\n      ${fix}`),
      ].join('\n'),
    fix: () => 'Correct what is listed above.',
  }),
  USAGE: entry<{ problem: string; fix: string }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: 'A command line that cannot be understood.',
    say: ({ problem }) => problem,
    fix: ({ fix }) => fix,
  }),
};
