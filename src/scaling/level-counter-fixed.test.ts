import { describe, expect, it } from 'vitest';
import { seededRng } from '../base/rng.ts';
import { levelCounter } from './level-counter.ts';
import type { Contender } from './level-counter-memory.ts';
import { JUDGE_SECONDS, MEAN_SECONDS } from './level-counter-rules.ts';
import type { PlacementTerms } from './placement.ts';

const RNG = seededRng(1, 'unused');

const termsAt = (alpha: number, startSeconds: number): PlacementTerms => ({
  taskUsdPerSecond: 1,
  lambdaUsdPerRequest: 1 / (10 * alpha),
  taskRate: 10,
  taskSeconds: 0.1,
  startSeconds,
  billedStartSeconds: startSeconds * 0.7,
  drainSeconds: 5,
  minimumSeconds: 60,
  minTasks: 0,
  maxTasks: 1000,
  thresholdSeconds: 60,
});

/** The counter that sums up six hours, and what every fleet that never changes would have cost. */
class Race {
  readonly terms: PlacementTerms;
  readonly memory;
  readonly fixed: Contender;
  /** USD of a fleet of so many tasks, that is there from the beginning. */
  readonly fleets: number[];
  now = 0;
  changes = 0;

  constructor(terms: PlacementTerms, levels: number) {
    this.terms = terms;
    this.memory = levelCounter.start(0, terms, RNG);
    const fixed = this.memory.contenders.find(({ rule }) => rule.kind === 'sum');
    if (fixed === undefined) throw new Error('no counter sums up');
    this.fixed = fixed;
    this.fleets = Array.from({ length: levels + 1 }, () => 0);
  }

  second(requests: number): void {
    const { terms, fixed } = this;
    const before = fixed.levels.tasks;
    this.now += 1;
    const idle = { concurrency: 0, ready: 0, starting: 0, utilization: Number.NaN };
    levelCounter.decide(this.memory, { span: 1, requests, ...idle }, terms, this.now);
    this.changes += Math.abs(fixed.levels.tasks - before);
    this.fleets.forEach((usd, tasks) => {
      const over = Math.max(0, requests - tasks * terms.taskRate);
      this.fleets[tasks] = usd + tasks + over * terms.lambdaUsdPerRequest;
    });
  }

  get best(): number {
    return Math.min(...this.fleets);
  }

  /** Theorem 5. */
  get bound(): number {
    const { terms } = this;
    const fullUsd = terms.lambdaUsdPerRequest * terms.taskRate;
    const start = terms.billedStartSeconds + terms.drainSeconds;
    const young = Math.max(0, terms.minimumSeconds - terms.billedStartSeconds);
    const late = (fullUsd - 1) * terms.startSeconds + fullUsd * JUDGE_SECONDS;
    const levels = this.fleets.length - 1;
    const phases = this.changes + levels;
    const wrong = (terms.thresholdSeconds / MEAN_SECONDS.sum) * this.now * levels;
    return this.best + phases * (2 * terms.thresholdSeconds + late + start + young) + wrong;
  }
}

describe('the counter that sums up six hours', () => {
  it('costs what the best fixed fleet does, and a few starts for each change', () => {
    const chance = seededRng(21, 'spite');
    let most = 0;
    for (let kind = 0; kind < 24; kind += 1) {
      const race = new Race(
        termsAt(0.05 + 0.9 * chance.next(), Math.floor(121 * chance.next())),
        8,
      );
      const hold = 2000 * chance.next() ** 2;
      const spite = kind % 3 === 0 ? 1 : chance.next();
      let rate = 0;
      let left = 0;
      let hurts = 0;
      for (let second = 0; second < 20_000; second += 1) {
        if (left <= 0) rate = 80 * chance.next();
        if (left <= 0) left = 2 * hold * chance.next();
        left -= 1;
        // All that it has not, until it has it; then nothing, until it has let it go.
        const { tasks } = race.fixed.levels;
        if (tasks === 8 || tasks === 0) hurts = tasks === 0 ? 80 : 0;
        race.second(second % 5000 < 5000 * spite ? hurts : rate);
        if (race.fixed.account.usd > race.bound)
          expect(race.fixed.account.usd).toBeLessThanOrEqual(race.bound);
      }
      most = Math.max(most, (race.fixed.account.usd - race.best) / (race.bound - race.best));
    }
    // The bound says something: an adversary comes near it.
    expect(most).toBeGreaterThan(0.3);
  });

  it('comes to the best fixed fleet where bursts are too short to follow', () => {
    const chance = seededRng(22, 'short bursts');
    const race = new Race(termsAt(0.22, 120), 12);
    for (let second = 0; second < 40_000; second += 1)
      race.second(chance.next() < 0.3 ? 120 * chance.next() : 40);
    expect(race.fixed.account.usd / race.best).toBeLessThan(1.03);
    expect(race.changes).toBeLessThan(20);
  });
});
