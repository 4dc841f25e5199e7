// Exact amounts: a whole number over a whole number, so that nothing is rounded before money is.
//
// A number of JavaScript is taken as it is written: 0.25 is 1/4, 1.01 is 101/100.
//
// Common factors are left in until the numbers are long: looking for them takes many times as long as
// the arithmetic itself. So one value has many forms. `isSame` compares values.

/** `amount` ÷ `per`; `per` is over 0, neither is negative. */
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
  const text = String(value);
  const end = text.indexOf('e');
  const digits = end < 0 ? text : text.slice(0, end);
  const point = digits.indexOf('.');
  const amount = BigInt(point < 0 ? digits : digits.slice(0, point) + digits.slice(point + 1));
  const places = point < 0 ? 0 : digits.length - point - 1;
  const zeros = end < 0 ? places : places - Number(text.slice(end + 1));
  return zeros < 0 ? { amount: amount * tenTo(-zeros), per: 1n } : { amount, per: tenTo(zeros) };
}

const TENS = Array.from({ length: 40 }, (_, index) => 10n ** BigInt(index));

function tenTo(power: number): bigint {
  return TENS[power] ?? 10n ** BigInt(power);
}

/** Numbers shorter than this are left as they are. */
const LONG = 2n ** 256n;

function over(amount: bigint, per: bigint): Amount {
  return per < LONG ? { amount, per } : reduced({ amount, per });
}

/** Without common factors. */
function reduced({ amount, per }: Amount): Amount {
  const common = per === 1n ? 1n : commonFactor(amount, per);
  return { amount: amount / common, per: per / common };
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
  return parts.reduce(sumOf, NONE);
}

function sumOf(a: Amount, b: Amount): Amount {
  if (a.amount === 0n) return b;
  if (b.amount === 0n) return a;
  const { first, second, per } = alike(a, b);
  return over(first + second, per);
}

/** Both over one number: most are over powers of ten, of which one divides the other. */
function alike(a: Amount, b: Amount): { first: bigint; second: bigint; per: bigint } {
  if (a.per === b.per) return { first: a.amount, second: b.amount, per: a.per };
  if (a.per % b.per === 0n) {
    return { first: a.amount, second: b.amount * (a.per / b.per), per: a.per };
  }
  if (b.per % a.per === 0n) {
    return { first: a.amount * (b.per / a.per), second: b.amount, per: b.per };
  }
  return { first: a.amount * b.per, second: b.amount * a.per, per: a.per * b.per };
}

export function times(...factors: readonly (Amount | number)[]): Amount {
  let [amount, per] = [1n, 1n];
  for (const factor of factors) {
    const one = typeof factor === 'number' ? exact(factor) : factor;
    amount *= one.amount;
    per *= one.per;
  }
  return amount === 0n ? NONE : over(amount, per);
}

/** `of` ÷ `by`, which is over 0. */
export function divided(of: Amount, by: number): Amount {
  if (of.amount === 0n) return NONE;
  const divisor = exact(by);
  return over(of.amount * divisor.per, of.per * divisor.amount);
}

/** Never below nothing. */
export function minus(a: Amount, b: Amount): Amount {
  if (b.amount === 0n) return a;
  const { first, second, per } = alike(a, b);
  return first > second ? over(first - second, per) : NONE;
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

export function isSame(a: Amount, b: Amount): boolean {
  return a.amount * b.per === b.amount * a.per;
}

/** For people and charts, never for sums. */
export function numberOf(value: Amount): number {
  const { amount, per } = reduced(value);
  return Number(amount) / Number(per);
}
