// The bytes of a file, or of standard input, in chunks: the next is read while one is looked at.

import { constants, openSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { addAbortSignal, type Readable } from 'node:stream';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Rejects with what the system says, as EISDIR for a folder. `signal` ends the waiting for what others
 * write: the chunks then end with its error.
 */
export async function openBytes(
  path: string,
  signal?: AbortSignal,
): Promise<{
  readonly sizeBytes: number | undefined;
  readonly chunks: AsyncGenerator<Uint8Array, void>;
}> {
  if (path === '-') return { sizeBytes: undefined, chunks: piped(process.stdin, signal) };
  if ((await stat(path)).isFIFO()) {
    return { sizeBytes: undefined, chunks: piped(namedPipe(path), signal) };
  }
  const file = await open(path);
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) throw new Error('EISDIR: it is a folder');
    // What is no plain file, such as a pipe, has no size to tell.
    return { sizeBytes: stat.isFile() ? stat.size : undefined, chunks: chunksOf(file) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Opened in the usual way it would wait for a writer, and nothing could end the process. */
function namedPipe(path: string): Readable {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}

async function* piped(
  source: Readable,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  if (signal !== undefined) addAbortSignal(signal, source);
  for await (const chunk of source) yield chunk as Uint8Array;
}

async function* chunksOf(file: FileHandle): AsyncGenerator<Uint8Array, void> {
  let [now, later] = [new Uint8Array(CHUNK_BYTES), new Uint8Array(CHUNK_BYTES)];
  let reading = file.read(now, 0, CHUNK_BYTES);
  try {
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = file.read(later, 0, CHUNK_BYTES);
      yield now.subarray(0, bytesRead);
      [now, later] = [later, now];
    }
  } finally {
    await reading.catch(() => undefined);
    await file.close();
  }
}
