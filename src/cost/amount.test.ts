import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divided, exact, isLess, minus, NONE, numberOf, over, plus, times, up } from './amount.ts';

const amounts = fc
  .tuple(fc.bigInt(0n, 10n ** 12n), fc.bigInt(1n, 10n ** 6n))
  .map(([a, b]) => over(a, b));

describe('an amount', () => {
  it('is what is written, not what binary makes of it', () => {
    expect(exact(0.25)).toEqual({ amount: 1n, per: 4n });
    expect(exact(1.01)).toEqual({ amount: 101n, per: 100n });
    expect(exact(0.1 + 0.2)).toEqual(over(30000000000000004n, 10n ** 17n));
    expect(exact(1e21)).toEqual({ amount: 10n ** 21n, per: 1n });
    expect(exact(1.5e-7)).toEqual(over(15n, 10n ** 8n));
    expect(exact(5e-324).amount).toBe(1n);
    expect(exact(-0)).toEqual(NONE);
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

  it('has one form for each value, whatever is added, multiplied, divided', () => {
    fc.assert(
      fc.property(amounts, amounts, amounts, fc.integer({ min: 1, max: 10_000 }), (a, b, c, n) => {
        expect(plus(a, b, c)).toEqual(plus(c, plus(b, a)));
        expect(times(a, plus(b, c))).toEqual(plus(times(a, b), times(a, c)));
        expect(divided(times(a, n), n)).toEqual(a);
        expect(minus(plus(a, b), b)).toEqual(a);
        expect(minus(a, plus(a, b))).toEqual(NONE);
        expect(isLess(a, plus(a, exact(1)))).toBe(true);
        expect(isLess(up(a), plus(a, exact(1)))).toBe(true);
        expect(isLess(up(a), a)).toBe(false);
      }),
    );
  });
});
