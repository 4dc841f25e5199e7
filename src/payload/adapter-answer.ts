// The answer of a program as the payload that the Lambda Web Adapter gives back.
// [aws-lambda-web-adapter 1.0.0 src/lib.rs, aws-lambda-rust-runtime lambda-http/src/response.rs]

import type { EventKind } from './adapter-request.ts';
import { type AdapterSettings, isWithin } from './adapter-settings.ts';
import { type BadAnswer, type Field, isBad, valuesOf } from './http-message.ts';
import { parseJson } from './json.ts';
import { preludeOf } from './prelude.ts';
import { grouped } from './query.ts';
import { reasonOf } from './reasons.ts';
import { fromLatin1, isTextAnswer } from './text.ts';

/** As the program gave it, with the fields that frame it. */
export interface ProgramAnswer {
  readonly status: number;
  readonly fields: readonly Field[];
  readonly body: Buffer;
}

/** Name of every error the adapter reports: that of the type in its program. */
export const ADAPTER_ERROR_TYPE =
  '&alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>';

/** The error with which an invocation fails, as the adapter reports it. */
export function adapterError(errorMessage: string): Buffer {
  return Buffer.from(JSON.stringify({ errorType: ADAPTER_ERROR_TYPE, errorMessage }));
}

/** The error if the status of the answer is one with which the invocation fails. */
export function failingStatus(
  { status, body }: ProgramAnswer,
  { errorStatusCodes }: AdapterSettings,
): Buffer | undefined {
  if (!isWithin(status, errorStatusCodes)) return undefined;
  return adapterError(`{"statusCode":${status},"body":${JSON.stringify(body.toString('utf8'))}}`);
}

/**
 * The payload in the form of the event. Bad: a header is not UTF-8; the adapter itself would end,
 * and its environment with it.
 */
export function adapterPayload(kind: EventKind, answer: ProgramAnswer): Buffer | BadAnswer {
  const headers = headersOf(answer);
  if (isBad(headers)) return headers;
  const { body, isBase64Encoded } = encodedBody(answer);
  if (kind === 'pass-through') {
    // What is not JSON is null, whatever the program said of it.
    return Buffer.from(!isBase64Encoded && parseJson(body) !== undefined ? body : 'null');
  }
  return Buffer.from(
    JSON.stringify({
      statusCode: answer.status,
      ...headerKeys(kind, answer.status, headers.byName),
      body,
      isBase64Encoded,
    }),
  );
}

/** What a stream begins with, whatever the event was. */
export function adapterPrelude(head: Omit<ProgramAnswer, 'body'>): Buffer | BadAnswer {
  const headers = headersOf(head);
  if (isBad(headers)) return headers;
  const { 'set-cookie': cookies = [], ...others } = Object.fromEntries(headers.byName);
  const written = Object.entries(others).map(
    ([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values] as const,
  );
  const typed = { 'content-type': 'application/octet-stream', ...Object.fromEntries(written) };
  return preludeOf(head.status, typed, cookies);
}

type ByName = ReadonlyMap<string, readonly string[]>;

/** The values by lower-case name, decoded. */
function headersOf({ fields }: Pick<ProgramAnswer, 'fields'>): { byName: ByName } | BadAnswer {
  const pairs: [string, string][] = [];
  for (const [written, value] of fields) {
    const name = written.toLowerCase();
    if (name === 'transfer-encoding') continue;
    const text = fromLatin1(value);
    if (text === undefined) return { problem: `has a header "${written}" that is not UTF-8` };
    pairs.push([name, text]);
  }
  return { byName: grouped(pairs) };
}

/** The header fields of each form. With one value for each name, the first is taken. */
function headerKeys(kind: EventKind, status: number, byName: ByName) {
  const multiValueHeaders = Object.fromEntries(byName);
  if (kind === 'api-1') return { headers: {}, multiValueHeaders };
  const headers = firstOf(byName);
  if (kind === 'alb') {
    return { statusDescription: `${status} ${reasonOf(status)}`, headers, multiValueHeaders };
  }
  const { 'set-cookie': _, ...others } = headers;
  return { headers: others, multiValueHeaders: {}, cookies: byName.get('set-cookie') ?? [] };
}

function firstOf(byName: ByName): Record<string, string> {
  return Object.fromEntries([...byName].map(([name, [first = '']]) => [name, first]));
}

function encodedBody({ fields, body }: ProgramAnswer) {
  const [contentType] = valuesOf(fields, 'content-type');
  const encoded = valuesOf(fields, 'content-encoding').length > 0;
  const [declared] = valuesOf(fields, 'x-lambda-http-content-encoding');
  const text = isTextAnswer({ contentType, encoded }) || (declared === 'text' && !encoded);
  if (!text) return { body: body.toString('base64'), isBase64Encoded: true };
  return { body: decoded(body, contentType), isBase64Encoded: false };
}

/** In the charset that it says, or that its byte order mark says, or UTF-8; the mark is gone. */
function decoded(body: Buffer, contentType: string | undefined): string {
  const label = markOf(body) ?? /;\s*charset="?([^";\s]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  return decoderOf(label).decode(body);
}

