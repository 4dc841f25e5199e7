// The normal and the Poisson distribution, as functions of a probability.

/** Below this mean the Poisson distribution is summed; above it is taken as normal. */
const NORMAL_FROM = 12;

/**
 * The standard normal deviate below which a part `probability` lies. Peter Acklam's rational
 * approximation, relative error below 1.15e-9; ends beyond 8.2 are cut off.
 */
export function normalOf(probability: number): number {
  if (probability < 0.02425) return -upperTail(Math.max(probability, 1e-16));
  if (probability > 1 - 0.02425) return upperTail(Math.max(1 - probability, 1e-16));
  const q = probability - 0.5;
  const r = q * q;
  const above =
    ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r +
      138.357751867269) *
      r -
      30.66479806614716) *
      r +
    2.506628277459239;
  const below =
    ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r +
      66.80131188771972) *
      r -
      13.28068155288572) *
      r +
    1;
  return (above * q) / below;
}

/** Above which a part `tail` lies, for small ones. */
function upperTail(tail: number): number {
  const q = Math.sqrt(-2 * Math.log(tail));
  const above =
    ((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q -
      2.549732539343734) *
      q +
      4.374664141464968) *
      q +
    2.938163982698783;
  const below =
    (((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q +
      3.754408661907416) *
      q +
    1;
  return -above / below;
}

/** The part of the standard normal distribution below `x`. [Abramowitz and Stegun 7.1.26], 1.5e-7. */
export function normalBelow(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const series =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const tail = (series * Math.exp((-x * x) / 2)) / 2;
  return x > 0 ? 1 - tail : tail;
}

/** The least count that a part `probability` of the Poisson distribution of this mean does not exceed. */
export function poissonOf(mean: number, probability: number): number {
  if (mean >= NORMAL_FROM) {
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normalOf(probability)));
  }
  let term = Math.exp(-mean);
  let below = term;
  let count = 0;
  // The rest of the sum is lost in rounding beyond.
  while (below < probability && count < 100) {
    count += 1;
    term *= mean / count;
    below += term;
  }
  return count;
}
