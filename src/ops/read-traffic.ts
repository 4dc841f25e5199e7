// Reads traffic from a file of this machine, or from what is piped in: unpacks gzip on the way, tells
// how far it is, and can be stopped.

import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Fault } from '../base/fault.ts';
import type { Millis } from '../base/units.ts';
import { trafficReader } from '../traffic/read.ts';
import type { TrafficOptions, TrafficRead } from '../traffic/traffic-read.ts';
import type { Machine } from './machine.ts';

export interface TrafficChoice extends TrafficOptions {
  /** Called a few times a second, and at the end. */
  readonly onProgress?: ((progress: TrafficProgress) => void) | undefined;
  /** Ends the reading with TRAFFIC_INTERRUPTED. */
  readonly signal?: AbortSignal | undefined;
}

export interface TrafficProgress {
  /** Of the file, packed as it is. */
  readonly bytes: number;
  /** Undefined for what is piped in. */
  readonly sizeBytes: number | undefined;
  readonly ms: Millis;
  /** Until the end, at this pace; undefined when that cannot be told. */
  readonly leftMs: Millis | undefined;
}

const TELL_EVERY_MS = 200;

/** How gzip begins. [RFC 1952] */
const GZIP = [0x1f, 0x8b] as const;

/**
 * `file` is a path, or "-" for standard input. Throws TRAFFIC_FILE_UNUSABLE, TRAFFIC_PACKED_BADLY,
 * TRAFFIC_INTERRUPTED and what the reader of `traffic/read` throws.
 */
export async function readTraffic(
  machine: Pick<Machine, 'openBytes' | 'clock'>,
  file: string,
  choice: TrafficChoice = {},
): Promise<TrafficRead> {
  const reader = trafficReader(nameOf(file), choice);
  for await (const chunk of bytesOf(machine, file, choice)) reader.push(chunk);
  return reader.end();
}

/** What messages call it. */
export function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/**
 * What is in a file, unpacked. A chunk may be overwritten by the next. Throws TRAFFIC_FILE_UNUSABLE,
 * TRAFFIC_PACKED_BADLY and TRAFFIC_INTERRUPTED.
 */
export async function* bytesOf(
  machine: Pick<Machine, 'openBytes' | 'clock'>,
  file: string,
  choice: Pick<TrafficChoice, 'onProgress' | 'signal'>,
): AsyncGenerator<Uint8Array, void> {
  const name = nameOf(file);
  const source = await machine.openBytes(file, choice.signal).catch((error: Error) => {
    throw new Fault('TRAFFIC_FILE_UNUSABLE', { file: name, reason: sayError(error) });
  });
  const told = new Progress(machine.clock.now(), source.sizeBytes, choice);
  const raw = watched(source.chunks, machine, told, { name, signal: choice.signal });
  try {
    const first = await raw.next();
    if (first.done !== true) {
      const isGzip = first.value[0] === GZIP[0] && first.value[1] === GZIP[1];
      if (isGzip) yield* unpacked(withFirst(new Uint8Array(first.value), raw), name);
      else {
        yield first.value;
        yield* raw;
      }
    }
  } finally {
    await raw.return();
  }
  told.tell(machine.clock.now());
}

/** Counts what comes, and stops when it is asked to. */
async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  { clock }: Pick<Machine, 'clock'>,
  progress: Progress,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const chunk of chunks) {
      if (signal?.aborted === true) throw new Fault('TRAFFIC_INTERRUPTED', { file: name });
      yield chunk;
      progress.came(chunk.length, clock.now());
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (signal?.aborted === true) {
      throw new Fault('TRAFFIC_INTERRUPTED', { file: name }, { cause: error });
    }
    const reason = sayError(error as Error);
    throw new Fault('TRAFFIC_FILE_UNUSABLE', { file: name, reason }, { cause: error });
  }
}

async function* withFirst(
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  yield first;
  // A stream holds what it was given; the chunks are overwritten.
  for await (const chunk of rest) yield new Uint8Array(chunk);
}

async function* unpacked(
  packed: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  const source = Readable.from(packed);
  // What goes wrong before ends what is unpacked with the same error.
  pipeline(source, gunzip, () => {});
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (error instanceof Fault) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault('TRAFFIC_PACKED_BADLY', { file: name, reason }, { cause: error });
  } finally {
    source.destroy();
  }
}

class Progress {
  readonly #startedAt: Millis;
  readonly #sizeBytes: number | undefined;
  readonly #onProgress: TrafficChoice['onProgress'];
  #bytes = 0;
  #toldAt: Millis;

  constructor(now: Millis, sizeBytes: number | undefined, { onProgress }: TrafficChoice) {
    this.#startedAt = now;
    this.#toldAt = now;
    this.#sizeBytes = sizeBytes;
    this.#onProgress = onProgress;
  }

  came(bytes: number, now: Millis): void {
    this.#bytes += bytes;
    if (now - this.#toldAt >= TELL_EVERY_MS) this.tell(now);
  }

  tell(now: Millis): void {
    this.#toldAt = now;
    const bytes = this.#bytes;
    const sizeBytes = this.#sizeBytes;
    const ms = now - this.#startedAt;
    const left = sizeBytes === undefined || bytes === 0 ? undefined : (sizeBytes - bytes) / bytes;
    const leftMs = left === undefined ? undefined : Math.max(0, left * ms);
    this.#onProgress?.({ bytes, sizeBytes, ms, leftMs });
  }
}

/** "no such file or directory" of "ENOENT: no such file or directory, open 'x'". */
function sayError(error: Error): string {
  return /^[A-Z]+: ([^,]+)/.exec(error.message)?.[1] ?? error.message;
}
