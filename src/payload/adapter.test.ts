// The mapping of the Lambda Web Adapter against recordings of the adapter itself, and round trips.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recording } from '../../test/support/events.ts';
import {
  adapterError,
  adapterPayload,
  adapterPrelude,
  compressionOf,
  failingStatus,
  type ProgramAnswer,
} from './adapter-answer.ts';
import { type AdapterInvocation, adapterRequest, type EventKind } from './adapter-request.ts';
import { adapterSettings } from './adapter-settings.ts';
import { type Field, isBad } from './http-message.ts';
import type { Json, JsonObject } from './json.ts';

interface Body {
  readonly body?: string;
  readonly bodyBase64?: string;
}

interface RecordedRequest {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly event: Json;
  readonly meta?: { readonly tenant: string; readonly client: string };
  readonly request: { method: string; target: string; fields: Field[] } & Body;
}

interface RecordedAnswer {
  readonly name: string;
  readonly answer: { status: number; fields: Field[]; chunked?: boolean } & Body;
}

const INVOCATION: AdapterInvocation = {
  requestId: '00000000-0000-4000-8000-000000000000',
  deadlineMs: 1767225630000,
  invokedArn: 'arn:aws:lambda:eu-west-1:000000000000:function:app-api:1',
  traceId: 'Root=1-00000000-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0',
  clientContext: undefined,
  tenantId: undefined,
  functionName: 'app-api',
  memoryMiB: 512,
  version: '1',
  logGroup: '/aws/lambda/app-api',
  logStream: '2026/01/01/[1]00',
};

const bytesOf = ({ body, bodyBase64 }: Body): Buffer =>
  bodyBase64 === undefined ? Buffer.from(body ?? '') : Buffer.from(bodyBase64, 'base64');

/** As the program of the recording sent it. */
function programAnswer({ answer }: RecordedAnswer): ProgramAnswer {
  const body = bytesOf(answer);
  const framed = answer.fields.some(([name]) => name === 'content-length') || answer.status === 204;
  const framing: Field[] = answer.chunked
    ? [['transfer-encoding', 'chunked']]
    : [['content-length', String(body.length)]];
  const own: Field[] = [
    ['connection', 'keep-alive'],
    ['keep-alive', 'timeout=5'],
  ];
  return {
    status: answer.status,
    fields: [...answer.fields, ...(framed ? [] : framing), ...own],
    body,
  };
}

/** Fields sorted, JSON in them read, and null for what is not there. */
const comparable = (fields: readonly Field[]) =>
  fields
    .map(([name, value]) => [name, /context$/.test(name) ? JSON.parse(value) : value] as const)
    .sort(([a], [b]) => a.localeCompare(b));

describe('the request the adapter sends', () => {
  it.each(recording<RecordedRequest>('requests'))('$name', (recorded) => {
    const { variables, event, meta, request } = recorded;
    const invocation = { ...INVOCATION, tenantId: meta?.tenant, clientContext: meta?.client };
    const made = adapterRequest(
      Buffer.from(JSON.stringify(event)),
      adapterSettings(variables),
      invocation,
    );
    expect(made?.request.method).toBe(request.method);
    const [path, query] = (made?.request.target ?? '').split('?');
    const [wantedPath, wantedQuery] = request.target.split('?');
    expect(path).toBe(wantedPath);
    expect(query?.split('&').sort()).toEqual(wantedQuery?.split('&').sort());
    expect(made?.request.body).toEqual(bytesOf(request));
    const context = request.fields.some(([name]) => name === 'x-amzn-lambda-context');
    const fields = (made?.request.fields ?? []).filter(
      ([name]) => name !== 'x-amzn-trace-id' && (context || name !== 'x-amzn-lambda-context'),
    );
    expect(forContext(comparable(fields))).toEqual(forContext(comparable(request.fields)));
  });
});

/**
 * The adapter reads "requestContext" into a type of its own: what that does not know is gone, what is
 * missing is null. Here it is passed on as it came.
 */
function forContext(fields: ReturnType<typeof comparable>) {
  return fields.map(([name, value]) => [name, withoutNull(value)]);
}

function withoutNull(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, one]) => one !== null && !(key === 'requestTimeEpoch' && one === 0))
      .map(([key, one]) => [key, withoutNull(one)]),
  );
}

describe('the payload the adapter gives back', () => {
  it.each(recording<RecordedAnswer & { kind: EventKind; payload: Json }>('answers'))(
    '$kind: $name',
    (recorded) => {
      const made = adapterPayload(recorded.kind, programAnswer(recorded));
      if (isBad(made)) throw new Error(made.problem);
      expect(JSON.parse(made.toString())).toEqual(recorded.payload);
    },
  );

  it('is none with a header that is not UTF-8', () => {
    const answer = { status: 200, fields: [['x-name', '\xff']] as const, body: Buffer.alloc(0) };
    expect(adapterPayload('api-2', answer)).toEqual({
      problem: 'has a header "x-name" that is not UTF-8',
    });
  });
});

