// What takes the requests that a reader finds, one a line.

import type { LinesEnd } from './line-format.ts';

export interface RequestSink {
  /** A request came then: `second` since the epoch, whole, and the rest of it. */
  add(second: number, micros: number): void;
  /** Bytes of the request that was added last. */
  received(bytes: number): void;
  sent(bytes: number): void;
  /** How long the request that was added last took, whole microseconds. */
  took(micros: number): void;
  /** `notes` are of the format. */
  end(notes?: readonly string[]): LinesEnd;
}
