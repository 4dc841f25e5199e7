// Reads one offer file of AWS's price list: a CSV of up to several GB, as a stream, in constant memory.
//
// Five lines of two columns say what it is, then comes the header, then a row a price. Anything else
// in its place, and anything that ends too early, is a fault: half a price list is none.

import { pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { Fault } from '../base/fault.ts';
import type { WebAnswer } from '../base/ports.ts';
import {
  OFFER_COLUMNS,
  type OfferReader,
  type OfferRow,
  REGION_COLUMNS,
} from '../cost/prices/offer.ts';

/** Longer than any row of an offer: what has no line breaks is no CSV. */
const MAX_ROW_BYTES = 1 << 20;

/** What a person is shown of something unexpected. */
const SHOWN = 60;

export interface OfferFile {
  readonly url: string;
  /** Of the offer that was asked for. */
  readonly code: string;
  /** Bytes read so far. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Gives the rows that the reader wants to it; resolves to the version of the offer. Throws
 * PRICES_UNREACHABLE when it breaks off, PRICES_NOT_AN_OFFER, PRICES_OFFER_CHANGED.
 */
export async function readOffer(
  answer: WebAnswer,
  { url, code, onBytes }: OfferFile,
  reader: OfferReader,
): Promise<string> {
  if (/\bhtml\b/i.test(answer.contentType)) {
    answer.cancel();
    throw new Fault('PRICES_NOT_AN_OFFER', { url, what: 'it is a web page' });
  }
  const rows = new OfferRows(url, code, reader);
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_BYTES,
    // Rows are taken here; none is queued behind.
    on_record: (record: string[]) => rows.take(record),
  });
  const { body, unpack } = await opened(answer, url, onBytes);
  await new Promise<void>((resolve, reject) => {
    const done = (error?: Error | null) =>
      error === null || error === undefined ? resolve() : reject(faultOf(error, url));
    if (unpack === undefined) pipeline(body, parser, done);
    else pipeline(body, unpack, parser, done);
    // What is no price list may go on for long: nobody waits for its end.
    for (const part of [parser, unpack]) part?.once('error', () => answer.cancel());
    parser.resume();
  });
  return rows.end();
}

/** The body, and what unpacks it when it is a file packed by gzip. */
async function opened(
  answer: WebAnswer,
  url: string,
  onBytes: (bytes: number) => void,
): Promise<{ readonly body: Readable; readonly unpack: Transform | undefined }> {
  const chunks = answer.body[Symbol.asyncIterator]();
  const first = await chunks.next().catch((error: unknown) => {
    throw faultOf(error, url);
  });
  const head = first.done === true ? new Uint8Array() : first.value;
  async function* all() {
    let bytes = 0;
    for (let chunk = head; ; ) {
      bytes += chunk.byteLength;
      onBytes(bytes);
      yield chunk;
      const next = await chunks.next();
      if (next.done === true) return;
      chunk = next.value;
    }
  }
  const packed = head[0] === 0x1f && head[1] === 0x8b;
  const body = Readable.from(all(), { objectMode: false });
  return { body, unpack: packed ? createGunzip() : undefined };
}

function faultOf(error: unknown, url: string): Fault {
  if (error instanceof Fault) return error;
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof CsvError) {
    const what =
      error.code === 'CSV_QUOTE_NOT_CLOSED'
        ? 'it ends in the middle of a row'
        : `line ${error['lines']} is no CSV`;
    return new Fault('PRICES_NOT_AN_OFFER', { url, what }, { cause: error });
  }
  if (isZlib(error)) {
    return new Fault(
      'PRICES_NOT_AN_OFFER',
      { url, what: `its gzip is damaged (${why})` },
      { cause: error },
    );
  }
  return new Fault('PRICES_UNREACHABLE', { url, why }, { cause: error });
}

function isZlib(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^Z_/.test(String(error.code));
}

type Field = keyof typeof OFFER_COLUMNS;

/** Where in a record each field is. */
interface Header {
  readonly width: number;
  readonly at: Readonly<Record<Field, number>>;
  readonly regionAt: number | undefined;
}

class OfferRows {
  readonly #url: string;
  readonly #code: string;
  readonly #reader: OfferReader;
  readonly #about = new Map<string, string>();
  #header: Header | undefined;
  #rows = 0;

  constructor(url: string, code: string, reader: OfferReader) {
    this.#url = url;
    this.#code = code;
    this.#reader = reader;
  }

  /** Nothing goes on to a consumer. */
  take(record: readonly string[]): null {
    const header = this.#header;
    if (header === undefined) {
      this.#begin(record);
      return null;
    }
    this.#rows += 1;
    if (record.length !== header.width) {
      throw this.#notAnOffer(
        `row ${this.#rows} has ${record.length} columns instead of ${header.width}; it may have been cut off`,
      );
    }
    const usageType = record[header.at.usageType] ?? '';
    const operation = record[header.at.operation] ?? '';
    if (this.#reader.wants(usageType, operation)) this.#reader.take(rowOf(record, header));
    return null;
  }

  /** The version of the offer. */
  end(): string {
    if (this.#header === undefined) {
      throw this.#notAnOffer(this.#about.size === 0 ? 'it is empty' : 'it ends before its header');
    }
    if (this.#rows === 0) throw this.#notAnOffer('it has no prices');
    return this.#about.get('Version') ?? '';
  }

  #begin(record: readonly string[]): void {
    const [name = '', value = ''] = record;
    if (this.#about.size === 0 && name !== 'FormatVersion') {
      const what = name.trimStart().startsWith('<')
        ? 'it is a web page'
        : `it begins with "${name.slice(0, SHOWN)}"`;
      throw this.#notAnOffer(what);
    }
    if (name !== OFFER_COLUMNS.sku) {
      this.#about.set(name, value);
      return;
    }
    const code = this.#about.get('OfferCode');
    if (code !== this.#code)
      throw this.#notAnOffer(`it is of ${code ?? 'no service'}, not of ${this.#code}`);
    if (!/^\d+$/.test(this.#about.get('Version') ?? ''))
      throw this.#notAnOffer('it has no version');
    this.#header = headerOf(record, this.#url);
  }

  #notAnOffer(what: string): Fault {
    return new Fault('PRICES_NOT_AN_OFFER', { url: this.#url, what });
  }
}

function headerOf(names: readonly string[], url: string): Header {
  const at = new Map(names.map((name, index) => [name, index]));
  const missing = Object.values(OFFER_COLUMNS).filter((name) => !at.has(name));
  if (missing.length > 0) throw new Fault('PRICES_OFFER_CHANGED', { url, missing });
  const fields = Object.entries(OFFER_COLUMNS).map(([field, name]) => [field, at.get(name)]);
  const region = REGION_COLUMNS.find((name) => at.has(name));
  return {
    width: names.length,
    at: Object.fromEntries(fields) as Record<Field, number>,
    regionAt: region === undefined ? undefined : at.get(region),
  };
}

function rowOf(record: readonly string[], { at, regionAt }: Header): OfferRow {
  const field = (name: Field) => record[at[name]] ?? '';
  return {
    sku: field('sku'),
    term: field('term'),
    from: field('from'),
    to: field('to'),
    usd: field('usd'),
    currency: field('currency'),
    usageType: field('usageType'),
    operation: field('operation'),
    region: regionAt === undefined ? undefined : record[regionAt],
  };
}
