// Where two bills cross, when one of them is a staircase.
//
// The difference of the two changes its sign many times: each task that is added can make Lambda
// the cheaper one again, for a while. Halving an interval would find one of these crossings, and
// not say which. This search goes from one end and leaves nothing out:
//
//   C1. Both bills never fall. So while Lambda at y costs less than Fargate at x, Fargate is the
//       dearer one at every volume from x to y: the search may go on at y.
//   C2. Between two breakpoints both are straight, so there is one crossing at most, and it is
//       where the lines say, to within the rounding.
//   C3. Where the lines are too near to each other to tell, the exact bills are asked.
//   C4. Behind the last bend the slopes decide: from some volume on, the one with the lower slope
//       is the cheaper one for good, however the steps fall. So the search is finite and complete.

import {
  type CostCurve,
  type Line,
  lastUnder,
  lineAt,
  linesOf,
  nextStep,
  type Stair,
  slackAt,
  stairsAt,
  stepStart,
  valueAt,
} from './curve.ts';

/** Whole requests a day, from 1. Undefined: there is no such volume. */
export interface Crossings {
  /** The fewest at which Fargate costs no more than Lambda. */
  readonly first: number | undefined;
  /** From here on it never costs more. */
  readonly holdsFrom: number | undefined;
  /** From here on it always costs more. */
  readonly lambdaHoldsFrom: number | undefined;
  /** From the first on the cheaper one changes again, before it stays. */
  readonly several: boolean;
  /** What is said holds for every volume up to this one; Infinity: for all. */
  readonly searchedTo: number;
}

/** Requests a day that the search ends at where the slopes are so near that they decide nothing. */
const SEARCH_END = 1e16;

/** Steps of the search, after which it says how far it came. */
const SEARCH_STEPS = 1_000_000;

/** Volumes in a row with a difference of bills that is rounding, after which it is none. */
const EQUAL_IN_A_ROW = 256;

/** Pico-dollars: two hundred-millionths of a dollar. */
const EQUAL = 20_000n;

/**
 * Throws RangeError when Lambda alone has stairs that Fargate alone does not have.
 */
export function crossings(fargate: CostCurve, lambda: CostCurve): Crossings {
  const pair = pairOf(fargate, lambda);
  const tail = tailOf(pair);
  const up = firstNotAbove(pair, tail.from);
  if (up.searchedTo < tail.from) {
    return { ...NOTHING, searchedTo: up.searchedTo };
  }
  if (tail.cheaper === 'lambda') {
    const down = lastNotAbove(pair, tail.from);
    const from = down.found === undefined ? 1 : down.found + 1;
    const several = up.found !== undefined && lastAbove(pair, up.found, from).found !== undefined;
    return { ...NOTHING, first: up.found, lambdaHoldsFrom: from, several, searchedTo: Infinity };
  }
  const first = up.found ?? tail.from;
  const down = lastAbove(pair, first, tail.from);
  const holdsFrom = down.found === undefined ? first : down.found + 1;
  const several = first !== holdsFrom;
  if (tail.cheaper === 'fargate') {
    return { ...NOTHING, first, holdsFrom, several, searchedTo: Infinity };
  }
  const found = up.found === undefined ? {} : { first, holdsFrom, several };
  return { ...NOTHING, ...found, searchedTo: tail.from };
}

const NOTHING = {
  first: undefined,
  holdsFrom: undefined,
  lambdaHoldsFrom: undefined,
  several: false,
};

interface Side {
  readonly curve: CostCurve;
  readonly lines: readonly Line[];
}

interface Pair {
  readonly fargate: Side;
  readonly lambda: Side;
  /** Of Fargate alone: those that both have cancel out. */
  readonly stairs: readonly Stair[];
  /** Where either of the two has a new slope, descending. */
  readonly bends: readonly number[];
}

function pairOf(fargateCurve: CostCurve, lambdaCurve: CostCurve): Pair {
  const fargate = { curve: fargateCurve, lines: linesOf(fargateCurve) };
  const lambda = { curve: lambdaCurve, lines: linesOf(lambdaCurve) };
  const stairs = fargateCurve.stairs.filter((stair) => !lambdaCurve.stairs.includes(stair));
  if (lambdaCurve.stairs.some((stair) => !fargateCurve.stairs.includes(stair))) {
    throw new RangeError('Lambda alone has stairs that Fargate alone does not have');
  }
  const bends = [...fargate.lines, ...lambda.lines].map(({ start }) => start);
  return { fargate, lambda, stairs, bends: bends.sort((a, b) => b - a) };
}

