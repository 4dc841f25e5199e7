// The calls of the SQS API: input in, output out. What a call may say and how it is refused is as on
// AWS; the queues themselves are in `queues.ts`.

import { LOCAL_ACCOUNT } from '../../model/metric.ts';
import { type Action, queueOf } from './action.ts';
import { MESSAGE_ACTIONS } from './message-actions.ts';
import {
  DEFAULT_ATTRIBUTES,
  describeAttributes,
  differing,
  mergeAttributes,
} from './queue-attributes.ts';
import type { RequestInput } from './request-input.ts';
import { noSuchQueue, SqsError } from './sqs-error.ts';

const QUEUE_ACTIONS: Readonly<Record<string, Action>> = {
  CreateQueue({ queues, urlOf }, input) {
    const name = input.text('QueueName');
    checkName(name);
    const asked = input.map('Attributes');
    const tags = input.map('tags');
    const isQueue = (other: string) => queues.has(other);
    if (!queues.has(name)) {
      const kind = { ...DEFAULT_ATTRIBUTES, FifoQueue: isFifo(name, asked) };
      queues.put(name, mergeAttributes(kind, asked, isQueue), { tags });
      return { QueueUrl: urlOf(name) };
    }
    const has = queues.get(name).attributes;
    const other = differing(has, mergeAttributes(has, asked, isQueue));
    if (other === undefined) return { QueueUrl: urlOf(name) };
    throw new SqsError(
      'QueueNameExists',
      `A queue already exists with the same name and a different value for attribute ${other}`,
    );
  },

  DeleteQueue({ queues }, input) {
    queues.drop(queueOf(queues, input));
    return {};
  },

  GetQueueUrl({ queues, urlOf }, input) {
    const name = input.text('QueueName');
    const owner = input.optionalText('QueueOwnerAWSAccountId') ?? LOCAL_ACCOUNT;
    if (owner !== LOCAL_ACCOUNT || !queues.has(name)) throw noSuchQueue();
    return { QueueUrl: urlOf(name) };
  },

  ListQueues({ queues, urlOf }, input) {
    const prefix = input.optionalText('QueueNamePrefix') ?? '';
    const names = queues.names().filter((name) => name.startsWith(prefix));
    const { page, NextToken } = pageOf(names, input);
    return { QueueUrls: page.length === 0 ? undefined : page.map(urlOf), NextToken };
  },

  ListDeadLetterSourceQueues({ queues, urlOf }, input) {
    const target = queueOf(queues, input);
    const names = queues
      .names()
      .filter((name) => queues.get(name).attributes.RedrivePolicy?.target === target);
    const { page, NextToken } = pageOf(names, input);
    return { queueUrls: page.map(urlOf), NextToken };
  },

  GetQueueAttributes({ queues, region }, input) {
    const name = queueOf(queues, input);
    const wanted = input.texts('AttributeNames');
    if (wanted.length === 0) return {};
    const counts = queues.counts(name);
    return { Attributes: describeAttributes(queues.get(name), counts, region, wanted) };
  },

  SetQueueAttributes({ queues }, input) {
    const name = queueOf(queues, input);
    const { attributes } = queues.get(name);
    const asked = input.map('Attributes');
    queues.put(
      name,
      mergeAttributes(attributes, asked, (other) => queues.has(other)),
    );
    return {};
  },

  PurgeQueue({ queues }, input) {
    queues.purge(queueOf(queues, input));
    return {};
  },

  TagQueue({ queues }, input) {
    const name = queueOf(queues, input);
    const { attributes, tags } = queues.get(name);
    queues.put(name, attributes, { tags: { ...tags, ...input.map('Tags') } });
    return {};
  },

  UntagQueue({ queues }, input) {
    const name = queueOf(queues, input);
    const { attributes, tags } = queues.get(name);
    const gone = new Set(input.texts('TagKeys'));
    const left = Object.entries(tags).filter(([key]) => !gone.has(key));
    queues.put(name, attributes, { tags: Object.fromEntries(left) });
    return {};
  },

  ListQueueTags({ queues }, input) {
    const { tags } = queues.get(queueOf(queues, input));
    return Object.keys(tags).length === 0 ? {} : { Tags: tags };
  },
};

const ACTIONS: Readonly<Record<string, Action>> = { ...QUEUE_ACTIONS, ...MESSAGE_ACTIONS };

/** What SQS can do and the local engine cannot. */
const UNSUPPORTED = new Set([
  'AddPermission',
  'RemovePermission',
  'StartMessageMoveTask',
  'CancelMessageMoveTask',
  'ListMessageMoveTasks',
]);

export function actionOf(name: string): Action {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action !== undefined) return action;
  if (UNSUPPORTED.has(name)) {
    throw new SqsError('UnsupportedOperation', `The local engine does not have ${name}.`);
  }
  throw new SqsError('UnknownOperationException', `There is no operation ${name}.`);
}

function checkName(name: string): void {
  if (name.length <= 80 && /^[\w-]+(\.fifo)?$/.test(name)) return;
  throw new SqsError(
    'InvalidParameterValueException',
    'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
  );
}

/** The attribute and the name must say the same. */
function isFifo(name: string, asked: Readonly<Record<string, string>>): boolean {
  const named = name.endsWith('.fifo');
  if (named === (asked['FifoQueue'] === 'true')) return named;
  throw new SqsError(
    'InvalidParameterValueException',
    named
      ? 'The name of a FIFO queue needs the attribute FifoQueue with the value true.'
      : 'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length',
  );
}

/** The token of the next page is the last name of this one. */
function pageOf(names: readonly string[], input: RequestInput) {
  const most = input.number('MaxResults', {
    min: 1,
    max: 1000,
    rule: 'MaxResults must be an integer between 1 and 1000',
  });
  const after = Buffer.from(input.optionalText('NextToken') ?? '', 'base64url').toString();
  const rest = names.filter((name) => name > after);
  const page = rest.slice(0, most ?? 1000);
  const more = most !== undefined && rest.length > page.length;
  const NextToken = more ? Buffer.from(page.at(-1) ?? '').toString('base64url') : undefined;
  return { page, NextToken };
}
