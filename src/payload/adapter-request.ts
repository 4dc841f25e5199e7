// An event of a function as the HTTP request that the Lambda Web Adapter sends to the program.
// [aws-lambda-web-adapter 1.0.0 src/lib.rs, aws-lambda-rust-runtime lambda-http/src/request.rs]
//
// Known to differ: the adapter keeps query parameters in a hash table, so that their order is any;
// here it is that of the event.

import type { Millis } from '../base/units.ts';
import { withoutBasePath } from './adapter-head.ts';
import type { AdapterSettings } from './adapter-settings.ts';
import type { Field, HttpRequest } from './http-message.ts';
import { isArray, isObject, type Json, type JsonObject, parseJson } from './json.ts';
import { type Parameter, percentDecode } from './query.ts';
import { toLatin1, utf8Of } from './text.ts';

/** Who sent an event, and so in which form the answer has to be. Anything else: "pass-through". */
export type EventKind = 'alb' | 'api-1' | 'api-2' | 'pass-through';

/** Without Host and Content-Length where the event has none: whoever sends it adds them. */
export type ProgramRequest = Pick<HttpRequest, 'method' | 'target' | 'fields' | 'body'>;

/** What the adapter knows of an invocation besides its event. */
export interface AdapterInvocation {
  readonly requestId: string;
  readonly deadlineMs: Millis;
  readonly invokedArn: string;
  readonly traceId: string | undefined;
  /** JSON text. */
  readonly clientContext: string | undefined;
  readonly tenantId: string | undefined;
  readonly functionName: string;
  readonly memoryMiB: number;
  readonly version: string;
  readonly logGroup: string;
  readonly logStream: string;
}

export interface AdapterRequest {
  readonly kind: EventKind;
  readonly request: ProgramRequest;
}

/** Undefined: the event is not JSON. */
export function adapterRequest(
  event: Buffer,
  settings: AdapterSettings,
  invocation: AdapterInvocation,
): AdapterRequest | undefined {
  const text = utf8Of(event);
  const json = text === undefined ? undefined : parseJson(text);
  if (json === undefined) return undefined;
  const read = readEvent(json) ?? passThrough(event);
  const { kind, method, context } = read;
  const headers = new Map(read.headers);
  headers.set('x-amzn-request-context', [toLatin1(JSON.stringify(context))]);
  headers.set('x-amzn-lambda-context', [toLatin1(JSON.stringify(lambdaContext(invocation)))]);
  const { tenantId, traceId } = invocation;
  if (traceId !== undefined) headers.set('x-amzn-trace-id', [toLatin1(traceId)]);
  if (tenantId !== undefined && isValue(tenantId)) {
    headers.set('x-amz-tenant-id', [toLatin1(tenantId)]);
  }
  const source = settings.authorizationSource;
  const authorization = source === undefined ? undefined : headers.get(source)?.[0];
  if (source !== undefined && authorization !== undefined) {
    headers.delete(source);
    headers.set('authorization', [authorization]);
  }
  const path = pathOf(read, settings);
  const fields = [...headers].flatMap(([name, values]) =>
    values.map((value): Field => [name, value]),
  );
  return {
    kind,
    request: {
      method,
      target: targetOf(path, read.query),
      fields,
      body: read.body,
    },
  };
}

interface ReadEvent {
  readonly kind: EventKind;
  readonly method: string;
  readonly path: string;
  /** As it goes to the program; "" is none. */
  readonly query: string;
  readonly headers: Headers;
  readonly body: Buffer;
  /** "requestContext". */
  readonly context: Json;
}

type Headers = ReadonlyMap<string, readonly string[]>;

/** Undefined: it is no HTTP request, or one the adapter cannot read. */
function readEvent(event: Json): ReadEvent | undefined {
  if (!isObject(event)) return undefined;
  const { requestContext: context, httpMethod } = event;
  if (!isObject(context)) return undefined;
  if (isMethod(httpMethod)) {
    if (isMethod(context['httpMethod'])) return readApi1(event, httpMethod, context);
    if (isObject(context['elb'])) return readAlb(event, httpMethod, context);
  }
  const { http } = context;
  if (isObject(http) && isMethod(http['method'])) return readApi2(event, http['method'], context);
  return undefined;
}

function readApi2(event: JsonObject, method: string, context: Json): ReadEvent | undefined {
  const headers = readHeaders(event['headers']);
  const body = readBody(event);
  if (headers === undefined || body === undefined) return undefined;
  const { cookies } = event;
  if (isArray(cookies) && cookies.every((cookie) => typeof cookie === 'string')) {
    headers.set('cookie', [toLatin1(cookies.join(';'))]);
  }
  const path = stringOf(event['rawPath']) ?? stringOf(event['path']) ?? '';
  const query = stringOf(event['rawQueryString']) ?? '';
  return { kind: 'api-2', method, path, query, headers, body, context };
}

function readApi1(event: JsonObject, method: string, context: Json): ReadEvent | undefined {
  const read = readMulti(event, method, context);
  if (read === undefined) return undefined;
  return { ...read, kind: 'api-1', query: formOf(parametersOf(event)) };
}

