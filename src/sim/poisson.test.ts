import { describe, expect, it } from 'vitest';
import { seededRng } from '../base/rng.ts';
import { logFactorial, PoissonSampler } from './poisson.ts';

const DRAWS = 200_000;

/** Cells of at least this many expected draws, so that the statistic is close to chi-square. */
const LEAST_EXPECTED = 10;

/** Probability of `count` from its neighbours, in logarithms added up: no series, no approximation. */
function exactLogs(mean: number, most: number): Float64Array {
  const logs = new Float64Array(most + 1);
  logs[0] = -mean;
  for (let count = 1; count <= most; count += 1) {
    logs[count] = (logs[count - 1] ?? 0) + Math.log(mean) - Math.log(count);
  }
  return logs;
}

/** Statistic and degrees of freedom of `seen` against the exact distribution. */
function chiSquare(seen: ReadonlyMap<number, number>, mean: number) {
  const most = Math.ceil(mean + 12 * Math.sqrt(mean) + 20);
  const logs = exactLogs(mean, most);
  let statistic = 0;
  let cells = 0;
  let cell = { expected: 0, seen: 0 };
  let left = DRAWS;
  for (let count = 0; count <= most; count += 1) {
    const expected = DRAWS * Math.exp(logs[count] ?? 0);
    cell = { expected: cell.expected + expected, seen: cell.seen + (seen.get(count) ?? 0) };
    left -= expected;
    // The rest of the tail stays with the last cell.
    if (cell.expected < LEAST_EXPECTED || left < LEAST_EXPECTED) continue;
    statistic += (cell.seen - cell.expected) ** 2 / cell.expected;
    cells += 1;
    cell = { expected: 0, seen: 0 };
  }
  if (cell.expected > 0) {
    statistic += (cell.seen - cell.expected) ** 2 / cell.expected;
    cells += 1;
  }
  return { statistic, freedom: cells - 1 };
}

function drawn(mean: number, seed: number): Map<number, number> {
  const sampler = new PoissonSampler(seededRng(seed, `poisson ${mean}`));
  const seen = new Map<number, number>();
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const count = sampler.draw(mean);
    seen.set(count, (seen.get(count) ?? 0) + 1);
  }
  return seen;
}

describe('Poisson counts', () => {
  it.each([0.01, 0.3, 1, 3.7, 9.99, 10, 10.01, 12.5, 25, 100, 1234.5, 30_000])(
    'have the exact distribution: mean %d',
    (mean) => {
      const { statistic, freedom } = chiSquare(drawn(mean, 7), mean);
      // Wilson and Hilferty's cube root is close to normal: below 4 standard deviations.
      const cubed = Math.cbrt(statistic / freedom);
      const deviation = (cubed - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom));
      expect(freedom).toBeGreaterThan(0);
      expect(deviation).toBeLessThan(4);
      // Nor too close to be chance.
      expect(deviation).toBeGreaterThan(-4);
    },
  );

  it.each([1e6, 1e8, 1e10])('have mean and variance of one number: %d', (mean) => {
    let sum = 0;
    let squares = 0;
    const sampler = new PoissonSampler(seededRng(3, 'large'));
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const off = (sampler.draw(mean) - mean) / Math.sqrt(mean);
      sum += off;
      squares += off * off;
    }
    // Of standard normal values: errors 1 / √n and √(2 / n).
    expect(Math.abs(sum / DRAWS)).toBeLessThan(4 / Math.sqrt(DRAWS));
    expect(Math.abs(squares / DRAWS - 1)).toBeLessThan(4 * Math.sqrt(2 / DRAWS));
  });

  it('are none where none is expected', () => {
    const sampler = new PoissonSampler(seededRng(1, 'none'));
    expect([0, 0, 5, 0].map((mean) => sampler.draw(mean))[3]).toBe(0);
    expect(sampler.draw(-1)).toBe(0);
  });

  it('are the same for the same stream, whatever the means between were', () => {
    const draw = (): number[] => {
      const sampler = new PoissonSampler(seededRng(1, 'again'));
      return [0.2, 500, 3, 500, 1e7, 0.2].map((mean) => sampler.draw(mean));
    };
    expect(draw()).toEqual(draw());
  });
});

it('the logarithm of a factorial is that of the product', () => {
  let log = 0;
  for (let count = 1; count <= 3000; count += 1) {
    log += Math.log(count);
    expect(Math.abs(logFactorial(count) - log)).toBeLessThan(1e-12 * Math.max(1, log));
  }
  expect(logFactorial(0)).toBe(0);
});
