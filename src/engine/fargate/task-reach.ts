// How a task is reached: with HTTP/1.1, or with HTTP/2 where its target group speaks that. What
// HTTP/2 takes is loaded by apps with such a target group alone.

import { ALB_CONNECT_TIMEOUT_MS, ALB_RESPONSE_HEAD_BYTES } from '../../model/aws-limits.ts';
import type { TargetProtocol } from '../../model/fargate.ts';
import { upstream } from '../http1/upstream.ts';
import { type Asker, ask } from '../probe.ts';
import type { EnginePorts } from '../program.ts';
import type { TaskReach } from './slot.ts';

export interface CheckedReach extends TaskReach {
  /** Asks it for its health. */
  readonly ask: Asker;
}

export async function reachOf(
  { clock }: EnginePorts,
  port: number,
  protocol: TargetProtocol,
): Promise<CheckedReach> {
  const settings = {
    port,
    clock,
    connectTimeoutMs: ALB_CONNECT_TIMEOUT_MS,
    maxHeadBytes: ALB_RESPONSE_HEAD_BYTES,
  };
  const plain = upstream(settings);
  if (protocol === 'http1') return { upstream: plain, streams: undefined, ask };
  const [{ streamUpstream }, { askGrpc, askHttp2 }] = await Promise.all([
    import('../http2/stream-upstream.ts'),
    import('../http2/stream-probe.ts'),
  ]);
  return {
    upstream: plain,
    streams: streamUpstream(settings),
    ask: protocol === 'grpc' ? askGrpc : askHttp2,
  };
}
