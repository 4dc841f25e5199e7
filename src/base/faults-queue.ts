// Failures of the queues and of the functions that read them.

import { EXIT, entry } from './fault-entry.ts';

export const QUEUE_FAULTS = {
  QUEUE_STORE_UNUSABLE: entry<{ file: string; reason: string }>({
    blame: 'machine',
    exit: EXIT.conflict,
    when: 'The file that keeps the messages of the queues cannot be opened or read.',
    say: ({ file, reason }) => `The queues in ${file} cannot be opened: ${reason}.`,
    fix: ({ file }) => `Make the folder writable, or move ${file} away to begin with empty queues.`,
  }),
  QUEUE_PORT_UNUSABLE: entry<{ port: number; reason: string }>({
    blame: 'machine',
    exit: EXIT.conflict,
    when: 'The port of "local.queuePort" cannot be opened.',
    say: ({ port, reason }) => `Port ${port} for the queues cannot be opened: ${reason}.`,
    fix: () => 'Choose another with "local.queuePort", or leave it out for a free one.',
  }),
  QUEUE_UNREACHABLE: entry<{ function: string; url: string; reason: string }>({
    blame: 'machine',
    exit: EXIT.unexpected,
    when: 'A function cannot read its queue. The reading is tried again.',
    say: ({ function: name, url, reason }) => `${name} cannot read ${url}: ${reason}.`,
    fix: () =>
      'Check that the queue exists and that this machine has credentials that may receive, delete and read attributes.',
  }),
  QUEUE_VISIBILITY_SHORT: entry<{
    function: string;
    url: string;
    visibilityS: number;
    timeoutS: number;
  }>({
    blame: 'config',
    exit: EXIT.config,
    when: 'A function may run longer than its queue hides a message; AWS refuses that.',
    say: ({ function: name, url, visibilityS, timeoutS }) =>
      `${name} may run ${timeoutS} s, but ${url} hides a message for ${visibilityS} s only: it is not read.`,
    fix: () => 'Raise the visibility timeout of the queue; six times the timeout is recommended.',
  }),
  QUEUE_BATCH_FAILED: entry<{ function: string; failed: number; of: number; reason: string }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'A function fails with messages of its queue. They become visible again.',
    say: ({ function: name, failed, of, reason }) =>
      `${name} failed with ${failed} of ${of} ${of === 1 ? 'message' : 'messages'}: ${reason}.`,
    fix: () =>
      'They are tried again when their visibility ends. "fulcrum logs" has what it printed.',
  }),
};
