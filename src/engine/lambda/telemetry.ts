// The Telemetry API of one environment: extensions that subscribed get what Lambda, the function and
// the extensions write, in batches. [LDG:telemetry-api]
//
// Invariants
//   T1. Events reach a subscriber in the order in which they happened.
//   T2. What does not fit the buffer is counted, and the count is told (platform.logsDropped).
//   T3. One delivery at a time for each subscriber: a slow one is not flooded.

import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { z } from 'zod';
import type { Clock } from '../../base/ports.ts';
import type { Extension, Refusal } from '../../fleet/runtime-session.ts';
import type { PlatformEvent } from '../../model/platform-event.ts';

export interface Telemetry {
  readonly hasSubscribers: boolean;
  /** Undefined when it was taken. `body` is the request of the extension. */
  subscribe(extension: Extension, body: Buffer): Refusal | undefined;
  platform(event: PlatformEvent): void;
  /** A line the function or an extension wrote. */
  line(source: 'function' | 'extension', text: string): void;
  /** INIT is over: who subscribes has done so, and what happened before is no longer kept. */
  initEnds(): void;
  /** Sends what waits; resolves when it was taken or could not be. */
  flush(): Promise<void>;
  close(): void;
}

const TYPES = ['platform', 'function', 'extension'] as const;

/** Bounds and defaults of a subscription. [LDG:telemetry-api] */
const subscription = z.object({
  schemaVersion: z.enum(['2022-07-01', '2022-12-13', '2025-01-29']),
  types: z.array(z.enum(TYPES)).min(1),
  buffering: z
    .object({
      maxItems: z.int().min(1000).max(10_000).default(10_000),
      maxBytes: z.int().min(262_144).max(1_048_576).default(262_144),
      timeoutMs: z.int().min(25).max(30_000).default(1000),
    })
    .prefault({}),
  destination: z.union([
    z.object({ protocol: z.literal('HTTP'), URI: z.url({ protocol: /^http$/ }) }),
    z.object({ protocol: z.literal('TCP'), port: z.int().min(1).max(65_535) }),
  ]),
});

type Subscription = z.output<typeof subscription>;

/** The port Lambda keeps for itself. */
const RESERVED_PORT = 9001;

/** What a subscriber that does not take its batches may have waiting, in times its `maxBytes`. */
const MAX_WAITING_BATCHES = 4;

interface Item {
  readonly text: string;
  readonly bytes: number;
}

