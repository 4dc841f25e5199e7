// Failures of measuring a service.

import { EXIT, entry, withLines } from './fault-entry.ts';

export const MEASURE_FAULTS = {
  MEASURED_FILE_DAMAGED: entry<{ file: string; problem: string }>({
    blame: 'config',
    exit: EXIT.config,
    when: 'The file that "fulcrum measure" writes cannot be read: cut short, or changed by hand.',
    say: ({ file, problem }) => `${file} cannot be read as measurements: ${problem}.`,
    fix: ({ file }) =>
      `Take ${file} from version control again, or remove it and run "fulcrum measure".`,
  }),
  MEASURE_UNSUPPORTED: entry<{ service: string; why: string; fix: string }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: '"fulcrum measure" is asked about something it cannot drive.',
    say: ({ service, why }) => `"${service}" cannot be measured: ${why}.`,
    fix: ({ fix }) => fix,
  }),
  MEASURE_ANSWERS_FAIL: entry<{
    service: string;
    /** "GET /orders". */
    requests: string;
    failed: number;
    total: number;
    /** "404 (20 times)". */
    answers: string;
    lastLines: readonly string[];
  }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'Most requests of "fulcrum measure" are not answered well, so that figures would say nothing.',
    say: ({ service, requests, failed, total, answers, lastLines }) =>
      withLines(
        `"${service}" did not answer ${failed} of ${total} requests well (${requests}): ${answers}. Nothing was saved.`,
        lastLines,
      ),
    fix: () =>
      'Say with --request what it answers with a status below 400, with --header and --body what that takes.',
  }),
  MEASURE_PROGRAM_ENDED: entry<{ service: string; exit: string; lastLines: readonly string[] }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'A program ends by itself while "fulcrum measure" sends it requests.',
    say: ({ service, exit, lastLines }) =>
      withLines(
        `"${service}" ended with ${exit} while it was measured. Nothing was saved.`,
        lastLines,
      ),
    fix: () => 'Mend what its last lines say, or leave out the request it does not survive.',
  }),
  MEASURE_TOO_FEW: entry<{ service: string; answered: number; timeMs: number }>({
    blame: 'usage',
    exit: EXIT.timedOut,
    when: '"fulcrum measure" gets too few answers within its time to say anything.',
    say: ({ service, answered, timeMs }) =>
      `"${service}" answered ${answered} ${answered === 1 ? 'request' : 'requests'} in the ${timeMs / 1000} s there were, which is too few to say anything. Nothing was saved.`,
    fix: () => 'Give it longer with --time, or a request that takes less.',
  }),
};
