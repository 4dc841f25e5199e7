// Asks a running engine over its admin port.
//
// `fetch` gives up after five minutes of silence. A build may take longer, and so may a program that
// prints nothing.

import { type IncomingMessage, request } from 'node:http';
import { type FactsOf, Fault, type FaultRecord } from '../base/fault.ts';
import { type AppChoice, placeOf } from './find-app.ts';
import type { Machine, RunningEngine } from './machine.ts';

/** Throws ENGINE_NOT_RUNNING, CONFIG_NOT_FOUND. */
export async function runningEngine(machine: Machine, choice: AppChoice): Promise<RunningEngine> {
  const { file, folder, name } = placeOf(machine, choice);
  const engine = await machine.findEngine(folder);
  if (engine !== undefined) return engine;
  if (machine.readText(file) === undefined) throw new Fault('CONFIG_NOT_FOUND', { file: name });
  throw new Fault('ENGINE_NOT_RUNNING', { folder });
}

const PATIENCE_MS = 10_000;

/** Throws ENGINE_UNREACHABLE, and the fault that the engine answers with. */
export async function askJson<answer>(
  engine: RunningEngine,
  path: string,
  body?: unknown,
  signal = AbortSignal.timeout(PATIENCE_MS),
): Promise<answer> {
  const response = await ask(engine, path, body, signal);
  return JSON.parse(await textOf(engine, response)) as answer;
}

/** Lines of JSON as they come, until the engine ends or `signal` aborts. */
export async function* askLines<line>(
  engine: RunningEngine,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<line> {
  const response = await ask(engine, path, undefined, signal);
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of response) {
      const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield JSON.parse(line) as line;
    }
  } catch (error) {
    // The engine stopped, or the reader has seen enough: either way the lines end here.
    if (!signal.aborted && !isConnectionEnd(error)) throw error;
  }
}

async function ask(
  engine: RunningEngine,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  let response: IncomingMessage;
  try {
    response = await send(engine, path, body, signal);
  } catch (error) {
    throw unreachable(engine, error);
  }
  if (response.statusCode === 200) return response;
  const text = await textOf(engine, response);
  if (response.statusCode === 422) {
    const { error } = JSON.parse(text) as { readonly error: FaultRecord };
    throw new Fault(error.code, error.facts as FactsOf<typeof error.code>);
  }
  const reason = `status ${response.statusCode} ${text}`;
  throw new Fault('ENGINE_UNREACHABLE', { url: engine.admin, reason });
}

function send(
  engine: RunningEngine,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const authorization = `Bearer ${engine.token}`;
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const method = body === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    const headers = { authorization, ...type };
    const asked = request(`${engine.admin}${path}`, { method, headers, signal, agent: false });
    asked.on('response', resolve);
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function textOf(engine: RunningEngine, response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
  } catch (error) {
    throw unreachable(engine, error);
  }
  return text;
}

function unreachable(engine: RunningEngine, error: unknown): Fault<'ENGINE_UNREACHABLE'> {
  const reason = error instanceof Error ? error.message : String(error);
  return new Fault('ENGINE_UNREACHABLE', { url: engine.admin, reason }, { cause: error });
}

function isConnectionEnd(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}
