// Reads traffic from chunks of bytes: finds what they are, hands lines to the form they are in, and
// keeps count of what cannot be read. Memory does not grow with the number of requests.

import { Fault } from '../base/fault.ts';
import { AlbLog, CommonLog } from './access-logs.ts';
import { textOf } from './bytes.ts';
import { CloudWatchProblem, cloudWatchJson } from './cloudwatch-json.ts';
import { type Columns, columnsOf, isHeader } from './csv-columns.ts';
import { CountLines, RequestLines } from './csv-formats.ts';
import { type Detected, detect } from './detect.ts';
import type { LineFormat, LinesEnd } from './line-format.ts';
import { LineSplitter, MAX_LINE_BYTES } from './lines.ts';
import { RequestCounts } from './request-counts.ts';
import type { RequestSink } from './request-sink.ts';
import { contentOf, firstLines, Narrow } from './text-of-chunks.ts';
import type { BadLine, TrafficFormat, TrafficOptions, TrafficRead } from './traffic-read.ts';

/** So much is looked at to find what it is. */
const HEAD_BYTES = 64 * 1024;
const HEAD_LINES = 40;

/** One answer of CloudWatch has 100,800 datapoints at most: 6 MB. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** Of a bad line so much is shown. */
const SHOWN_BYTES = 80;

export interface TrafficReader {
  /**
   * Throws TRAFFIC_NOT_TEXT, TRAFFIC_FORMAT_UNKNOWN, TRAFFIC_LINE_BAD, TRAFFIC_TOO_LONG. The bytes
   * are not kept.
   */
  push(chunk: Uint8Array): void;
  /** Also throws TRAFFIC_EMPTY, TRAFFIC_TOO_SHORT and TRAFFIC_JSON_BAD. */
  end(): TrafficRead;
}

/**
 * `file` is what messages call the source. `sink` is handed each request where the source tells them
 * one by one; then it does the counting.
 */
export function trafficReader(
  file: string,
  options: TrafficOptions = {},
  sink?: RequestSink,
): TrafficReader {
  return new ChunkReader(file, options, { sink, isNeeded: false });
}

/** Hands each request to `sink`. Also throws TRAFFIC_NOT_BY_REQUEST, for what is counted already. */
export function requestReader(
  file: string,
  options: TrafficOptions,
  sink: RequestSink,
): TrafficReader {
  return new ChunkReader(file, options, { sink, isNeeded: true });
}

interface SinkChoice {
  readonly sink: RequestSink | undefined;
  /** A source without single requests is a fault. */
  readonly isNeeded: boolean;
}

class ChunkReader implements TrafficReader {
  readonly #file: string;
  readonly #options: TrafficOptions;
  readonly #sink: RequestSink | undefined;
  readonly #needsRequests: boolean;
  #head: Uint8Array[] = [];
  #headBytes = 0;
  #narrow: Narrow | undefined;
  #detected: Detected | undefined;
  #lines: LineSplitter | undefined;
  #format: LineFormat | undefined;
  #json: Uint8Array[] | undefined;
  #jsonBytes = 0;
  #number = 0;
  readonly #bad: { count: number; first: BadLine | undefined } = { count: 0, first: undefined };

  constructor(file: string, options: TrafficOptions, { sink, isNeeded }: SinkChoice) {
    this.#file = file;
    this.#options = options;
    this.#sink = sink;
    this.#needsRequests = isNeeded;
  }

