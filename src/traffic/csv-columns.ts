// Which column of a CSV is what, by the names of its header or, without one, by what stands in it.

import { textOf } from './bytes.ts';
import { CsvFields, separatorOf } from './csv-fields.ts';
import { CsvTime } from './csv-time.ts';

export interface Columns {
  readonly separator: number;
  readonly time: number;
  /** The time is a number of these, seconds, since the beginning; undefined: it is a date. */
  readonly timeUnitSeconds: number | undefined;
  /** Undefined: each line is a request. */
  readonly count: number | undefined;
  readonly requestBytes: number | undefined;
  readonly responseBytes: number | undefined;
  readonly duration: { readonly column: number; readonly microsPerUnit: number } | undefined;
  /** Lines before the first of data. */
  readonly headLines: number;
  readonly notes: readonly string[];
}

const TIME_NAMES =
  /^@?(timestamp|time|date|datetime|date_?time|minute|hour|day|second|epoch|epoch_?(s|ms|seconds|millis)|time_?(utc|iso|iso8601|local|s|ms|bucket|stamp)|ts|start|start_?time|period|interval|when)\b/;
const COUNT_NAMES =
  /^(counts?|requests?|request_?counts?|num_?requests|n|hits|total|sum|value|invocations|calls|samples?_?count)$/;
const REQUEST_BYTES_NAMES =
  /^(request_?(bytes|size|length)|bytes_?(in|received)|received_?bytes|content_length)$/;
const RESPONSE_BYTES_NAMES =
  /^(bytes|size|response_?(bytes|size|length)|bytes_?(out|sent)|sent_?bytes|body_bytes_sent)$/;
const MS_NAMES = /^(duration|latency|took|elapsed|response_?time|request_?time)_?(ms|millis)$|^ms$/;
const S_NAMES =
  /^(duration|latency|elapsed)_?(s|sec|seconds)$|^(request_time|upstream_response_time|target_processing_time)$/;
const DURATION_NAMES = /^(duration|latency|took|elapsed|response_?time)$/;

/** Lines before the data that say what it is: more are no CSV of traffic. */
const MAX_HEAD_LINES = 20;

/** Names of a column that counts from the beginning, and how many seconds its unit has. */
const SINCE_NAMES: readonly (readonly [of: RegExp, unitSeconds: number])[] = [
  [/^(t|ts|time|timestamp|s|sec|secs|seconds?|(t|time|offset)_?(s|secs?|seconds?))$/, 1],
  [/^(millis|milliseconds?|(t|time|offset)_?(ms|millis|milliseconds?))$/, 0.001],
  [/^(min|mins|minutes?|(t|time|offset)_?(mins?|minutes?))$/, 60],
  [/^(hours?|(t|time|offset)_?hours?)$/, 3600],
];

/** Names of what a log has of a request. */
const REQUEST_NAMES =
  /^(method|verb|url|uri|path|route|request|status|status_?code|code|client|ip|host|user_?agent)$/;

/** Undefined when no line begins to look like traffic. */
export function columnsOf(lines: readonly string[]): Columns | undefined {
  const data = lines.findIndex((line) => timeColumn(line, separatorOf(line)) !== undefined);
  if (data < 0) return columnsSince(lines);
  if (data > MAX_HEAD_LINES) return undefined;
  const line = lines[data] ?? '';
  const separator = separatorOf(line);
  const names = data === 0 ? [] : namesOf(lines[data - 1] ?? '', separator);
  const time = namedTime(names, line, separator) ?? timeColumn(line, separator);
  if (time === undefined) return undefined;
  return columnsWith({ names, line, time, headLines: data, timeUnitSeconds: undefined });
}

/** Times that are small numbers, below a name that says their unit. */
function columnsSince(lines: readonly string[]): Columns | undefined {
  for (const [index, line] of lines.slice(0, MAX_HEAD_LINES).entries()) {
    const first = lines[index + 1] ?? '';
    const names = namesOf(line, separatorOf(line));
    const fields = fieldsOf(first, separatorOf(first));
    for (const [time, name] of names.entries()) {
      const unit = SINCE_NAMES.find(([of]) => of.test(name));
      if (unit === undefined || !/^\d+(\.\d+)?$/.test(fields[time] ?? '')) continue;
      const headLines = index + 1;
      return columnsWith({ names, line: first, time, headLines, timeUnitSeconds: unit[1] });
    }
  }
  return undefined;
}

interface Found extends Pick<Columns, 'time' | 'timeUnitSeconds' | 'headLines'> {
  readonly names: readonly string[];
  /** The first of data. */
  readonly line: string;
}

