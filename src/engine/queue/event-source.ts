// Reads a queue for one function and invokes it, as the event source mapping of Lambda does. What is
// decided is in `fleet/event-source.ts`; here it is done, through the SDK and an InvocationTarget.
//
// Whatever goes wrong between a receive and its delete brings the message back when its visibility
// ends: nothing is lost, and anything may come twice.

import { Fault, toFault } from '../../base/fault.ts';
import type { Clock, Release, Rng } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import { Batch, failedOf, PollerScale, throttleWaitMs } from '../../fleet/event-source.ts';
import type { QueueSource } from '../../model/app.ts';
import { functionArn } from '../../model/metric.ts';
import type { EventStream } from '../control/event-stream.ts';
import { traceIdFor } from '../front-door/alb-headers.ts';
import type { InvocationOutcome, InvocationTarget } from '../lambda/invocation.ts';
import { emitFault } from '../program.ts';
import { openReader, type QueuePlace, type SqsReader, type SqsRecord } from './sqs-reader.ts';

export interface EventSourceParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: EventStream;
  readonly source: QueueSource;
  readonly place: QueuePlace;
  /** Name of the queue as people know it. */
  readonly queue: string;
  readonly target: InvocationTarget;
  /** A function may run for this long. */
  readonly timeoutMs: Millis;
}

/** One receive waits this long for messages. [LDG:with-sqs] */
const LONG_POLL_S = 20;

/** How often it is looked whether more pollers are wanted. */
const SCALE_EVERY_MS = 1000;

/** A queue that cannot be read is asked again after this long, twice as long each time. */
const RETRY_MS = { first: 1000, longest: 60_000 } as const;

/** Deletes that fail this often leave the messages to come again. */
const REMOVE_TRIES = 3;

/** Records that wait to be one event, with the moment from which their visibility counts. */
interface Held {
  readonly record: SqsRecord;
  readonly text: string;
  readonly receivedAt: Millis;
}

export class EventSource {
  readonly #parts: EventSourceParts;
  readonly #scale: PollerScale;
  readonly #stopping = new AbortController();
  readonly #pollers = new Set<Promise<void>>();
  #reader: SqsReader | undefined;
  #visibilityMs: Millis = 0;
  #receiving = 0;
  #failures = 0;
  #stopTicking: Release | undefined;
  #opened: Promise<void> | undefined;

  constructor(parts: EventSourceParts) {
    this.#parts = parts;
    this.#scale = new PollerScale(parts.source.maxConcurrency);
  }

  /** Begins to read; what is wrong with the queue comes as faults, and is tried again. */
  start(): void {
    this.#opened = this.#open();
  }

  /** No more messages are taken. Resolves when the invocations under way have ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#stopTicking?.();
    await this.#opened;
    await Promise.all(this.#pollers);
    this.#reader?.close();
  }

  async #open(): Promise<void> {
    const { place, target, timeoutMs, clock } = this.#parts;
    const { signal } = this.#stopping;
    this.#reader = await this.#persist(() => openReader(place));
    const facts = await this.#persist(() => this.#reader?.facts(signal));
    if (facts === undefined) return;
    this.#visibilityMs = facts.visibilityMs;
    if (facts.visibilityMs < timeoutMs) {
      this.#say(
        new Fault('QUEUE_VISIBILITY_SHORT', {
          function: target.name,
          url: place.url,
          visibilityS: facts.visibilityMs / 1000,
          timeoutS: timeoutMs / 1000,
        }),
      );
      return;
    }
    this.#stopTicking = clock.every(SCALE_EVERY_MS, () => {
      if (this.#receiving === 0) this.#scale.note(clock.now(), 'found', true);
      this.#spread();
    });
    this.#spread();
  }

  /** Starts the pollers that are wanted and do not run yet. */
  #spread(): void {
    while (!this.#stopping.signal.aborted && this.#pollers.size < this.#scale.pollers) {
      const poller = this.#poll()
        .catch((error: unknown) => this.#say(toFault(error)))
        .finally(() => this.#pollers.delete(poller));
      this.#pollers.add(poller);
    }
  }

  async #poll(): Promise<void> {
    const { clock, source } = this.#parts;
    const batch = new Batch<Held>({ most: source.batch, windowMs: source.windowMs });
    const isWanted = () =>
      !this.#stopping.signal.aborted && this.#pollers.size <= this.#scale.pollers;
    while (batch.size > 0 || isWanted()) {
      if (this.#stopping.signal.aborted) break;
      if (!batch.isDue(clock.now())) await this.#collect(batch);
      if (batch.isDue(clock.now())) await this.#work(batch.take(clock.now()));
    }
    while (batch.size > 0) {
      await this.#giveBack(batch.take(clock.now()).map(({ record }) => record));
    }
  }

  /** One receive; into an open batch it waits no longer than the window. */
  async #collect(batch: Batch<Held>): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#stopping;
    const leftMs = (batch.dueAt ?? Number.POSITIVE_INFINITY) - clock.now();
    const waitS = Math.max(0, Math.min(LONG_POLL_S, Math.floor(leftMs / 1000)));
    this.#receiving += 1;
    const records = await this.#persist(() => this.#reader?.receive(batch.room, waitS, signal));
    this.#receiving -= 1;
    if (records === undefined) return;
    const receivedAt = clock.now();
    for (const record of records) {
      const text = JSON.stringify(record);
      batch.add(receivedAt, { record, text, receivedAt }, Buffer.byteLength(text));
    }
    this.#scale.note(receivedAt, records.length > 0 ? 'found' : 'empty', this.#receiving === 0);
    this.#spread();
    // Less than a second of the window is left: no receive can wait for that.
    if (waitS === 0 && records.length === 0) await clock.sleep(Math.max(0, leftMs), signal);
  }

