// What the front door reads of a request: what routes look at, and what is wrong with one that
// cannot be read.

import { Fault } from '../../base/fault.ts';
import type { RequestFacts } from '../../routing/route-table.ts';
import type { Exchange } from '../http1/exchange.ts';
import type { Malformed } from '../http1/head.ts';
import { fieldValues } from './alb-headers.ts';
import type { DoorKind, Refused } from './door-kind.ts';

export function factsOf(exchange: Exchange): RequestFacts {
  const { head } = exchange;
  const path = pathOf(head.target);
  return {
    method: head.method,
    path,
    query: path.length === head.target.length ? '' : head.target.slice(path.length + 1),
    host: head.host.replace(/:\d+$/, ''),
    source: exchange.remoteAddress,
    headerValues: (name) => fieldValues(head, name),
  };
}

/** Nothing in a message may end the line it is sent in. */
export function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e\x80-\xff]+/g, ' ');
}

export function pathOf(target: string): string {
  const mark = target.indexOf('?');
  return mark === -1 ? target : target.slice(0, mark);
}

export function malformedFault(
  problem: Malformed | 'timeout',
  { idleTimeoutMs, headLimits }: Pick<DoorKind, 'idleTimeoutMs' | 'headLimits'>,
): Refused {
  if (problem === 'timeout') {
    return { status: 408, fault: new Fault('REQUEST_TOO_SLOW', { waitedMs: idleTimeoutMs }) };
  }
  switch (problem.kind) {
    case 'coding':
      return {
        status: 501,
        fault: new Fault('TRANSFER_CODING_UNKNOWN', { coding: problem.message }),
      };
    case 'too-large': {
      const limitBytes = problem.message === 'head' ? headLimits.total : headLimits.line;
      const facts = { what: problem.message, limitBytes };
      return { status: 400, fault: new Fault('REQUEST_HEAD_TOO_LARGE', facts) };
    }
    case 'syntax':
      return { status: 400, fault: new Fault('REQUEST_MALFORMED', { problem: problem.message }) };
  }
}
