// The queues of a running app as the engine sees them: opened, named to the programs, shown, closed.

import type { Clock, Rng } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { App, LambdaFunction, LambdaSettings, QueueSource, Service } from '../../model/app.ts';
import { awsNames, type MetricName } from '../../model/metric.ts';
import type { EventStream } from '../control/event-stream.ts';
import type { MetricStore } from '../control/metric-store.ts';
import type { InvocationTarget } from '../lambda/invocation.ts';
import { EventSource } from './event-source.ts';
import { checkMessage, type MessageAttributes } from './message-content.ts';
import { type QueueServer, type QueueServerParts, queueServer, queueUrl } from './queue-server.ts';
import { QueueStore } from './queue-store.ts';
import { Queues } from './queues.ts';
import { missing, noSuchQueue } from './sqs-error.ts';

/** SQS has a datapoint a minute; several samples make its mean one. */
const NOTED_EVERY_MS: Millis = 10_000;

export interface AppQueuesParts {
  readonly app: App;
  readonly clock: Clock;
  readonly rng: Rng;
  /** File that keeps the messages. */
  readonly file: string;
  /** Told of every call. */
  readonly called?: QueueServerParts['called'];
}

export interface QueueStatus {
  /** Name in `fulcrum.yml`; of a queue that is not there, its name on AWS. */
  readonly queue: string;
  readonly url: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Age of the oldest message. */
  readonly oldestMs: Millis | undefined;
}

interface Opened {
  readonly queues: Queues;
  readonly server: QueueServer;
  readonly url: string;
}

export class AppQueues {
  readonly #parts: AppQueuesParts;
  readonly #awsNames: ReadonlyMap<string, string>;
  readonly #sources: EventSource[] = [];
  #opened: Opened | undefined;
  #notedAt = 0;

  constructor(parts: AppQueuesParts) {
    this.#parts = parts;
    const { app } = parts;
    const { queue: awsName } = awsNames(app.name);
    this.#awsNames = new Map(app.queues.map(({ name, fifo }) => [name, awsName(name, fifo)]));
  }

  /** Undefined when the app has no queues, or they are closed. */
  get url(): string | undefined {
    return this.#opened?.url;
  }

  /** Throws QUEUE_STORE_UNUSABLE, QUEUE_PORT_UNUSABLE. */
  async open(): Promise<void> {
    const { app, clock, rng, file, called } = this.#parts;
    if (app.queues.length === 0) return;
    const store = new QueueStore(file);
    const queues = new Queues({
      clock,
      rng,
      store,
      awsName: awsNames(app.name).queue,
      declared: app.queues,
    });
    const requestId = (): string => rng.uuid();
    const server = queueServer({ queues, region: app.region, requestId, called });
    try {
      this.#opened = { queues, server, url: await server.listen(app.local.queuePort) };
    } catch (error) {
      queues.close();
      throw error;
    }
  }

  /** Of a queue of `fulcrum.yml`. */
  urlOf(name: string): string {
    return queueUrl(this.#opened?.url ?? '', this.#awsNames.get(name) ?? name);
  }

  /** What every program of the app is told. */
  variables(): Readonly<Record<string, string>> {
    if (this.#opened === undefined) return {};
    const urls = this.#parts.app.queues.map(({ name }) => [queueVariable(name), this.urlOf(name)]);
    return { AWS_ENDPOINT_URL_SQS: this.#opened.url, ...Object.fromEntries(urls) };
  }

  /**
   * Puts a message into a standard queue of `fulcrum.yml`; it is kept when this returns. Gives its
   * id. Throws SqsError when there is no such queue, or it does not take the message.
   */
  send(name: string, body: string, attributes: MessageAttributes = {}): string {
    const { queues } = this.#opened ?? {};
    const awsName = this.#awsNames.get(name);
    if (queues === undefined || awsName === undefined) throw noSuchQueue();
    const { MaximumMessageSize, FifoQueue } = queues.get(awsName).attributes;
    checkMessage(body, attributes, MaximumMessageSize);
    if (FifoQueue) throw missing('MessageGroupId');
    const unset = { group: undefined, dedup: undefined, trace: undefined, delayMs: undefined };
    return queues.send(awsName, { body, attributes, ...unset }).id;
  }

  /** Begins to read the queues of functions, and of services on Lambda. */
  read(events: EventStream, targetOf: (name: string) => InvocationTarget | undefined): void {
    const { app, clock, rng } = this.#parts;
    for (const program of [...app.services, ...app.functions]) {
      const { name, queue: source } = program;
      const target = targetOf(name);
      const lambda = settingsOf(program, target?.version);
      if (source === undefined || lambda === undefined || target === undefined) continue;
      const { queue, url, own } = this.#placeOf(source);
      const place = { url, region: app.region, own };
      const { timeoutMs } = lambda;
      const parts = { clock, rng, events, source, place, queue, target, timeoutMs };
      this.#sources.push(new EventSource(parts));
    }
    for (const source of this.#sources) source.start();
  }

  /** No function is given messages any more; resolves when the last invocation has ended. */
  async stopReading(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.stop()));
  }

  status(): readonly QueueStatus[] {
    if (this.#opened === undefined) return [];
    const { queues, url } = this.#opened;
    const names = new Map([...this.#awsNames].map(([name, awsName]) => [awsName, name]));
    return queues.names().map((awsName) => ({
      queue: names.get(awsName) ?? awsName,
      url: queueUrl(url, awsName),
      ...queues.counts(awsName),
    }));
  }

  /** Once a second: the metrics of the queues. [SQS:sqs-available-cloudwatch-metrics] */
  note(store: MetricStore): void {
    if (this.#opened === undefined || store.time - this.#notedAt < NOTED_EVERY_MS) return;
    this.#notedAt = store.time;
    const { queues } = this.#opened;
    for (const name of queues.names()) {
      const { visible, inFlight, delayed, oldestMs } = queues.counts(name);
      const put = (metric: MetricName<'AWS/SQS'>, value: number) =>
        store.handle('AWS/SQS', metric, { QueueName: name }).add(value);
      put('ApproximateNumberOfMessagesVisible', visible);
      put('ApproximateNumberOfMessagesNotVisible', inFlight);
      put('ApproximateNumberOfMessagesDelayed', delayed);
      put('ApproximateAgeOfOldestMessage', (oldestMs ?? 0) / 1000);
    }
  }

  close(): void {
    this.#opened?.server.close();
    this.#opened?.queues.close();
    this.#opened = undefined;
  }

  #placeOf({ from }: QueueSource) {
    if ('name' in from) return { queue: from.name, url: this.urlOf(from.name), own: true };
    return { queue: from.url.split('/').at(-1) ?? from.url, url: from.url, own: false };
  }
}

/** "image-jobs" → "IMAGE_JOBS_QUEUE_URL". */
export function queueVariable(name: string): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_QUEUE_URL`;
}

/** Of the version that is invoked. */
function settingsOf(program: Service | LambdaFunction, version = ''): LambdaSettings | undefined {
  const versions = 'versions' in program ? program.versions : {};
  return versions[version]?.lambda ?? program.lambda;
}
