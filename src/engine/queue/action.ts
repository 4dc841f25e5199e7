// One call of the SQS API: what it is given, and the queue it is about.

import { LOCAL_ACCOUNT } from '../../model/metric.ts';
import type { Queues } from './queues.ts';
import type { RequestInput } from './request-input.ts';
import { noSuchQueue } from './sqs-error.ts';

export interface ActionContext {
  readonly queues: Queues;
  readonly region: string;
  /** Whoever asks has gone away. */
  readonly signal: AbortSignal;
  urlOf(queueName: string): string;
}

export type Action = (context: ActionContext, input: RequestInput) => object | Promise<object>;

/** The queue a call is about, by the end of its URL: the host may be any that leads here. */
export function queueOf(queues: Queues, input: RequestInput): string {
  const url = input.text('QueueUrl');
  const [, account, name] = /(?:^|\/)(\d{12})\/([\w-]+(?:\.fifo)?)\/?$/.exec(url) ?? [];
  if (name === undefined || account !== LOCAL_ACCOUNT || !queues.has(name)) throw noSuchQueue();
  return name;
}
