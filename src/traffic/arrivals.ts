// When each request of a log came, in order, in bounded memory.
//
// Lines of a log are almost in order: a load balancer writes one when the answer is done, and several
// of its nodes write at once. So as many as ORDER_WINDOW are kept back and put in order; what comes
// further out of order than that is an error of its line.

import type { Rng } from '../base/ports.ts';
import { sayDuration } from '../base/units.ts';
import { ArrivalHeap } from './arrival-heap.ts';
import type { LinesEnd } from './line-format.ts';
import type { RequestSink } from './request-sink.ts';

/** Requests in a row. */
export interface ArrivalChunk {
  /** Seconds since the beginning of the first second; never smaller than the one before. */
  readonly times: Float64Array;
  /** How long the target took; NaN: the source does not say. */
  readonly durationsMs: Float64Array;
  readonly length: number;
}

/** A million: 16 MiB. */
export const ORDER_WINDOW = 2 ** 20;
const CHUNK_REQUESTS = 2 ** 16;
const MICROS_PER_SECOND = 1_000_000;
const MICROS_PER_MS = 1000;

export interface ArrivalOrderOptions {
  /** Places the requests of a second in it where the source only tells whole seconds. */
  readonly rng: Rng;
  /** Default {@link ORDER_WINDOW}. */
  readonly window?: number;
}

export class ArrivalOrder implements RequestSink {
  readonly #counts: RequestSink;
  readonly #rng: Rng;
  readonly #heap: ArrivalHeap;
  readonly #window: number;
  /** The one that was added last; it may be told yet how long it took. */
  #pending = { isThere: false, micros: 0, durationMs: Number.NaN };
  #ready: ArrivalChunk[] = [];
  #times = new Float64Array(CHUNK_REQUESTS);
  #durations = new Float64Array(CHUNK_REQUESTS);
  #length = 0;
  /** Microseconds since the epoch; of the first request, its whole second. */
  #begin = Number.NaN;
  #last = Number.NEGATIVE_INFINITY;
  #isWhole = true;
  /** Durations of those that came in one second, of a source with whole ones. */
  #second: number[] = [];

  /** `counts` is handed everything too. */
  constructor(counts: RequestSink, { rng, window = ORDER_WINDOW }: ArrivalOrderOptions) {
    this.#counts = counts;
    this.#rng = rng;
    this.#window = window;
    this.#heap = new ArrivalHeap(window);
  }

  add(second: number, micros: number): string | undefined {
    this.#settle();
    const time = second * MICROS_PER_SECOND + micros;
    if (time < this.#last) {
      const early = sayDuration((this.#last - time) / MICROS_PER_MS);
      return `it came ${early} before a request more than ${this.#window.toLocaleString('en')} lines above: sort the lines by time`;
    }
    if (micros !== 0) this.#isWhole = false;
    this.#pending = { isThere: true, micros: time, durationMs: Number.NaN };
    return this.#counts.add(second, micros);
  }

  received(bytes: number): void {
    this.#counts.received(bytes);
  }

  sent(bytes: number): void {
    this.#counts.sent(bytes);
  }

  took(micros: number): void {
    this.#pending.durationMs = micros / MICROS_PER_MS;
    this.#counts.took(micros);
  }

  end(notes: readonly string[] = []): LinesEnd {
    this.#settle();
    const isWhole = this.#isWhole;
    while (this.#heap.size > 0) this.#emitFirst();
    this.#emitSecond();
    if (this.#length > 0) this.#finishChunk();
    return this.#counts.end(isWhole ? [...notes, WHOLE_SECONDS] : notes);
  }

  /** Chunks that are done; each is given once. */
  take(): readonly ArrivalChunk[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  #settle(): void {
    const { isThere, micros, durationMs } = this.#pending;
    if (!isThere) return;
    this.#heap.push(micros, durationMs);
    this.#pending.isThere = false;
    if (this.#heap.isFull) this.#emitFirst();
  }

  #emitFirst(): void {
    const time = this.#heap.firstTime;
    const duration = this.#heap.firstDuration;
    this.#heap.dropFirst();
    if (Number.isNaN(this.#begin)) {
      this.#begin = Math.floor(time / MICROS_PER_SECOND) * MICROS_PER_SECOND;
    }
    if (time !== this.#last) this.#emitSecond();
    this.#last = time;
    if (this.#isWhole) this.#second.push(duration);
    else {
      this.#emitSecond();
      this.#write((time - this.#begin) / MICROS_PER_SECOND, duration);
    }
  }

  /** Anywhere in their second: each is the first of those that are left. */
  #emitSecond(): void {
    const durations = this.#second;
    if (durations.length === 0) return;
    const begin = (this.#last - this.#begin) / MICROS_PER_SECOND;
    let place = 0;
    for (const [index, duration] of durations.entries()) {
      const left = durations.length - index;
      place += (1 - place) * (1 - (1 - this.#rng.next()) ** (1 / left));
      this.#write(begin + place, duration);
    }
    this.#second = [];
  }

  #write(time: number, duration: number): void {
    this.#times[this.#length] = time;
    this.#durations[this.#length] = duration;
    this.#length += 1;
    if (this.#length === CHUNK_REQUESTS) this.#finishChunk();
  }

  #finishChunk(): void {
    const [times, durationsMs, length] = [this.#times, this.#durations, this.#length] as const;
    this.#ready.push({ times, durationsMs, length });
    this.#times = new Float64Array(CHUNK_REQUESTS);
    this.#durations = new Float64Array(CHUNK_REQUESTS);
    this.#length = 0;
  }
}

const WHOLE_SECONDS =
  'It tells whole seconds: the requests of one are placed in it by chance, seeded.';
