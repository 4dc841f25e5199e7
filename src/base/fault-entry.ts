// What a fault has: who is to act, how a command ends with it, its words.

/** Whose move it is: the person's file or command, their program, a client, the machine, or ours. */
export type Blame = 'config' | 'usage' | 'app' | 'client' | 'machine' | 'bug';

/** Exit codes of the command line. `docs/guide/faults.md` lists them. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  config: 3,
  notFound: 5,
  conflict: 6,
  findings: 7,
  timedOut: 8,
  dependency: 9,
  interrupted: 130,
  terminated: 143,
} as const;

export interface FaultEntry<facts> {
  readonly blame: Blame;
  readonly exit: number;
  /** When it happens, for the reference page. */
  readonly when: string;
  readonly say: (facts: facts) => string;
  readonly fix: (facts: facts) => string;
}

/** Ties the facts of `say` and `fix` together. */
export const entry = <facts>(definition: FaultEntry<facts>): FaultEntry<facts> => definition;

/** One thing wrong with a `fulcrum.yml`. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Dotted path of the key, "" for the whole file. */
  readonly path: string;
  /** What is wrong, with the rule and the value. */
  readonly say: string;
  readonly fix: string;
}

/** "fulcrum.yml:4:7  services.api.lambda.memory: …" with the fix on the next line. */
export function sayProblem(problem: ConfigProblem): string {
  const where = `${problem.file}:${problem.line}:${problem.column}`;
  const path = problem.path === '' ? '' : `${problem.path}: `;
  return `  ${where}  ${path}${problem.say}\n      ${problem.fix}`;
}

/** A sentence, and below it the last lines a program printed. */
export function withLines(sentence: string, lines: readonly string[]): string {
  return [sentence, ...lines.map((line) => `  | ${line}`)].join('\n');
}

/** One of the changes of a what-if that cannot be understood. */
export interface ChangeProblem {
  /** As it was written. */
  readonly text: string;
  readonly say: string;
  readonly fix: string;
}
