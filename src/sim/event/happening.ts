// What can stand in the heap of a simulation: a kind, and the number of what it happens to.

export const HAPPENING = {
  /** A request on Lambda; its environment. */
  endsOnLambda: 0,
  /** A request on a task, which Lambda would have served in time; and one that it would not have. */
  ends: 1,
  endsLate: 2,
  /** A task begins to pull its image; takes requests; its drain is over. */
  pulls: 3,
  opens: 4,
  drained: 5,
  /** A task crashes; is told that it will be taken back, with the seconds until then. */
  crashes: 6,
  notice: 7,
  /** A fault of the list, at its time. */
  fault: 8,
  /** A zone is back. */
  zoneBack: 9,
  /** The rate that the tasks carry lets the next one pass that waits. */
  pace: 10,
} as const;

export const KIND_BITS = 4;
export const KIND_MASK = (1 << KIND_BITS) - 1;
