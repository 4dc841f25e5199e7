// Collects a body that has to be whole before anything is done with it.

const EMPTY = Buffer.alloc(0);

export class CollectedBody {
  #chunks: Buffer[] = [];
  #bytes = 0;
  readonly #limitBytes: number;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** False when that was too much; then `chunks` gives what came so far. */
  add(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    return this.#bytes <= this.#limitBytes;
  }

  /** Gives the chunks away. */
  chunks(): readonly Buffer[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  /** Gives the whole away. */
  take(): Buffer {
    const chunks = this.chunks();
    const [only = EMPTY] = chunks;
    return chunks.length <= 1 ? only : Buffer.concat(chunks);
  }
}
