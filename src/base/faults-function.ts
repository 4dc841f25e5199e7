// Failures of functions: programs that speak the Lambda Runtime API themselves.

import { EXIT, entry, withLines } from './fault-entry.ts';

export const FUNCTION_FAULTS = {
  HANDLER_NOT_FOUND: entry<{ function: string; handler: string; folder: string }>({
    blame: 'config',
    exit: EXIT.config,
    when: 'A function has a "handler" and no file it could be in.',
    say: ({ function: name, handler, folder }) =>
      `The handler "${handler}" of function "${name}" is in no file of ${folder}.`,
    fix: ({ handler }) =>
      `Write "file.name" for an .mjs, .js, .cjs or .py file there (looked for "${handler.slice(0, Math.max(0, handler.lastIndexOf('.')))}"), or say how the runtime starts with "command".`,
  }),
  RUNTIME_CLIENT_MISSING: entry<{ function: string; client: string; install: string }>({
    blame: 'config',
    exit: EXIT.dependency,
    when: 'A function has a "handler" and its folder has no runtime client to run it.',
    say: ({ function: name, client }) =>
      `Function "${name}" needs ${client} to run its handler, and it is not installed.`,
    fix: ({ install }) => `Run "${install}" in its folder, or give "command".`,
  }),
  EXTENSIONS_NOT_FOUND: entry<{ function: string; folder: string }>({
    blame: 'config',
    exit: EXIT.config,
    when: 'The folder named by "extensions" is not there or has no executable.',
    say: ({ function: name, folder }) =>
      `Function "${name}" has no executable in its extensions folder ${folder}.`,
    fix: () => 'Put executables there (chmod +x), or take "extensions" out.',
  }),
  FUNCTION_FAILED: entry<{ function: string; type: string; message: string }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'A function reports an error, or its answer cannot be used. Behind ALB answered 502.',
    say: ({ function: name, type, message }) => `Function "${name}" failed: ${type}: ${message}`,
    fix: () => 'Read what it wrote in "fulcrum logs".',
  }),
  FUNCTION_EXITED: entry<{ function: string; exit: string; lastLines: readonly string[] }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'The runtime of a function ends by itself.',
    say: ({ function: name, exit, lastLines }) =>
      withLines(`The runtime of function "${name}" ended with ${exit}.`, lastLines),
    fix: () => 'A runtime asks for events until it is stopped: see the lines above.',
  }),
  INIT_TIMED_OUT: entry<{ function: string; limitMs: number; waitsFor: string }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'A function or its extensions do not finish INIT in time.',
    say: ({ function: name, limitMs, waitsFor }) =>
      `Function "${name}" was not initialised after ${limitMs / 1000} s: ${waitsFor}.`,
    fix: () =>
      'INIT is over when the runtime asks for /runtime/invocation/next and every extension for /extension/event/next.',
  }),
};