/** A load balancer leaves its parameters encoded: they are decoded once and encoded again. */
function readAlb(event: JsonObject, method: string, context: Json): ReadEvent | undefined {
  const read = readMulti(event, method, context);
  if (read === undefined) return undefined;
  // The "&" in front keeps a key that begins with "?" whole.
  const query = formOf(new URLSearchParams(`&${percentDecode(formOf(parametersOf(event)))}`));
  return { ...read, kind: 'alb', query };
}

const formOf = (parameters: Iterable<Parameter>): string =>
  new URLSearchParams([...parameters] as [string, string][]).toString();

/** A name that is in both has the one value of "headers". */
function readMulti(event: JsonObject, method: string, context: Json) {
  const multi = readHeaders(event['multiValueHeaders']);
  const single = readHeaders(event['headers']);
  const body = readBody(event);
  if (multi === undefined || single === undefined || body === undefined) return undefined;
  const headers = new Map([...multi, ...single]);
  return { method, path: stringOf(event['path']) ?? '', headers, body, context };
}

/** The parameters with several values where there are any, else those with one. */
function parametersOf(event: JsonObject): readonly Parameter[] {
  const multi = valuesIn(event['multiValueQueryStringParameters']);
  return multi.length > 0 ? multi : valuesIn(event['queryStringParameters']);
}

function valuesIn(value: Json | undefined): readonly Parameter[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    (isArray(one) ? one : [one]).flatMap((text) =>
      typeof text === 'string' ? [[key, text] as const] : [],
    ),
  );
}

const CONTENT_TYPE: readonly (readonly [string, readonly string[]])[] = [
  ['content-type', ['application/json']],
];

function passThrough(event: Buffer): ReadEvent {
  const headers = new Map(CONTENT_TYPE);
  return {
    kind: 'pass-through',
    method: 'POST',
    path: '/events',
    query: '',
    headers,
    body: event,
    context: null,
  };
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const isMethod = (value: Json | undefined): value is string =>
  typeof value === 'string' && TOKEN.test(value);

const isValue = (text: string): boolean => !/[\0-\x08\x0a-\x1f\x7f]/.test(text);

const stringOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** By lower-case name; undefined: something in them is no header. */
function readHeaders(value: Json | undefined): Map<string, readonly string[]> | undefined {
  const headers = new Map<string, readonly string[]>();
  if (value === undefined || value === null) return headers;
  if (!isObject(value)) return undefined;
  for (const [written, one] of Object.entries(value)) {
    const name = written.toLowerCase();
    const values: readonly Json[] = isArray(one) ? one : [one];
    if (!TOKEN.test(name)) return undefined;
    const texts: string[] = [];
    for (const text of values) {
      if (typeof text !== 'string' || !isValue(text)) return undefined;
      texts.push(toLatin1(text));
    }
    // A list is added to what was there under the same name, one value replaces it.
    headers.set(name, isArray(one) ? [...(headers.get(name) ?? []), ...texts] : texts);
  }
  return headers;
}

function readBody({ body, isBase64Encoded }: JsonObject): Buffer | undefined {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body !== 'string') return undefined;
  return Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8');
}

function pathOf({ kind, path, method }: ReadEvent, settings: AdapterSettings): string {
  if (kind === 'pass-through' && method === 'POST') return settings.passThroughPath;
  return withoutBasePath(path, settings);
}

/**
 * The adapter makes a URL of it: dot segments go, what may not stand in a URL is encoded. "^" may,
 * for the adapter; the marks keep it apart from one that was encoded.
 */
function targetOf(path: string, query: string): string {
  const url = new URL('http://127.0.0.1/');
  url.pathname = path.replaceAll('%5E', '%5E0').replaceAll('^', '%5E1');
  if (query !== '') url.search = `?${query}`;
  const marked = url.pathname.replace(/%5E([01])/g, (_, mark) => (mark === '1' ? '^' : '%5E'));
  return marked + url.search;
}

/** As lambda_runtime writes its Context. [lambda-runtime/src/types.rs] */
function lambdaContext(invocation: AdapterInvocation) {
  const { clientContext } = invocation;
  return {
    request_id: invocation.requestId,
    deadline: invocation.deadlineMs,
    invoked_function_arn: invocation.invokedArn,
    xray_trace_id: invocation.traceId ?? null,
    client_context: clientContext === undefined ? null : clientContextOf(clientContext),
    identity: null,
    tenant_id: invocation.tenantId ?? null,
    env_config: {
      function_name: invocation.functionName,
      memory: invocation.memoryMiB,
      version: invocation.version,
      log_stream: invocation.logStream,
      log_group: invocation.logGroup,
    },
  };
}

const CLIENT_FIELDS = [
  ['installationId', 'installation_id'],
  ['appTitle', 'app_title'],
  ['appVersionName', 'app_version_name'],
  ['appVersionCode', 'app_version_code'],
  ['appPackageName', 'app_package_name'],
] as const;

/** What there is no place for in the adapter's type is gone, what is missing is empty. */
function clientContextOf(text: string) {
  const json = parseJson(text);
  if (!isObject(json)) return null;
  const { client, custom, environment } = json;
  const given = isObject(client) ? client : {};
  const known = CLIENT_FIELDS.map(([name, old]) => [name, given[name] ?? given[old] ?? '']);
  return {
    client: Object.fromEntries(known),
    custom: isObject(custom) ? custom : {},
    environment: isObject(environment) ? environment : {},
  };
}