/** What the lines say of one volume. */
interface Look {
  readonly fargate: number;
  readonly lambda: number;
  /** Fargate less Lambda. */
  readonly over: number;
  readonly tolerance: number;
}

function look({ fargate, lambda, stairs }: Pair, perDay: number): Look {
  const [f, l] = [
    valueAt(fargate.lines, perDay) + stairsAt({ stairs }, perDay),
    valueAt(lambda.lines, perDay),
  ];
  return {
    fargate: f,
    lambda: l,
    over: f - l,
    tolerance: slackAt(fargate.lines, perDay, f) + slackAt(lambda.lines, perDay, l),
  };
}

/** Fargate less Lambda by the exact bills (C3). */
function exactOver({ fargate, lambda }: Pair, perDay: number): bigint {
  return fargate.curve.at(perDay) - lambda.curve.at(perDay);
}

/** So many volumes on, Lambda has not made up for the difference yet (C1). */
function surely({ lambda }: Pair, over: bigint): number {
  // Where a bill is curved, it is somewhat steeper in places than the lines through it.
  const steepest = lambda.lines.reduce((most, { slope }) => Math.max(most, slope), 1);
  return Math.max(1, Math.floor(Math.abs(Number(over)) / (1.5 * steepest)));
}

/** The exact difference, and how many in a row were rounding. */
function exactly(pair: Pair, perDay: number, near: number): { over: bigint; near: number } {
  const over = exactOver(pair, perDay);
  const isRounding = over <= EQUAL && over >= -EQUAL;
  return { over, near: isRounding ? near + 1 : 0 };
}

function slopeAt({ fargate, lambda }: Pair, perDay: number): number {
  return lineAt(fargate.lines, perDay).slope - lineAt(lambda.lines, perDay).slope;
}

/** The first volume after this one at which either bill bends or steps. */
function pieceEnd({ bends, stairs }: Pair, perDay: number): number {
  const bend = bends.findLast((start) => start > perDay) ?? Number.POSITIVE_INFINITY;
  return Math.min(bend, nextStep(stairs, perDay));
}

function pieceStart({ bends, stairs }: Pair, perDay: number): number {
  const bend = bends.find((start) => start <= perDay) ?? 1;
  return Math.max(bend, stepStart(stairs, perDay));
}

interface Tail {
  readonly from: number;
  readonly cheaper: 'fargate' | 'lambda' | 'neither';
}

/** From where on the slopes decide, and for whom (C4). */
function tailOf(pair: Pair): Tail {
  const { stairs, bends } = pair;
  const lastBend = Math.max(1, ...bends);
  const growing = stairs.filter(({ each, most }) => each < Infinity && most === Infinity);
  // From here on each growing stair is over its least number, each other one at its last.
  const settled = stairs.reduce((last, stair) => Math.max(last, settledAt(stair)), lastBend);
  const steps = growing.reduce((sum, { each, pico }) => sum + pico / each, 0);
  const slope = slopeAt(pair, lastBend) + steps;
  // A step is on average half over the line through the stairs: from 0 to one whole.
  const { over, tolerance } = look(pair, settled);
  const above = growing.reduce(
    (sum, { count, each, pico }) => sum + pico * (count(settled) - settled / each),
    0,
  );
  const whole = growing.reduce((sum, { pico }) => sum + pico, 0);
  const least = over - above - tolerance;
  const most = over - above + whole + tolerance;
  const far = slope > 0 ? -least / slope : -most / slope;
  const from = settled + Math.max(0, Math.ceil(Math.abs(slope) > 0 ? far : 0)) + 1;
  const isTold = Math.abs(slope) > 1e-9 * lineAt(pair.lambda.lines, lastBend).slope;
  if (!isTold) return { from: Math.max(settled, lastBend) + 1, cheaper: 'neither' };
  if (from > SEARCH_END) return { from: SEARCH_END, cheaper: 'neither' };
  return { from, cheaper: slope > 0 ? 'lambda' : 'fargate' };
}

function settledAt({ count, each, most }: Stair): number {
  if (each === Number.POSITIVE_INFINITY) return 1;
  const reached = most === Number.POSITIVE_INFINITY ? count(1) : most;
  return Math.ceil(reached * each) + 1;
}

