// Finds the largest load that is within a target, by trying: first in steps that double, then
// between the last that was and the first that was not.
//
// Invariants
//   M1. What is tried lies strictly between the largest load that was within and the smallest that
//       was not, and never above the bound.
//   M2. It ends after a number of tries that is logarithmic in bound ÷ first.

export interface Tried {
  readonly load: number;
  readonly within: boolean;
}

export interface SearchSettings {
  readonly first: number;
  readonly bound: number;
  /** It is found when what is within and what is not are this close: 0.1 is ten percent. */
  readonly tolerance: number;
  /** Only whole loads. */
  readonly whole: boolean;
}

/** What to try next; undefined: it is found. */
export function nextLoad(tried: readonly Tried[], settings: SearchSettings): number | undefined {
  const { first, bound, tolerance, whole } = settings;
  const best = bestOf(tried);
  const over = firstOver(tried);
  if (over === undefined) {
    if (best === undefined) return Math.min(first, bound);
    return best >= bound ? undefined : Math.min(best * 2, bound);
  }
  if (best === undefined) {
    const lower = whole ? Math.floor(over / 2) : over / 2;
    // Below an eighth of the first there is nothing worth finding.
    return lower < (whole ? 1 : first / 8) ? undefined : lower;
  }
  if (over <= best * (1 + tolerance)) return undefined;
  const middle = whole ? Math.floor((best + over) / 2) : (best + over) / 2;
  return middle <= best || middle >= over ? undefined : middle;
}

/**
 * The largest load that is within. One that was not refutes all above it: noise may let a larger one
 * through.
 */
export function bestOf(tried: readonly Tried[]): number | undefined {
  const over = firstOver(tried) ?? Number.POSITIVE_INFINITY;
  const within = tried.filter((one) => one.within && one.load < over).map(({ load }) => load);
  return within.length === 0 ? undefined : Math.max(...within);
}

/** The smallest load that is not within. */
export function firstOver(tried: readonly Tried[]): number | undefined {
  const over = tried.filter((one) => !one.within).map(({ load }) => load);
  return over.length === 0 ? undefined : Math.min(...over);
}
