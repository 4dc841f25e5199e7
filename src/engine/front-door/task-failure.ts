// What a request is answered when its task gives no answer. [ELB:load-balancer-troubleshooting]

import { Fault } from '../../base/fault.ts';
import { ALB_CONNECT_TIMEOUT_MS } from '../../model/aws-limits.ts';
import type { StreamFailure } from '../http2/stream-call.ts';

export interface TaskFailure {
  readonly status: number;
  readonly fault: Fault;
}

const compute = 'fargate';

export function taskFailure({ kind, problem }: StreamFailure): TaskFailure {
  switch (kind) {
    case 'malformed':
      return { status: 502, fault: new Fault('UPSTREAM_MALFORMED', { compute, problem }) };
    case 'connect-timeout': {
      const facts = { compute, idleMs: ALB_CONNECT_TIMEOUT_MS };
      return { status: 504, fault: new Fault('UPSTREAM_SILENT', facts) };
    }
    case 'reset':
      return { status: 502, fault: new Fault('UPSTREAM_RESET', { compute, when: problem }) };
    case 'refused': {
      const when = `before there was one (${problem})`;
      return { status: 502, fault: new Fault('UPSTREAM_CLOSED', { compute, when }) };
    }
    case 'closed':
      return { status: 502, fault: new Fault('UPSTREAM_CLOSED', { compute, when: problem }) };
  }
}
