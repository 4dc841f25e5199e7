// Asks a running engine over its admin port.

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
  return (await response.json()) as answer;
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
    for await (const chunk of response.body ?? []) {
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
): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${engine.token}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(`${engine.admin}${path}`, {
      signal,
      headers,
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new Fault(
      'ENGINE_UNREACHABLE',
      { url: engine.admin, reason: reasonOf(error) },
      { cause: error },
    );
  }
  if (response.ok) return response;
  if (response.status === 422) {
    const { error } = (await response.json()) as { readonly error: FaultRecord };
    throw new Fault(error.code, error.facts as FactsOf<typeof error.code>);
  }
  const reason = `status ${response.status} ${await response.text()}`;
  throw new Fault('ENGINE_UNREACHABLE', { url: engine.admin, reason });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function isConnectionEnd(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'terminated';
}