function markOf(body: Buffer): string | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return 'utf-8';
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be';
  return body[0] === 0xff && body[1] === 0xfe ? 'utf-16le' : undefined;
}

function decoderOf(label: string) {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}

export type ContentCoding = 'gzip' | 'br';

/** Bodies of known size below this are not worth it. [tower-http compression/predicate.rs] */
const COMPRESS_FROM_BYTES = 32;

/**
 * What becomes of an answer where the adapter compresses: the coding, or undefined, and the fields
 * that go with it. Without a Content-Length the size is not known, and anything is compressed.
 * [tower-http compression/future.rs, content_encoding.rs]
 */
export function compressionOf(
  accepted: readonly Field[],
  { fields, body }: ProgramAnswer,
): { readonly coding: ContentCoding | undefined; readonly fields: readonly Field[] } {
  const has = (name: string) => valuesOf(fields, name).length > 0;
  const known = !has('transfer-encoding') && (has('content-length') || body.length === 0);
  const suits =
    !has('content-encoding') &&
    !has('content-range') &&
    (!known || body.length >= COMPRESS_FROM_BYTES) &&
    isWorthIt(valuesOf(fields, 'content-type')[0] ?? '');
  if (!suits) return { coding: undefined, fields };
  const varies = valuesOf(fields, 'vary').some((value) => /accept-encoding/i.test(value));
  const varied: Field[] = varies ? [...fields] : [...fields, ['vary', 'accept-encoding']];
  const coding = preferredOf(valuesOf(accepted, 'accept-encoding'));
  if (coding === undefined) return { coding, fields: varied };
  const kept = varied.filter(([name]) => !/^(accept-ranges|content-length)$/i.test(name));
  return { coding, fields: [...kept, ['content-encoding', coding]] };
}

/** No images but SVG, no gRPC, no server-sent events. */
function isWorthIt(type: string): boolean {
  if (type.startsWith('image/')) return type.startsWith('image/svg+xml');
  return !type.startsWith('application/grpc') && !type.startsWith('text/event-stream');
}

const RANKS = new Map([
  ['identity', { coding: undefined, rank: 0 }],
  ['gzip', { coding: 'gzip', rank: 1 }],
  ['x-gzip', { coding: 'gzip', rank: 1 }],
  ['br', { coding: 'br', rank: 2 }],
] as const);

const WEIGHT = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;

/** The one with the greatest weight; among equals Brotli, then gzip. */
function preferredOf(values: readonly string[]): ContentCoding | undefined {
  let best: { coding: ContentCoding | undefined; rank: number; weight: number } | undefined;
  for (const part of values.join(',').split(',')) {
    const [name = '', parameter] = splitOnce(part, ';');
    const known = RANKS.get(name.trim().toLowerCase() as 'gzip');
    const weight = parameter === undefined ? 1 : Number(WEIGHT.exec(parameter.trim())?.[1]);
    if (known === undefined || !(weight > 0)) continue;
    const better = best === undefined || weight > best.weight;
    if (better || (weight === best?.weight && known.rank > best.rank)) best = { ...known, weight };
  }
  return best?.coding;
}

function splitOnce(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
