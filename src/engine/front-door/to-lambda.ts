// Hands a request to Lambda: the body is collected first, up to what a load balancer passes on, and
// the answer is sent in one piece.

import { Fault } from '../../base/fault.ts';
import { ALB_LAMBDA_BODY_BYTES } from '../../model/aws-limits.ts';
import type { ResponseHead } from '../http1/head.ts';
import type { LambdaTrack } from '../lambda/lambda-track.ts';
import type { LambdaOutcome } from '../lambda/running-environment.ts';
import { clientFields, targetHead } from './alb-headers.ts';
import type { ServedRequest } from './served-request.ts';

export interface LambdaEnd {
  failed(status: number, fault: Fault): void;
  done(): void;
  clientGone(): void;
  devFields(): string;
  /** "Wed, 01 Jan 2026 00:00:00 GMT" */
  date(): string;
  /**
   * The body turned out too large for Lambda. Returns true if somebody else takes the request,
   * with what was read so far.
   */
  tooLarge(early: readonly Buffer[]): boolean;
}

export function toLambda(
  request: ServedRequest,
  track: LambdaTrack,
  end: LambdaEnd,
  idleMs: number,
): void {
  const { exchange } = request;
  const chunks: Buffer[] = [];
  let bytes = 0;
  let given = false;
  exchange.onGone = () => {
    given = true;
    end.clientGone();
  };
  exchange.onIdle = () => {
    given = true;
    end.failed(408, new Fault('REQUEST_TOO_SLOW', { waitedMs: idleMs }));
  };
  exchange.receive({
    data(chunk) {
      if (given) return;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes <= ALB_LAMBDA_BODY_BYTES) return;
      given = true;
      if (end.tooLarge(chunks)) return;
      const facts = { limitBytes: ALB_LAMBDA_BODY_BYTES };
      end.failed(413, new Fault('LAMBDA_REQUEST_TOO_LARGE', facts));
    },
    end() {
      if (given) return;
      given = true;
      invoke(
        request,
        track,
        end,
        chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks),
      );
    },
    fail(problem) {
      given = true;
      end.failed(400, new Fault('REQUEST_MALFORMED', { problem }));
    },
  });
}

const EMPTY = Buffer.alloc(0);

function invoke(request: ServedRequest, track: LambdaTrack, end: LambdaEnd, body: Buffer): void {
  const { exchange, traceId, forwardedFor } = request;
  const { head, remoteAddress, localPort } = exchange;
  const framing =
    body.length > 0 || head.names.includes('content-length')
      ? `Content-Length: ${body.length}\r\n`
      : '';
  let gone = false;
  const giveUp = track.invoke({
    head: targetHead(head, { remoteAddress, localPort, forwardedFor, traceId }, framing),
    method: head.method,
    body,
    settled: (outcome) => {
      if (!gone) settle(request, outcome, end);
    },
  });
  // A load balancer waits for a function until it answers or times out.
  exchange.onIdle = undefined;
  exchange.onGone = () => {
    gone = true;
    giveUp();
    end.clientGone();
  };
}

function settle(request: ServedRequest, outcome: LambdaOutcome, end: LambdaEnd): void {
  request.instance = outcome.environment;
  request.cold = outcome.cold;
  if (outcome.kind === 'failed') {
    end.failed(outcome.status, outcome.fault);
    return;
  }
  const { head, body } = outcome.answer;
  const { exchange } = request;
  request.status = head.status;
  const bodyless = exchange.head.method === 'HEAD' || head.status === 204 || head.status === 304;
  exchange.respond({
    status: head.status,
    reason: head.reason,
    fields: fieldsOf(head, bodyless, end.date()) + end.devFields(),
    body: bodyless ? { kind: 'none' } : { kind: 'length', bytes: body.length },
  });
  if (body.length > 0) exchange.write(body);
  exchange.end();
  end.done();
}

/** The load balancer frames the answer of a function itself, and dates it. */
function fieldsOf(head: ResponseHead, bodyless: boolean, date: string): string {
  let fields = clientFields(head);
  if (!bodyless) fields = fields.replace(/^content-length:[^\r]*\r\n/im, '');
  if (!head.names.includes('date')) fields += `Date: ${date}\r\n`;
  return fields;
}
