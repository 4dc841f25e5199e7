// Which routes get the slots when there are not enough for all: those that save most for a slot.
//
// The routes of a service share its tasks. A second of a slot that route r uses saves what Lambda
// would take for the requests it serves meanwhile: ρ = Lambda $ a request ÷ seconds it takes on a
// task. When more requests would be in flight than there are slots, a route leaves so many slots free
// as the routes above it may need all at once. That is trunk reservation, which is optimal for
// servers without a queue that are shared by classes of different worth [Miller 1969, "A queueing
// reward system with several customer classes"].
//
// The reserve is √H, where H is the mean number of requests in flight that the routes above have: the
// standard deviation of their number, if they come at random.
//
// Example: 20 slots; /thumbnails saves $0.000021 a second of a slot and has 16 in flight, /pages saves
// $0.000009 and has 12. 28 are more than 20: /pages leaves 4 slots free.
//
// Invariants
//   R1. The route that saves most leaves none free; so does every route that nothing is known of.
//   R2. Whoever saves less leaves as many free, or more.
//   R3. At least one slot may be used by each.
//   R4. While there is enough for all, nobody leaves any free.

/** Slots are scarce from this part of them on, and until the next. The gap keeps it from flapping. */
const SCARCE_FROM = 0.9;
const SCARCE_UNTIL = 0.7;

/** Routes whose ρ differs by less than this part are of equal worth. */
const EQUAL_WITHIN = 0.1;

export interface RouteLoad {
  /** Requests a second. */
  readonly rate: number;
  /** Mean time of a request on a task; undefined: not known yet. */
  readonly taskSeconds: number | undefined;
  /** What Lambda takes for one, USD on the average; undefined: not known yet. */
  readonly lambdaUsd: number | undefined;
}

export interface RouteRank {
  /** 1 saves most; equal ones share a place. */
  readonly place: number;
  /** ρ, USD that a second of a slot saves; undefined: not known yet. */
  readonly usdPerSlotSecond: number | undefined;
  /** Slots that it leaves free. */
  readonly reserve: number;
}

export interface Ranking {
  readonly scarce: boolean;
  /** In the order of the routes. */
  readonly ranks: readonly RouteRank[];
}

/** `slots` of all tasks that take requests; `wasScarce` as the last ranking said. */
export function rankRoutes(
  routes: readonly RouteLoad[],
  slots: number,
  wasScarce: boolean,
): Ranking {
  const inFlight = routes.reduce((sum, route) => sum + inFlightOf(route), 0);
  const scarce = slots > 0 && inFlight > slots * (wasScarce ? SCARCE_UNTIL : SCARCE_FROM);
  const values = routes.map(worthOf);
  const known = values.filter((value) => value !== undefined).sort((a, b) => b - a);
  const tiers: number[] = [];
  for (const value of known) {
    const last = tiers.at(-1);
    if (last === undefined || value < last * (1 - EQUAL_WITHIN)) tiers.push(value);
  }
  const tierOf = (value: number | undefined): number =>
    value === undefined ? 0 : tiers.findLastIndex((top) => value <= top);
  return {
    scarce,
    ranks: values.map((value) => {
      const tier = tierOf(value);
      const above = routes.reduce((sum, route, index) => {
        const other = values[index];
        return other !== undefined && tierOf(other) < tier ? sum + inFlightOf(route) : sum;
      }, 0);
      const reserve = scarce ? Math.min(Math.ceil(Math.sqrt(above)), slots - 1) : 0;
      return { place: tier + 1, usdPerSlotSecond: value, reserve };
    }),
  };
}

function inFlightOf({ rate, taskSeconds }: RouteLoad): number {
  return rate * (taskSeconds ?? 0);
}

function worthOf({ taskSeconds, lambdaUsd }: RouteLoad): number | undefined {
  if (taskSeconds === undefined || lambdaUsd === undefined || taskSeconds <= 0) return undefined;
  return lambdaUsd / taskSeconds;
}
