// CSV: counts by interval, requests one a line, and the export of CloudWatch.

import { MINUS, microseconds, QUOTE, textOf, wholeNumber } from './bytes.ts';
import type { Columns } from './csv-columns.ts';
import { CsvFields } from './csv-fields.ts';
import { CsvTime } from './csv-time.ts';
import type { LineFormat, LinesEnd } from './line-format.ts';
import type { RequestSink } from './request-sink.ts';
import { MAX_INTERVALS, Points, seriesOf } from './series.ts';

const MS_PER_SECOND = 1000;
const MICROS_PER_MS = 1000;

export interface CountsOptions {
  readonly columns: Columns;
  readonly gapsAreZero: boolean;
  /** As CloudWatch may write them: in any order, and with nothing where there is no datapoint. */
  readonly anyOrder: boolean;
}

/** "1995-07-01 00:00:00,42": the requests of the interval that begins then. */
export class CountLines implements LineFormat {
  readonly #options: CountsOptions;
  readonly #fields: CsvFields;
  readonly #time = new CsvTime();
  readonly #points = new Points();
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(options: CountsOptions) {
    this.#options = options;
    this.#fields = new CsvFields(options.columns.separator);
  }

  line(bytes: Uint8Array, from: number, to: number, number: number): string | undefined {
    const { columns, anyOrder } = this.#options;
    if (number <= columns.headLines) return undefined;
    const fields = this.#fields;
    if (!fields.split(bytes, from, to)) return 'a quoted field has no end';
    const { time, count = 0 } = columns;
    if (fields.count <= Math.max(time, count)) {
      return `it has ${fields.count === 1 ? 'one field' : `${fields.count} fields`} where the first line has ${Math.max(time, count) + 1}`;
    }
    if (!this.#time.read(bytes, fields.from(time), fields.to(time))) {
      return `"${textOf(bytes, fields.from(time), fields.to(time))}" is no time`;
    }
    const timeMs =
      this.#time.seconds * MS_PER_SECOND + Math.round(this.#time.micros / MICROS_PER_MS);
    const text = textOf(bytes, fields.from(count), fields.to(count));
    const wrong = wrongCount(text, anyOrder);
    if (wrong !== undefined) return wrong;
    if (!anyOrder && timeMs <= this.#lastMs) {
      return timeMs === this.#lastMs
        ? 'its time is that of the line before'
        : 'its time is before that of the line before';
    }
    if (this.#points.length >= MAX_INTERVALS) {
      return `it is beyond ${MAX_INTERVALS.toLocaleString('en')} intervals: add them up to longer ones first`;
    }
    this.#lastMs = timeMs;
    this.#points.push(timeMs, text === '' ? Number.NaN : Number(text), number);
    return undefined;
  }

  end(): LinesEnd {
    const { anyOrder, gapsAreZero, columns } = this.#options;
    const points = anyOrder ? this.#points.sorted() : this.#points;
    return seriesOf(points, { gapsAreZero, notes: columns.notes });
  }
}

/** Ten million a second for four months. More is no count of requests. */
const MOST_COUNT = 1e14;

function wrongCount(text: string, mayBeEmpty: boolean): string | undefined {
  if (text === '') return mayBeEmpty ? undefined : 'it has no count';
  const count = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(count)) return `its count "${text}" is no number`;
  if (count > MOST_COUNT) return `its count ${text} is too large for one interval`;
  return count < 0 ? `its count ${text} is negative` : undefined;
}

/** "1431857103,GET,/,200,203023": a request came then. In any order. */
export class RequestLines implements LineFormat {
  readonly #columns: Columns;
  readonly #most: number;
  readonly #fields: CsvFields;
  readonly #time = new CsvTime();
  readonly #requests: RequestSink;

  constructor(columns: Columns, requests: RequestSink) {
    this.#requests = requests;
    this.#columns = columns;
    this.#fields = new CsvFields(columns.separator);
    const { time, requestBytes = 0, responseBytes = 0, duration } = columns;
    this.#most = Math.max(time, requestBytes, responseBytes, duration?.column ?? 0) + 1;
  }

  line(bytes: Uint8Array, from: number, to: number, number: number): string | undefined {
    if (number <= this.#columns.headLines) return undefined;
    const fields = this.#fields;
    if (!fields.split(bytes, from, to, this.#most)) return 'a quoted field has no end';
    if (fields.count < this.#most) {
      return `it has ${fields.count === 1 ? 'one field' : `${fields.count} fields`} where ${this.#most} are read`;
    }
    const { time, requestBytes, responseBytes, duration } = this.#columns;
    if (!this.#time.read(bytes, fields.from(time), fields.to(time))) {
      return `"${textOf(bytes, fields.from(time), fields.to(time))}" is no time`;
    }
    const received = this.#number(bytes, requestBytes);
    const sent = this.#number(bytes, responseBytes);
    const took = duration === undefined ? undefined : this.#seconds(bytes, duration.column);
    if (received === -1 || sent === -1) return 'its bytes are no number';
    if (took === -1) return 'its duration is no number';
    this.#requests.add(this.#time.seconds, this.#time.micros);
    if (received !== undefined) this.#requests.received(received);
    if (sent !== undefined) this.#requests.sent(sent);
    if (took !== undefined && duration !== undefined) {
      this.#requests.took(Math.round((took * duration.microsPerUnit) / 1_000_000));
    }
    return undefined;
  }

  end(): LinesEnd {
    return this.#requests.end(this.#columns.notes);
  }

  /** Undefined where the field is empty or "-"; -1 for what is no number. */
  #number(bytes: Uint8Array, column: number | undefined): number | undefined {
    if (column === undefined || this.#isEmpty(bytes, column)) return undefined;
    return wholeNumber(bytes, this.#fields.from(column), this.#fields.to(column));
  }

  /** Millionths of the unit. */
  #seconds(bytes: Uint8Array, column: number): number | undefined {
    if (this.#isEmpty(bytes, column)) return undefined;
    return microseconds(bytes, this.#fields.from(column), this.#fields.to(column));
  }

  #isEmpty(bytes: Uint8Array, column: number): boolean {
    const from = this.#fields.from(column);
    const to = this.#fields.to(column);
    return to === from || (to === from + 1 && (bytes[from] === MINUS || bytes[from] === QUOTE));
  }
}
