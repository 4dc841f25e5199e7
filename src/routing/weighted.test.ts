import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WeightedAction, WeightedGroup } from '../model/route.ts';
import { chooseGroup, cookieValue, groupCookieLines, readGroupCookie } from './weighted.ts';

const forward = (...weights: number[]): WeightedAction => ({
  kind: 'weighted',
  groups: weights.map((weight, index) => ({ service: `s${index}`, compute: 'fargate', weight })),
  stickyMs: undefined,
  rewrite: undefined,
});

const WEB: WeightedGroup = { service: 'web', compute: 'lambda', weight: 1 };

const weights = fc.array(fc.nat(999), { minLength: 1, maxLength: 5 });

describe('a group', () => {
  it('is chosen by its part of the weights, exactly', () => {
    fc.assert(
      fc.property(weights, (all) => {
        const sum = all.reduce((total, weight) => total + weight, 0);
        const counts = all.map(() => 0);
        // Chance that covers every part of a whole once.
        for (let part = 0; part < sum; part += 1) {
          const { group } = chooseGroup(forward(...all), undefined, part / sum);
          const index = Number(group?.service.slice(1));
          counts[index] = (counts[index] ?? 0) + 1;
        }
        for (const [index, weight] of all.entries()) {
          // Rounding moves the border between two groups by one at most.
          expect(Math.abs((counts[index] ?? 0) - weight)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('without weight is never chosen by chance (G1)', () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(weights, chance, (all, at) => {
        const { group } = chooseGroup(forward(...all), undefined, at);
        if (all.every((weight) => weight === 0)) expect(group).toBeUndefined();
        else expect(group?.weight).toBeGreaterThan(0);
      }),
    );
  });

  it('is the one of the cookie if the rule has it (G2), also without weight', () => {
    expect(chooseGroup(forward(5, 0), 's1/fargate', 0).group?.service).toBe('s1');
    expect(chooseGroup(forward(5, 0), 'gone/fargate', 0).group?.service).toBe('s0');
    expect(chooseGroup(forward(5, 0), 's1/lambda', 0).group?.service).toBe('s0');
  });

  it('says why', () => {
    expect(chooseGroup(forward(1, 3), undefined, 0.5).reason).toBe('s1 has weight 3 of 4');
    expect(chooseGroup(forward(1, 3), 's0/fargate', 0.5).reason).toBe(
      'the cookie AWSALBTG names s0',
    );
    expect(chooseGroup(forward(0), undefined, 0.5).reason).toBe('every weight is 0');
  });
});

describe('the cookie', () => {
  const lines = (wall: number, stickyMs: number) =>
    groupCookieLines(WEB, { wall, stickyMs, secure: false }, (at) => `@${at}`).split('\r\n');
  const value = (wall: number, stickyMs: number) =>
    /=([^;]*);/.exec(lines(wall, stickyMs)[0] ?? '')?.[1];

  it('comes twice, the second time for other sites, for seven days', () => {
    const week = 7 * 86_400_000;
    const text = value(0, 1000);
    expect(lines(0, 1000)).toEqual([
      `Set-Cookie: AWSALBTG=${text}; Expires=@${week}; Path=/`,
      `Set-Cookie: AWSALBTGCORS=${text}; Expires=@${week}; Path=/; SameSite=None`,
      '',
    ]);
    expect(
      groupCookieLines(WEB, { wall: 0, stickyMs: 1, secure: true }, String).split('\r\n')[1],
    ).toMatch(/SameSite=None; Secure$/);
  });

  it('names its group until its time is over', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1000, max: 604_800_000 }), (wall, stickyMs) => {
        const text = value(wall, stickyMs);
        expect(readGroupCookie(text, wall + stickyMs - 1)).toEqual({
          kind: 'group',
          name: 'web/lambda',
        });
        expect(readGroupCookie(text, wall + stickyMs)).toEqual({ kind: 'expired' });
      }),
    );
  });

  it('is invalid if a letter of it is not as it was given, or encoded', () => {
    const text = value(0, 1000) ?? '';
    for (let at = 0; at < text.length; at += 1) {
      const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
      expect(readGroupCookie(changed, 0).kind, changed).toBe('invalid');
    }
    expect(readGroupCookie(`${text}%3D`, 0)).toEqual({ kind: 'invalid' });
    expect(readGroupCookie('', 0)).toEqual({ kind: 'invalid' });
    expect(readGroupCookie(undefined, 0)).toEqual({ kind: 'none' });
  });

  it('is found among others by its whole name', () => {
    expect(cookieValue('a=b; AWSALBTGCORS=1; AWSALBTG=2=', 'AWSALBTG')).toBe('2=');
    expect(cookieValue('AWSALBTGCORS=1', 'AWSALBTG')).toBeUndefined();
    expect(cookieValue(undefined, 'AWSALBTG')).toBeUndefined();
  });
});
