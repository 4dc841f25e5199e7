// What a form of traffic that comes in lines is to the reader.

import type { Traffic } from './traffic.ts';
import type { BadLine, Gaps } from './traffic-read.ts';

export interface LineFormat {
  /**
   * Takes a line that is not empty, without its line break. Says what is wrong with it, or undefined;
   * a line with something wrong changes nothing.
   */
  line(bytes: Uint8Array, from: number, to: number, number: number): string | undefined;
  end(): LinesEnd;
}

export interface LinesEnd {
  /** Undefined: there was nothing to count. */
  readonly traffic: Traffic | undefined;
  readonly requests: number;
  readonly peakSecond: number | undefined;
  readonly gaps: Gaps | undefined;
  /** Lines that turn out to be wrong when all are known; only the first has words. */
  readonly bad: { readonly count: number; readonly first: BadLine | undefined };
  readonly notes: readonly string[];
}
