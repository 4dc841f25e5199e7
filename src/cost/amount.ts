// Exact amounts: a whole number over a whole number, so that nothing is rounded before money is.
//
// A number of JavaScript is taken as it is written: 0.25 is 1/4, 1.01 is 101/100.

/** `amount` ÷ `per`; `per` is over 0, neither is negative, no common factor is left. */
export interface Amount {
  readonly amount: bigint;
  readonly per: bigint;
}

export const NONE: Amount = { amount: 0n, per: 1n };

/** Nothing that an app uses in a month is more than this; more is a slip of the keyboard. */
export const MOST = 1e21;

/** Throws RangeError for what is negative, not finite or above `MOST`. */
export function exact(value: number): Amount {
  if (!(value >= 0 && value <= MOST)) {
    throw new RangeError(`must be from 0 to ${MOST}, was: ${value}`);
  }
  if (Number.isSafeInteger(value)) return { amount: BigInt(value), per: 1n };
  const [digits = '', exponent = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = digits.split('.');
  const places = fraction.length - Number(exponent);
  const amount = BigInt(whole + fraction);
  return places > 0
    ? over(amount, 10n ** BigInt(places))
    : { amount: amount * 10n ** BigInt(-places), per: 1n };
}

/** `amount` ÷ `per` without common factors. */
export function over(amount: bigint, per: bigint): Amount {
  if (per === 1n) return { amount, per };
  const common = commonFactor(amount, per);
  return common === 1n ? { amount, per } : { amount: amount / common, per: per / common };
}

/** Euclid's; as numbers once they are small, which is most of the way and many times as fast. */
function commonFactor(one: bigint, other: bigint): bigint {
  let [a, b] = [one, other];
  while (b > BigInt(Number.MAX_SAFE_INTEGER)) [a, b] = [b, a % b];
  if (b === 0n) return a;
  let [x, y] = [Number(b), Number(a % b)];
  while (y > 0) [x, y] = [y, x % y];
  return BigInt(x);
}

export function plus(...parts: readonly Amount[]): Amount {
  return parts.reduce(
    (sum, { amount, per }) => over(sum.amount * per + amount * sum.per, sum.per * per),
    NONE,
  );
}

export function times(...factors: readonly (Amount | number)[]): Amount {
  let [amount, per] = [1n, 1n];
  for (const factor of factors) {
    const one = typeof factor === 'number' ? exact(factor) : factor;
    amount *= one.amount;
    per *= one.per;
  }
  return over(amount, per);
}

/** `of` ÷ `by`, which is over 0. */
export function divided(of: Amount, by: number): Amount {
  const divisor = exact(by);
  return over(of.amount * divisor.per, of.per * divisor.amount);
}

/** Never below nothing. */
export function minus(a: Amount, b: Amount): Amount {
  const rest = a.amount * b.per - b.amount * a.per;
  return rest > 0n ? over(rest, a.per * b.per) : NONE;
}

/** The next whole number; whole ones stay. */
export function up({ amount, per }: Amount): Amount {
  return { amount: (amount + per - 1n) / per, per: 1n };
}

export function isLess(a: Amount, b: Amount): boolean {
  return a.amount * b.per < b.amount * a.per;
}

export function largest(first: Amount, ...rest: readonly Amount[]): Amount {
  return rest.reduce((most, one) => (isLess(most, one) ? one : most), first);
}

/** For people and charts, never for sums. */
export function numberOf({ amount, per }: Amount): number {
  return Number(amount) / Number(per);
}
