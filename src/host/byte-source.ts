// The bytes of a file, or of standard input, in chunks: the next is read while one is looked at.

import { type FileHandle, open } from 'node:fs/promises';

const CHUNK_BYTES = 1024 * 1024;

/** Rejects with what the system says, as EISDIR for a folder. */
export async function openBytes(path: string): Promise<{
  readonly sizeBytes: number | undefined;
  readonly chunks: AsyncGenerator<Uint8Array, void>;
}> {
  if (path === '-') return { sizeBytes: undefined, chunks: piped() };
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

async function* piped(): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of process.stdin) yield chunk as Uint8Array;
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
