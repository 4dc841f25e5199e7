// The log of one environment, with the last part of an invocation kept for a caller who wants it.

import { LAMBDA_LOG_TAIL_BYTES } from '../../model/aws-limits.ts';
import type { ServiceLog } from '../program.ts';

const EMPTY = Buffer.alloc(0);

export class LogTap implements ServiceLog {
  readonly #log: ServiceLog;
  #lines: string[] | undefined;
  #length = 0;

  constructor(log: ServiceLog) {
    this.#log = log;
  }

  get group(): string {
    return this.#log.group;
  }

  get stream(): string {
    return this.#log.stream;
  }

  write(line: string): void {
    this.#keep(line);
    this.#log.write(line);
  }

  platform(line: string): void {
    this.#keep(line);
    this.#log.platform(line);
  }

  lastLines(): readonly string[] {
    return this.#log.lastLines();
  }

  /** An invocation begins. */
  capture(wanted: boolean): void {
    this.#lines = wanted ? [] : undefined;
    this.#length = 0;
  }

  /** The last 4 KB since `capture`; empty when nobody wanted them. */
  take(): Buffer {
    const lines = this.#lines;
    this.#lines = undefined;
    if (lines === undefined) return EMPTY;
    const all = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    return all.subarray(Math.max(0, all.length - LAMBDA_LOG_TAIL_BYTES));
  }

  /** Whole lines that surely lie before the last 4 KB are let go. */
  #keep(line: string): void {
    const lines = this.#lines;
    if (lines === undefined) return;
    lines.push(line);
    this.#length += line.length + 1;
    for (;;) {
      const first = (lines[0]?.length ?? 0) + 1;
      if (this.#length - first < LAMBDA_LOG_TAIL_BYTES) return;
      this.#length -= first;
      lines.shift();
    }
  }
}
