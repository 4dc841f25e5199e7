// Invokes functions of a running app in this process, as a front door or the Invoke API does.

import { randomUUID } from 'node:crypto';
import type {
  FunctionInvocation,
  InvocationOutcome,
  InvocationTarget,
  Ticket,
} from '../../src/engine/lambda/invocation.ts';
import type { TestApp } from './app.ts';

export interface InvokeOptions {
  readonly streams?: boolean;
  readonly wantsLog?: boolean;
  readonly clientContext?: string;
  readonly requestId?: string;
  /** Value of X-Amzn-Trace-Id. */
  readonly traceId?: string;
  /** Called with every chunk; false holds the stream back until `resume`. */
  readonly onData?: (chunk: Buffer, resume: () => void) => boolean;
}

export interface Invoked {
  readonly outcome: InvocationOutcome;
  /** What a stream brought before its end. */
  readonly chunks: readonly Buffer[];
  readonly contentType: string | undefined;
}

export function targetOf(app: TestApp, name: string): InvocationTarget {
  const target = app.session.engine.function(name);
  if (target === undefined) throw new Error(`no function "${name}"`);
  return target;
}

/** `payload` is sent as JSON, a Buffer as it is. */
export function invoke(
  target: InvocationTarget,
  payload: unknown,
  options: InvokeOptions = {},
): Promise<Invoked> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let contentType: string | undefined;
    let ticket: Ticket | undefined;
    const invocation: FunctionInvocation = {
      requestId: options.requestId ?? randomUUID(),
      payload: Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload)),
      invokedArn: `arn:aws:lambda:us-east-1:000000000000:function:${target.functionName}`,
      traceId: options.traceId ?? 'Root=1-00000000-000000000000000000000000;Sampled=0',
      clientContext: options.clientContext,
      tenantId: undefined,
      wantsLog: options.wantsLog ?? false,
      streams: options.streams ?? false,
      begin(type) {
        contentType = type;
      },
      data(chunk) {
        chunks.push(chunk);
        return options.onData?.(chunk, () => ticket?.resume()) ?? true;
      },
      settled(outcome) {
        resolve({ outcome, chunks, contentType });
      },
    };
    ticket = target.invoke(invocation);
  });
}

/** The parsed answer of an invocation that went well. */
export async function call(
  target: InvocationTarget,
  payload: unknown,
  options?: InvokeOptions,
): Promise<unknown> {
  const { outcome } = await invoke(target, payload, options);
  if (outcome.kind !== 'answered') {
    throw new Error(`${outcome.kind}: ${JSON.stringify(outcome, bufferText)}`);
  }
  return JSON.parse(outcome.payload.toString('utf8'));
}

/** The error of an invocation that failed. */
export async function failure(
  target: InvocationTarget,
  payload: unknown,
  options?: InvokeOptions,
): Promise<{ type: string; kind: string; body: unknown; code: string }> {
  const { outcome } = await invoke(target, payload, options);
  if (outcome.kind !== 'failed') throw new Error(`it did not fail: ${outcome.kind}`);
  const { kind, type, payload: body } = outcome.error;
  return { kind, type, code: outcome.fault.code, body: JSON.parse(body.toString('utf8')) };
}

function bufferText(_key: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: string; data?: number[] };
  return type === 'Buffer' ? Buffer.from(data ?? []).toString('utf8') : value;
}
