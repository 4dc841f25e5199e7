// Messages of `application/vnd.amazon.eventstream`: lengths, headers, payload, two checksums, all
// numbers big-endian. The SDKs read it; a test holds it against theirs.

import { crc32 } from 'node:zlib';

/** Total length, length of the headers, checksum of these two. */
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;

/** The type of a header whose value is a text. */
const TEXT_HEADER = 7;

export type FrameHeaders = Buffer;

/** The headers of an event, which are the same for all of its kind. */
export function eventHeaders(eventType: string, contentType: string): FrameHeaders {
  return Buffer.concat(
    Object.entries({
      ':message-type': 'event',
      ':event-type': eventType,
      ':content-type': contentType,
    }).map(([name, value]) => {
      const header = Buffer.alloc(1 + name.length + 3 + value.length);
      let at = header.writeUInt8(name.length, 0);
      at += header.write(name, at, 'latin1');
      at = header.writeUInt8(TEXT_HEADER, at);
      at = header.writeUInt16BE(value.length, at);
      header.write(value, at, 'latin1');
      return header;
    }),
  );
}

export function frameOf(headers: FrameHeaders, payload: Buffer): Buffer {
  const total = PRELUDE_BYTES + headers.length + payload.length + CHECKSUM_BYTES;
  const frame = Buffer.allocUnsafe(total);
  frame.writeUInt32BE(total, 0);
  frame.writeUInt32BE(headers.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  headers.copy(frame, PRELUDE_BYTES);
  payload.copy(frame, PRELUDE_BYTES + headers.length);
  const end = total - CHECKSUM_BYTES;
  frame.writeUInt32BE(crc32(frame.subarray(0, end)), end);
  return frame;
}
