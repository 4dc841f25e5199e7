// What can be wrong with the answer of a service on Lambda, between its program and whoever asked.

import { Fault } from '../../base/fault.ts';
import type { PlatformStatus } from '../../model/platform-event.ts';
import { adapterError, failingStatus } from '../../payload/adapter-answer.ts';
import type { AdapterSettings } from '../../payload/adapter-settings.ts';
import { type BadAnswer, isBad } from '../../payload/http-message.ts';
import { fieldPairs } from '../http1/head.ts';
import { type Collected, jsonBytes } from './collect.ts';
import type { ServiceFailure } from './event-request.ts';
import type { LambdaRequest } from './running-environment.ts';

/** The end of an invocation that failed, for the books, the front door and whoever invoked. */
export interface Failing {
  readonly status: PlatformStatus;
  readonly errorType: string | undefined;
  readonly fault: Fault;
  readonly failure: ServiceFailure;
}

export interface Answering {
  readonly adapter: AdapterSettings;
  /** Name of the service. */
  readonly service: string;
}

/** Undefined: nothing is wrong with it. */
export function problemOf(
  request: LambdaRequest,
  answer: Collected,
  { adapter, service }: Answering,
): Failing | undefined {
  const failed = statusProblem(answer, adapter);
  if (failed !== undefined) return failed;
  if (request.event === undefined && adapter.invokeMode === 'response_stream') {
    return unreadable(service);
  }
  const payload = request.event?.payload(answer);
  if (payload !== undefined && isBad(payload)) return unusable(payload);
  const bytes = payload?.length ?? jsonBytes(answer);
  return bytes > request.answerBytes ? tooLarge(bytes, request.answerBytes) : undefined;
}

function statusProblem({ head, body }: Collected, adapter: AdapterSettings): Failing | undefined {
  if (adapter.errorStatusCodes.length === 0) return undefined;
  const payload = failingStatus({ status: head.status, fields: fieldPairs(head), body }, adapter);
  if (payload === undefined) return undefined;
  return reported(new Fault('ADAPTER_STATUS_FAILS', { status: head.status }), payload);
}

/** An error that the adapter reports. */
export function reported(fault: Fault, payload: Buffer = adapterError(fault.message)): Failing {
  const failure = { kind: 'reported', payload } as const;
  return { status: 'error', errorType: 'Runtime.Unknown', fault, failure };
}

/** The adapter itself ends over such an answer. */
export function unusable({ problem }: BadAnswer): Failing {
  const fault = new Fault('ADAPTER_ANSWER_UNUSABLE', { problem });
  const failure = { kind: 'exited', exit: { code: 1 } } as const;
  return { status: 'error', errorType: 'Runtime.ExitError', fault, failure };
}

export function tooLarge(bytes: number, limitBytes: number): Failing {
  const fault = new Fault('LAMBDA_RESPONSE_TOO_LARGE', { bytes, limitBytes });
  const errorType = 'Function.ResponseSizeTooLarge';
  return { status: 'error', errorType, fault, failure: { kind: 'too-large' } };
}

/** The function has done well, but no front door understands the beginning of a stream. */
function unreadable(service: string): Failing {
  const fault = new Fault('ADAPTER_STREAMS_TO_DOOR', { service });
  const failure = { kind: 'reported', payload: adapterError(fault.message) } as const;
  return { status: 'success', errorType: undefined, fault, failure };
}
