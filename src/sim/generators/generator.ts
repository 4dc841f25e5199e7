// What a generator of traffic is: a shape over time whose mean over whole cycles is 1, with options.

import type { Rng } from '../../base/ports.ts';
import { SECONDS_PER_DAY } from '../../base/units.ts';

/** An option as it is written and what it is held to; its value is a number in this unit. */
export interface GeneratorOption {
  /** Seconds of a duration ("10m"), seconds since midnight ("22:00"), or a factor ("1.9"). */
  readonly kind: 'duration' | 'clock' | 'factor';
  /** As it would be written. */
  readonly default: string;
  readonly min: number;
  readonly max: number;
  /** For help: a clause. */
  readonly what: string;
}

export type OptionValues = (name: string) => number;

/** Something wrong between options that are each right. */
export interface OptionConflict {
  readonly option: string;
  /** "must be …", without the value. */
  readonly problem: string;
}

/**
 * Writes the rate of the seconds `from` to `from + length`, as a part of the mean. It is called for
 * one stretch after the other from 0 on, and may keep a state.
 */
export type WriteRates = (rates: Float64Array, from: number, length: number) => void;

export interface Generator {
  /** For help: a line. */
  readonly what: string;
  readonly options: Readonly<Record<string, GeneratorOption>>;
  /** Whether the requests of a second are drawn around the rate where "noise" does not say. */
  readonly noise: boolean;
  readonly conflict?: (value: OptionValues) => OptionConflict | undefined;
  /** How long it takes until it is as at the beginning, seconds; of what is random, in the mean. */
  readonly cycleSeconds: (value: OptionValues) => number;
  /** `stream` gives one stream of chance for each name. */
  readonly shape: (value: OptionValues, stream: (name: string) => Rng) => WriteRates;
}

export function duration(
  given: string,
  what: string,
  [min, max]: readonly [min: number, max: number],
): GeneratorOption {
  return { kind: 'duration', default: given, min, max, what };
}

export function clock(given: string, what: string): GeneratorOption {
  return { kind: 'clock', default: given, min: 0, max: SECONDS_PER_DAY - 60, what };
}

export function factor(
  given: string,
  what: string,
  [min, max]: readonly [min: number, max: number],
): GeneratorOption {
  return { kind: 'factor', default: given, min, max, what };
}
