// `queues.<name>` of `fulcrum.yml`, and `functions.<name>.queue`, which reads one.

import { z } from 'zod';
import {
  LAMBDA_QUEUE_BATCH,
  LAMBDA_QUEUE_CONCURRENCY,
  LAMBDA_QUEUE_WINDOW_S,
  SQS_DELAY_S,
  SQS_MESSAGE_KIB,
  SQS_RECEIVES,
  SQS_RETENTION_S,
  SQS_VISIBILITY_S,
} from '../model/aws-limits.ts';
import { bytes, duration, whole } from './quantity.ts';
import { name } from './schema-program.ts';

/** SQS counts in whole seconds. */
const seconds = (bounds: { readonly min: number; readonly max: number }) =>
  duration(bounds).superRefine((ms, context) => {
    if (ms % 1000 === 0) return;
    context.addIssue({
      code: 'custom',
      message: `must be whole seconds, was: ${ms} ms`,
      params: { fix: 'Round it.' },
    });
  });

const deadLetter = z.strictObject({
  queue: name.describe('The queue that takes them; it is declared below "queues" too.'),
  after: whole(SQS_RECEIVES)
    .default(3)
    .describe('A message that was received this often and not deleted goes there.'),
});

export const queue = z
  .strictObject({
    fifo: z
      .boolean()
      .default(false)
      .describe(
        'First in, first out within each group of messages, and no message twice. Its name on AWS ends with ".fifo".',
      ),
    contentDedup: z
      .boolean()
      .default(false)
      .describe(
        'Of a FIFO queue: equal bodies within 5 minutes are one message, without an id that says so.',
      ),
    visibility: seconds(SQS_VISIBILITY_S)
      .prefault('30s')
      .describe(
        'A message that was received is hidden for this long; who has not deleted it by then gives it back. 0 s to 12 h.',
      ),
    retention: seconds(SQS_RETENTION_S)
      .prefault('4d')
      .describe('How long a message is kept. 60 s to 14 d.'),
    delay: seconds(SQS_DELAY_S)
      .prefault('0s')
      .describe('A new message is hidden for this long. 0 s to 15 m.'),
    maxMessage: bytes(SQS_MESSAGE_KIB)
      .prefault('1 MB')
      .describe('Size of a message in KB, 1 to 1024; a text such as "256 KB" or "1 MB" will do.'),
    deadLetter: deadLetter
      .optional()
      .describe(
        'Where messages go that nobody can work on. Without it they stay until they are old.',
      ),
  })
  .superRefine(({ fifo, contentDedup }, context) => {
    if (fifo || !contentDedup) return;
    context.addIssue({
      code: 'custom',
      path: ['contentDedup'],
      message: 'is for FIFO queues only',
      params: { fix: 'Add "fifo: true", or remove it.' },
    });
  });

const url = z.string().regex(/^https?:\/\/[^/\s]+\/\d{12}\/[\w-]{1,80}(\.fifo)?$/, {
  error: 'must be the URL of a queue: https://sqs.<region>.amazonaws.com/<account>/<name>',
});

const sourceBlock = z
  .strictObject({
    name: name.optional().describe('A queue of this file.'),
    url: url.optional().describe('Any other queue, on AWS or in an emulator, by its URL.'),
    batch: whole(LAMBDA_QUEUE_BATCH)
      .default(10)
      .describe('Messages of one invocation at most. More than 10 need a "window".'),
    window: seconds(LAMBDA_QUEUE_WINDOW_S)
      .prefault('0s')
      .describe('How long messages are collected before the function is invoked. 0 s to 300 s.'),
    partialFailures: z
      .boolean()
      .default(false)
      .describe(
        'The function answers with "batchItemFailures": only those messages come again. Without it a failure brings back the whole batch.',
      ),
    maxConcurrency: whole(LAMBDA_QUEUE_CONCURRENCY)
      .optional()
      .describe('Invocations at a time that come from this queue. Default: up to 1250.'),
  })
  .superRefine(({ name: queueName, url: queueUrl, batch, window }, context) => {
    if ((queueName === undefined) === (queueUrl === undefined)) {
      context.addIssue({
        code: 'custom',
        message: 'must have either "name" or "url"',
        params: { fix: 'Write "name:" for a queue of this file, "url:" for any other.' },
      });
    }
    if (batch > 10 && window === 0) {
      context.addIssue({
        code: 'custom',
        path: ['batch'],
        message: `must be at most 10 without a "window", was: ${batch}`,
        params: { fix: 'Lower "batch", or add "window: 1s" or more.' },
      });
    }
  });

/** A name alone will do. */
export const queueSource = z
  .union([name.transform((one) => ({ name: one })), z.unknown()])
  .pipe(sourceBlock);
