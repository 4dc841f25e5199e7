// Which requests a target group takes by what its targets speak. [ELB:load-balancer-target-groups]

import type { TargetProtocol } from '../../model/fargate.ts';
import type { Exchange } from '../http1/exchange.ts';
import type { RequestHead } from '../http1/head.ts';
import { fieldValue } from './alb-headers.ts';

const GRPC = /^application\/grpc(?:[+;]|$)/i;

export function isGrpc(head: RequestHead): boolean {
  return GRPC.test(fieldValue(head, 'content-type') ?? '');
}

/** Why a target group does not take a request, or undefined. */
export function mismatchOf(
  { head, peer }: Pick<Exchange, 'head' | 'peer'>,
  protocol: TargetProtocol,
): string | undefined {
  if (!peer.http2) return protocol === 'http1' ? undefined : 'the request came with HTTP/1.1';
  switch (protocol) {
    case 'http1':
      return isGrpc(head) ? 'the request is a call of gRPC' : undefined;
    case 'http2':
      return undefined;
    case 'grpc':
      return head.method === 'POST' ? undefined : `the method is ${head.method}`;
  }
}
