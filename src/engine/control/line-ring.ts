// The last so many bytes of a stream of texts, kept as bytes.
//
// Ten thousand requests a second write thirty thousand lines of log. As objects they would live just
// long enough to be copied and promoted by the garbage collector, which cost more than serving the
// requests; as bytes in one buffer they cost a copy each.
//
// A record is its length (four bytes, little endian) and its text in UTF-8. Records lie one behind
// the other from `#first`, around the end of the buffer; a record that does not fit before the end
// begins at 0, and a length of `WRAP` (if there is room for one) says so.

const WRAP = 0xffff_ffff;
const LENGTH_BYTES = 4;
const SMALLEST = 64 * 1024;

/** A character of a JavaScript string takes at most this much UTF-8. */
const MAX_BYTES_PER_CHAR = 3;

export class LineRing {
  readonly #capacity: number;
  #buffer = Buffer.alloc(0);
  #first = 0;
  #next = 0;
  #count = 0;
  #dropped = 0;

  /** Of all that is kept, in bytes. A text longer than a quarter of it is cut. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Texts that had to make room. */
  get dropped(): number {
    return this.#dropped;
  }

  push(text: string): void {
    const most = Math.floor(this.#capacity / 4 / MAX_BYTES_PER_CHAR);
    const kept = text.length > most ? text.slice(0, most) : text;
    const room = LENGTH_BYTES + kept.length * MAX_BYTES_PER_CHAR;
    this.#makeRoom(room);
    const length = this.#buffer.write(kept, this.#next + LENGTH_BYTES, 'utf8');
    this.#buffer.writeUInt32LE(length, this.#next);
    this.#next += LENGTH_BYTES + length;
    this.#count += 1;
  }

  /** Oldest first. */
  texts(): readonly string[] {
    const found: string[] = [];
    let at = this.#first;
    while (found.length < this.#count) {
      at = this.#recordAt(at);
      const end = at + LENGTH_BYTES + this.#buffer.readUInt32LE(at);
      found.push(this.#buffer.toString('utf8', at + LENGTH_BYTES, end));
      at = end;
    }
    return found;
  }

  /** Makes `room` bytes from `#next` on free, by growing, by wrapping, by dropping the oldest. */
  #makeRoom(room: number): void {
    while (!this.#fits(room)) {
      if (this.#buffer.length < this.#capacity) {
        this.#grow(room);
      } else if (
        this.#count > 0 &&
        this.#first >= this.#next &&
        this.#first < this.#buffer.length
      ) {
        this.#dropFirst();
      } else if (this.#next + room > this.#buffer.length) {
        this.#wrap();
      } else {
        this.#dropFirst();
      }
    }
  }

  #fits(room: number): boolean {
    const end = this.#next + room;
    if (end > this.#buffer.length) return false;
    return this.#count === 0 || this.#first < this.#next || end <= this.#first;
  }

  #wrap(): void {
    if (this.#next + LENGTH_BYTES <= this.#buffer.length) {
      this.#buffer.writeUInt32LE(WRAP, this.#next);
    }
    this.#next = 0;
    if (this.#count === 0) this.#first = 0;
  }

  #dropFirst(): void {
    const at = this.#recordAt(this.#first);
    this.#first = at + LENGTH_BYTES + this.#buffer.readUInt32LE(at);
    this.#count -= 1;
    this.#dropped += 1;
    if (this.#count === 0) {
      this.#first = 0;
      this.#next = 0;
    }
  }

  /** Where the record that is due at `at` really begins. */
  #recordAt(at: number): number {
    const ends = at + LENGTH_BYTES > this.#buffer.length;
    return ends || this.#buffer.readUInt32LE(at) === WRAP ? 0 : at;
  }

  /** Only before the first wrap, so what is kept lies in one piece from the start. */
  #grow(room: number): void {
    const wanted = Math.max(SMALLEST, 2 * this.#buffer.length, this.#next + room);
    const larger = Buffer.alloc(Math.min(this.#capacity, wanted));
    this.#buffer.copy(larger, 0, this.#first, this.#next);
    this.#next -= this.#first;
    this.#first = 0;
    this.#buffer = larger;
  }
}
