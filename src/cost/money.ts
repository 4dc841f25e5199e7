// Money as whole pico-dollars (10⁻¹² USD), so that sums are exact and order does not matter. The
// smallest price of a unit seen is $0.0000000309, 30,900 pico-dollars.

/** Pico-dollars. */
export type Pico = bigint;

const PICO_DIGITS = 12;
const PICO_PER_USD = 10n ** 12n;

/** "0.0000166667" → 16666700n. Throws RangeError for what is not a plain decimal. */
export function picoOf(usd: string): Pico {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(usd);
  const [, whole = '', fraction = ''] = match ?? [];
  if (match === null || fraction.length > PICO_DIGITS) {
    throw new RangeError(`must be a decimal with at most ${PICO_DIGITS} places, was: ${usd}`);
  }
  return BigInt(whole) * PICO_PER_USD + BigInt(fraction.padEnd(PICO_DIGITS, '0'));
}

/** For arithmetic that only compares or draws; never for sums. */
export function usdOf(pico: Pico): number {
  return Number(pico) / Number(PICO_PER_USD);
}

/** All of it as a plain decimal: 16666700n → "0.0000166667". The reverse of `picoOf`. */
export function sayDecimal(pico: Pico): string {
  const whole = pico / PICO_PER_USD;
  const fraction = (pico % PICO_PER_USD).toString().padStart(PICO_DIGITS, '0').replace(/0+$/, '');
  return fraction === '' ? whole.toString() : `${whole}.${fraction}`;
}
