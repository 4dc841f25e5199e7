// Reads the head of an HTTP/1.1 message, strictly.
//
// Whatever two readers could understand differently is refused here, so that nothing behind the
// front door sees another request than the one that was routed: a bare CR or LF, white space around
// a field name, folded lines, two Content-Lengths that differ, Content-Length together with
// Transfer-Encoding, a coding other than chunked. (RFC 9112 §2.2, §5.1, §5.2, §6.1, §6.3.)
//
// `test/http1-agreement.test.ts` holds this reader against Node's own on thousands of made heads.

export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  /** Until the connection ends; answers only. */
  | { readonly kind: 'close' };

export interface RequestHead {
  readonly method: string;
  /** Origin form: path and query as they were sent. */
  readonly target: string;
  readonly minorVersion: 0 | 1;
  /** As written: name, value, name, value… */
  readonly fields: readonly string[];
  /** The names of `fields` in lower case, one for every two. */
  readonly names: readonly string[];
  readonly host: string;
  readonly body: BodyFraming;
  /** The client keeps the connection open. */
  readonly keepAlive: boolean;
  /** Protocol it wants to change to, or undefined. */
  readonly upgrade: string | undefined;
  readonly expectsContinue: boolean;
}

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly string[];
  readonly names: readonly string[];
  readonly body: BodyFraming;
  readonly keepAlive: boolean;
  /** From "Keep-Alive: timeout=5": seconds an idle connection stays, or undefined. */
  readonly keepAliveSeconds: number | undefined;
}

/** The fields of a head as pairs of name and value. */
export function fieldPairs({ fields }: Pick<ResponseHead, 'fields'>): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index < fields.length; index += 2) {
    pairs.push([fields[index] ?? '', fields[index + 1] ?? '']);
  }
  return pairs;
}

/** Why a head was refused. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
  readonly kind: 'syntax' | 'coding' | 'too-large';

  constructor(problem: string, kind: Malformed['kind'] = 'syntax') {
    super(problem);
    this.kind = kind;
  }
}

const NOT_A_HEAD = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TARGET = /^[\x21-\x7e]+$/;
const DIGITS = /^\d{1,15}$/;
const NONE: BodyFraming = { kind: 'none' };
const CHUNKED: BodyFraming = { kind: 'chunked' };
const CLOSE: BodyFraming = { kind: 'close' };

interface Fields {
  readonly fields: string[];
  readonly names: string[];
  host: string | undefined;
  contentLength: string | undefined;
  transferEncoding: string | undefined;
  connection: string;
  upgrade: string | undefined;
  expect: string | undefined;
  keepAlive: string | undefined;
}

/** `text` is the head in latin1 without its empty line. `maxLine` bounds each line in bytes. */
export function parseRequestHead(text: string, maxLine: number): RequestHead {
  if (NOT_A_HEAD.test(text)) throw new Malformed('it has a control character or a bare line break');
  const lines = text.split('\r\n');
  const { method, target, minorVersion } = parseRequestLine(lines[0] ?? '', maxLine);
  const read = parseFields(lines, maxLine);
  if (read.host === undefined && minorVersion === 1) throw new Malformed('it has no Host');
  const origin = originForm(target, read.host ?? '');
  return {
    method,
    target: origin.target,
    host: origin.host,
    minorVersion,
    fields: read.fields,
    names: read.names,
    body: requestFraming(read, minorVersion),
    keepAlive: keepsAlive(read.connection, minorVersion),
    upgrade: hasToken(read.connection, 'upgrade') ? upgradeOf(read.upgrade) : undefined,
    expectsContinue: minorVersion === 1 && read.expect?.toLowerCase() === '100-continue',
  };
}

/** `bodyless`: the answer to HEAD. */
export function parseResponseHead(text: string, bodyless: boolean): ResponseHead {
  if (NOT_A_HEAD.test(text)) throw new Malformed('it has a control character or a bare line break');
  const lines = text.split('\r\n');
  const match = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: (.*))?$/.exec(lines[0] ?? '');
  if (match === null) throw new Malformed(`the status line is ${JSON.stringify(lines[0])}`);
  const status = Number(match[2]);
  const minorVersion = match[1] === '1' ? 1 : 0;
  const read = parseFields(lines, Number.POSITIVE_INFINITY);
  const body = responseFraming(read, status, bodyless);
  return {
    status,
    reason: match[3] ?? '',
    fields: read.fields,
    names: read.names,
    body,
    keepAlive: body.kind !== 'close' && keepsAlive(read.connection, minorVersion),
    keepAliveSeconds: keepAliveTimeout(read.keepAlive),
  };
}

function parseRequestLine(line: string, maxLine: number) {
  if (line.length > maxLine) throw new Malformed('request line', 'too-large');
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  const method = line.slice(0, first);
  const target = line.slice(first + 1, last);
  const version = line.slice(last + 1);
  if (first <= 0 || last === first || !TOKEN.test(method) || !TARGET.test(target)) {
    throw new Malformed('the request line is not "METHOD target HTTP/1.1"');
  }
  if (version !== 'HTTP/1.1' && version !== 'HTTP/1.0') {
    throw new Malformed('the version is neither HTTP/1.1 nor HTTP/1.0');
  }
  return { method, target, minorVersion: version === 'HTTP/1.1' ? 1 : 0 } as const;
}

