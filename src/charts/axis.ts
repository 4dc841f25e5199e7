// An axis: from a value to a place, and the values that are written beside it.

import { scaleLinear, scaleLog } from 'd3-scale';

export interface Axis {
  readonly label: string;
  readonly scale: 'linear' | 'log';
  /** First and last value. Over 0 and apart where the scale is `log`. */
  readonly domain: readonly [number, number];
  /** How a value is written. */
  readonly format: (value: number) => string;
  /** Ticks instead of those that are chosen. */
  readonly ticks?: readonly number[] | undefined;
}

export interface Placed {
  /** Where a value is, in pixels. Values outside the domain lie outside. */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
}

/** The frame of the data. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: Placed;
  readonly y: Placed;
}

/** `about` is how many ticks there is room for. Throws RangeError for a domain that cannot be. */
export function place(axis: Axis, range: readonly [number, number], about: number): Placed {
  const [low, high] = axis.domain;
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
    throw new RangeError(`an axis must go up between finite values, was: ${low} to ${high}`);
  }
  if (axis.scale === 'linear') {
    const scale = scaleLinear([...axis.domain], [...range]);
    return {
      at: (value) => scale(value),
      ticks: axis.ticks ?? scale.ticks(about),
      format: axis.format,
    };
  }
  if (low <= 0) throw new RangeError(`a log axis must begin over 0, was: ${low}`);
  const scale = scaleLog([...axis.domain], [...range]);
  return {
    at: (value) => scale(Math.max(value, Number.MIN_VALUE)),
    ticks: axis.ticks ?? logTicks(low, high, about),
    format: axis.format,
  };
}

const STEPS = [[1, 2, 5], [1, 3], [1]] as const;

/** Powers of ten, and parts between them while there is room. */
function logTicks(low: number, high: number, about: number): readonly number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  for (const steps of STEPS) {
    const ticks: number[] = [];
    for (let power = first; power <= last; power += 1) {
      for (const step of steps) {
        const tick = Number(`${step}e${power}`);
        if (tick >= low && tick <= high) ticks.push(tick);
      }
    }
    if (ticks.length <= about || steps.length === 1) return thin(ticks, about);
  }
  return [];
}

function thin(ticks: readonly number[], about: number): readonly number[] {
  const every = Math.max(1, Math.ceil(ticks.length / Math.max(1, about)));
  return ticks.filter((_, index) => index % every === 0);
}
