import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  namedShape,
  peakOverAverage,
  peakWithin,
  requestsPerDay,
  SHAPE_NAMES,
  type ShapeName,
  scaled,
  shapeOf,
  shapeOfSteps,
} from './shape.ts';
import { NO_FACTS, type Traffic } from './traffic.ts';

const HOUR = 3_600_000;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const traffic = (counts: Traffic['counts'], intervalMs = HOUR, startMs?: number): Traffic => ({
  counts,
  intervalMs,
  startMs,
  requests: NO_FACTS,
});

describe('shapes with a name', () => {
  it.each(Object.keys(SHAPE_NAMES) as ShapeName[])('%s has a mean of exactly 1', (name) => {
    const { steps } = namedShape(name);
    expect(sum(steps)).toBe(steps.length);
    expect(steps.every((step) => step > 0)).toBe(true);
  });

  it('have the peak they say', () => {
    expect(peakOverAverage(namedShape('flat'))).toBe(1);
    expect(peakOverAverage(namedShape('day'))).toBeCloseTo(1.75, 1);
    expect(namedShape('week').steps).toHaveLength(168);
    expect(peakOverAverage(namedShape('business'))).toBeGreaterThan(2.5);
  });
});

it('brings any numbers to a mean of exactly 1, and scales them to any', () => {
  const steps = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), {
    minLength: 1,
    maxLength: 400,
  });
  fc.assert(
    fc.property(
      steps.filter((some) => sum(some) > 1e-3),
      fc.double({ min: 0.1, max: 1e9, noNaN: true }),
      (some, mean) => {
        const shape = shapeOfSteps(some, HOUR, 'mine');
        expect(sum(shape.steps)).toBe(some.length);
        expect(sum(scaled(shape, mean)) / some.length / mean).toBeCloseTo(1, 9);
      },
    ),
  );
});

it.each([[[]], [[0, 0]], [[1, -1]], [[1, Number.NaN]], [[Number.POSITIVE_INFINITY]]])(
  'refuses %j as a shape',
  (steps) => {
    expect(() => shapeOfSteps(steps, HOUR, 'x')).toThrow(RangeError);
  },
);

describe('the shape of a trace', () => {
  const MONDAY = Date.parse('2026-01-05T00:00:00Z');
  const hours = (days: number) => Array.from({ length: days * 24 }, (_, hour) => hour);

  it('is a week from two weeks on, on its days', () => {
    const counts = hours(21).map((hour) => (Math.floor(hour / 24) % 7 >= 5 ? 10 : 100));
    // The trace begins on a Thursday.
    const shape = shapeOf(
      traffic([...counts.slice(72), ...counts.slice(0, 72)], HOUR, MONDAY + 72 * HOUR),
      'x',
    );
    expect(shape?.steps).toHaveLength(168);
    expect(shape?.steps[0]).toBeCloseTo(100 / ((5 * 100 + 2 * 10) / 7));
    expect(shape?.steps[5 * 24]).toBeCloseTo(10 / ((5 * 100 + 2 * 10) / 7));
  });

  it('is a day from a day on, by the hour, from finer intervals', () => {
    const minutes = hours(2).flatMap((hour) => Array.from({ length: 60 }, () => hour % 24));
    const shape = shapeOf(traffic(minutes, 60_000, MONDAY), 'x');
    expect(shape?.stepMs).toBe(HOUR);
    expect(shape?.steps).toHaveLength(24);
    expect(shape?.steps[23]).toBeCloseTo(2);
  });

  it('takes what is missing from the other days, not as nothing', () => {
    const counts = hours(14).map((hour) => (hour >= 30 && hour < 60 ? undefined : 50));
    expect(shapeOf(traffic(counts, HOUR, MONDAY), 'x')?.steps.every((step) => step === 1)).toBe(
      true,
    );
    expect(requestsPerDay(traffic(counts))).toBe(1200);
  });

  it('is itself when it is short, and none without requests', () => {
    expect(shapeOf(traffic([1, 2, 3], 1000), 'x')).toEqual({
      stepMs: 1000,
      steps: [0.5, 1, 1.5],
      name: 'x',
    });
    expect(shapeOf(traffic([0, undefined, 0]), 'x')).toBeUndefined();
  });

  it('has a peak within its steps that the steps hide', () => {
    const minutes = hours(2).flatMap(() => [3, ...Array.from({ length: 59 }, () => 1)]);
    const trace = traffic(minutes, 60_000, MONDAY);
    const shape = shapeOf(trace, 'x');
    expect(shape && peakWithin(trace, shape)).toBeCloseTo(3 / (62 / 60));
  });
});
