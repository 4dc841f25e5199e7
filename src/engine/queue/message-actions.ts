// The calls of the SQS API that are about messages, one at a time and in batches.

import { MAX_RECEIVE } from '../../fleet/event-source.ts';
import type { HideRefusal, Receipt } from '../../fleet/message-queue.ts';
import {
  SQS_BATCH,
  SQS_DELAY_S,
  SQS_MESSAGE_KIB,
  SQS_VISIBILITY_S,
  SQS_WAIT_S,
} from '../../model/aws-limits.ts';
import { LOCAL_ACCOUNT, queueArn } from '../../model/metric.ts';
import { type Action, queueOf } from './action.ts';
import {
  checkMessage,
  checkTrace,
  chosenAttributes,
  md5OfAttributes,
  md5OfBody,
  messageBytes,
  sha256Of,
} from './message-content.ts';
import type { QueueAttributes, SentMessage } from './queue-store.ts';
import type { Delivery, NewMessage, Queues } from './queues.ts';
import type { RequestInput } from './request-input.ts';
import { invalidValue, missing, SqsError } from './sqs-error.ts';

const DELAY = { ...SQS_DELAY_S, rule: 'DelaySeconds must be >= 0 and <= 900.' };
const VISIBILITY = {
  ...SQS_VISIBILITY_S,
  rule: 'VisibilityTimeout must be an integer between 0 and 43200',
};
const WAIT = { ...SQS_WAIT_S, rule: 'Must be >= 0 and <= 20, if provided.' };
const MOST = { min: 1, max: MAX_RECEIVE, rule: 'Must be between 1 and 10, if provided.' };

const MAX_BATCH_BYTES = SQS_MESSAGE_KIB.max * 1024;

export const MESSAGE_ACTIONS: Readonly<Record<string, Action>> = {
  SendMessage({ queues }, input) {
    const name = queueOf(queues, input);
    const message = messageOf(queues, name, input);
    return sent(message, queues.send(name, message));
  },

  SendMessageBatch({ queues }, input) {
    const name = queueOf(queues, input);
    const entries = batchOf(input, 'SendMessageBatchRequestEntry');
    checkTotal(entries);
    return eachOf(entries, (entry) => {
      const message = messageOf(queues, name, entry);
      return sent(message, queues.send(name, message));
    });
  },

  async ReceiveMessage({ queues, region, signal }, input) {
    const name = queueOf(queues, input);
    const most = input.number('MaxNumberOfMessages', MOST) ?? 1;
    const visibilityS = input.number('VisibilityTimeout', VISIBILITY);
    const { ReceiveMessageWaitTimeSeconds } = queues.get(name).attributes;
    const waitS = input.number('WaitTimeSeconds', WAIT) ?? ReceiveMessageWaitTimeSeconds;
    if (input.has('ReceiveRequestAttemptId')) {
      throw new SqsError(
        'UnsupportedOperation',
        'The local engine does not have ReceiveRequestAttemptId.',
      );
    }
    const system = [
      ...input.texts('MessageSystemAttributeNames'),
      ...input.texts('AttributeNames'),
    ];
    const own = input.texts('MessageAttributeNames');
    const deliveries = await queues.receive(name, {
      most,
      visibilityMs: visibilityS === undefined ? undefined : visibilityS * 1000,
      waitMs: waitS * 1000,
      signal,
    });
    if (deliveries.length === 0) return {};
    return { Messages: deliveries.map((one) => received(name, region, one, { system, own })) };
  },

  DeleteMessage({ queues }, input) {
    const name = queueOf(queues, input);
    return remove(queues, name, input);
  },

  DeleteMessageBatch({ queues }, input) {
    const name = queueOf(queues, input);
    return eachOf(batchOf(input, 'DeleteMessageBatchRequestEntry'), (entry) =>
      remove(queues, name, entry),
    );
  },

  ChangeMessageVisibility({ queues }, input) {
    return hide(queues, queueOf(queues, input), input);
  },

  ChangeMessageVisibilityBatch({ queues }, input) {
    const name = queueOf(queues, input);
    return eachOf(batchOf(input, 'ChangeMessageVisibilityBatchRequestEntry'), (entry) =>
      hide(queues, name, entry),
    );
  },
};

