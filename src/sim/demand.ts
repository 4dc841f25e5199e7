// Demand over time, as the simulator takes it: requests in equal steps, a chunk at a time, so that a
// trace of any length needs no more memory than a chunk.

/** Steps in a row. */
export interface DemandChunk {
  /** Requests in each step; NaN: not known (a gap). Fractions are fine. Only the first `length` count. */
  readonly counts: Float64Array;
  readonly length: number;
}

export interface Demand {
  /** For people: the name of a file, or of a generator with its figures. */
  readonly name: string;
  /** Length of each step, seconds: 1, 60, 300. */
  readonly stepSeconds: number;
  /** All steps, gaps among them. */
  readonly steps: number;
  /** From the beginning, each time the same. A chunk is overwritten by the next one. */
  chunks(): Iterable<DemandChunk>;
  /** Of a generator, whose traffic at another height is drawn anew; left out where counts are known. */
  readonly drawn?: DrawnDemand;
}

export interface DrawnDemand {
  /** Requests a second that it is drawn with, over whole cycles. */
  readonly meanRate: number;
  at(meanRate: number): Demand;
}

// A gap is no time at all: nothing comes, nothing is billed, no tick passes. The state of every policy
// goes on where it was. The optimum treats it in the same way.
