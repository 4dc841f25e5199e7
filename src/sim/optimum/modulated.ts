// Markov-modulated traffic: a state lasts for a while, with requests at its rate, and another one
// follows. What is known of it as a whole, without a trace.

/** One state. */
export interface TrafficState {
  /** Requests a second. */
  readonly rate: number;
  /** Mean time until it changes, seconds, 1 at least; whole seconds, each as likely to be the last. */
  readonly dwellSeconds: number;
  /** How likely each state is the next one; they add up to 1. */
  readonly next: readonly number[];
}

export interface ModulatedTraffic {
  readonly states: readonly TrafficState[];
  /** Requests of a second: exactly the rate, or a Poisson number of that mean. */
  readonly arrivals: 'even' | 'poisson';
}

/** Two states in turn, as most generators have them. */
export function twoStates(
  high: { readonly rate: number; readonly dwellSeconds: number },
  low: { readonly rate: number; readonly dwellSeconds: number },
  arrivals: ModulatedTraffic['arrivals'],
): ModulatedTraffic {
  return {
    states: [
      { ...high, next: [0, 1] },
      { ...low, next: [1, 0] },
    ],
    arrivals,
  };
}

/** From one second to the next. */
export function transitions({ states }: ModulatedTraffic): readonly (readonly number[])[] {
  return states.map(({ dwellSeconds, next }, from) =>
    next.map((part, to) => part / dwellSeconds + (to === from ? 1 - 1 / dwellSeconds : 0)),
  );
}

/** Part of the time that each state takes. */
export function shares(traffic: ModulatedTraffic): readonly number[] {
  const { states } = traffic;
  // How often each one is entered, by turns; the mean of two turns settles where one would swing.
  let entered = states.map(() => 1 / states.length);
  for (let turn = 0; turn < 10_000; turn += 1) {
    entered = entered.map(
      (often, to) =>
        (often +
          states.reduce((sum, { next }, from) => sum + (entered[from] ?? 0) * (next[to] ?? 0), 0)) /
        2,
    );
  }
  const times = states.map(({ dwellSeconds }, state) => dwellSeconds * (entered[state] ?? 0));
  const whole = times.reduce((sum, time) => sum + time, 0);
  return times.map((time) => time / whole);
}

/** Requests a second, on the average of the states. */
export function meanRate(traffic: ModulatedTraffic): number {
  return shares(traffic).reduce(
    (sum, share, state) => sum + share * (traffic.states[state]?.rate ?? 0),
    0,
  );
}

/** Standard deviations of a Poisson number beyond which nothing is counted: less than 1e-20 of it. */
const DEVIATIONS = 10;

/**
 * Mean requests of a second beyond a capacity, for one state: E max(A − capacity, 0).
 */
export function meanBeyond(
  rate: number,
  arrivals: ModulatedTraffic['arrivals'],
): (capacity: number) => number {
  if (arrivals === 'even' || rate === 0) return (capacity) => Math.max(0, rate - capacity);
  const first = Math.max(0, Math.floor(rate - DEVIATIONS * Math.sqrt(rate) - DEVIATIONS));
  const last = Math.ceil(rate + DEVIATIONS * Math.sqrt(rate) + 3 * DEVIATIONS);
  const likely = poissonOf(rate, first, last);
  return (capacity) => {
    let sum = 0;
    for (let count = last; count >= first && count > capacity; count -= 1) {
      sum += (count - capacity) * (likely[count - first] as number);
    }
    return sum;
  };
}

/** How likely each number from `first` to `last` is; begins in the middle, where nothing underflows. */
function poissonOf(rate: number, first: number, last: number): Float64Array {
  const likely = new Float64Array(last - first + 1);
  const middle = Math.floor(rate);
  likely[middle - first] = 1;
  for (let count = middle + 1; count <= last; count += 1) {
    likely[count - first] = ((likely[count - 1 - first] as number) * rate) / count;
  }
  for (let count = middle - 1; count >= first; count -= 1) {
    likely[count - first] = ((likely[count + 1 - first] as number) * (count + 1)) / rate;
  }
  const whole = likely.reduce((sum, part) => sum + part, 0);
  return likely.map((part) => part / whole);
}
