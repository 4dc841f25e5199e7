// The beginning of a streamed HTTP answer: JSON with status, headers and cookies, eight NUL bytes,
// then the body. [nodejs-ric src/HttpResponseStream.js], [AGW:response-transfer-mode-lambda]
//
// Invariants
//   P1. The reader keeps no more than PRELUDE_BYTES and the delimiter.
//   P2. However the bytes are cut into chunks, the head, the body and the problem are the same.

import { cookieFields, multiFields, singleFields, statusOf } from './function-answer.ts';
import { answerFields, type BadAnswer, type Field, isBad } from './http-message.ts';
import { isArray, isObject, type JsonObject, kindOf, parseJson } from './json.ts';
import { utf8Of } from './text.ts';

/** Content type of a stream that begins with such a prelude. Any other is a body from the start. */
export const PRELUDE_CONTENT_TYPE = 'application/vnd.awslambda.http-integration-response';

/** The delimiter has to begin within this many bytes. [AGW:response-transfer-mode-lambda] */
export const PRELUDE_BYTES = 16 * 1024;

/** NUL bytes between prelude and body. [nodejs-ric src/HttpResponseStream.js DELIMITER_LEN] */
const DELIMITER = Buffer.alloc(8);

export interface StreamHead {
  readonly status: number;
  /** With a Set-Cookie for each cookie. */
  readonly fields: readonly Field[];
}

/** What a chunk has brought to light. `head` and `problem` come once, and one of them only. */
export type PreludeStep =
  | { readonly kind: 'more' }
  /** `body`: what follows the delimiter in this chunk, perhaps nothing. */
  | { readonly kind: 'head'; readonly head: StreamHead; readonly body: Buffer }
  | { readonly kind: 'body'; readonly body: Buffer }
  | { readonly kind: 'bad'; readonly bad: BadAnswer };

const MORE: PreludeStep = { kind: 'more' };
const NOTHING = Buffer.alloc(0);

export class PreludeReader {
  #state: 'prelude' | 'body' | 'bad' = 'prelude';
  #kept: Buffer = NOTHING;

  /** After a "bad" step every further chunk is dropped. */
  push(chunk: Buffer): PreludeStep {
    if (this.#state === 'body') return { kind: 'body', body: chunk };
    if (this.#state === 'bad' || chunk.length === 0) return MORE;
    this.#kept = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    const nul = this.#kept.indexOf(0);
    if (nul > PRELUDE_BYTES || (nul === -1 && this.#kept.length > PRELUDE_BYTES)) {
      return this.#refuse(`has no 8 NUL bytes within its first ${PRELUDE_BYTES} bytes`);
    }
    if (nul === -1) return MORE;
    const found = this.#kept.subarray(nul, nul + DELIMITER.length);
    if (!found.equals(DELIMITER.subarray(0, found.length))) {
      return this.#refuse('has a NUL byte in its prelude');
    }
    return found.length < DELIMITER.length ? MORE : this.#parse(nul);
  }

  /** The stream has ended: what is wrong with that, or undefined. */
  end(): BadAnswer | undefined {
    if (this.#state !== 'prelude') return undefined;
    this.#state = 'bad';
    this.#kept = NOTHING;
    return { problem: 'ends within its prelude' };
  }

  #parse(nul: number): PreludeStep {
    const head = headOf(this.#kept.subarray(0, nul));
    if (isBad(head)) return this.#refuse(head.problem);
    const body = this.#kept.subarray(nul + DELIMITER.length);
    this.#state = 'body';
    this.#kept = NOTHING;
    return { kind: 'head', head, body };
  }

  #refuse(problem: string): PreludeStep {
    this.#state = 'bad';
    this.#kept = NOTHING;
    return { kind: 'bad', bad: { problem } };
  }
}

/** The bytes of a prelude with its delimiter. */
export function preludeOf(status: number, headers: JsonObject, cookies: readonly string[]): Buffer {
  const json = JSON.stringify({ statusCode: status, headers, cookies });
  return Buffer.concat([Buffer.from(json), DELIMITER]);
}

const STATUS = { from: 100, to: 599, digits: true } as const;

function headOf(bytes: Buffer): StreamHead | BadAnswer {
  const text = utf8Of(bytes);
  const json = text === undefined ? undefined : parseJson(text);
  if (!isObject(json)) {
    const what = json === undefined ? 'no JSON' : kindOf(json);
    return { problem: `has ${what} as its prelude` };
  }
  const status = json['statusCode'] === undefined ? 200 : statusOf(json, STATUS);
  if (typeof status !== 'number') return status;
  const written = [headersOf(json), multiOf(json), cookieFields(json['cookies'])];
  const fields: Field[] = [];
  for (const part of written) {
    if (isBad(part)) return part;
    fields.push(...part);
  }
  const kept = answerFields(fields);
  return isBad(kept) ? kept : { status, fields: kept };
}

/** A value may also be a list, as the Lambda Web Adapter writes several of one name. */
function headersOf({ headers }: JsonObject): readonly Field[] | BadAnswer {
  if (!isObject(headers)) {
    return headers === undefined || headers === null ? [] : singleFields(headers, false);
  }
  const lists = Object.entries(headers).filter(([, value]) => isArray(value));
  const single = Object.entries(headers).filter(([, value]) => !isArray(value));
  const one = singleFields(Object.fromEntries(single), false);
  if (isBad(one)) return one;
  const many = multiFields(Object.fromEntries(lists), false);
  return isBad(many) ? many : [...one, ...many];
}

function multiOf({ multiValueHeaders }: JsonObject): readonly Field[] | BadAnswer {
  return multiValueHeaders === undefined || multiValueHeaders === null
    ? []
    : multiFields(multiValueHeaders, false);
}
