// The attributes of a queue as the API writes them: a map of texts.

import type { QueueCounts } from '../../fleet/message-queue.ts';
import {
  SQS_DELAY_S,
  SQS_MESSAGE_KIB,
  SQS_RECEIVES,
  SQS_RETENTION_S,
  SQS_VISIBILITY_S,
  SQS_WAIT_S,
} from '../../model/aws-limits.ts';
import { queueArn } from '../../model/metric.ts';
import type { QueueAttributes, RedrivePolicy, StoredQueue } from './queue-store.ts';
import { invalidValue, SqsError } from './sqs-error.ts';

type Texts = Readonly<Record<string, string>>;

/** What a queue has when nothing is said. [BOTO sqs CreateQueue] */
export const DEFAULT_ATTRIBUTES: QueueAttributes = {
  VisibilityTimeout: 30,
  DelaySeconds: 0,
  MessageRetentionPeriod: 345_600,
  MaximumMessageSize: SQS_MESSAGE_KIB.max * 1024,
  ReceiveMessageWaitTimeSeconds: 0,
  RedrivePolicy: undefined,
  FifoQueue: false,
  ContentBasedDeduplication: false,
};

const NUMBERS = {
  VisibilityTimeout: SQS_VISIBILITY_S,
  DelaySeconds: SQS_DELAY_S,
  MessageRetentionPeriod: SQS_RETENTION_S,
  MaximumMessageSize: { min: SQS_MESSAGE_KIB.min * 1024, max: SQS_MESSAGE_KIB.max * 1024 },
  ReceiveMessageWaitTimeSeconds: SQS_WAIT_S,
} as const;

type NumberName = keyof typeof NUMBERS;

const isNumberName = (name: string): name is NumberName => Object.hasOwn(NUMBERS, name);

/** Attributes of SQS that have no meaning here: what asks for one is told so. */
const NOT_KEPT = new Set([
  'Policy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
  'RedriveAllowPolicy',
  'DeduplicationScope',
  'FifoThroughputLimit',
]);

/** Attributes that not every queue has. */
const SOMETIMES = new Set(['RedrivePolicy', 'FifoQueue', 'ContentBasedDeduplication']);

/** Lays what was asked for over what is there. `isQueue` tells whether a dead-letter queue exists. */
export function mergeAttributes(
  before: QueueAttributes,
  asked: Texts,
  isQueue: (name: string) => boolean,
): QueueAttributes {
  const merged: { -readonly [name in keyof QueueAttributes]: QueueAttributes[name] } = {
    ...before,
  };
  for (const [name, value] of Object.entries(asked)) {
    if (isNumberName(name)) merged[name] = numberOf(name, value);
    else if (name === 'RedrivePolicy') merged.RedrivePolicy = redriveOf(value, isQueue, before);
    else if (name === 'ContentBasedDeduplication' && before.FifoQueue) {
      merged.ContentBasedDeduplication = flagOf(name, value);
    } else if (name === 'FifoQueue' && before.FifoQueue) flagOf(name, value);
    else if (NOT_KEPT.has(name)) throw notKept(name);
    else throw new SqsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  }
  return merged;
}

function notKept(name: string): SqsError {
  return new SqsError('UnsupportedOperation', `The local engine does not keep ${name}.`);
}

/** What a queue is cannot be changed: "FifoQueue" may only say it again. */
function flagOf(name: string, text: string): boolean {
  const allowed = name === 'FifoQueue' ? ['true'] : ['true', 'false'];
  if (allowed.includes(text)) return text === 'true';
  throw new SqsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
}

function numberOf(name: NumberName, text: string): number {
  const { min, max } = NUMBERS[name];
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new SqsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
}

function redriveOf(
  text: string,
  isQueue: (name: string) => boolean,
  { FifoQueue: fifo }: QueueAttributes,
): RedrivePolicy | undefined {
  if (text === '') return undefined;
  const invalid = (reason: string) => invalidValue('RedrivePolicy', text, reason);
  let policy: { deadLetterTargetArn?: unknown; maxReceiveCount?: unknown } | null;
  try {
    policy = JSON.parse(text) as typeof policy;
  } catch {
    throw invalid('Redrive policy is not a valid JSON map.');
  }
  const { deadLetterTargetArn: arn, maxReceiveCount } = policy ?? {};
  if (typeof arn !== 'string' || maxReceiveCount === undefined) {
    throw invalid('Redrive policy does not contain both deadLetterTargetArn and maxReceiveCount.');
  }
  const most = Number(maxReceiveCount);
  if (!Number.isInteger(most) || most < SQS_RECEIVES.min || most > SQS_RECEIVES.max) {
    throw invalid('Invalid value for maxReceiveCount: it must be an integer from 1 to 1000.');
  }
  const target = /^arn:aws[\w-]*:sqs:[\w-]*:\d{12}:([\w-]+(?:\.fifo)?)$/.exec(arn)?.[1];
  if (target === undefined) throw invalid('Invalid value for deadLetterTargetArn.');
  if (!isQueue(target)) throw invalid('Dead letter target does not exist.');
  if (target.endsWith('.fifo') !== fifo) {
    throw invalid('Dead-letter queue must be same type of queue as the source.');
  }
  return { target, maxReceiveCount: most };
}

/** What GetQueueAttributes answers for `wanted`. */
export function describeAttributes(
  { name, attributes, createdAt, modifiedAt }: StoredQueue,
  counts: QueueCounts,
  region: string,
  wanted: readonly string[],
): Texts {
  const { RedrivePolicy: redrive, FifoQueue, ContentBasedDeduplication, ...numbers } = attributes;
  const all: Record<string, string> = {
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: String(Math.floor(createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(modifiedAt / 1000)),
    QueueArn: queueArn(region, name),
  };
  for (const [key, value] of Object.entries(numbers)) all[key] = String(value);
  if (FifoQueue) {
    all['FifoQueue'] = 'true';
    all['ContentBasedDeduplication'] = String(ContentBasedDeduplication);
  }
  if (redrive !== undefined) all['RedrivePolicy'] = redriveText(redrive, region);
  if (wanted.includes('All')) return all;
  return Object.fromEntries(
    wanted.flatMap((key) => {
      const value = all[key];
      if (value !== undefined) return [[key, value]];
      if (NOT_KEPT.has(key) || SOMETIMES.has(key)) return [];
      throw new SqsError('InvalidAttributeName', `Unknown Attribute ${key}.`);
    }),
  );
}

function redriveText({ target, maxReceiveCount }: RedrivePolicy, region: string): string {
  return JSON.stringify({ deadLetterTargetArn: queueArn(region, target), maxReceiveCount });
}

/** The first attribute that is asked for and is another than the queue has. */
export function differing(has: QueueAttributes, asked: QueueAttributes): string | undefined {
  return [...Object.keys(NUMBERS), ...SOMETIMES].find(
    (name) => JSON.stringify(valueAt(has, name)) !== JSON.stringify(valueAt(asked, name)),
  );
}

const valueAt = (attributes: QueueAttributes, name: string): unknown =>
  attributes[name as keyof QueueAttributes];