describe('compression', () => {
  interface Recorded extends RecordedAnswer {
    readonly accept: string | null;
    readonly headers: JsonObject;
    readonly compressed: string | null;
  }
  it.each(recording<Recorded>('compression'))('$name', (recorded) => {
    const accepted: Field[] =
      recorded.accept === null || recorded.accept === undefined
        ? []
        : [['accept-encoding', recorded.accept]];
    const answer = programAnswer(recorded);
    const made = compressionOf(accepted, answer);
    expect(made.coding ?? null).toBe(recorded.compressed ?? null);
    const first = new Map([...made.fields].reverse().map(([name, value]) => [name, value]));
    first.delete('transfer-encoding');
    expect(Object.fromEntries(first)).toEqual(recorded.headers);
  });
});

describe('a stream', () => {
  interface Recorded extends RecordedAnswer {
    readonly prelude: Json;
  }
  it.each(recording<Recorded>('streams'))('$name', (recorded) => {
    const made = adapterPrelude(programAnswer(recorded));
    if (isBad(made)) throw new Error(made.problem);
    expect(JSON.parse(made.subarray(0, -8).toString())).toEqual(recorded.prelude);
    expect(made.subarray(-8)).toEqual(Buffer.alloc(8));
  });
});

describe('a status with which the invocation fails', () => {
  const settings = adapterSettings({ AWS_LWA_ERROR_STATUS_CODES: '500,502-504' });
  const answer = (status: number) => ({ status, fields: [], body: Buffer.from('no "more"') });

  it('is told with the body', () => {
    expect(failingStatus(answer(503), settings)).toEqual(
      adapterError('{"statusCode":503,"body":"no \\"more\\""}'),
    );
    expect(failingStatus(answer(501), settings)).toBeUndefined();
  });
});

describe('the settings', () => {
  it('have the defaults of the adapter', () => {
    expect(adapterSettings({})).toEqual({
      port: '8080',
      host: '127.0.0.1',
      readiness: { port: '8080', path: '/', protocol: 'http', healthy: [{ from: 100, to: 499 }] },
      asyncInit: false,
      basePath: undefined,
      compression: false,
      invokeMode: 'buffered',
      passThroughPath: '/events',
      authorizationSource: undefined,
      errorStatusCodes: [],
      warnings: [],
    });
  });

  it('take the older names, with a warning', () => {
    const variables = { PORT: '3000', READINESS_CHECK_PATH: '/up', REMOVE_BASE_PATH: '/v1' };
    const settings = adapterSettings({ ...variables, AWS_LWA_REMOVE_BASE_PATH: '/v2' });
    expect(settings).toMatchObject({
      port: '3000',
      readiness: { port: '3000', path: '/up' },
      basePath: '/v2',
      warnings: [
        "Environment variable 'READINESS_CHECK_PATH' is deprecated and will be removed in version 2.0. Please use 'AWS_LWA_READINESS_CHECK_PATH' instead.",
      ],
    });
  });

  it('leave out what is no code, and say so', () => {
    const settings = adapterSettings({
      AWS_LWA_READINESS_CHECK_HEALTHY_STATUS: '200, 300-399 ,abc,4-5-6,',
      AWS_LWA_READINESS_CHECK_PROTOCOL: 'TCP',
      AWS_LWA_ASYNC_INIT: 'True',
    });
    expect(settings.readiness).toEqual({
      port: '8080',
      path: '/',
      protocol: 'tcp',
      healthy: [
        { from: 200, to: 200 },
        { from: 300, to: 399 },
      ],
    });
    expect(settings.asyncInit).toBe(false);
    expect(settings.warnings).toEqual([
      'Failed to parse status code: abc',
      'Failed to parse status code range: 4-5-6',
    ]);
  });

  it('do not compress streams', () => {
    const settings = adapterSettings({
      AWS_LWA_INVOKE_MODE: 'Response_Stream',
      AWS_LWA_ENABLE_COMPRESSION: 'true',
    });
    expect(settings).toMatchObject({ invokeMode: 'response_stream', compression: false });
    expect(settings.warnings).toHaveLength(1);
  });
});

it('reads any event without throwing', () => {
  const settings = adapterSettings({ AWS_LWA_REMOVE_BASE_PATH: '/a' });
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      const made = adapterRequest(Buffer.from(text), settings, INVOCATION);
      expect(made === undefined || made.request.target.startsWith('/')).toBe(true);
    }),
  );
});
