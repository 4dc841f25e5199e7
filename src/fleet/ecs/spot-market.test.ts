import { describe, expect, it } from 'vitest';
import { seededRng } from '../../base/rng.ts';
import { takenBack } from './spot-market.ts';

describe('Spot', () => {
  it('takes tasks back after the mean time that was asked for', () => {
    const rng = seededRng(1, 'spot');
    let waited = 0;
    const lives = 2000;
    for (let life = 0; life < lives; life += 1) {
      do waited += 1000;
      while (takenBack(['task'], 60_000, 1000, rng).length === 0);
    }
    expect(waited / lives).toBeGreaterThan(57_000);
    expect(waited / lives).toBeLessThan(64_000);
  });

  it('takes none when no time has passed', () => {
    expect(takenBack(['a', 'b'], 1000, 0, seededRng(1, 'spot'))).toEqual([]);
  });
});