/** `host` is where this machine reaches what listens in the sandbox. */
export function telemetry(
  clock: Clock,
  host: () => string,
  announce: (event: PlatformEvent) => void,
): Telemetry {
  const subscribers = new Map<string, Subscriber>();
  /** What happened in INIT, for those who subscribe later in it. */
  let early: { readonly kind: (typeof TYPES)[number]; readonly item: Item }[] | undefined = [];
  const emit = (kind: (typeof TYPES)[number], type: string, record: unknown): void => {
    if (subscribers.size === 0 && early === undefined) return;
    const text = JSON.stringify({ time: new Date(clock.wall()).toISOString(), type, record });
    const item = { text, bytes: Buffer.byteLength(text) };
    early?.push({ kind, item });
    for (const subscriber of subscribers.values()) {
      if (subscriber.wants(kind)) subscriber.push(item);
    }
  };
  return {
    get hasSubscribers() {
      return subscribers.size > 0;
    },
    subscribe(extension, body) {
      const parsed = subscription.safeParse(jsonOf(body));
      if (!parsed.success) return invalid(parsed.error.issues[0]?.message ?? 'invalid request');
      const target = targetOf(parsed.data.destination);
      if (typeof target === 'string') return invalid(target);
      subscribers.get(extension.id)?.close();
      const subscriber = new Subscriber(clock, parsed.data, target, host);
      subscribers.set(extension.id, subscriber);
      for (const { kind, item } of early ?? []) if (subscriber.wants(kind)) subscriber.push(item);
      const { types } = parsed.data;
      announce({
        type: 'platform.telemetrySubscription',
        record: { name: extension.name, state: 'Subscribed', types },
      });
      return undefined;
    },
    platform: ({ type, record }) => emit('platform', type, record),
    line: (source, text) => emit(source, source, text),
    initEnds() {
      early = undefined;
    },
    async flush() {
      await Promise.all([...subscribers.values()].map((subscriber) => subscriber.flush()));
    },
    close() {
      for (const subscriber of subscribers.values()) subscriber.close();
    },
  };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function invalid(message: string): Refusal {
  return { status: 400, errorType: 'ValidationError', errorMessage: message };
}

interface Target {
  readonly port: number;
  /** Undefined for TCP. */
  readonly path: string | undefined;
}

/** Inside the sandbox only this host has a name. */
function targetOf(destination: Subscription['destination']): Target | string {
  if (destination.protocol === 'TCP') {
    return destination.port === RESERVED_PORT
      ? 'port 9001 is reserved'
      : { port: destination.port, path: undefined };
  }
  const { hostname, port, pathname, search } = new URL(destination.URI);
  const known = ['sandbox.localdomain', 'sandbox.local', 'sandbox', 'localhost', '127.0.0.1'];
  if (!known.includes(hostname)) return `destination host must be sandbox.localdomain`;
  const number = port === '' ? 80 : Number(port);
  return number === RESERVED_PORT
    ? 'port 9001 is reserved'
    : { port: number, path: `${pathname}${search}` };
}

class Subscriber {
  readonly #clock: Clock;
  readonly #settings: Subscription;
  readonly #target: Target;
  readonly #host: () => string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #items: Item[] = [];
  #bytes = 0;
  #dropped = { records: 0, bytes: 0 };
  #timer: (() => void) | undefined;
  #sending: Promise<void> | undefined;
  #closed = false;

  constructor(clock: Clock, settings: Subscription, target: Target, host: () => string) {
    this.#clock = clock;
    this.#settings = settings;
    this.#target = target;
    this.#host = host;
  }

  wants(kind: (typeof TYPES)[number]): boolean {
    return this.#settings.types.includes(kind);
  }

  push(item: Item): void {
    if (this.#closed) return;
    const { maxBytes, maxItems, timeoutMs } = this.#settings.buffering;
    if (this.#bytes + item.bytes > MAX_WAITING_BATCHES * maxBytes) {
      this.#dropped = {
        records: this.#dropped.records + 1,
        bytes: this.#dropped.bytes + item.bytes,
      };
      return;
    }
    this.#items.push(item);
    this.#bytes += item.bytes;
    if (this.#items.length >= maxItems || this.#bytes >= maxBytes) void this.flush();
    else this.#timer ??= this.#clock.after(timeoutMs, () => void this.flush());
  }

  /** T3. */
  flush(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.();
    this.#agent.destroy();
  }

  async #sendAll(): Promise<void> {
    this.#timer?.();
    this.#timer = undefined;
    while (this.#items.length > 0 && !this.#closed) {
      const batch = this.#take();
      try {
        await this.#send(batch.map(({ text }) => text));
      } catch {
        // The extension does not listen (any more): what it missed is told with the next batch.
        const bytes = batch.reduce((sum, item) => sum + item.bytes, 0);
        this.#dropped = {
          records: this.#dropped.records + batch.length,
          bytes: this.#dropped.bytes + bytes,
        };
      }
    }
  }

  #take(): readonly Item[] {
    const { maxBytes, maxItems } = this.#settings.buffering;
    let count = 0;
    let bytes = 0;
    for (const item of this.#items) {
      if (count > 0 && (count >= maxItems || bytes + item.bytes > maxBytes)) break;
      count += 1;
      bytes += item.bytes;
    }
    const batch = this.#items.slice(0, count);
    this.#items = this.#items.slice(count);
    this.#bytes -= bytes;
    return this.#dropped.records === 0 ? batch : [this.#toldDropped(), ...batch];
  }

  /** T2. */
  #toldDropped(): Item {
    const { records, bytes } = this.#dropped;
    this.#dropped = { records: 0, bytes: 0 };
    const text = JSON.stringify({
      time: new Date(this.#clock.wall()).toISOString(),
      type: 'platform.logsDropped',
      record: {
        reason: 'Consumer seems to have fallen behind as it has not acknowledged receipt of logs.',
        droppedRecords: records,
        droppedBytes: bytes,
      },
    });
    return { text, bytes: Buffer.byteLength(text) };
  }

  #send(texts: readonly string[]): Promise<void> {
    const { port, path } = this.#target;
    const host = this.#host();
    if (path === undefined) return sendLines(host, port, `${texts.join('\n')}\n`);
    const body = `[${texts.join(',')}]`;
    return new Promise((resolve, reject) => {
      const call = request(
        {
          agent: this.#agent,
          host,
          port,
          path,
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          },
        },
        (response) => {
          response.resume();
          response.once('end', resolve);
          response.once('error', reject);
        },
      );
      call.once('error', reject);
      call.end(body);
    });
  }
}

/** One connection for each batch: the extension reads lines of JSON to its end. */
function sendLines(host: string, port: number, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host });
    socket.once('error', reject);
    socket.end(text, () => {
      resolve();
    });
    socket.once('finish', () => socket.destroySoon());
  });
}
