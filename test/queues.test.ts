// The queues of this machine, through the SDK that programs use on AWS.

import { request as httpRequest } from 'node:http';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startApp, type TestApp } from './support/app.ts';

const SERVICE = `
services:
  api: { source: FIXTURES, command: node program.mjs, lambda: {} }
`;

const YAML = `
app: shop
${SERVICE}
queues:
  jobs: { deadLetter: { queue: jobs-failed, after: 2 } }
  jobs-failed: { retention: 14d }
`;

interface TestQueues {
  readonly app: TestApp;
  readonly client: SQSClient;
  readonly endpoint: string;
  /** URL of the queue "jobs". */
  readonly url: string;
  readonly failed: string;
  receive(url: string, waitS?: number, visibilityS?: number): Promise<readonly Message[]>;
}

async function startQueues(yaml = YAML): Promise<TestQueues> {
  const app = await startApp(yaml);
  const endpoint = app.of('ready')[0]?.queue ?? '';
  const client = new SQSClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  return {
    app,
    client,
    endpoint,
    url: `${endpoint}/000000000000/shop-jobs`,
    failed: `${endpoint}/000000000000/shop-jobs-failed`,
    async receive(QueueUrl, WaitTimeSeconds = 0, VisibilityTimeout) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          WaitTimeSeconds,
          MaxNumberOfMessages: 10,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
          ...(VisibilityTimeout === undefined ? {} : { VisibilityTimeout }),
        }),
      );
      return Messages;
    },
  };
}

describe('a message', () => {
  it('is sent, received with all it carries, and deleted', async () => {
    const { client, url, receive } = await startQueues();
    const body = 'grüße 🚚\nzwei';
    const MessageAttributes = {
      kind: { DataType: 'String', StringValue: 'image' },
      weight: { DataType: 'Number.kg', StringValue: '12.5' },
      raw: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255, 7]) },
    };
    const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
    const sent = await client.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: body,
        MessageAttributes,
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } },
      }),
    );
    const [message, ...more] = await receive(url);
    expect(more).toEqual([]);
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: body,
      MessageAttributes,
      MD5OfBody: sent.MD5OfMessageBody,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      Attributes: {
        SenderId: '000000000000',
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        AWSTraceHeader: trace,
      },
    });
    expect(await receive(url), 'in flight').toEqual([]);
    await client.send(
      new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle }),
    );
    const counts = await attributesOf(client, url, 'All');
    expect(counts).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
  });

  it('wakes who waits for it', async () => {
    const { client, url, receive } = await startQueues();
    const waiting = receive(url, 20);
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'hello' }));
    expect((await waiting).map(({ Body }) => Body)).toEqual(['hello']);
  });

  it('wakes who waits when it becomes visible again', async () => {
    const { client, url, receive } = await startQueues();
    await client.send(
      new SendMessageCommand({ QueueUrl: url, MessageBody: 'later', DelaySeconds: 1 }),
    );
    const [first] = await receive(url, 20, 1);
    const [second] = await receive(url, 20);
    expect(second).toMatchObject({
      MessageId: first?.MessageId,
      Attributes: { ApproximateReceiveCount: '2' },
    });
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
  });

  it('becomes visible at once when its visibility is set to zero', async () => {
    const { client, url, receive } = await startQueues();
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'again' }));
    const [first] = await receive(url);
    const waiting = receive(url, 20);
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: url,
        ReceiptHandle: first?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    expect((await waiting)[0]?.MessageId).toBe(first?.MessageId);
  });

  it('goes to the dead letters after as many receives as the queue says', async () => {
    const { client, url, failed, receive } = await startQueues();
    const { MessageId } = await client.send(
      new SendMessageCommand({ QueueUrl: url, MessageBody: 'poison' }),
    );
    const counts: (string | undefined)[] = [];
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const [message] = await receive(url, 0, 0);
      counts.push(message?.Attributes?.ApproximateReceiveCount);
    }
    const waiting = receive(failed, 20);
    expect(await receive(url)).toEqual([]);
    expect(counts).toEqual(['1', '2']);
    expect((await waiting)[0]).toMatchObject({
      MessageId,
      Body: 'poison',
      Attributes: {
        ApproximateReceiveCount: '3',
        DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:000000000000:shop-jobs',
      },
    });
  });

  it('is chosen by the attributes a receive asks for', async () => {
    const { client, url } = await startQueues();
    const value = (StringValue: string) => ({ DataType: 'String', StringValue });
    await client.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: 'x',
        MessageAttributes: { 'app.a': value('1'), 'app.b': value('2'), other: value('3') },
      }),
    );
    const { Messages } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MessageAttributeNames: ['app.*'],
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    );
    expect(Object.keys(Messages?.[0]?.MessageAttributes ?? {})).toEqual(['app.a', 'app.b']);
    expect(Object.keys(Messages?.[0]?.Attributes ?? {})).toEqual(['SentTimestamp']);
  });
});

