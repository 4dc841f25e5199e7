// The times of all requests of a log, to be gone through as often as there are policies.

import type { ArrivalChunk } from './arrivals.ts';

/** 20 million: 240 MB. More are told by the second. */
export const MAX_STORED_ARRIVALS = 20_000_000;

/** Goes through them once, from the beginning. */
export interface ArrivalCursor {
  /** For people. */
  readonly name: string;
  /** Seconds since the beginning; Infinity when there is none left. */
  next(): number;
  /** Of the one that `next` gave; NaN: the source does not say. */
  readonly durationMs: number;
  /** What part was given, from 0 to 1. */
  part(): number;
  /** Length of the whole, seconds. */
  readonly end: number;
}

/** Some of them in a row: plain values that a thread can be handed. */
export interface ArrivalBlock {
  /** Seconds since the beginning. */
  readonly times: Float64Array;
  /** NaN: the source does not say. */
  readonly durationsMs: Float32Array;
}

/** What a file says of each of its requests. */
export interface RecordedArrivals {
  readonly blocks: readonly ArrivalBlock[];
  /** How many there are. */
  readonly length: number;
  /** Length of the whole. */
  readonly seconds: number;
}

export class StoredArrivals implements RecordedArrivals {
  length = 0;
  readonly blocks: ArrivalBlock[] = [];

  /** False when there is no more room; then nothing of it is kept. */
  push({ times, durationsMs, length }: ArrivalChunk): boolean {
    if (this.length + length > MAX_STORED_ARRIVALS) return false;
    this.blocks.push({
      times: times.slice(0, length),
      durationsMs: Float32Array.from(durationsMs.subarray(0, length)),
    });
    this.length += length;
    return true;
  }

  /** Length of the whole in whole seconds. */
  get seconds(): number {
    const last = this.blocks.at(-1)?.times.at(-1);
    return last === undefined ? 0 : Math.floor(last) + 1;
  }

  /** `name` is for people: the file. */
  cursor(name: string): ArrivalCursor {
    return cursorOf(this, name);
  }
}

/** `name` is for people. Each duration is given times `durationTimes`. */
export function cursorOf(
  arrivals: RecordedArrivals,
  name: string,
  durationTimes = 1,
): ArrivalCursor {
  return new Cursor(arrivals, name, durationTimes);
}

class Cursor implements ArrivalCursor {
  durationMs = Number.NaN;
  readonly name: string;
  readonly end: number;
  readonly #blocks: readonly ArrivalBlock[];
  readonly #durationTimes: number;
  readonly #length: number;
  #block: ArrivalBlock | undefined;
  #blockIndex = 0;
  #at = 0;
  #given = 0;

  constructor({ blocks, length, seconds }: RecordedArrivals, name: string, durationTimes: number) {
    this.name = name;
    this.#blocks = blocks;
    this.#durationTimes = durationTimes;
    this.#block = blocks[0];
    this.#length = length;
    this.end = seconds;
  }

  next(): number {
    if (this.#block !== undefined && this.#at === this.#block.times.length) {
      this.#blockIndex += 1;
      this.#block = this.#blocks[this.#blockIndex];
      this.#at = 0;
    }
    const block = this.#block;
    if (block === undefined) {
      this.durationMs = Number.NaN;
      return Number.POSITIVE_INFINITY;
    }
    const at = this.#at;
    this.#at += 1;
    this.#given += 1;
    this.durationMs = (block.durationsMs[at] ?? Number.NaN) * this.#durationTimes;
    return block.times[at] ?? Number.NaN;
  }

  part(): number {
    return this.#length === 0 ? 1 : this.#given / this.#length;
  }
}