interface Found {
  readonly found: number | undefined;
  readonly searchedTo: number;
}

/** The first volume under `end` at which Fargate costs no more. */
function firstNotAbove(pair: Pair, end: number): Found {
  let at = 1;
  let near = 0;
  for (let step = 0; at < end; step += 1) {
    if (step > SEARCH_STEPS) return { found: undefined, searchedTo: at };
    const { fargate, over, tolerance } = look(pair, at);
    if (over <= tolerance) {
      const exact = exactly(pair, at, near);
      near = exact.near;
      if (exact.over <= 0n || near > EQUAL_IN_A_ROW) return { found: at, searchedTo: end };
      at += surely(pair, exact.over);
      continue;
    }
    near = 0;
    const next = pieceEnd(pair, at);
    const grown = lastUnder(pair.lambda.lines, fargate - tolerance);
    if (grown >= next) at = grown;
    else at = rootAfter({ at, end: next, over: over - tolerance, slope: slopeAt(pair, at) });
  }
  return { found: undefined, searchedTo: end };
}

/** Where what is over is gone, within the piece; its end when it is not (C2). */
function rootAfter(piece: { at: number; end: number; over: number; slope: number }): number {
  const { at, end, over, slope } = piece;
  if (slope >= 0) return end;
  return Math.min(end, Math.max(at + 1, at + Math.floor(over / -slope)));
}

/** The last volume from `begin` on and under `end` at which Fargate costs more. */
function lastAbove(pair: Pair, begin: number, end: number): Found {
  let at = end - 1;
  let near = 0;
  for (let step = 0; at >= begin && step <= SEARCH_STEPS; step += 1) {
    const { fargate, over, tolerance } = look(pair, at);
    if (over > tolerance) return { found: at, searchedTo: end };
    if (over >= -tolerance) {
      const exact = exactly(pair, at, near);
      near = exact.near;
      if (exact.over > 0n) return { found: at, searchedTo: end };
      const [start, slope] = [pieceStart(pair, at), slopeAt(pair, at)];
      const band = { at, start, under: tolerance - over, slope };
      at = near > EQUAL_IN_A_ROW ? rootBefore(band) : at - surely(pair, exact.over);
      continue;
    }
    near = 0;
    const start = pieceStart(pair, at);
    const grown = lastUnder(pair.lambda.lines, fargate + tolerance);
    if (grown < start) at = Math.min(grown, at - 1);
    else at = rootBefore({ at, start, under: -over - tolerance, slope: slopeAt(pair, at) });
  }
  return { found: undefined, searchedTo: end };
}

/** Going down from `at`: where what is under is gone; before the piece when it is not. */
function rootBefore(piece: { at: number; start: number; under: number; slope: number }): number {
  const { at, start, under, slope } = piece;
  if (slope >= 0) return start - 1;
  return Math.max(start - 1, Math.min(at - 1, at - Math.floor(under / -slope)));
}

/** The last volume under `end` at which Fargate costs no more. */
function lastNotAbove(pair: Pair, end: number): Found {
  let at = end - 1;
  let near = 0;
  for (let step = 0; at >= 1 && step <= SEARCH_STEPS; step += 1) {
    const { lambda, over, tolerance } = look(pair, at);
    if (over < -tolerance) return { found: at, searchedTo: end };
    if (over <= tolerance) {
      const exact = exactly(pair, at, near);
      near = exact.near;
      if (exact.over <= 0n || near > EQUAL_IN_A_ROW) return { found: at, searchedTo: end };
      at -= 1;
      continue;
    }
    near = 0;
    const start = pieceStart(pair, at);
    const costsNoMore = lastFargateUpTo(pair, lambda + tolerance, at);
    if (costsNoMore < start) at = costsNoMore;
    else at = rootBefore({ at, start, under: over - tolerance, slope: -slopeAt(pair, at) });
  }
  return { found: undefined, searchedTo: end };
}

/**
 * The last volume before `at` at which Fargate costs at most `value`; 0 when there is none. Halving
 * is right here: one bill alone never falls.
 */
function lastFargateUpTo(pair: Pair, value: number, at: number): number {
  let [low, high] = [0, at];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (look(pair, middle).fargate <= value) low = middle;
    else high = middle;
  }
  return low;
}
