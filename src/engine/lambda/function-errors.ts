// What the caller of a function gets when it failed. [RIE rapid/handlers.go, interop/model.go;
// captures listed in docs/design/assumptions.md]

import { Fault, sayExit } from '../../base/fault.ts';
import { type Millis, MS_PER_SECOND } from '../../base/units.ts';
import type { Assumptions, LambdaSettings } from '../../model/app.ts';
import type { RuntimeError } from './answer-call.ts';
import type { FunctionError } from './invocation.ts';
import type { Failure } from './sandbox.ts';

/** A function error with its message, for people. */
export interface WordedError extends FunctionError {
  readonly message: string;
}

/** The processes failed, or their answer cannot be used. "plain": without the request id. */
export function crashError(
  requestId: string,
  { errorType, message, payload }: Failure,
  form: 'with-id' | 'plain' = 'with-id',
): WordedError {
  const errorMessage = form === 'plain' ? message : `RequestId: ${requestId} Error: ${message}`;
  const body = payload ?? Buffer.from(JSON.stringify({ errorType, errorMessage }));
  return { kind: 'Unhandled', type: errorType, payload: body, message };
}

/** The same for the person who runs the engine. */
export function crashFault(
  { errorType, message, outOfMemory, exit }: Failure,
  name: string,
  { memoryMiB }: LambdaSettings,
  lastLines: readonly string[],
): Fault {
  if (outOfMemory === true) {
    return new Fault('APP_OUT_OF_MEMORY', { service: name, compute: 'lambda', memoryMiB });
  }
  if (errorType !== 'Runtime.ExitError' || exit === undefined) {
    return new Fault('FUNCTION_FAILED', { function: name, type: errorType, message });
  }
  return new Fault('FUNCTION_EXITED', { function: name, exit: sayExit(exit), lastLines });
}

/** What the runtime itself reported goes to the caller as it is. */
export function reportedError(
  { type, payload }: RuntimeError,
  { runtimeError }: Assumptions,
): WordedError {
  const { errorType, errorMessage } = wordsOf(payload);
  return {
    kind: runtimeError === 'handled' ? 'Handled' : 'Unhandled',
    type: errorType ?? type,
    payload,
    message: errorMessage ?? '',
  };
}

function wordsOf(payload: Buffer): { errorType?: string; errorMessage?: string } {
  try {
    const parsed: unknown = JSON.parse(payload.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null) return {};
    const { errorType, errorMessage } = parsed as Readonly<Record<string, unknown>>;
    return {
      ...(typeof errorType === 'string' && { errorType }),
      ...(typeof errorMessage === 'string' && { errorMessage }),
    };
  } catch {
    // A runtime may report anything: the caller gets it as it is.
    return {};
  }
}

export function timeoutError(
  { requestId, startedWall }: { readonly requestId: string; readonly startedWall: Millis },
  timeoutMs: Millis,
  assume: Assumptions,
): WordedError {
  const seconds = (timeoutMs / MS_PER_SECOND).toFixed(2);
  const message = `Task timed out after ${seconds} seconds`;
  const type = 'Sandbox.Timedout';
  const time = new Date(startedWall + timeoutMs).toISOString();
  const body =
    assume.timeoutError === 'typed'
      ? { errorType: type, errorMessage: `RequestId: ${requestId} Error: ${message}` }
      : { errorMessage: `${time} ${requestId} ${message}` };
  return { kind: 'Unhandled', type, payload: Buffer.from(JSON.stringify(body)), message };
}
