// Cuts bytes that come in chunks into lines. A line that lies in one chunk is not copied; one that
// is cut by the border of two is put together in a buffer of its own.

import { NEWLINE, RETURN } from './bytes.ts';

/** Far more than any access log writes in one line. */
export const MAX_LINE_BYTES = 1024 * 1024;

/** Gets each line without its line break. The bytes are only valid during the call. */
export type OnLine = (bytes: Uint8Array, from: number, to: number) => void;

export class LineSplitter {
  readonly #onLine: OnLine;
  readonly #onTooLong: () => void;
  #rest = new Uint8Array(4096);
  #restBytes = 0;

  /** `onTooLong` is called for a line of more than {@link MAX_LINE_BYTES}, and must throw. */
  constructor(onLine: OnLine, onTooLong: () => void) {
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
  }

  push(given: Uint8Array): void {
    // A Buffer finds a byte in a slower way of its own.
    const chunk = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
    let from = 0;
    if (this.#restBytes > 0) {
      const to = chunk.indexOf(NEWLINE);
      if (to < 0) {
        this.#keep(chunk, 0);
        return;
      }
      this.#keep(chunk.subarray(0, to), 0);
      const bytes = this.#restBytes;
      this.#restBytes = 0;
      this.#line(this.#rest, 0, bytes);
      from = to + 1;
    }
    for (;;) {
      const to = chunk.indexOf(NEWLINE, from);
      if (to < 0) break;
      this.#line(chunk, from, to);
      from = to + 1;
    }
    if (from < chunk.length) this.#keep(chunk, from);
  }

  /** What is left without a line break is a line; tells whether there was one. */
  end(): boolean {
    const isLeft = this.#restBytes > 0;
    if (isLeft) this.#line(this.#rest, 0, this.#restBytes);
    this.#restBytes = 0;
    return isLeft;
  }

  #line(bytes: Uint8Array, from: number, to: number): void {
    this.#onLine(bytes, from, to > from && bytes[to - 1] === RETURN ? to - 1 : to);
  }

  #keep(chunk: Uint8Array, from: number): void {
    const bytes = this.#restBytes + chunk.length - from;
    if (bytes > MAX_LINE_BYTES) this.#onTooLong();
    if (bytes > this.#rest.length) {
      const grown = new Uint8Array(Math.max(bytes, this.#rest.length * 2));
      grown.set(this.#rest.subarray(0, this.#restBytes));
      this.#rest = grown;
    }
    this.#rest.set(chunk.subarray(from), this.#restBytes);
    this.#restBytes = bytes;
  }
}
