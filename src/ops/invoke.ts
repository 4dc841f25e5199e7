// Invokes a function of the app that runs, as the AWS CLI does, without its set-up.

import { type IncomingHttpHeaders, request } from 'node:http';
import { Fault } from '../base/fault.ts';
import { askJson, runningEngine } from './admin-client.ts';
import type { AppChoice } from './find-app.ts';
import type { Machine } from './machine.ts';
import type { EngineStatus } from './status.ts';

export interface InvokeOptions extends AppChoice {
  /** Name in fulcrum.yml, name on AWS, or ARN. */
  readonly function: string;
  /** Version or alias. */
  readonly qualifier: string | undefined;
  /** JSON; undefined is an empty event. */
  readonly payload: string | undefined;
  readonly type: 'RequestResponse' | 'Event' | 'DryRun';
  /** Bring the last 4 KB of the log. */
  readonly tail: boolean;
}

export interface Invoked {
  readonly status: number;
  readonly requestId: string;
  /** Undefined for an event, which has not run yet. */
  readonly executedVersion: string | undefined;
  readonly payload: string;
  readonly log: string | undefined;
  /** The function ended with an error: FUNCTION_FAILED. */
  readonly failed: Fault | undefined;
}

/** Throws ENGINE_NOT_RUNNING, ENGINE_UNREACHABLE, FUNCTION_UNKNOWN, INVOKE_REFUSED. */
export async function invokeFunction(
  machine: Machine,
  options: InvokeOptions,
  signal: AbortSignal,
): Promise<Invoked> {
  const engine = await runningEngine(machine, options);
  const { invoke } = await askJson<EngineStatus>(engine, '/v1/status');
  const { function: name, qualifier, payload = '', type, tail } = options;
  const query = qualifier === undefined ? '' : `?Qualifier=${encodeURIComponent(qualifier)}`;
  const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations${query}`;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-amz-invocation-type': type,
    ...(tail && { 'x-amz-log-type': 'Tail' }),
  };
  const answer = await send(invoke, { method: 'POST', path, headers, body: payload, signal });
  if (answer.status >= 300) throw await refusal(invoke, name, answer, signal);
  const log = field(answer, 'x-amz-log-result');
  return {
    status: answer.status,
    requestId: field(answer, 'x-amzn-requestid') ?? '',
    executedVersion: field(answer, 'x-amz-executed-version'),
    payload: answer.text,
    log: log && Buffer.from(log, 'base64').toString(),
    failed: field(answer, 'x-amz-function-error') === undefined ? undefined : failure(name, answer),
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** `fetch` gives up after five minutes; a function may take fifteen. */
function send(url: string, { method, path, headers = {}, body = '', signal }: Asked) {
  return new Promise<Answer>((resolve, reject) => {
    const failed = (error: Error) =>
      reject(new Fault('ENGINE_UNREACHABLE', { url, reason: error.message }, { cause: error }));
    const asked = request(
      `${url}${path}`,
      { method, headers: { ...headers }, signal },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', failed);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      },
    );
    asked.on('error', failed);
    asked.end(body);
  });
}

async function refusal(
  url: string,
  name: string,
  answer: Answer,
  signal: AbortSignal,
): Promise<Fault> {
  const type = field(answer, 'x-amzn-errortype') ?? String(answer.status);
  if (type === 'ResourceNotFoundException') {
    const list = await send(url, { method: 'GET', path: '/2015-03-31/functions', signal });
    const { Functions: functions } = JSON.parse(list.text) as {
      readonly Functions: readonly { readonly FunctionName: string }[];
    };
    const known = functions.map(({ FunctionName: one }) => one);
    return new Fault('FUNCTION_UNKNOWN', { function: name, known });
  }
  const said = JSON.parse(answer.text) as { readonly message?: string; readonly Message?: string };
  const message = said.message ?? said.Message ?? '';
  return new Fault('INVOKE_REFUSED', { function: name, status: answer.status, type, message });
}

/** What a function reports of its error has these two keys, unless it reports something else. */
function failure(name: string, { text }: Answer): Fault {
  const said = errorIn(text);
  return new Fault('FUNCTION_FAILED', {
    function: name,
    type: String(said['errorType'] ?? 'an error'),
    message: String(said['errorMessage'] ?? text),
  });
}

function errorIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : {};
  } catch {
    // A runtime may report anything; then the text is all there is to say.
    return {};
  }
}

function field({ headers }: Answer, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
