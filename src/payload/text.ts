// Bytes as text: what is UTF-8, and which bodies travel as text instead of base64.

import type { Field } from './http-message.ts';
import { lastValueOf, valuesOf } from './http-message.ts';

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ASCII = /^[\0-\x7f]*$/;

/** Undefined: the bytes are not UTF-8. */
export function utf8Of(bytes: Buffer): string | undefined {
  try {
    return STRICT.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text that the bytes of a latin1 text stand for, or undefined: they are not UTF-8. */
export function fromLatin1(text: string): string | undefined {
  return ASCII.test(text) ? text : utf8Of(Buffer.from(text, 'latin1'));
}

/** The same, with U+FFFD for what is not UTF-8. */
export function fromLatin1Lossy(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text, 'latin1').toString('utf8');
}

/** One character for each byte that the text has in UTF-8. */
export function toLatin1(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

const PLAIN_REQUEST = /^(text\/.*|application\/(json|javascript|xml))$/;

/**
 * The body of a request travels as text: only these types do, and nothing compressed, at ALB
 * [ELB:lambda-functions] and, as captures show, at HTTP APIs.
 */
export function isTextRequest(fields: readonly Field[]): boolean {
  if (valuesOf(fields, 'content-encoding').length > 0) return false;
  const [type = ''] = (lastValueOf(fields, 'content-type') ?? '').split(';');
  return PLAIN_REQUEST.test(type.trim().toLowerCase());
}

const TEXT_PREFIX =
  /^(text|application\/json|application\/javascript|application\/xml|application\/yaml)/;
const TEXT_SUFFIX = /\+(xml|yaml|json)$/;

export interface ContentFields {
  readonly contentType: string | undefined;
  /** It has a Content-Encoding. */
  readonly encoded: boolean;
}

/**
 * The body of an answer travels as text, as the Lambda Web Adapter decides it.
 * [aws-lambda-rust-runtime lambda-http/src/response.rs]
 */
export function isTextAnswer({ contentType, encoded }: ContentFields): boolean {
  if (encoded) return false;
  if (contentType === undefined || TEXT_PREFIX.test(contentType)) return true;
  const [type = ''] = contentType.trim().split(';');
  return TEXT_SUFFIX.test(type);
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Undefined: it is not base64. */
export function fromBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !BASE64.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}