describe('a batch', () => {
  it('is sent, hidden and deleted, each entry by itself', async () => {
    const { client, url, receive } = await startQueues();
    const sent = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: 'a', MessageBody: 'one' },
          { Id: 'b', MessageBody: 'bad \u0001' },
          { Id: 'c', MessageBody: 'three' },
        ],
      }),
    );
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(sent.Failed).toMatchObject([
      { Id: 'b', Code: 'InvalidMessageContents', SenderFault: true },
    ]);
    const messages = await receive(url);
    expect(messages.map(({ Body }) => Body)).toEqual(['one', 'three']);
    const handles = messages.map(({ ReceiptHandle }, at) => ({ Id: `m${at}`, ReceiptHandle }));
    const hidden = await client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: url,
        Entries: handles.map((one) => ({ ...one, VisibilityTimeout: 0 })),
      }),
    );
    expect(hidden.Successful).toHaveLength(2);
    const again = await receive(url);
    const deleted = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          ...again.map(({ ReceiptHandle }, at) => ({ Id: `m${at}`, ReceiptHandle })),
          { Id: 'x', ReceiptHandle: 'nonsense' },
        ],
      }),
    );
    expect(deleted.Successful).toHaveLength(2);
    expect(deleted.Failed).toMatchObject([{ Id: 'x', Code: 'ReceiptHandleIsInvalid' }]);
  });
});

describe('a queue', () => {
  it('is made, found, set, described, listed, tagged and deleted', async () => {
    const { client, endpoint } = await startQueues();
    const { QueueUrl } = await client.send(
      new CreateQueueCommand({
        QueueName: 'made_here',
        Attributes: { VisibilityTimeout: '5' },
        tags: { team: 'a' },
      }),
    );
    expect(QueueUrl).toBe(`${endpoint}/000000000000/made_here`);
    const found = await client.send(new GetQueueUrlCommand({ QueueName: 'made_here' }));
    expect(found.QueueUrl).toBe(QueueUrl);
    await client.send(
      new SetQueueAttributesCommand({
        QueueUrl,
        Attributes: {
          DelaySeconds: '7',
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:shop-jobs-failed',
            maxReceiveCount: '4',
          }),
        },
      }),
    );
    expect(await attributesOf(client, QueueUrl, 'All')).toEqual({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      CreatedTimestamp: expect.stringMatching(/^\d{10}$/),
      LastModifiedTimestamp: expect.stringMatching(/^\d{10}$/),
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:made_here',
      VisibilityTimeout: '5',
      DelaySeconds: '7',
      MessageRetentionPeriod: '345600',
      MaximumMessageSize: '1048576',
      ReceiveMessageWaitTimeSeconds: '0',
      RedrivePolicy:
        '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:shop-jobs-failed","maxReceiveCount":4}',
    });
    const sources = await client.send(
      new ListDeadLetterSourceQueuesCommand({
        QueueUrl: `${endpoint}/000000000000/shop-jobs-failed`,
      }),
    );
    expect(sources.queueUrls).toEqual([QueueUrl, `${endpoint}/000000000000/shop-jobs`]);
    const page = await client.send(new ListQueuesCommand({ MaxResults: 2 }));
    expect(page.QueueUrls).toHaveLength(2);
    const rest = await client.send(
      new ListQueuesCommand({ MaxResults: 2, NextToken: page.NextToken }),
    );
    expect([...(page.QueueUrls ?? []), ...(rest.QueueUrls ?? [])]).toEqual([
      QueueUrl,
      `${endpoint}/000000000000/shop-jobs`,
      `${endpoint}/000000000000/shop-jobs-failed`,
    ]);
    await client.send(new TagQueueCommand({ QueueUrl, Tags: { cost: '1' } }));
    await client.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['team'] }));
    const { Tags } = await client.send(new ListQueueTagsCommand({ QueueUrl }));
    expect(Tags).toEqual({ cost: '1' });
    await client.send(new DeleteQueueCommand({ QueueUrl }));
    const gone = client.send(new GetQueueUrlCommand({ QueueName: 'made_here' }));
    await expect(gone).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  it('is purged, and not twice within a minute', async () => {
    const { client, url, receive } = await startQueues();
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }));
    await client.send(new PurgeQueueCommand({ QueueUrl: url }));
    expect(await receive(url)).toEqual([]);
    const again = client.send(new PurgeQueueCommand({ QueueUrl: url }));
    await expect(again).rejects.toMatchObject({ name: 'PurgeQueueInProgress' });
  });

  it('is shown by its counts', async () => {
    const { client, url, receive, app } = await startQueues();
    for (const MessageBody of ['a', 'b', 'c']) {
      const DelaySeconds = MessageBody === 'c' ? 900 : 0;
      await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody, DelaySeconds }));
      if (MessageBody === 'a') await receive(url);
    }
    expect(app.session.engine.status().queues).toEqual([
      { queue: 'jobs', url, visible: 1, inFlight: 1, delayed: 1, oldestMs: expect.any(Number) },
      expect.objectContaining({ queue: 'jobs-failed', visible: 0, oldestMs: undefined }),
    ]);
  });
});