function messageOf(queues: Queues, name: string, input: RequestInput): NewMessage {
  const body = input.optionalText('MessageBody') ?? '';
  const attributes = input.messageAttributes('MessageAttributes');
  const delayS = input.number('DelaySeconds', DELAY);
  const settings = queues.get(name).attributes;
  checkMessage(body, attributes, settings.MaximumMessageSize);
  const trace = checkTrace(input.messageAttributes('MessageSystemAttributes'));
  const ids = idsOf(settings, body, input);
  const delayMs = delayS === undefined ? undefined : delayS * 1000;
  return { body, attributes, trace, delayMs, ...ids };
}

/** A FIFO queue wants to know the group and the message; a standard queue takes a group. */
function idsOf(
  { FifoQueue: fifo, ContentBasedDeduplication: byContent }: QueueAttributes,
  body: string,
  input: RequestInput,
): Pick<NewMessage, 'group' | 'dedup'> {
  const group = idOf(input, 'MessageGroupId');
  const given = idOf(input, 'MessageDeduplicationId');
  if (!fifo) {
    if (given !== undefined) throw otherType('MessageDeduplicationId', given);
    return { group, dedup: undefined };
  }
  if (group === undefined) throw missing('MessageGroupId');
  const delayS = input.number('DelaySeconds', DELAY);
  if (delayS !== undefined && delayS > 0) throw otherType('DelaySeconds', delayS);
  const dedup = given ?? (byContent ? sha256Of(body) : undefined);
  if (dedup !== undefined) return { group, dedup };
  throw new SqsError(
    'InvalidParameterValueException',
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}

function idOf(input: RequestInput, name: string): string | undefined {
  const id = input.optionalText(name);
  if (id === undefined || /^[!-~]{1,128}$/.test(id)) return id;
  throw invalidValue(
    name,
    id,
    `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length`,
  );
}

function sent({ body, attributes, trace, dedup }: NewMessage, { id, seq }: SentMessage): object {
  const system =
    trace === undefined ? {} : { AWSTraceHeader: { DataType: 'String', StringValue: trace } };
  return {
    MessageId: id,
    MD5OfMessageBody: md5OfBody(body),
    MD5OfMessageAttributes: md5OfAttributes(attributes),
    MD5OfMessageSystemAttributes: md5OfAttributes(system),
    SequenceNumber: dedup === undefined ? undefined : sequenceNumber(seq),
  };
}

/** Twenty digits, so that their order as texts is their order as numbers. */
const sequenceNumber = (seq: number) => String(seq).padStart(20, '0');

function remove(queues: Queues, name: string, input: RequestInput): object {
  if (queues.remove(name, receiptOf(name, input)) === 'expired') {
    const handle = input.text('ReceiptHandle');
    throw invalidValue('ReceiptHandle', handle, 'The receipt handle has expired.');
  }
  return {};
}

function received(
  name: string,
  region: string,
  { state, content }: Delivery,
  wanted: { readonly system: readonly string[]; readonly own: readonly string[] },
): object {
  const all: Readonly<Record<string, string | undefined>> = {
    SenderId: LOCAL_ACCOUNT,
    SentTimestamp: String(state.sentAt),
    ApproximateReceiveCount: String(state.receives),
    ApproximateFirstReceiveTimestamp: String(state.firstReceivedAt),
    AWSTraceHeader: content.trace,
    MessageGroupId: content.group,
    MessageDeduplicationId: content.dedup,
    SequenceNumber: content.dedup === undefined ? undefined : sequenceNumber(state.seq),
    DeadLetterQueueSourceArn:
      content.deadIn === undefined ? undefined : queueArn(region, content.deadIn),
  };
  const names = wanted.system.includes('All') ? Object.keys(all) : wanted.system;
  const system = names.flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]]]));
  const own = chosenAttributes(content.attributes, wanted.own);
  return {
    MessageId: content.id,
    ReceiptHandle: handleOf(name, state),
    Body: content.body,
    MD5OfBody: md5OfBody(content.body),
    Attributes: system.length === 0 ? undefined : Object.fromEntries(system),
    MessageAttributes: Object.keys(own).length === 0 ? undefined : own,
    MD5OfMessageAttributes: md5OfAttributes(own),
  };
}

