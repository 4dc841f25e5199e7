// Reads what a program that speaks HTTP/2 answers, as the front door reads answers of HTTP/1.1, and
// turns lines "name: value" into fields of HTTP/2.

import type { OutgoingHttpHeaders } from 'node:http2';
import { type BodyFraming, Malformed, type ResponseHead } from '../http1/head.ts';
import { NOT_ON_STREAMS } from './stream-fields.ts';

const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const CONTENT_LENGTH = /^\d{1,15}$/;
const NONE: BodyFraming = { kind: 'none' };
const CHUNKED: BodyFraming = { kind: 'chunked' };

/** `raw` is name, value, name, value… with ":status". Throws Malformed. */
export function answerOfStream(raw: readonly string[], bodyless: boolean): ResponseHead {
  const fields: string[] = [];
  const names: string[] = [];
  let status = 0;
  let length: string | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const value = raw[index + 1] ?? '';
    if (!VALUE.test(value)) throw new Malformed('a field has a character it must not have');
    if (name === ':status') {
      status = Number(value);
      continue;
    }
    if (name === 'content-length') length = value;
    fields.push(name, value);
    names.push(name);
  }
  if (!(status >= 200 && status <= 599)) throw new Malformed(`its status is ${status}`);
  return {
    status,
    reason: '',
    fields,
    names,
    body: bodyless ? NONE : framingOf(length),
    keepAlive: true,
    keepAliveSeconds: undefined,
  };
}

function framingOf(length: string | undefined): BodyFraming {
  if (length === undefined) return CHUNKED;
  if (!CONTENT_LENGTH.test(length)) throw new Malformed('its Content-Length is not a number');
  return { kind: 'length', bytes: Number(length) };
}

/** Lines "name: value" of trailers. */
export function linesOf(raw: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    if (VALUE.test(raw[index + 1] ?? '')) lines.push(`${raw[index]}: ${raw[index + 1]}`);
  }
  return lines;
}

/** A name that comes again has its values joined (RFC 9110 §5.3). */
export function headersOfLines(lines: readonly string[]): OutgoingHttpHeaders {
  const headers = Object.create(null) as Record<string, string>;
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (NOT_ON_STREAMS.has(name)) continue;
    const value = line.slice(colon + 1).trim();
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}