describe('groups', () => {
  it('share a standard queue: who has much in flight waits for the others', async () => {
    const { client, url } = await startQueues();
    const send = (MessageBody: string, MessageGroupId?: string) =>
      client.send(new SendMessageCommand({ QueueUrl: url, MessageBody, MessageGroupId }));
    for (const body of ['a1', 'a2', 'a3']) await send(body, 'a');
    await send('b1', 'b');
    await send('free');
    const seen: (string | undefined)[] = [];
    for (let at = 0; at < 5; at += 1) {
      const { Messages } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: url, MessageSystemAttributeNames: ['All'] }),
      );
      seen.push(Messages?.[0]?.Body);
      if (at === 0) expect(Messages?.[0]?.Attributes).toMatchObject({ MessageGroupId: 'a' });
    }
    expect(seen).toEqual(['a1', 'b1', 'free', 'a2', 'a3']);
  });
});

const FIFO = `
app: shop
${SERVICE}
queues:
  jobs: { fifo: true, contentDedup: true, deadLetter: { queue: failed, after: 1 } }
  failed: { fifo: true }
`;

describe('a FIFO queue', () => {
  const start = async () => {
    const queues = await startQueues(FIFO);
    const url = `${queues.url}.fifo`;
    const send = (MessageBody: string, MessageGroupId: string, MessageDeduplicationId?: string) =>
      queues.client.send(
        new SendMessageCommand({
          QueueUrl: url,
          MessageBody,
          MessageGroupId,
          MessageDeduplicationId,
        }),
      );
    const bodies = async (waitS = 0, visibilityS?: number) =>
      (await queues.receive(url, waitS, visibilityS)).map(({ Body }) => Body);
    return { ...queues, url, send, bodies };
  };

  it('gives a group in order, and nothing more of it until that is done', async () => {
    const { client, url, send, bodies, receive } = await start();
    await send('a1', 'a');
    await send('b1', 'b');
    await send('a2', 'a');
    const first = await receive(url);
    expect(first.map(({ Body }) => Body)).toEqual(['a1', 'a2', 'b1']);
    await send('a3', 'a');
    await send('c1', 'c');
    expect(await bodies()).toEqual(['c1']);
    const waiting = bodies(20);
    for (const { ReceiptHandle, Body } of first) {
      if (Body?.startsWith('a') !== true) continue;
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    }
    expect(await waiting).toEqual(['a3']);
  });

  it('takes a message once, by its id or by its content', async () => {
    const { send, receive, url } = await start();
    const one = await send('same', 'a');
    const two = await send('same', 'b');
    expect([two.MessageId, two.SequenceNumber]).toEqual([one.MessageId, one.SequenceNumber]);
    expect(one.SequenceNumber).toMatch(/^\d{20}$/);
    await send('same', 'a', 'other-id');
    const [first, second, ...more] = await receive(url);
    expect(more).toEqual([]);
    expect(first?.Attributes).toMatchObject({
      MessageGroupId: 'a',
      SequenceNumber: one.SequenceNumber,
      MessageDeduplicationId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(second?.Attributes).toMatchObject({ MessageDeduplicationId: 'other-id' });
  });

  it('says what it is', async () => {
    const { client, url } = await start();
    expect(await attributesOf(client, url, 'All')).toMatchObject({
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:shop-jobs.fifo',
      FifoQueue: 'true',
      ContentBasedDeduplication: 'true',
      RedrivePolicy:
        '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:shop-failed.fifo","maxReceiveCount":1}',
    });
  });

  it('refuses to delete what has become visible again', async () => {
    const { client, url, send, receive } = await start();
    await send('late', 'a');
    const [message] = await receive(url, 0, 0);
    const late = client.send(
      new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle }),
    );
    await expect(late).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('The receipt handle has expired.'),
    });
  });

  it('goes on with a group when a message of it is dead', async () => {
    const { send, bodies, receive, endpoint } = await start();
    await send('bad', 'a');
    expect(await bodies(0, 0)).toEqual(['bad']);
    await send('good', 'a');
    expect(await bodies()).toEqual(['good']);
    const [dead] = await receive(`${endpoint}/000000000000/shop-failed.fifo`);
    expect(dead).toMatchObject({ Body: 'bad', Attributes: { MessageGroupId: 'a' } });
  });

  it('is made with its name and its attribute, and wants groups and ids', async () => {
    const { client, url, failed } = await start();
    const failedUrl = failed.replace('jobs-failed', 'failed.fifo');
    const refused = async (command: object) =>
      client.send(command as SendMessageCommand).then(
        () => 'taken',
        (error: Error) => error.name,
      );
    expect(await refused(new CreateQueueCommand({ QueueName: 'x.fifo' }))).toBe(
      'InvalidParameterValue',
    );
    const body = { QueueUrl: url, MessageBody: 'x' };
    expect(await refused(new SendMessageCommand(body))).toBe('MissingParameter');
    expect(
      await refused(new SendMessageCommand({ ...body, MessageGroupId: 'a', DelaySeconds: 1 })),
    ).toBe('InvalidParameterValue');
    const withoutId = { QueueUrl: failedUrl, MessageBody: 'x', MessageGroupId: 'a' };
    expect(await refused(new SendMessageCommand(withoutId))).toBe('InvalidParameterValue');
    const made = new CreateQueueCommand({ QueueName: 'x.fifo', Attributes: { FifoQueue: 'true' } });
    expect(await refused(made)).toBe('taken');
    expect(await refused(made)).toBe('taken');
    await client.send(new CreateQueueCommand({ QueueName: 'plain' }));
    const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:000000000000:plain';
    const mixed = client.send(
      new SetQueueAttributesCommand({
        QueueUrl: url,
        Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }) },
      }),
    );
    await expect(mixed).rejects.toThrow('must be same type of queue');
  });
});

