// Queues, mail, schedules.
//
// Rules [aws.amazon.com/sqs/pricing, aws.amazon.com/ses/pricing, aws.amazon.com/eventbridge/pricing]:
//  M29. SQS by the call, one for every 64 KB begun. A message is sent, received and deleted: three
//       calls, fewer in batches, more where a poll finds nothing.
//  M30. SES by the recipient, à la carte or on the plan Essentials, the default of accounts new
//       since 2026-07-21; attachments by the GB.
//  M31. EventBridge Scheduler by the invocation.

import { exact } from '../amount.ts';
import type { Quantity } from '../quantity.ts';
import { type Requests, steps } from './api-gateway.ts';
import { line, type Owner } from './line.ts';

export const SQS_STEP_BYTES = 64 * 1024;

export interface SqsUse {
  /** Calls of the API; the bytes of a batch are those of all its messages. */
  readonly calls: readonly Requests[];
  readonly fifo: boolean;
}

export function sqsQuantities(use: SqsUse, owner?: Owner): readonly Quantity[] {
  const item = use.fifo ? 'sqs.fifoRequest' : 'sqs.standardRequest';
  return [line('other', item, steps(use.calls, SQS_STEP_BYTES), { owner })];
}

export interface SesUse {
  /** Mails times their recipients. */
  readonly recipients: number;
  readonly plan: 'a-la-carte' | 'essentials';
  readonly attachmentGb?: number | undefined;
}

export function sesQuantities(use: SesUse, owner?: Owner): readonly Quantity[] {
  const item = use.plan === 'essentials' ? 'ses.essentialsEmail' : 'ses.aLaCarteEmail';
  return [
    line('other', item, exact(use.recipients), { owner }),
    line('other', 'ses.attachmentGb', exact(use.attachmentGb ?? 0), { owner }),
  ];
}

export function schedulerQuantities(invocations: number, owner?: Owner): readonly Quantity[] {
  return [line('other', 'eventbridgeScheduler.invocation', exact(invocations), { owner })];
}
