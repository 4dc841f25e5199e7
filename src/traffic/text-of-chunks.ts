// What a file is made of, from its first bytes: text in UTF-8 or UTF-16, or something packed.

import { NEWLINE } from './bytes.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** How packed and binary files begin. */
const MAGIC: readonly (readonly [what: string, ...bytes: number[]])[] = [
  ['gzip', 0x1f, 0x8b],
  ['a zip archive', 0x50, 0x4b, 3, 4],
  ['zstandard', 0x28, 0xb5, 0x2f, 0xfd],
  ['bzip2', 0x42, 0x5a, 0x68],
  ['xz', 0xfd, 0x37, 0x7a, 0x58],
  ['Parquet', 0x50, 0x41, 0x52, 0x31],
  ['a PDF', 0x25, 0x50, 0x44, 0x46],
];

export type Content =
  | { readonly encoding: Encoding; readonly markBytes: number }
  | { readonly binary: string };

export function contentOf(head: Uint8Array): Content {
  const begins = (...bytes: readonly number[]): boolean =>
    bytes.every((byte, index) => head[index] === byte);
  if (begins(0xff, 0xfe)) return { encoding: 'utf-16le', markBytes: 2 };
  if (begins(0xfe, 0xff)) return { encoding: 'utf-16be', markBytes: 2 };
  if (begins(0xef, 0xbb, 0xbf)) return { encoding: 'utf-8', markBytes: 3 };
  const packed = MAGIC.find(([, ...bytes]) => begins(...bytes));
  if (packed !== undefined) return { binary: packed[0] };
  const zeros = head.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  if (zeros === 0) return { encoding: 'utf-8', markBytes: 0 };
  // Plain text in UTF-16 without a mark has a zero for every letter.
  const half = head.length >> 1;
  if (zeros >= half * 0.8 && zeros <= half + 1) {
    return { encoding: head[0] === 0 ? 'utf-16be' : 'utf-16le', markBytes: 0 };
  }
  return { binary: 'binary data' };
}

/** Makes one byte of each two of UTF-16; what is no ASCII becomes "?", which no format needs. */
export class Narrow {
  readonly #high: 0 | 1;
  #rest: number | undefined;

  constructor(encoding: 'utf-16le' | 'utf-16be') {
    this.#high = encoding === 'utf-16le' ? 1 : 0;
  }

  chunk(chunk: Uint8Array): Uint8Array {
    const pairs = this.#rest === undefined ? chunk : withFirst(this.#rest, chunk);
    const letters = pairs.length >> 1;
    const text = new Uint8Array(letters);
    for (let index = 0; index < letters; index += 1) {
      const high = pairs[index * 2 + this.#high] ?? 0;
      const low = pairs[index * 2 + 1 - this.#high] ?? 0;
      text[index] = high === 0 ? low : QUESTION;
    }
    this.#rest = pairs.length % 2 === 0 ? undefined : pairs[pairs.length - 1];
    return text;
  }
}

function withFirst(byte: number, chunk: Uint8Array): Uint8Array {
  const joined = new Uint8Array(chunk.length + 1);
  joined[0] = byte;
  joined.set(chunk, 1);
  return joined;
}

const QUESTION = 63;

/** The first whole lines in `head`; when `whole`, also what has no line break. */
export function firstLines(head: Uint8Array, whole: boolean, most: number): readonly string[] {
  const lines: string[] = [];
  let from = 0;
  while (lines.length < most && from < head.length) {
    const to = head.indexOf(NEWLINE, from);
    if (to < 0 && !whole && lines.length > 0) break;
    const end = to < 0 ? head.length : to;
    lines.push(String.fromCharCode(...head.subarray(from, Math.min(end, from + 8192))).trimEnd());
    from = end + 1;
  }
  return lines;
}
