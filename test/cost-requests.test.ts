// How people write an amount of traffic.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../src/base/fault.ts';
import { parseRequests } from '../src/ops/cost-requests.ts';

const requests = (text: string) => parseRequests(text, '--requests');

describe('an amount of traffic', () => {
  it.each([
    ['100000/day', (100_000 * 730) / 24],
    ['100000', (100_000 * 730) / 24],
    ['100k', (100_000 * 730) / 24],
    ['1M/day', (1_000_000 * 730) / 24],
    ['1.5M/month', 1_500_000],
    ['1,500,000 per month', 1_500_000],
    ['50/s', 50 * 730 * 3600],
    ['50 / s', 50 * 730 * 3600],
    ['3k/h', 3000 * 730],
    ['60/min', 60 * 60 * 730],
    ['1e6/month', 1_000_000],
    ['0.5/s', 0.5 * 730 * 3600],
    ['0', 0],
  ])('%s', (text, month) => expect(requests(text)).toBeCloseTo(month, 6));

  it.each([
    ['-5/day', /must not be negative, was: -5\/day/],
    ['lots', /must be an amount of requests over time, was: lots/],
    ['', /was: $/],
    ['NaN', /was: NaN/],
    ['Infinity', /was: Infinity/],
    ['10/week', /has no unit "week": s, min, h, day or month/],
    ['1e30/s', /at most 10,000,000 a second, was: 1e30\/s/],
    ['1e999', /at most 10,000,000 a second/],
    ['5 k k', /must be an amount/],
  ])('refuses %s', (text, message) => expect(() => requests(text)).toThrow(message));

  it('is a number over nothing, or a fault, whatever is written', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(requests(text)).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
        }
      }),
    );
  });

  it('means the same in each unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (count) => {
        expect(requests(`${count}/s`)).toBeCloseTo(requests(`${count * 60}/min`), 3);
        expect(requests(`${count}/h`)).toBeCloseTo(requests(`${count * 24}/day`), 3);
      }),
    );
  });
});
