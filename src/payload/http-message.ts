// HTTP requests and answers as values, between a front door, a function and a program.
//
// Texts are as an HTTP reader has them: latin1, one character for each byte. What goes into JSON is
// decoded as UTF-8, and what comes out of it is encoded again, by `text.ts`.

/** Name as it was written, and value. */
export type Field = readonly [name: string, value: string];

export interface HttpRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** "HTTP/1.1". */
  readonly protocol: string;
  /** As they go to the target, X-Forwarded-* included; nothing that concerns one connection only. */
  readonly fields: readonly Field[];
  readonly body: Buffer;
  /** Address of the client. */
  readonly sourceIp: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** Undefined: the usual one of the status. */
  readonly reason: string | undefined;
  /** Without those that frame the body or concern one connection only. */
  readonly fields: readonly Field[];
  readonly body: Buffer;
}

/** What is wrong with a function's answer, as the end of "the answer of the function …". */
export interface BadAnswer {
  readonly problem: string;
}

/** What keeps a request from being sent to a function, as the end of "the request …". */
export interface BadRequest {
  readonly problem: string;
}

export function isBad<Good extends object>(
  value: Good | BadAnswer | BadRequest,
): value is BadAnswer | BadRequest {
  return 'problem' in value;
}

/** All values of a field, by its lower-case name. */
export function valuesOf(fields: readonly Field[], name: string): readonly string[] {
  return fields.flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []));
}

/** The last value of a field, by its lower-case name. */
export function lastValueOf(fields: readonly Field[], name: string): string | undefined {
  return valuesOf(fields, name).at(-1);
}

/** Path and query of a target; the query is undefined without a "?". */
export function splitTarget(target: string): { path: string; query: string | undefined } {
  const mark = target.indexOf('?');
  if (mark === -1) return { path: target, query: undefined };
  return { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** What concerns one connection only, in lower case. RFC 9110 §7.6.1. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NOT_A_VALUE = /[\0-\x08\x0a-\x1f\x7f]/;

/** The fields that may go to a client, or what is wrong with one of them. */
export function answerFields(fields: readonly Field[]): readonly Field[] | BadAnswer {
  const kept: Field[] = [];
  for (const [name, value] of fields) {
    if (!TOKEN.test(name)) return { problem: `has the header name ${JSON.stringify(name)}` };
    if (NOT_A_VALUE.test(value)) {
      return { problem: `has a control character in the header ${JSON.stringify(name)}` };
    }
    const key = name.toLowerCase();
    if (!HOP_BY_HOP.has(key) && key !== 'content-length') kept.push([name, value.trim()]);
  }
  return kept;
}
