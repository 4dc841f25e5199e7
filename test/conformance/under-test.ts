// What every implementation of Lambda can be asked to do, so that each case is written once.

import { it, type TestContext } from 'vitest';

/** A function, before it is started. */
export interface FunctionSetup {
  /** Folder it runs in. */
  readonly folder: string;
  /** Starts the runtime; the handler follows as the last word. */
  readonly command: readonly string[];
  readonly handler: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Executables that start before the runtime, by the name of the extension. */
  readonly extensions?: Readonly<Record<string, string>>;
  /** Whole seconds. Default 30. */
  readonly timeoutS?: number;
  /** Default 1024. */
  readonly memoryMiB?: number;
}

export interface InvokeOptions {
  /** Value of X-Amzn-Trace-Id. */
  readonly traceId?: string;
  /** JSON text. */
  readonly clientContext?: string;
  /** Takes a stream, as InvokeWithResponseStream does, where that can be asked for. */
  readonly streams?: boolean;
}

export interface Invoked {
  /** HTTP status the Invoke API gives. */
  readonly status: number;
  /** X-Amz-Function-Error. */
  readonly error: string | undefined;
  /** For an answer that was streamed: all of it. */
  readonly payload: Buffer;
  /** The error after what was streamed, parsed. */
  readonly streamError?: unknown;
}

export interface RunningFunction {
  invoke(event: unknown, options?: InvokeOptions): Promise<Invoked>;
  /** What was written to the log so far, by the function and by Lambda, a line each. */
  log(): string;
  /** Ends every environment, as when Lambda takes them away. */
  stop(): Promise<void>;
}

export interface LambdaUnderTest {
  readonly name: 'Fulcrum' | 'Fulcrum in containers' | 'RIE';
  /** Why it cannot be tested here, or undefined. */
  missing(): string | undefined;
  /** Why functions with external extensions cannot be tested here, or undefined. */
  missingExtensions(): string | undefined;
  /** Why a runtime client cannot be tested here, or undefined. */
  missingClient(name: string): string | undefined;
  /** Where the folder of a function is, as the function sees it. */
  root(setup: FunctionSetup): string;
  /** What AWS_LAMBDA_RUNTIME_API looks like. */
  readonly api: RegExp;
  /** Why processes and files of a function cannot be looked at from outside, or undefined. */
  readonly hidden: string | undefined;
  /** Starts a function that ends with the test. */
  start(setup: FunctionSetup): Promise<RunningFunction>;
}

/**
 * In seconds: short, and long enough for a runtime to start anew in it, also on a busy machine and
 * with its container.
 */
export const hasty = ({ hidden }: Pick<LambdaUnderTest, 'hidden'>): number =>
  hidden === undefined ? 3 : 5;

/** What Lambda says when that has passed. */
export const timedOut = (under: Pick<LambdaUnderTest, 'hidden'>): string =>
  `Task timed out after ${hasty(under)}.00 seconds`;

/** Defines a case that says something here; one that does not apply is left out, not skipped. */
export const itWhere =
  (applies: boolean) =>
  (name: string, run: (context: TestContext) => Promise<void>): void => {
    if (applies) it(name, run);
  };

/** Skips the test with the first reason there is. */
export function needs(
  { skip }: Pick<TestContext, 'skip'>,
  ...reasons: readonly (string | undefined)[]
): void {
  for (const reason of reasons) if (reason !== undefined) skip(reason);
}

export function jsonOf({ payload }: Invoked): unknown {
  return JSON.parse(payload.toString('utf8'));
}

/**
 * The emulator breaks off the start of a runtime when it hears only then of the end of the one before,
 * which it has killed after a timeout: seen on a busy machine. From outside nothing says when it has
 * heard: the runtime before is waited for, and that is not enough.
 */
export function brokeItsStartOff(under: LambdaUnderTest, answer: unknown): string | undefined {
  if (under.name !== 'RIE' || !JSON.stringify(answer).includes('ErrGateCanceled')) return undefined;
  return 'the emulator broke off the start of its runtime (ErrGateCanceled)';
}
