// Reads the head of a request that came over HTTP/2, as strictly as that of HTTP/1.1: what goes on
// to a target as HTTP/1.1 must not say more there than it said here (RFC 9113 §8.2, §8.3, §10.3).

import { type BodyFraming, Malformed, type RequestHead } from '../http1/head.ts';

export interface StreamHeadLimits {
  /** Of all fields together, and of one of them. */
  readonly headBytes: number;
  readonly lineBytes: number;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const TARGET = /^(\/[\x21-\x7e]*|\*)$/;
const VALUE = /^(?![ \t])[\t\x20-\x7e\x80-\xff]*(?<![ \t])$/;
const AUTHORITY = /^[^\s/?#@\\]+$/;
const CONTENT_LENGTH = /^\d{1,15}$/;
const NONE: BodyFraming = { kind: 'none' };
const CHUNKED: BodyFraming = { kind: 'chunked' };

/** What concerns one connection; HTTP/2 has none of it (RFC 9113 §8.2.2). */
const CONNECTION_FIELDS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

interface Read {
  readonly pseudo: Map<string, string>;
  readonly fields: string[];
  readonly names: string[];
  cookies: string;
  host: string | undefined;
  contentLength: string | undefined;
  expect: string | undefined;
}

/** `raw` is name, value, name, value… with the pseudo fields; `ended`: there is no body. */
export function headOfStream(
  raw: readonly string[],
  ended: boolean,
  limits: StreamHeadLimits,
): RequestHead {
  const read = readFields(raw, limits);
  const { method, target, authority } = requestLine(read);
  if (authority !== undefined && read.host !== undefined && read.host !== authority) {
    throw new Malformed('its Host is not its :authority');
  }
  const host = authority ?? read.host;
  if (host === undefined) throw new Malformed('it has neither :authority nor Host');
  if (!AUTHORITY.test(host)) throw new Malformed('its :authority is not a host name');
  if (read.cookies !== '') {
    read.fields.push('cookie', read.cookies);
    read.names.push('cookie');
  }
  return {
    method,
    target,
    minorVersion: 1,
    fields: read.fields,
    names: read.names,
    host,
    body: framingOf(read.contentLength, ended),
    keepAlive: true,
    upgrade: undefined,
    expectsContinue: read.expect?.toLowerCase() === '100-continue',
  };
}

/** Bytes of a head as the limits count them: each field with a colon, a space and a line break. */
export function headSize(raw: readonly string[]): number {
  let bytes = 0;
  for (let index = 0; index < raw.length; index += 2) {
    bytes += (raw[index]?.length ?? 0) + (raw[index + 1]?.length ?? 0) + 4;
  }
  return bytes;
}

function readFields(raw: readonly string[], { headBytes, lineBytes }: StreamHeadLimits): Read {
  if (headSize(raw) > headBytes) throw new Malformed('head', 'too-large');
  const read: Read = {
    pseudo: new Map(),
    fields: [],
    names: [],
    cookies: '',
    host: undefined,
    contentLength: undefined,
    expect: undefined,
  };
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const value = raw[index + 1] ?? '';
    if (name.length + value.length + 2 > lineBytes) throw new Malformed('header', 'too-large');
    if (!VALUE.test(value)) throw new Malformed('a field has a character it must not have');
    if (name.startsWith(':')) notePseudo(read, name, value);
    else noteField(read, name, value);
  }
  return read;
}

function notePseudo({ pseudo, names }: Read, name: string, value: string): void {
  if (pseudo.has(name)) throw new Malformed(`it has more than one ${name}`);
  if (names.length > 0) throw new Malformed('a pseudo field follows others');
  pseudo.set(name, value);
}

function noteField(read: Read, name: string, value: string): void {
  if (!FIELD_NAME.test(name)) throw new Malformed('a field has no valid name');
  if (CONNECTION_FIELDS.has(name) || (name === 'te' && value !== 'trailers')) {
    throw new Malformed(`HTTP/2 has no "${name}"`);
  }
  if (name === 'cookie') {
    // Sent in pieces so that they compress; they are one field elsewhere (RFC 9113 §8.2.3).
    read.cookies = read.cookies === '' ? value : `${read.cookies}; ${value}`;
    return;
  }
  if (name === 'host') {
    if (read.host !== undefined) throw new Malformed('it has more than one Host');
    read.host = value;
  }
  if (name === 'expect') read.expect = value;
  if (name === 'content-length') {
    if (read.contentLength !== undefined) {
      throw new Malformed('it has more than one Content-Length');
    }
    read.contentLength = value;
  }
  read.fields.push(name, value);
  read.names.push(name);
}

function requestLine({ pseudo }: Read) {
  const method = pseudo.get(':method') ?? '';
  const target = pseudo.get(':path') ?? '';
  if (!TOKEN.test(method)) throw new Malformed('it has no valid :method');
  if (!TARGET.test(target)) throw new Malformed('it has no valid :path');
  const scheme = pseudo.get(':scheme');
  if (scheme !== 'https' && scheme !== 'http') throw new Malformed('it has no valid :scheme');
  return { method, target, authority: pseudo.get(':authority') };
}

/** A body without a length goes on in chunks. */
function framingOf(contentLength: string | undefined, ended: boolean): BodyFraming {
  if (contentLength !== undefined && !CONTENT_LENGTH.test(contentLength)) {
    throw new Malformed('its Content-Length is not a number');
  }
  const bytes = contentLength === undefined ? undefined : Number(contentLength);
  if (ended) {
    if (bytes !== undefined && bytes > 0) throw new Malformed('its body is shorter than it says');
    return NONE;
  }
  if (bytes === undefined) return CHUNKED;
  return bytes === 0 ? NONE : { kind: 'length', bytes };
}
