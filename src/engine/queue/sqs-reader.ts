// One queue as the poller of a function reads it: any endpoint that speaks SQS, through the SDK.
// The SDK is loaded when the first function with a queue starts, and not before.

import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { MAX_RECEIVE, POLLERS } from '../../fleet/event-source.ts';

type Sdk = typeof import('@aws-sdk/client-sqs');

export interface QueuePlace {
  readonly url: string;
  readonly region: string;
  /** A queue of this app: nothing is looked up on the machine. Else what the SDK finds. */
  readonly own: boolean;
}

export interface ReaderFacts {
  readonly arn: string;
  readonly visibilityMs: number;
}

/** A message in the shape SQS hands it to a function. [LDG:with-sqs] */
export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, object>>;
  readonly md5OfMessageAttributes?: string;
  readonly md5OfBody: string;
  readonly eventSource: 'aws:sqs';
  readonly eventSourceARN: string;
  readonly awsRegion: string;
}

export interface SqsReader {
  readonly url: string;
  facts(signal: AbortSignal): Promise<ReaderFacts>;
  receive(most: number, waitS: number, signal: AbortSignal): Promise<readonly SqsRecord[]>;
  remove(records: readonly SqsRecord[]): Promise<void>;
  /** Makes messages visible that nobody will work on. */
  giveBack(records: readonly SqsRecord[]): Promise<void>;
  close(): void;
}

/** Every poller has a connection to itself. */
const SOCKETS = { keepAlive: true, maxSockets: POLLERS.most } as const;

const AMAZON = /^sqs\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/;

export async function openReader({ url, region, own }: QueuePlace): Promise<SqsReader> {
  const sdk = await import('@aws-sdk/client-sqs');
  const { host, origin } = new URL(url);
  const amazon = AMAZON.exec(host);
  const client = new sdk.SQSClient({
    region: amazon?.[1] ?? region,
    // One attempt: the poller tries again by itself, and says so.
    maxAttempts: 1,
    requestHandler: { httpAgent: SOCKETS, httpsAgent: SOCKETS },
    endpoint: origin,
    ...(own ? { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } } : {}),
  });
  return new Reader(sdk, client, url);
}

class Reader implements SqsReader {
  readonly url: string;
  readonly #sdk: Sdk;
  readonly #client: SQSClient;
  #arn = '';

  constructor(sdk: Sdk, client: SQSClient, url: string) {
    this.#sdk = sdk;
    this.#client = client;
    this.url = url;
  }

  async facts(abortSignal: AbortSignal): Promise<ReaderFacts> {
    const command = new this.#sdk.GetQueueAttributesCommand({
      QueueUrl: this.url,
      AttributeNames: ['QueueArn', 'VisibilityTimeout'],
    });
    const { Attributes = {} } = await this.#client.send(command, { abortSignal });
    this.#arn = Attributes['QueueArn'] ?? '';
    const visibilityMs = Number(Attributes['VisibilityTimeout'] ?? 30) * 1000;
    return { arn: this.#arn, visibilityMs };
  }

  async receive(
    most: number,
    waitS: number,
    abortSignal: AbortSignal,
  ): Promise<readonly SqsRecord[]> {
    const command = new this.#sdk.ReceiveMessageCommand({
      QueueUrl: this.url,
      MaxNumberOfMessages: most,
      WaitTimeSeconds: waitS,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    const { Messages = [] } = await this.#client.send(command, { abortSignal });
    return Messages.map((message) => recordOf(message, this.#arn));
  }

  async remove(records: readonly SqsRecord[]): Promise<void> {
    for (const Entries of entriesOf(records)) {
      const command = new this.#sdk.DeleteMessageBatchCommand({ QueueUrl: this.url, Entries });
      const { Failed = [] } = await this.#client.send(command);
      const [first] = Failed;
      if (first !== undefined) throw new Error(`${first.Code}: ${first.Message}`);
    }
  }

  async giveBack(records: readonly SqsRecord[]): Promise<void> {
    for (const entries of entriesOf(records)) {
      const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout: 0 }));
      await this.#client.send(
        new this.#sdk.ChangeMessageVisibilityBatchCommand({ QueueUrl: this.url, Entries }),
      );
    }
  }

  close(): void {
    this.#client.destroy();
  }
}

/** Entries of batch calls, as many as one call takes. */
function* entriesOf(records: readonly SqsRecord[]) {
  for (let from = 0; from < records.length; from += MAX_RECEIVE) {
    yield records
      .slice(from, from + MAX_RECEIVE)
      .map(({ receiptHandle }, at) => ({ Id: String(at), ReceiptHandle: receiptHandle }));
  }
}

/** Keys in the order in which Lambda writes them. */
export function recordOf(message: Message, arn: string): SqsRecord {
  const digest = message.MD5OfMessageAttributes;
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: (message.Attributes ?? {}) as Readonly<Record<string, string>>,
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
        name,
        {
          ...(value.StringValue === undefined ? {} : { stringValue: value.StringValue }),
          ...(value.BinaryValue === undefined
            ? {}
            : { binaryValue: Buffer.from(value.BinaryValue).toString('base64') }),
          stringListValues: [],
          binaryListValues: [],
          dataType: value.DataType ?? 'String',
        },
      ]),
    ),
    ...(digest === undefined ? {} : { md5OfMessageAttributes: digest }),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: arn,
    awsRegion: arn.split(':')[3] ?? '',
  };
}
