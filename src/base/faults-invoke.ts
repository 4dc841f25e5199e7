// Failures of invoking a function by itself: over the Invoke API or with "fulcrum invoke".

import { EXIT, entry } from './fault-entry.ts';

export const INVOKE_FAULTS = {
  FUNCTION_FAILED: entry<{ function: string; type: string; message: string }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: '"fulcrum invoke" runs a function that ends with an error. Its payload is printed.',
    say: ({ function: name, type, message }) => `${name} failed with ${type}: ${message}`,
    fix: () => 'Read what it printed with --tail or "fulcrum logs".',
  }),
  FUNCTION_UNKNOWN: entry<{ function: string; known: readonly string[] }>({
    blame: 'usage',
    exit: EXIT.notFound,
    when: '"fulcrum invoke" names a function, version or alias that the app does not have.',
    say: ({ function: name }) => `There is no function "${name}".`,
    fix: ({ known }) =>
      known.length === 0
        ? 'Add it below "functions:" in fulcrum.yml.'
        : `Use one of: ${known.join(', ')}; --qualifier takes a version or an alias of it.`,
  }),
  INVOKE_PORT_TAKEN: entry<{ port: number }>({
    blame: 'machine',
    exit: EXIT.conflict,
    when: 'Another program listens on the port that "local.invokePort" gives the Invoke API.',
    say: ({ port }) => `Port ${port} of the Invoke API is taken by another program.`,
    fix: () => 'Choose another "local.invokePort", or 0 for a free one.',
  }),
  INVOKE_REFUSED: entry<{ function: string; status: number; type: string; message: string }>({
    blame: 'usage',
    exit: EXIT.unexpected,
    when: 'The Invoke API does not take an invocation: it is throttled, too large or not JSON.',
    say: ({ function: name, type, message }) => `${name} was not invoked: ${type}: ${message}`,
    fix: ({ status }) =>
      status === 429
        ? 'Try again shortly, or raise "lambda.reserved".'
        : 'Correct the payload and the options.',
  }),
  ASYNC_EVENT_DROPPED: entry<{
    function: string;
    requestId: string;
    condition: string;
    runs: number;
  }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'An asynchronous invocation is given up: its retries or its age are exhausted.',
    say: ({ function: name, requestId, condition, runs }) =>
      `${name}: event ${requestId} was given up after ${runs} ${runs === 1 ? 'attempt' : 'attempts'}: ${condition}.`,
    fix: () => 'Read why in "fulcrum logs"; "async.onFailure" keeps such events.',
  }),
  ASYNC_FUNCTION_GONE: entry<{ function: string; qualifier: string | undefined }>({
    blame: 'config',
    exit: EXIT.unexpected,
    when: 'An asynchronous invocation of an earlier run is for a function that is no longer there.',
    say: ({ function: name, qualifier }) =>
      `An event was dropped: there is no function "${name}${qualifier === undefined ? '' : `:${qualifier}`}" any more.`,
    fix: () => 'If it was renamed, invoke it again by its new name.',
  }),
  ASYNC_STORE_BROKEN: entry<{ file: string; reason: string }>({
    blame: 'machine',
    exit: EXIT.unexpected,
    when: 'The file that keeps asynchronous invocations cannot be opened, read or written.',
    say: ({ file, reason }) => `${file} cannot be used: ${reason}.`,
    fix: () => 'Make room or give access; if it is damaged, delete it: its events are lost.',
  }),
  DESTINATION_FAILED: entry<{ function: string; destination: string; reason: string }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'The record of an asynchronous invocation cannot be sent to its destination.',
    say: ({ function: name, destination, reason }) =>
      `${name}: the record for "${destination}" was not sent: ${reason}.`,
    fix: () => 'Send less, or break the loop.',
  }),
};
