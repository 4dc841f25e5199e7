import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Amount,
  divided,
  exact,
  isLess,
  isSame,
  minus,
  numberOf,
  plus,
  times,
  up,
} from './amount.ts';

const amounts = fc
  .tuple(fc.bigInt(0n, 10n ** 12n), fc.bigInt(1n, 10n ** 6n))
  .map(([amount, per]) => ({ amount, per }));

describe('an amount', () => {
  it.each([
    [0.25, 1n, 4n],
    [1.01, 101n, 100n],
    [0.1 + 0.2, 30000000000000004n, 10n ** 17n],
    [1e21, 10n ** 21n, 1n],
    [1.5e-7, 15n, 10n ** 8n],
    [5e-324, 5n, 10n ** 324n],
    [-0, 0n, 1n],
  ])('is what is written, not what binary makes of it: %d', (value, amount, per) => {
    expect(isSame(exact(value), { amount, per })).toBe(true);
    expect(isSame(exact(value), { amount: amount + 1n, per })).toBe(false);
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 1e22, -1e-9])('is never %s', (value) => {
    expect(() => exact(value)).toThrow(RangeError);
  });

  it('is the number again, for every number', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-30, max: 1e20, noNaN: true }), (value) => {
        const { amount, per } = exact(value);
        // Through decimal text: dividing two large integers as doubles would round on its own.
        const digits = (amount * 10n ** 60n) / per;
        expect(Number(`${digits}e-60`)).toBeCloseTo(value, 12);
        expect(numberOf(exact(Math.round(value)))).toBe(Math.round(value));
      }),
    );
  });

  it('has one value, whatever is added, multiplied, divided', () => {
    const expectSame = (a: Amount, b: Amount) => expect(isSame(a, b), `${a} ${b}`).toBe(true);
    fc.assert(
      fc.property(amounts, amounts, amounts, fc.integer({ min: 1, max: 10_000 }), (a, b, c, n) => {
        expectSame(plus(a, b, c), plus(c, plus(b, a)));
        expectSame(times(a, plus(b, c)), plus(times(a, b), times(a, c)));
        expectSame(divided(times(a, n), n), a);
        expectSame(minus(plus(a, b), b), a);
        expect(minus(a, plus(a, b)).amount).toBe(0n);
        expect(isLess(a, plus(a, exact(1)))).toBe(true);
        expect(isLess(up(a), plus(a, exact(1)))).toBe(true);
        expect(isLess(up(a), a)).toBe(false);
        expect(numberOf(times(divided(a, 1e9), 1e9))).toBe(numberOf(a));
      }),
    );
  });

  it('does not grow with each sum', () => {
    const many = Array.from({ length: 2000 }, (_, index) =>
      times(divided(exact(index / 7), 3600), 1.1),
    );
    const sum = plus(...many);
    expect(sum.per).toBeLessThan(2n ** 600n);
    expect(numberOf(sum)).toBeCloseTo(
      many.reduce((all, one) => all + numberOf(one), 0),
      6,
    );
  });
});