describe('what SQS refuses is refused', () => {
  const body = (QueueUrl: string, MessageBody: string) =>
    new SendMessageCommand({ QueueUrl, MessageBody });

  it.each<[string, (url: string) => object, string, string]>([
    [
      'a queue that is not there',
      (url) => body(`${url}-not`, 'x'),
      'QueueDoesNotExist',
      'AWS.SimpleQueueService.NonExistentQueue',
    ],
    ['an empty body', (url) => body(url, ''), 'MissingParameter', 'MissingParameter'],
    [
      'a body that is too long',
      (url) => body(url, 'x'.repeat(1024 * 1024 + 1)),
      'InvalidParameterValue',
      'InvalidParameterValue',
    ],
    [
      'a control character',
      (url) => body(url, 'a\u0000b'),
      'InvalidMessageContents',
      'InvalidMessageContents',
    ],
    [
      'too many messages at once',
      (QueueUrl) => new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 }),
      'InvalidParameterValue',
      'InvalidParameterValue',
    ],
    [
      'too long a wait',
      (QueueUrl) => new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 21 }),
      'InvalidParameterValue',
      'InvalidParameterValue',
    ],
    [
      'a handle it has not given',
      (QueueUrl) => new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'x' }),
      'ReceiptHandleIsInvalid',
      'ReceiptHandleIsInvalid',
    ],
    [
      'an empty batch',
      (QueueUrl) => new SendMessageBatchCommand({ QueueUrl, Entries: [] }),
      'EmptyBatchRequest',
      'AWS.SimpleQueueService.EmptyBatchRequest',
    ],
    [
      'a batch of eleven',
      (QueueUrl) =>
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: Array.from({ length: 11 }, (_, at) => ({ Id: `${at}`, MessageBody: 'x' })),
        }),
      'TooManyEntriesInBatchRequest',
      'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
    ],
    [
      'ids that are not distinct',
      (QueueUrl) =>
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: [
            { Id: 'a', MessageBody: 'x' },
            { Id: 'a', MessageBody: 'y' },
          ],
        }),
      'BatchEntryIdsNotDistinct',
      'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
    ],
    [
      'an id with a space',
      (QueueUrl) =>
        new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a b', MessageBody: 'x' }] }),
      'InvalidBatchEntryId',
      'AWS.SimpleQueueService.InvalidBatchEntryId',
    ],
    [
      'a batch that is too long',
      (QueueUrl) =>
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: ['a', 'b'].map((Id) => ({ Id, MessageBody: 'x'.repeat(600_000) })),
        }),
      'BatchRequestTooLong',
      'AWS.SimpleQueueService.BatchRequestTooLong',
    ],
    [
      'an attribute nobody knows',
      (QueueUrl) =>
        new SetQueueAttributesCommand({ QueueUrl, Attributes: { Colour: 'red' } as object }),
      'InvalidAttributeName',
      'InvalidAttributeName',
    ],
    [
      'an attribute out of bounds',
      (QueueUrl) =>
        new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: '901' } }),
      'InvalidAttributeValue',
      'InvalidAttributeValue',
    ],
    [
      'the same queue with other attributes',
      () => new CreateQueueCommand({ QueueName: 'shop-jobs', Attributes: { DelaySeconds: '3' } }),
      'QueueNameExists',
      'QueueAlreadyExists',
    ],
    [
      'an id of a message for a standard queue',
      (QueueUrl) =>
        new SendMessageCommand({ QueueUrl, MessageBody: 'x', MessageDeduplicationId: 'a' }),
      'InvalidParameterValue',
      'InvalidParameterValue',
    ],
    [
      'a receive that could be tried again',
      (QueueUrl) => new ReceiveMessageCommand({ QueueUrl, ReceiveRequestAttemptId: 'a' }),
      'UnsupportedOperation',
      'AWS.SimpleQueueService.UnsupportedOperation',
    ],
    [
      'an operation it does not have',
      () => new StartMessageMoveTaskCommand({ SourceArn: 'arn:aws:sqs:us-east-1:000000000000:x' }),
      'UnsupportedOperation',
      'AWS.SimpleQueueService.UnsupportedOperation',
    ],
    [
      'an attribute without a value',
      (QueueUrl) =>
        new SendMessageCommand({
          QueueUrl,
          MessageBody: 'x',
          MessageAttributes: { a: { DataType: 'String', StringValue: '' } },
        }),
      'InvalidParameterValue',
      'InvalidParameterValue',
    ],
  ])('%s', async (_, command, name, code) => {
    const { client, url } = await startQueues();
    const error: unknown = await client
      .send(command(url) as SendMessageCommand)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name, Code: code, $metadata: { httpStatusCode: 400 } });
  });

  it('a change of what is not in flight any more', async () => {
    const { client, url, receive } = await startQueues();
    await client.send(body(url, 'x'));
    const [old] = await receive(url, 0, 0);
    const change = (ReceiptHandle: string | undefined) =>
      client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 9 }),
      );
    await expect(change(old?.ReceiptHandle)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    const [current] = await receive(url);
    await expect(change(old?.ReceiptHandle)).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    await client.send(
      new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: old?.ReceiptHandle }),
    );
    await change(current?.ReceiptHandle);
  });
});

describe('the port', () => {
  const ask = (endpoint: string, headers: Readonly<Record<string, string>>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const asking = httpRequest(endpoint, { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asking.on('error', reject);
      asking.end('{}');
    });
  const good = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'AmazonSQS.ListQueues',
  };

  it('answers programs and no web pages', async () => {
    const { endpoint } = await startQueues();
    const host = new URL(endpoint).host;
    expect(await ask(endpoint, good)).toBe(200);
    expect(await ask(endpoint, { ...good, host: 'evil.example' })).toBe(403);
    expect(await ask(endpoint, { ...good, origin: `http://${host}` })).toBe(403);
    expect(await ask(endpoint, { ...good, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await ask(endpoint, { ...good, 'content-type': 'text/plain' })).toBe(415);
  });

  it('is the one that was asked for, or a fault', async () => {
    const { endpoint } = await startQueues();
    const yaml = `${YAML}\nlocal: { queuePort: ${new URL(endpoint).port} }\n`;
    await expect(startApp(yaml)).rejects.toMatchObject({ code: 'QUEUE_PORT_UNUSABLE' });
  });
});

async function attributesOf(client: SQSClient, QueueUrl: string | undefined, ...names: 'All'[]) {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: names }),
  );
  return Attributes;
}