  push(chunk: Uint8Array): void {
    if (this.#detected !== undefined) {
      this.#text(this.#narrow?.chunk(chunk) ?? chunk);
      return;
    }
    this.#head.push(new Uint8Array(chunk));
    this.#headBytes += chunk.length;
    if (this.#headBytes >= HEAD_BYTES) this.#begin(false);
  }

  end(): TrafficRead {
    if (this.#detected === undefined) this.#begin(true);
    if (this.#json !== undefined) return this.#endOfJson(this.#json);
    const isUnended = this.#lines?.end() === true;
    const end = this.#format?.end();
    if (end === undefined) throw new Fault('TRAFFIC_EMPTY', { file: this.#file });
    const first = end.bad.first;
    if (first !== undefined && this.#options.skipBadLines !== true) throw this.#badLine(first);
    if (!isUnended) return this.#read(end, this.#number);
    const lost = this.#detected?.format === 'counts' ? 'so is its count' : 'requests are missing';
    const note = `Its last line, ${this.#number}, has no line break: if the file was cut off there, ${lost}.`;
    return this.#read({ ...end, notes: [...end.notes, note] }, this.#number);
  }

  /** Enough is there to see what it is; `whole`: all is there. */
  #begin(whole: boolean): void {
    const head = joined(this.#head, this.#headBytes);
    this.#head = [];
    if (head.length === 0) throw new Fault('TRAFFIC_EMPTY', { file: this.#file });
    const content = contentOf(head.subarray(0, HEAD_BYTES));
    if ('binary' in content) {
      throw new Fault('TRAFFIC_NOT_TEXT', { file: this.#file, what: content.binary });
    }
    const { encoding, markBytes } = content;
    if (encoding !== 'utf-8') this.#narrow = new Narrow(encoding);
    const marked = head.subarray(markBytes);
    const text = this.#narrow?.chunk(marked) ?? marked;
    const lines = firstLines(text, whole, HEAD_LINES);
    if (lines.every((line) => line.trim() === '') && whole) {
      throw new Fault('TRAFFIC_EMPTY', { file: this.#file });
    }
    this.#detected = this.#detect(lines, whole);
    this.#open(this.#detected);
    this.#text(text);
  }

  #detect(lines: readonly string[], whole: boolean): Detected {
    const { format } = this.#options;
    const found = detect(lines);
    if (format === undefined || format === found?.format) {
      if (found !== undefined) return found;
      const written = lines.filter((one) => one.trim() !== '');
      if (whole && written.length === 1 && isHeader(written[0] ?? '')) {
        throw new Fault('TRAFFIC_EMPTY_TABLE', {
          file: this.#file,
          header: shown(written[0] ?? ''),
        });
      }
      const line = shown(written[0] ?? '');
      throw new Fault('TRAFFIC_FORMAT_UNKNOWN', { file: this.#file, line, asked: undefined });
    }
    const columns = CSV.has(format) ? csvColumns(lines, format) : undefined;
    if (CSV.has(format) && columns === undefined) {
      const line = shown(lines[0] ?? '');
      throw new Fault('TRAFFIC_FORMAT_UNKNOWN', { file: this.#file, line, asked: format });
    }
    return { format, columns };
  }

  #open({ format, columns }: Detected): void {
    if (this.#needsRequests && !BY_REQUEST.has(format)) {
      throw new Fault('TRAFFIC_NOT_BY_REQUEST', { file: this.#file, format });
    }
    if (format === 'cloudwatch-json') {
      this.#json = [];
      return;
    }
    this.#format = this.#lineFormat(format, columns);
    const line: Line = (bytes, from, to) => this.#line(bytes, from, to);
    this.#lines = new LineSplitter(line, () => {
      const what = `line ${this.#number + 1} has more than ${MAX_LINE_BYTES / 1024} KiB`;
      throw new Fault('TRAFFIC_TOO_LONG', { file: this.#file, what });
    });
  }

  #lineFormat(
    format: Exclude<TrafficFormat, 'cloudwatch-json'>,
    columns: Columns | undefined,
  ): LineFormat {
    const { gapsAreZero = false, bySecond = false } = this.#options;
    const sink = (): RequestSink => this.#sink ?? new RequestCounts({ bySecond });
    if (format === 'alb') return new AlbLog(sink());
    if (format === 'common') return new CommonLog(sink());
    if (columns === undefined) throw new RangeError('a CSV has columns');
    if (format === 'requests') return new RequestLines(columns, sink());
    return new CountLines({ columns, gapsAreZero, anyOrder: format === 'cloudwatch-csv' });
  }

  #text(text: Uint8Array): void {
    if (this.#json === undefined) {
      this.#lines?.push(text);
      return;
    }
    this.#jsonBytes += text.length;
    if (this.#jsonBytes > MAX_JSON_BYTES) {
      const what = `its JSON has more than ${MAX_JSON_BYTES / 1024 / 1024} MiB`;
      throw new Fault('TRAFFIC_TOO_LONG', { file: this.#file, what });
    }
    this.#json.push(new Uint8Array(text));
  }

  #line(bytes: Uint8Array, from: number, to: number): void {
    this.#number += 1;
    if (to === from) return;
    const reason = this.#format?.line(bytes, from, to, this.#number);
    if (reason === undefined) return;
    this.#bad.count += 1;
    if (this.#bad.first !== undefined) return;
    const shown = textOf(bytes, from, Math.min(to, from + SHOWN_BYTES));
    const text = to - from > SHOWN_BYTES ? `${shown}…` : shown;
    this.#bad.first = { line: this.#number, reason, text };
    if (this.#options.skipBadLines !== true) throw this.#badLine(this.#bad.first);
  }

  #badLine({ line, reason, text }: BadLine): Fault {
    const format = this.#detected?.format ?? 'counts';
    return new Fault('TRAFFIC_LINE_BAD', { file: this.#file, line, reason, text, format });
  }

  #endOfJson(chunks: readonly Uint8Array[]): TrafficRead {
    const text = new TextDecoder().decode(joined(chunks, this.#jsonBytes));
    try {
      const end = cloudWatchJson(text, this.#options.gapsAreZero === true);
      return this.#read(end, end.datapoints);
    } catch (error) {
      if (!(error instanceof CloudWatchProblem)) throw error;
      throw new Fault('TRAFFIC_JSON_BAD', { file: this.#file, reason: error.message });
    }
  }

  #read(end: LinesEnd, lines: number): TrafficRead {
    const { traffic, requests, peakSecond, gaps, notes } = end;
    const format = this.#detected?.format ?? 'counts';
    const bad = {
      count: this.#bad.count + end.bad.count,
      first: this.#bad.first ?? end.bad.first,
    };
    if (traffic === undefined) {
      if (bad.first !== undefined) throw this.#badLine(bad.first);
      throw new Fault('TRAFFIC_TOO_SHORT', { file: this.#file, format });
    }
    return {
      traffic,
      format,
      found: this.#options.format === undefined,
      lines,
      requests,
      badLines: bad,
      gaps,
      peakSecond,
      notes,
    };
  }
}

type Line = ConstructorParameters<typeof LineSplitter>[0];

const CSV: ReadonlySet<TrafficFormat> = new Set(['counts', 'requests', 'cloudwatch-csv']);

/** Of these a line is a request. */
const BY_REQUEST: ReadonlySet<TrafficFormat> = new Set(['requests', 'alb', 'common']);

/** Of a format that was asked for. */
function csvColumns(lines: readonly string[], format: TrafficFormat): Columns | undefined {
  const columns = columnsOf(lines);
  if (columns === undefined) return undefined;
  if (format === 'requests') return { ...columns, count: undefined };
  return { ...columns, count: columns.count ?? (columns.time === 0 ? 1 : 0) };
}

/** How a line begins; what is not plain text as "·". */
function shown(line: string): string {
  return line.slice(0, SHOWN_BYTES).replace(/[^ -~]/g, '·');
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
