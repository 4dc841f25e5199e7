// Failures of reading traffic from a file.

import { EXIT, entry } from './fault-entry.ts';

const FORMATS = 'counts, requests, cloudwatch-csv, cloudwatch-json, alb, common';

export const TRAFFIC_FAULTS = {
  TRAFFIC_FILE_UNUSABLE: entry<{ file: string; reason: string }>({
    blame: 'usage',
    exit: EXIT.notFound,
    when: 'A file of traffic cannot be opened or read.',
    say: ({ file, reason }) => `${file} cannot be read: ${reason}.`,
    fix: () => 'Give the path of a file that you may read, or "-" for what is piped in.',
  }),
  TRAFFIC_EMPTY: entry<{ file: string }>({
    blame: 'usage',
    exit: EXIT.config,
    when: 'A file of traffic has nothing in it.',
    say: ({ file }) => `${file} is empty.`,
    fix: () => 'Give a file with counts of requests or an access log.',
  }),
  TRAFFIC_NOT_TEXT: entry<{ file: string; what: string }>({
    blame: 'usage',
    exit: EXIT.config,
    when: 'A file of traffic is not text, nor text packed with gzip.',
    say: ({ file, what }) => `${file} is no text: it looks like ${what}.`,
    fix: () => 'Unpack it, or export it as text. Only gzip is unpacked on the way.',
  }),
  TRAFFIC_FORMAT_UNKNOWN: entry<{ file: string; line: string; asked: string | undefined }>({
    blame: 'usage',
    exit: EXIT.config,
    when: 'The lines of a file of traffic are in no form that is known, or not in the one named.',
    say: ({ file, line, asked }) =>
      `${file} is in no form that ${asked === undefined ? 'is known' : `"${asked}" names`}. It begins: ${line}`,
    fix: () => `Name it with --format (${FORMATS}), or make a CSV of "timestamp,count".`,
  }),
  TRAFFIC_LINE_BAD: entry<{
    file: string;
    line: number;
    reason: string;
    text: string;
    format: string;
  }>({
    blame: 'usage',
    exit: EXIT.config,
    when: 'A line of a file of traffic cannot be read.',
    say: ({ file, line, reason, text, format }) =>
      `${file}:${line}: ${reason} (read as "${format}").${text === '' ? '' : `\n  | ${text}`}`,
    fix: () =>
      'Mend the line, leave such lines out with --skip-bad-lines, or name another --format.',
  }),
  TRAFFIC_TOO_SHORT: entry<{ file: string; format: string }>({
    blame: 'usage',
    exit: EXIT.config,
    when: 'A file of traffic has too little in it to tell an interval.',
    say: ({ file, format }) =>
      format === 'alb' || format === 'common' || format === 'requests'
        ? `${file} has no request in it.`
        : `${file} has fewer than two intervals: how long one is cannot be told.`,
    fix: () =>
      'Give a longer one: a day shows how requests fall over the hours, two weeks the week.',
  }),
  TRAFFIC_TOO_LONG: entry<{ file: string; what: string }>({
    blame: 'usage',
    exit: EXIT.config,
    when: 'A line or a JSON of traffic is longer than any can be.',
    say: ({ file, what }) => `${file} cannot be read: ${what}.`,
    fix: () => 'Check that it is what you meant; a metric fits with a longer --period.',
  }),
  TRAFFIC_JSON_BAD: entry<{ file: string; reason: string }>({
    blame: 'usage',
    exit: EXIT.config,
    when: 'A JSON of CloudWatch does not have the counts of one metric.',
    say: ({ file, reason }) => `${file} cannot be read: ${reason}.`,
    fix: () =>
      'Use what "aws cloudwatch get-metric-statistics --statistics Sum" or "get-metric-data" printed.',
  }),
  TRAFFIC_PACKED_BADLY: entry<{ file: string; reason: string }>({
    blame: 'usage',
    exit: EXIT.config,
    when: 'A file of traffic that is packed with gzip ends too early or is broken.',
    say: ({ file, reason }) => `${file} cannot be unpacked: ${reason}.`,
    fix: () => 'Get it again; "gzip -t" tells whether it is whole.',
  }),
  TRAFFIC_NOTHING_SERVED: entry<{ app: string }>({
    blame: 'usage',
    exit: EXIT.notFound,
    when: 'A running engine is asked what it measured before any request came.',
    say: ({ app }) => `No request has come to ${app} yet, so nothing was measured.`,
    fix: () => 'Send it requests, then ask again.',
  }),
  TRAFFIC_NOT_BY_REQUEST: entry<{ file: string; format: string }>({
    blame: 'usage',
    exit: EXIT.config,
    when: 'The time of each request is asked of a file that has counts.',
    say: ({ file, format }) =>
      `${file} has counts of requests (read as "${format}"), not the time of each.`,
    fix: () => 'Give an access log or a CSV with one request a line.',
  }),
  TRAFFIC_WITHOUT_REQUESTS: entry<{ name: string }>({
    blame: 'usage',
    exit: EXIT.config,
    when: 'Traffic without a request is to be brought to a mean.',
    say: ({ name }) => `${name} has no requests, so it cannot be brought to a mean.`,
    fix: () => 'Give traffic with requests, or leave the mean out.',
  }),
  SYNTHETIC_BAD: entry<{ spec: string; at: number; length: number; problem: string; fix: string }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: 'What describes made-up traffic cannot be understood.',
    say: ({ spec, at, length, problem }) =>
      `${problem}\n  | ${spec}\n  | ${' '.repeat(at)}${'^'.repeat(Math.max(1, length))}`,
    fix: ({ fix }) => fix,
  }),
  TRAFFIC_INTERRUPTED: entry<{ file: string }>({
    blame: 'usage',
    exit: EXIT.interrupted,
    when: 'Reading traffic was interrupted.',
    say: ({ file }) => `Reading ${file} was interrupted.`,
    fix: () => 'Nothing was changed. Run the command again.',
  }),
};
