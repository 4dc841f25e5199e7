import { describe, expect, it } from 'vitest';
import { seededRng } from '../base/rng.ts';
import { levelCounter } from './level-counter.ts';
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

/** A fleet, billed task by task in another way than the policy does it. */
class Fleet {
  usd = 0;
  lambdaOnly = 0;
  tasks: { readonly asked: number; endsAt: number }[] = [];
  readonly terms: PlacementTerms;

  constructor(terms: PlacementTerms) {
    this.terms = terms;
  }

  /** One second that ends at `now`. */
  second(requests: number, wanted: number, now: number): void {
    const { terms } = this;
    const ready = this.tasks.filter(({ asked }) => asked + terms.startSeconds < now).length;
    const over = Math.max(0, requests - ready * terms.taskRate);
    this.usd += over * terms.lambdaUsdPerRequest;
    this.lambdaOnly += requests * terms.lambdaUsdPerRequest;
    const billedFrom = (asked: number) => asked + terms.startSeconds - terms.billedStartSeconds;
    for (const { asked } of this.tasks)
      this.usd += Math.min(1, Math.max(0, now - billedFrom(asked))) * terms.taskUsdPerSecond;
    while (this.tasks.length < wanted) this.tasks.push({ asked: now, endsAt: 0 });
    while (this.tasks.length > wanted && now < billedFrom(this.tasks.at(-1)?.asked ?? 0))
      this.tasks.pop();
    while (this.tasks.length > wanted) {
      const from = billedFrom(this.tasks[0]?.asked ?? 0);
      if (now - from < terms.minimumSeconds || now < from + terms.billedStartSeconds) break;
      this.tasks.shift();
      this.usd += terms.drainSeconds * terms.taskUsdPerSecond;
    }
  }
}

const seconds = Number(process.env['FULCRUM_COUNTER_STEPS'] ?? 1_000_000);

describe('what the level counter costs', () => {
  it('is at most 1.25 times Lambda alone and an hour of its fleet, whatever comes', () => {
    const chance = seededRng(11, 'spite');
    const kinds = 24;
    for (let kind = 0; kind < kinds; kind += 1) {
      const terms = termsAt(0.02 + 0.97 * chance.next(), Math.floor(121 * chance.next()));
      const fleet = new Fleet(terms);
      const memory = levelCounter.start(0, terms, RNG);
      const most = 10 ** (1 + 1.2 * chance.next());
      const patience = 400 * chance.next() ** 2;
      let wanted = 0;
      let rate = 0;
      let left = 0;
      for (let now = 1; now <= seconds / kinds; now += 1) {
        // All that it has not, until it has it; then nothing, until it has let it go.
        const spite = fleet.tasks.length === 0 || wanted < most / 10 ? most : 0;
        if (left <= 0) rate = chance.next() < 0.8 ? spite : most * chance.next();
        if (left <= 0) left = patience * chance.next();
        left -= 1;
        const seen = {
          span: 1,
          requests: rate,
          concurrency: 0,
          ready: 0,
          starting: 0,
          utilization: Number.NaN,
        };
        wanted = levelCounter.decide(memory, seen, terms, now);
        fleet.second(rate, wanted, now);
        const levels = Math.ceil(most / 10);
        const late =
          levels * (200 + 60 * (1 + 1 / (terms.taskUsdPerSecond / terms.lambdaUsdPerRequest / 10)));
        const bound = 1.25 * fleet.lambdaOnly + levels * 3600 + late;
        if (fleet.usd > bound) expect(fleet.usd).toBeLessThanOrEqual(bound);
      }
      // Its own account is what this fleet was billed.
      expect(memory.own.usd / fleet.usd).toBeCloseTo(1, 6);
    }
  });
});