function handleOf(name: string, { seq, receives }: Receipt): string {
  return Buffer.from(`${name}/${seq}/${receives}`).toString('base64url');
}

function receiptOf(name: string, input: RequestInput): Receipt {
  const handle = input.text('ReceiptHandle');
  const text = Buffer.from(handle, 'base64url').toString();
  const [, queue, seq, receives] = /^([\w-]+(?:\.fifo)?)\/(\d+)\/(\d+)$/.exec(text) ?? [];
  if (queue === name) return { seq: Number(seq), receives: Number(receives) };
  throw new SqsError(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
  );
}

function hide(queues: Queues, name: string, input: RequestInput): object {
  const receipt = receiptOf(name, input);
  const seconds = input.number('VisibilityTimeout', VISIBILITY);
  if (seconds === undefined) {
    throw new SqsError(
      'MissingRequiredParameterException',
      'The request must contain the parameter VisibilityTimeout.',
    );
  }
  const done = queues.hide(name, receipt, seconds * 1000);
  if (typeof done === 'string') throw refusal(done, input.text('ReceiptHandle'), seconds);
  return {};
}

function refusal(why: HideRefusal, handle: string, seconds: number): SqsError {
  switch (why) {
    case 'notInFlight':
      return new SqsError(
        'MessageNotInflight',
        'The specified message is not in flight: its visibility timeout has ended.',
      );
    case 'tooLong':
      return invalidValue(
        'VisibilityTimeout',
        seconds,
        'Total VisibilityTimeout for the message is beyond the limit [43200 seconds].',
      );
    case 'stale':
      return invalidValue(
        'ReceiptHandle',
        handle,
        'Message does not exist or is not available for visibility timeout change.',
      );
  }
}

function otherType(parameter: string, value: unknown): SqsError {
  const reason = 'The request includes a parameter that is not valid for this queue type';
  return invalidValue(parameter, value, reason);
}

/** The entries of a batch, which are refused all together when their ids are not in order. */
function batchOf(input: RequestInput, what: string): readonly RequestInput[] {
  const entries = input.entries('Entries');
  if (entries.length === 0) {
    throw new SqsError('EmptyBatchRequest', `There should be at least one ${what} in the request.`);
  }
  if (entries.length > SQS_BATCH) {
    throw new SqsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${SQS_BATCH}. You have sent ${entries.length}.`,
    );
  }
  const ids = new Set<string>();
  for (const entry of entries) {
    const id = entry.text('Id');
    if (!/^[\w-]{1,80}$/.test(id)) {
      throw new SqsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    }
    if (ids.has(id)) throw new SqsError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);
    ids.add(id);
  }
  return entries;
}

function checkTotal(entries: readonly RequestInput[]): void {
  const bytes = entries.reduce(
    (sum, entry) =>
      sum +
      messageBytes(
        entry.optionalText('MessageBody') ?? '',
        entry.messageAttributes('MessageAttributes'),
      ),
    0,
  );
  if (bytes <= MAX_BATCH_BYTES) return;
  throw new SqsError(
    'BatchRequestTooLong',
    `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${bytes} bytes.`,
  );
}

/** Every entry succeeds or fails by itself. */
function eachOf(entries: readonly RequestInput[], work: (entry: RequestInput) => object): object {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    const Id = entry.text('Id');
    try {
      Successful.push({ Id, ...work(entry) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      const { queryCode: Code, message: Message, sendersFault: SenderFault } = error;
      Failed.push({ Id, Code, Message, SenderFault });
    }
  }
  return { Successful, Failed: Failed.length === 0 ? undefined : Failed };
}
