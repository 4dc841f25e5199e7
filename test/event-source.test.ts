// How a function is invoked with the messages of a queue: the real SDK against the queues of this
// machine, and against moto, which others have written.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Fault } from '../src/base/fault.ts';
import { seededRng } from '../src/base/rng.ts';
import { eventStream } from '../src/engine/control/event-stream.ts';
import type {
  FunctionInvocation,
  InvocationFacts,
  InvocationTarget,
} from '../src/engine/lambda/invocation.ts';
import { EventSource } from '../src/engine/queue/event-source.ts';
import type { SqsRecord } from '../src/engine/queue/sqs-reader.ts';
import type { Throttle } from '../src/fleet/lambda-account.ts';
import { realClock } from '../src/host/clock.ts';
import { realNet } from '../src/host/net.ts';
import type { QueueSource } from '../src/model/app.ts';
import type { EngineEvent } from '../src/model/event.ts';
import { startApp } from './support/app.ts';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

type Answer = { readonly text: string } | { readonly fails: string };
type Work = (
  records: readonly SqsRecord[],
  invocation: FunctionInvocation,
) => Answer | Promise<Answer>;

const FACTS: InvocationFacts = {
  environment: 'e1',
  cold: false,
  durationMs: 1,
  logTail: Buffer.alloc(0),
};

/** A function as the queue sees it. */
class Worker implements InvocationTarget {
  readonly name = 'worker';
  readonly functionName = 'shop-worker';
  readonly version = '$LATEST';
  readonly batches: (readonly string[])[] = [];
  readonly #work: Work;
  throttle: Throttle | undefined;
  throttles = 0;
  running = 0;
  mostRunning = 0;

  constructor(work: Work) {
    this.#work = work;
  }

  throttled(): Throttle | undefined {
    return this.throttle;
  }

  countThrottle(): void {
    this.throttles += 1;
  }

  invoke(invocation: FunctionInvocation) {
    const { Records } = JSON.parse(String(invocation.payload)) as { Records: SqsRecord[] };
    this.batches.push(Records.map(({ body }) => body));
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    void Promise.resolve(this.#work(Records, invocation)).then((answer) => {
      this.running -= 1;
      if ('text' in answer) {
        const payload = Buffer.from(answer.text);
        invocation.settled({
          ...FACTS,
          kind: 'answered',
          payload,
          contentType: 'application/json',
        });
        return;
      }
      invocation.settled({
        ...FACTS,
        kind: 'failed',
        error: { kind: 'Handled', type: 'Error', payload: Buffer.from('{}') },
        fault: new Fault('INTERNAL', { what: answer.fails }),
      });
    });
    return { giveUp: () => {}, resume: () => {} };
  }
}

const SOURCE: QueueSource = {
  from: { name: 'jobs' },
  batch: 10,
  windowMs: 0,
  partialFailures: false,
  maxConcurrency: undefined,
};

function read(url: string, worker: Worker, source: Partial<QueueSource> = {}, own = true) {
  const events = eventStream();
  const seen: EngineEvent[] = [];
  events.listen((event) => seen.push(event));
  const reading = new EventSource({
    clock: realClock(),
    rng: seededRng(1, 'event-source'),
    events,
    source: { ...SOURCE, ...source },
    place: { url, region: 'us-east-1', own },
    queue: 'jobs',
    target: worker,
    timeoutMs: 1000,
  });
  onTestFinished(() => reading.stop());
  reading.start();
  return { reading, seen };
}

async function startQueues(queue = '{}') {
  const app = await startApp(`
app: shop
services:
  api: { source: FIXTURES, command: node program.mjs, lambda: {} }
queues:
  jobs: ${queue}
  failed: {}
`);
  const client = new SQSClient({
    endpoint: app.of('ready')[0]?.queue ?? '',
    region: 'us-east-1',
    credentials: CREDENTIALS,
  });
  onTestFinished(() => client.destroy());
  const url = app.session.queueUrl('jobs');
  return {
    client,
    url,
    failedUrl: app.session.queueUrl('failed'),
    send: (...bodies: readonly string[]) => send(client, url, bodies),
    /** Visible and in flight. */
    async left() {
      const [queue] = app.session.engine.status().queues.filter((one) => one.queue === 'jobs');
      return (queue?.visible ?? 0) + (queue?.inFlight ?? 0);
    },
  };
}