function parseFields(lines: readonly string[], maxLine: number): Fields {
  const read: Fields = {
    fields: [],
    names: [],
    host: undefined,
    contentLength: undefined,
    transferEncoding: undefined,
    connection: '',
    upgrade: undefined,
    expect: undefined,
    keepAlive: undefined,
  };
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line.length > maxLine) throw new Malformed('header', 'too-large');
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    if (colon <= 0 || !TOKEN.test(name)) throw new Malformed('a header line has no valid name');
    const value = trimSpace(line, colon + 1);
    const lower = name.toLowerCase();
    read.fields.push(name, value);
    read.names.push(lower);
    noteField(read, lower, value);
  }
  return read;
}

/** Keeps the few fields that decide how the message is framed and forwarded. */
function noteField(read: Fields, name: string, value: string): void {
  switch (name) {
    case 'host':
      if (read.host !== undefined) throw new Malformed('it has more than one Host');
      if (/[\s/?#@\\]/.test(value)) throw new Malformed('its Host is not a host name');
      read.host = value;
      return;
    case 'content-length':
      if (read.contentLength !== undefined && read.contentLength !== value) {
        throw new Malformed('it has two Content-Lengths that differ');
      }
      read.contentLength = value;
      return;
    case 'transfer-encoding':
      read.transferEncoding =
        read.transferEncoding === undefined ? value : `${read.transferEncoding}, ${value}`;
      return;
    case 'connection':
      read.connection = read.connection === '' ? value : `${read.connection}, ${value}`;
      return;
    case 'upgrade':
      read.upgrade = value;
      return;
    case 'expect':
      read.expect = value;
      return;
    case 'keep-alive':
      read.keepAlive = value;
      return;
    default:
  }
}

function trimSpace(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isSpace(line.charCodeAt(start))) start += 1;
  while (end > start && isSpace(line.charCodeAt(end - 1))) end -= 1;
  return line.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function requestFraming(read: Fields, minorVersion: 0 | 1): BodyFraming {
  if (read.transferEncoding !== undefined) {
    if (read.contentLength !== undefined) {
      throw new Malformed('it has both Content-Length and Transfer-Encoding');
    }
    if (minorVersion === 0) throw new Malformed('HTTP/1.0 has no Transfer-Encoding');
    if (read.transferEncoding.toLowerCase() !== 'chunked') {
      throw new Malformed(read.transferEncoding, 'coding');
    }
    return CHUNKED;
  }
  return read.contentLength === undefined ? NONE : lengthOf(read.contentLength);
}

function responseFraming(read: Fields, status: number, bodyless: boolean): BodyFraming {
  if (bodyless || status === 204 || status === 304 || status < 200) return NONE;
  if (read.transferEncoding !== undefined) {
    if (read.contentLength !== undefined) {
      throw new Malformed('it has both Content-Length and Transfer-Encoding');
    }
    if (read.transferEncoding.toLowerCase() !== 'chunked') {
      throw new Malformed(read.transferEncoding, 'coding');
    }
    return CHUNKED;
  }
  return read.contentLength === undefined ? CLOSE : lengthOf(read.contentLength);
}

function lengthOf(text: string): BodyFraming {
  if (!DIGITS.test(text)) throw new Malformed('its Content-Length is not a number');
  const bytes = Number(text);
  return bytes === 0 ? NONE : { kind: 'length', bytes };
}

function keepsAlive(connection: string, minorVersion: 0 | 1): boolean {
  if (connection === '') return minorVersion === 1;
  if (hasToken(connection, 'close')) return false;
  return minorVersion === 1 || hasToken(connection, 'keep-alive');
}

/** Whether a comma-separated list has `token`, whatever the case. */
export function hasToken(list: string, token: string): boolean {
  if (list === '') return false;
  return list.split(',').some((part) => part.trim().toLowerCase() === token);
}

/** HTTP/2 begins with TLS alone; who asks for it without stays with HTTP/1.1 (RFC 9113 §3.1). */
function upgradeOf(protocol: string | undefined): string | undefined {
  return protocol?.toLowerCase() === 'h2c' ? undefined : protocol;
}

function keepAliveTimeout(value: string | undefined): number | undefined {
  const match = value === undefined ? null : /(?:^|[\s,;])timeout=(\d{1,9})/i.exec(value);
  return match === null ? undefined : Number(match[1]);
}

/** "http://host/path" becomes its path, and its host wins over the header (RFC 9112 §3.2.2). */
function originForm(target: string, host: string): { target: string; host: string } {
  if (target.startsWith('/') || target === '*') return { target, host };
  const match = /^https?:\/\/([^/?#@]+)(\/[^#]*|\?[^#]*)?$/i.exec(target);
  if (match === null) throw new Malformed('its target is neither a path nor an http URL');
  const rest = match[2] ?? '/';
  return { target: rest.startsWith('/') ? rest : `/${rest}`, host: match[1] ?? host };
}
