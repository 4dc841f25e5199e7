// Reads the body of a message as it arrives, however it is framed, and says where it ends.

import { type BodyFraming, Malformed } from './head.ts';

export interface BodyReader {
  readonly done: boolean;
  /** Lines "Name: value" after the last chunk. */
  readonly trailers: readonly string[];
  /**
   * Hands the body bytes of `chunk` to `onData` and returns what follows the body, or undefined
   * while the body goes on. Throws Malformed.
   */
  push(chunk: Buffer, onData: (data: Buffer) => void): Buffer | undefined;
}

const EMPTY = Buffer.alloc(0);

/** A chunk-size line, with extensions, and all trailers together may be this long. */
const MAX_LINE_BYTES = 8 * 1024;

export function bodyReader(framing: BodyFraming): BodyReader {
  switch (framing.kind) {
    case 'none':
      return new LengthReader(0);
    case 'length':
      return new LengthReader(framing.bytes);
    case 'chunked':
      return new ChunkedReader();
    case 'close':
      return new LengthReader(Number.POSITIVE_INFINITY);
  }
}

class LengthReader implements BodyReader {
  readonly trailers: readonly string[] = [];
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  get done(): boolean {
    return this.#left === 0;
  }

  push(chunk: Buffer, onData: (data: Buffer) => void): Buffer | undefined {
    if (chunk.length < this.#left) {
      this.#left -= chunk.length;
      if (chunk.length > 0) onData(chunk);
      return undefined;
    }
    const taken = this.#left;
    this.#left = 0;
    if (taken > 0) onData(taken === chunk.length ? chunk : chunk.subarray(0, taken));
    return taken === chunk.length ? EMPTY : chunk.subarray(taken);
  }
}

/** RFC 9112 §7.1. Extensions are read and dropped. */
class ChunkedReader implements BodyReader {
  readonly trailers: string[] = [];
  #state: 'size' | 'data' | 'data-end' | 'trailer' | 'done' = 'size';
  #left = 0;
  /** A line that has not arrived whole. */
  #line = '';
  #trailerBytes = 0;

  get done(): boolean {
    return this.#state === 'done';
  }

  push(chunk: Buffer, onData: (data: Buffer) => void): Buffer | undefined {
    let at = 0;
    while (at < chunk.length && this.#state !== 'done') {
      if (this.#state === 'data') {
        const end = Math.min(chunk.length, at + this.#left);
        this.#left -= end - at;
        onData(chunk.subarray(at, end));
        at = end;
        if (this.#left === 0) this.#state = 'data-end';
      } else {
        at = this.#readLine(chunk, at);
      }
    }
    return this.#state === 'done' ? chunk.subarray(at) : undefined;
  }

  #readLine(chunk: Buffer, from: number): number {
    const newline = chunk.indexOf(0x0a, from);
    const end = newline === -1 ? chunk.length : newline + 1;
    this.#line += chunk.toString('latin1', from, end);
    if (this.#line.length > MAX_LINE_BYTES) throw new Malformed('a chunk line is too long');
    if (newline === -1) return end;
    const line = this.#line;
    this.#line = '';
    if (!line.endsWith('\r\n')) throw new Malformed('a chunk line ends with a bare line break');
    this.#takeLine(line.slice(0, -2));
    return end;
  }

  #takeLine(line: string): void {
    switch (this.#state) {
      case 'size': {
        const match = /^([0-9a-fA-F]{1,12})[ \t]*(?:;[^\0-\x08\x0a-\x1f\x7f]*)?$/.exec(line);
        if (match === null) throw new Malformed('a chunk size is not a number');
        this.#left = Number.parseInt(match[1] ?? '', 16);
        this.#state = this.#left === 0 ? 'trailer' : 'data';
        return;
      }
      case 'data-end':
        if (line !== '') throw new Malformed('a chunk is longer than it says');
        this.#state = 'size';
        return;
      case 'trailer':
        this.#trailerBytes += line.length;
        if (this.#trailerBytes > MAX_LINE_BYTES) throw new Malformed('the trailers are too long');
        if (line === '') this.#state = 'done';
        else this.trailers.push(line);
        return;
      default:
    }
  }
}

const CHUNK_END = Buffer.from('\r\n');

/** The bytes of one chunk. */
export function chunkOf(data: Buffer): Buffer {
  const size = `${data.length.toString(16)}\r\n`;
  const framed = Buffer.allocUnsafe(size.length + data.length + 2);
  framed.write(size, 'latin1');
  data.copy(framed, size.length);
  CHUNK_END.copy(framed, size.length + data.length);
  return framed;
}

export const LAST_CHUNK = Buffer.from('0\r\n\r\n');