async function send(client: SQSClient, QueueUrl: string, bodies: readonly string[]) {
  for (let from = 0; from < bodies.length; from += 10) {
    const Entries = bodies
      .slice(from, from + 10)
      .map((MessageBody, at) => ({ Id: String(at), MessageBody }));
    await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
}

const OK: Answer = { text: 'null' };

describe('an event source', () => {
  it('invokes with the event of SQS and deletes what was worked on', async () => {
    const { client, url, left } = await startQueues();
    await client.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: '{"id":1}',
        MessageAttributes: {
          kind: { DataType: 'String', StringValue: 'image' },
          raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
        },
      }),
    );
    const payloads: string[] = [];
    const worker = new Worker((_, { payload, invokedArn, traceId }) => {
      payloads.push(String(payload));
      expect(invokedArn).toBe('arn:aws:lambda:us-east-1:000000000000:function:shop-worker');
      expect(traceId).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}/);
      return OK;
    });
    const { seen } = read(url, worker);
    await expect.poll(() => seen.filter(({ type }) => type === 'batch')).toHaveLength(1);
    expect(await left()).toBe(0);
    const event = JSON.parse(payloads[0] ?? '') as { Records: object[] };
    expect(event).toEqual({
      Records: [
        {
          messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          receiptHandle: expect.any(String),
          body: '{"id":1}',
          attributes: {
            SenderId: '000000000000',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            ApproximateReceiveCount: '1',
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {
            kind: {
              stringValue: 'image',
              stringListValues: [],
              binaryListValues: [],
              dataType: 'String',
            },
            raw: {
              binaryValue: 'AQI=',
              stringListValues: [],
              binaryListValues: [],
              dataType: 'Binary',
            },
          },
          md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
          md5OfBody: 'd2ce28b9a7fd7e4407e2b0fd499b7fe4',
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:shop-jobs',
          awsRegion: 'us-east-1',
        },
      ],
    });
  });

  it('brings back only what the answer names, with partial failures', async () => {
    const { url, send: put, left } = await startQueues('{ visibility: 1s }');
    await put('good', 'bad', 'fine');
    const tries: string[] = [];
    const worker = new Worker((records) => {
      const bad = records.filter(({ body }) => body === 'bad');
      tries.push(...bad.map(({ attributes }) => attributes['ApproximateReceiveCount'] ?? ''));
      const failing = bad.filter(({ attributes }) => attributes['ApproximateReceiveCount'] === '1');
      const batchItemFailures = failing.map(({ messageId }) => ({ itemIdentifier: messageId }));
      return { text: JSON.stringify({ batchItemFailures }) };
    });
    const { seen } = read(url, worker, { partialFailures: true });
    await expect.poll(() => tries).toEqual(['1', '2']);
    await expect.poll(left).toBe(0);
    expect(worker.batches.flat().sort()).toEqual(['bad', 'bad', 'fine', 'good']);
    expect(seen.filter(({ type }) => type === 'fault')).toMatchObject([
      { fault: { code: 'QUEUE_BATCH_FAILED', facts: { failed: 1 } } },
    ]);
  });

  it('brings back the whole batch when the function fails, up to the dead letters', async () => {
    const {
      client,
      url,
      failedUrl,
      send: put,
      left,
    } = await startQueues('{ visibility: 1s, deadLetter: { queue: failed, after: 2 } }');
    await put('a', 'b');
    const worker = new Worker(() => ({ fails: 'it broke' }));
    const { seen } = read(url, worker);
    const dead = new Set<string>();
    while (dead.size < 2) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: failedUrl,
          WaitTimeSeconds: 20,
          MaxNumberOfMessages: 10,
        }),
      );
      for (const { Body = '' } of Messages) dead.add(Body);
    }
    expect([...dead].sort()).toEqual(['a', 'b']);
    expect(worker.batches.flat().sort()).toEqual(['a', 'a', 'b', 'b']);
    expect(await left()).toBe(0);
    expect(
      seen.some((event) => event.type === 'fault' && event.fault.message.includes('it broke')),
    ).toBe(true);
  });

  it('ignores the list of failures without partial failures', async () => {
    const { url, send: put, left } = await startQueues();
    await put('a');
    const worker = new Worker(([record]) => ({
      text: JSON.stringify({ batchItemFailures: [{ itemIdentifier: record?.messageId }] }),
    }));
    read(url, worker);
    await expect.poll(left).toBe(0);
    await expect.poll(() => worker.batches).toEqual([['a']]);
  });

  it('collects a batch for as long as its window', async () => {
    const { url, send: put, left } = await startQueues();
    const worker = new Worker(() => OK);
    read(url, worker, { batch: 25, windowMs: 300_000, maxConcurrency: 2 });
    await put(...Array.from({ length: 100 }, (_, at) => `m${at}`));
    // Each of the two pollers holds less than a batch when nothing comes any more.
    await expect.poll(() => worker.batches.length).toBeGreaterThanOrEqual(3);
    await expect.poll(async () => (await left()) + 25 * worker.batches.length).toBe(100);
    expect(new Set(worker.batches.map(({ length }) => length))).toEqual(new Set([25]));
  });

  it('sends what it has when the window has passed', async () => {
    const { url, send: put } = await startQueues();
    const worker = new Worker(() => OK);
    read(url, worker, { batch: 100, windowMs: 1200, maxConcurrency: 2 });
    await put('a', 'b', 'c');
    await expect.poll(() => worker.batches.flat().sort()).toEqual(['a', 'b', 'c']);
    expect(worker.batches.length).toBeLessThanOrEqual(2);
  });

  it('invokes no more at a time than it may', async () => {
    const { url, send: put, left } = await startQueues();
    await put(...Array.from({ length: 30 }, (_, at) => `m${at}`));
    const worker = new Worker(async () => {
      await expect.poll(() => worker.mostRunning).toBe(2);
      return OK;
    });
    read(url, worker, { batch: 1, maxConcurrency: 2 });
    await expect.poll(left).toBe(0);
    expect(worker.mostRunning).toBe(2);
  });

  it('begins with five at a time and takes more when all are busy', async () => {
    const { url, send: put } = await startQueues();
    await put(...Array.from({ length: 12 }, (_, at) => `m${at}`));
    let release: (answer: Answer) => void = () => {};
    const held = new Promise<Answer>((resolve) => {
      release = resolve;
    });
    const counts: number[] = [];
    const worker = new Worker(() => {
      counts.push(worker.running);
      return held;
    });
    read(url, worker, { batch: 1 });
    await expect.poll(() => worker.running).toBe(5);
    await expect.poll(() => worker.running).toBe(12);
    release(OK);
    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it('tries a throttled batch again', async () => {
    const { url, send: put, left } = await startQueues();
    await put('a');
    const worker = new Worker(() => OK);
    worker.throttle = { reason: 'ConcurrentInvocationLimitExceeded', limit: 1 };
    read(url, worker);
    await expect.poll(() => worker.throttles).toBe(1);
    expect(await left()).toBe(1);
    worker.throttle = undefined;
    await expect.poll(left).toBe(0);
    expect(worker.batches).toEqual([['a']]);
  });

  it('finishes what is under way when it stops, and takes nothing more', async () => {
    const { url, send: put, left } = await startQueues();
    await put('under way');
    let release: (answer: Answer) => void = () => {};
    const worker = new Worker(
      () =>
        new Promise<Answer>((resolve) => {
          release = resolve;
        }),
    );
    const { reading } = read(url, worker);
    await expect.poll(() => worker.running).toBe(1);
    const stopped = reading.stop();
    await put('too late');
    release(OK);
    await stopped;
    expect(worker.batches).toEqual([['under way']]);
    expect(await left()).toBe(1);
  });

  it('gives back a batch that is still being collected when it stops', async () => {
    const { client, url, send: put } = await startQueues();
    const worker = new Worker(() => OK);
    const { reading } = read(url, worker, { batch: 100, windowMs: 300_000, maxConcurrency: 2 });
    await put('a');
    const inFlight = async () => {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
      );
      return Attributes?.['ApproximateNumberOfMessagesNotVisible'];
    };
    await expect.poll(inFlight).toBe('1');
    await reading.stop();
    expect([await inFlight(), worker.batches]).toEqual(['0', []]);
  });

  it('keeps the order of a group in a FIFO queue, whatever fails', async () => {
    const { client, url, left } = await startQueues('{ fifo: true, visibility: 1s }');
    for (const MessageBody of ['1', '2', '3', '4', '5', '6']) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: url,
          MessageBody,
          MessageGroupId: 'one',
          MessageDeduplicationId: MessageBody,
        }),
      );
    }
    let fails = 2;
    const done: string[] = [];
    const worker = new Worker((records) => {
      fails -= 1;
      if (fails >= 0) return { fails: 'not yet' };
      done.push(...records.map(({ body }) => body));
      return OK;
    });
    read(url, worker, { batch: 2 });
    await expect.poll(left).toBe(0);
    expect(done).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(worker.mostRunning).toBe(1);
    expect(worker.batches.slice(0, 3)).toEqual([
      ['1', '2'],
      ['1', '2'],
      ['1', '2'],
    ]);
  });

  it('does not read a queue that gives messages back too early', async () => {
    const { url } = await startQueues('{ visibility: 0s }');
    const { seen } = read(url, new Worker(() => OK));
    await expect
      .poll(() => seen)
      .toMatchObject([
        {
          type: 'fault',
          fault: { code: 'QUEUE_VISIBILITY_SHORT', facts: { visibilityS: 0, timeoutS: 1 } },
        },
      ]);
  });

  it('says once that a queue cannot be read, and reads it when it can', async () => {
    const { client, url, send: put } = await startQueues();
    const worker = new Worker(() => OK);
    const { seen } = read(`${url}-later`, worker);
    await expect
      .poll(() => seen)
      .toMatchObject([{ type: 'fault', fault: { code: 'QUEUE_UNREACHABLE' } }]);
    await client.send(new CreateQueueCommand({ QueueName: 'shop-jobs-later' }));
    await send(client, `${url}-later`, ['at last']);
    await expect.poll(() => worker.batches).toEqual([['at last']]);
    await put('unused');
    expect(seen.filter(({ type }) => type === 'fault')).toHaveLength(1);
  });
});

