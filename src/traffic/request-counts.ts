// Counts requests as they are read from a log, in bounded memory and in any order: by the second,
// and coarser once the log is longer than that holds.

import { sayTime } from '../base/calendar.ts';
import { MS_PER_HOUR, MS_PER_SECOND, sayDuration } from '../base/units.ts';
import { DurationSketch } from './duration-sketch.ts';
import type { LinesEnd } from './line-format.ts';
import type { RequestSink } from './request-sink.ts';
import type { RequestFacts, Traffic } from './traffic.ts';
import type { Gaps } from './traffic-read.ts';

/** A second, a minute, an hour. */
const STEPS_S = [1, 60, 3600] as const;

/** Steps kept before the next coarser is taken: 24 days of seconds, 8 years of minutes. */
const MAX_STEPS = [2 ** 21, 2 ** 22, 2 ** 23] as const;

/** The same where seconds are asked for: 97 days of them, in 128 MiB at most. */
const MAX_STEPS_FINE = [2 ** 23, 2 ** 23, 2 ** 23] as const;

/** A log of an hour is told by the minute, a shorter one by the second. */
const MINUTES_FROM_S = 3600;

const NO_BAD = { count: 0, first: undefined };

/** A silence is told when so many requests would have come in it at the mean of the log. */
const TOLD_SILENCE_REQUESTS = 1000;

export interface CountsBy {
  /** By the second, however long the log is, as far as that holds. Default: by the minute from an hour on. */
  readonly bySecond: boolean;
}

export class RequestCounts implements RequestSink {
  requests = 0;
  readonly #bySecond: boolean;
  #stepIndex = 0;
  #stepS: number = STEPS_S[0];
  /** Step of the first count. */
  #base = 0;
  #counts = new Float64Array(0);
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #receivedBytes = 0;
  #received = 0;
  #sentBytes = 0;
  #sent = 0;
  readonly #durations = new DurationSketch();

  constructor({ bySecond }: CountsBy) {
    this.#bySecond = bySecond;
  }

  /** `second` since the epoch, whole. */
  add(second: number): void {
    this.requests += 1;
    if (second < this.#first) this.#first = second;
    if (second > this.#last) this.#last = second;
    const index = (this.#stepIndex === 0 ? second : Math.floor(second / this.#stepS)) - this.#base;
    if (index >= 0 && index < this.#counts.length) {
      this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    } else {
      this.#makeRoom();
      const at = Math.floor(second / this.#stepS) - this.#base;
      this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    }
  }

  received(bytes: number): void {
    this.#receivedBytes += bytes;
    this.#received += 1;
  }

  sent(bytes: number): void {
    this.#sentBytes += bytes;
    this.#sent += 1;
  }

  took(micros: number): void {
    this.#durations.add(micros);
  }

  /** What no line tells of had no request. */
  end(notes: readonly string[] = []): LinesEnd {
    const traffic = this.traffic();
    const told =
      traffic === undefined ? [] : [...this.#coarseNotes(traffic), ...this.#silences(traffic)];
    return {
      traffic,
      requests: this.requests,
      peakSecond: traffic === undefined ? undefined : this.peakSecond(),
      gaps: undefined,
      bad: NO_BAD,
      notes: [...notes, ...told],
    };
  }

  #coarseNotes({ startMs = 0, counts, intervalMs }: Traffic): string[] {
    const span = `It reaches from ${sayTime(startMs)} to ${sayTime(startMs + counts.length * intervalMs)} UTC`;
    if (intervalMs >= MS_PER_HOUR) {
      return [`${span}, so it is counted by the hour. Is a time in it wrong?`];
    }
    return this.#bySecond && this.#stepIndex > 0
      ? [`${span}: too long to count by the second, so it is counted by the minute.`]
      : [];
  }

  #silences({ counts, intervalMs }: Traffic): string[] {
    const silence = this.silence();
    const spanMs = counts.length * intervalMs;
    if (silence === undefined || silence.ms < MS_PER_HOUR) return [];
    if ((this.requests / spanMs) * silence.ms < TOLD_SILENCE_REQUESTS) return [];
    return [
      `No request for ${sayDuration(silence.ms)} from ${sayTime(silence.fromMs)} UTC: counted as no traffic. Is a file missing?`,
    ];
  }

  /** Undefined when there was no request. */
  traffic(): Traffic | undefined {
    if (this.requests === 0) return undefined;
    const spanS = this.#last - this.#first + 1;
    const byMinute = !this.#bySecond && spanS >= MINUTES_FROM_S;
    const toS = this.#stepS > 1 ? this.#stepS : byMinute ? 60 : 1;
    const begin = Math.floor(this.#first / toS);
    const counts = new Array<number>(Math.floor(this.#last / toS) - begin + 1).fill(0);
    for (let step = this.#at(this.#first); step <= this.#at(this.#last); step += 1) {
      const index = Math.floor((step * this.#stepS) / toS) - begin;
      counts[index] = (counts[index] ?? 0) + (this.#counts[step - this.#base] ?? 0);
    }
    return {
      intervalMs: toS * MS_PER_SECOND,
      counts,
      startMs: begin * toS * MS_PER_SECOND,
      requests: this.#facts(),
    };
  }

  /** Undefined when the log is too long to count by the second. */
  peakSecond(): number | undefined {
    if (this.#stepIndex > 0) return undefined;
    return this.#counts.reduce((most, count) => Math.max(most, count), 0);
  }

  /** The longest time without a request. */
  silence(): Gaps['longest'] | undefined {
    let longest = { from: 0, steps: 0 };
    let since = this.#at(this.#first);
    for (let step = since; step <= this.#at(this.#last); step += 1) {
      if (this.#counts[step - this.#base] === 0) continue;
      if (step - since - 1 > longest.steps) longest = { from: since + 1, steps: step - since - 1 };
      since = step;
    }
    const stepMs = this.#stepS * MS_PER_SECOND;
    if (longest.steps === 0) return undefined;
    return { fromMs: longest.from * stepMs, ms: longest.steps * stepMs };
  }

  #facts(): RequestFacts {
    return {
      requestBytes: this.#received === 0 ? undefined : this.#receivedBytes / this.#received,
      responseBytes: this.#sent === 0 ? undefined : this.#sentBytes / this.#sent,
      durationMs: this.#durations.meanMs(),
      durationQuantiles: this.#durations.quantiles(),
    };
  }

  #at(second: number): number {
    return Math.floor(second / this.#stepS);
  }

  /** So that first and last fit, with as much again for what comes. */
  #makeRoom(): void {
    const steps = (): number => this.#at(this.#last) - this.#at(this.#first) + 1;
    const old = { counts: this.#counts, base: this.#base, stepS: this.#stepS };
    const most = this.#bySecond ? MAX_STEPS_FINE : MAX_STEPS;
    while (steps() > (most[this.#stepIndex] ?? Number.POSITIVE_INFINITY)) {
      if (this.#stepIndex === STEPS_S.length - 1) break;
      this.#stepIndex += 1;
      this.#stepS = STEPS_S[this.#stepIndex] ?? this.#stepS;
    }
    const room = Math.max(64, steps());
    this.#base = this.#at(this.#first) - Math.floor(room / 2);
    this.#counts = new Float64Array(room * 2);
    for (const [index, count] of old.counts.entries()) {
      if (count === 0) continue;
      const at = this.#at((old.base + index) * old.stepS) - this.#base;
      this.#counts[at] = (this.#counts[at] ?? 0) + count;
    }
  }
}