function columnsWith({ names, line, time, timeUnitSeconds, headLines }: Found): Columns {
  const separator = separatorOf(line);
  const named = (of: RegExp): number | undefined => {
    const index = names.findIndex((name, column) => column !== time && of.test(name));
    return index < 0 ? undefined : index;
  };
  const count =
    named(COUNT_NAMES) ??
    (names.some(isOfOneRequest) ? undefined : countColumn(line, separator, time));
  return {
    separator,
    time,
    timeUnitSeconds,
    count,
    requestBytes: named(REQUEST_BYTES_NAMES),
    responseBytes: named(RESPONSE_BYTES_NAMES),
    duration: durationOf(named(MS_NAMES), named(S_NAMES)),
    headLines,
    notes: [
      ...notesOf(names, named),
      ...(count === undefined && names.length > 1 && !names.some(isOfOneRequest)
        ? [NO_COUNT_NAMED]
        : []),
      ...(timeUnitSeconds === undefined
        ? []
        : [
            `The column "${names[time]}" has no dates: it is taken as ${SINCE_WORDS[timeUnitSeconds]} since the beginning.`,
          ]),
    ],
  };
}

const SINCE_WORDS: Readonly<Record<number, string>> = {
  0.001: 'milliseconds',
  1: 'seconds',
  60: 'minutes',
  3600: 'hours',
};

const NO_COUNT_NAMED =
  'No column is called "count", so each line is taken as one request: name the column if there is one.';

/** Whether the only line there is names the columns of traffic. */
export function isHeader(line: string): boolean {
  const names = namesOf(line, separatorOf(line));
  return (
    names.every((name) => /^[a-z_@][ -~]*$/.test(name)) &&
    names.some((name) => TIME_NAMES.test(name))
  );
}

function durationOf(ms: number | undefined, s: number | undefined): Columns['duration'] {
  if (ms !== undefined) return { column: ms, microsPerUnit: 1000 };
  return s === undefined ? undefined : { column: s, microsPerUnit: 1_000_000 };
}

function notesOf(
  names: readonly string[],
  named: (of: RegExp) => number | undefined,
): readonly string[] {
  const vague = named(DURATION_NAMES);
  if (vague === undefined || named(MS_NAMES) !== undefined || named(S_NAMES) !== undefined)
    return [];
  const name = names[vague];
  return [`The column "${name}" has no unit and is left out: name it ${name}_ms or ${name}_s.`];
}

/** A column of that name that holds a time. */
function namedTime(names: readonly string[], line: string, separator: number): number | undefined {
  const fields = fieldsOf(line, separator);
  const index = names.findIndex(
    (name, column) => TIME_NAMES.test(name) && isTime(fields[column] ?? ''),
  );
  return index < 0 ? undefined : index;
}

function timeColumn(line: string, separator: number): number | undefined {
  const index = fieldsOf(line, separator).findIndex(isTime);
  return index < 0 ? undefined : index;
}

/** A column of that name says something of one request, so each line is one. */
function isOfOneRequest(name: string): boolean {
  const names = [REQUEST_BYTES_NAMES, RESPONSE_BYTES_NAMES, MS_NAMES, S_NAMES, DURATION_NAMES];
  return REQUEST_NAMES.test(name) || names.some((of) => of.test(name));
}

/** Of two columns the other, when it holds a number. */
function countColumn(line: string, separator: number, time: number): number | undefined {
  const fields = fieldsOf(line, separator);
  if (fields.length !== 2) return undefined;
  // With a decimal comma it is a count too, if one that cannot be read.
  return /^-?\d+([.,]\d+)?$|^$/.test(fields[1 - time] ?? '') ? 1 - time : undefined;
}

const namesOf = (line: string, separator: number): readonly string[] =>
  fieldsOf(line, separator).map(nameOf);

const nameOf = (field: string): string =>
  field
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');

/** Fields of a line as text. */
export function fieldsOf(line: string, separator: number): readonly string[] {
  const bytes = Uint8Array.from(line, (letter) => letter.charCodeAt(0));
  const fields = new CsvFields(separator);
  if (!fields.split(bytes, 0, bytes.length)) return [];
  return Array.from({ length: fields.count }, (_, index) =>
    textOf(bytes, fields.from(index), fields.to(index)),
  );
}

const time = new CsvTime();

function isTime(field: string): boolean {
  const bytes = Uint8Array.from(field, (letter) => letter.charCodeAt(0));
  return time.read(bytes, 0, bytes.length);
}