const MOTO = fileURLToPath(new URL('../.cache/python/bin/moto_server', import.meta.url));

describe.skipIf(!existsSync(MOTO))('against moto', () => {
  it('reads, works on and deletes what is in a queue of another server', async () => {
    const port = await realNet(seededRng(process.pid, 'moto')).freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const server = spawn(MOTO, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    onTestFinished(() => ended(server));
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    onTestFinished(() => void vi.unstubAllEnvs());
    const client = new SQSClient({ endpoint, region: 'us-east-1' });
    onTestFinished(() => client.destroy());
    await expect
      .poll(
        () =>
          fetch(endpoint).then(
            ({ status }) => status > 0,
            () => false,
          ),
        { timeout: 50_000 },
      )
      .toBe(true);
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: 'theirs' }));
    await send(client, QueueUrl, ['a', 'b', 'c']);
    const worker = new Worker(() => OK);
    const { seen } = read(QueueUrl, worker, { from: { url: QueueUrl }, maxConcurrency: 2 }, false);
    await expect.poll(() => worker.batches.flat().sort()).toEqual(['a', 'b', 'c']);
    const counts = async () => {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
      );
      const {
        ApproximateNumberOfMessages: visible,
        ApproximateNumberOfMessagesNotVisible: hidden,
      } = Attributes as Readonly<Record<string, string>>;
      return [visible, hidden];
    };
    await expect.poll(counts).toEqual(['0', '0']);
    expect(seen.filter(({ type }) => type === 'fault')).toEqual([]);
  });
});

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