  async #work(batch: readonly Held[]): Promise<void> {
    const { clock, events, queue, target } = this.#parts;
    const startedAt = clock.now();
    const outcome = await this.#invoke(batch);
    if (outcome === undefined) return;
    const failed = this.#failedOf(outcome, batch);
    const done = batch.filter(({ record }) => !failed.has(record.messageId));
    this.#scale.note(clock.now(), failed.size > 0 ? 'failed' : 'found', this.#receiving === 0);
    if (done.length > 0) {
      await this.#persist(
        () => this.#reader?.remove(done.map(({ record }) => record)),
        REMOVE_TRIES,
      );
    }
    events.emit({
      type: 'batch',
      at: clock.wall(),
      function: target.name,
      queue,
      messages: batch.length,
      failed: failed.size,
      error: outcome.kind === 'failed',
      environment: outcome.environment,
      cold: outcome.cold,
      durationMs: clock.now() - startedAt,
    });
  }

  /** Tries a throttled batch again until its messages are visible to others. */
  async #invoke(batch: readonly Held[]): Promise<InvocationOutcome | undefined> {
    const { clock, target } = this.#parts;
    const { signal } = this.#stopping;
    const oldest = Math.min(...batch.map(({ receivedAt }) => receivedAt));
    const until = oldest + this.#visibilityMs;
    for (let tries = 1; target.throttled(clock.now()) !== undefined; tries += 1) {
      target.countThrottle();
      this.#scale.note(clock.now(), 'throttled', false);
      const waitMs = throttleWaitMs(tries);
      if (clock.now() + waitMs >= until) return undefined;
      await clock.sleep(waitMs, signal);
      if (signal.aborted) {
        await this.#giveBack(batch.map(({ record }) => record));
        return undefined;
      }
    }
    const payload = Buffer.from(`{"Records":[${batch.map(({ text }) => text).join(',')}]}`);
    return this.#settle(payload);
  }

  #settle(payload: Buffer): Promise<InvocationOutcome> {
    const { clock, rng, target, place } = this.#parts;
    return new Promise((settled) => {
      target.invoke({
        requestId: rng.uuid(),
        payload,
        invokedArn: functionArn(place.region, target.functionName),
        traceId: traceIdFor(undefined, rng, clock.wall()),
        clientContext: undefined,
        tenantId: undefined,
        streams: false,
        wantsLog: false,
        begin: () => {},
        data: () => true,
        settled,
      });
    });
  }

  #failedOf(outcome: InvocationOutcome, batch: readonly Held[]): ReadonlySet<string> {
    const ids = batch.map(({ record }) => record.messageId);
    if (outcome.kind !== 'answered') {
      const why = outcome.kind === 'failed' ? outcome.fault.message : 'it answered with a stream';
      return this.#blame(new Set(ids), batch, why);
    }
    if (!this.#parts.source.partialFailures) return new Set();
    const failed = failedOf(outcome.payload.toString(), ids);
    return failed.size === 0 ? failed : this.#blame(failed, batch, 'it said so in its answer');
  }

  #blame(failed: ReadonlySet<string>, batch: readonly Held[], reason: string) {
    const { name } = this.#parts.target;
    const facts = { failed: failed.size, of: batch.length, reason: reason.replace(/\.$/, '') };
    this.#say(new Fault('QUEUE_BATCH_FAILED', { function: name, ...facts }));
    return failed;
  }

  /** Tries until it works or the reading stops; every row of failures is said once. */
  async #persist<value>(
    work: () => Promise<value> | undefined,
    most = Number.POSITIVE_INFINITY,
  ): Promise<value | undefined> {
    const { clock, place, target } = this.#parts;
    const { signal } = this.#stopping;
    for (let tries = 0; ; tries += 1) {
      try {
        const value = await work();
        this.#failures = 0;
        return value;
      } catch (error) {
        if (signal.aborted) return undefined;
        this.#failures += 1;
        if (this.#failures === 1) {
          const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
          const facts = { function: target.name, url: place.url, reason };
          this.#say(new Fault('QUEUE_UNREACHABLE', facts, { cause: error }));
        }
        if (tries + 1 >= most) return undefined;
        await clock.sleep(Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** tries), signal);
        if (signal.aborted) return undefined;
      }
    }
  }

  /** Best effort: what cannot be given back comes back by itself. */
  async #giveBack(records: readonly SqsRecord[]): Promise<void> {
    if (records.length === 0) return;
    await this.#persist(() => this.#reader?.giveBack(records), 1);
  }

  #say(fault: Fault): void {
    const { events, clock, target } = this.#parts;
    emitFault(events, clock, target.name, fault);
  }
}
