import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../base/rng.ts';
import {
  type LevelsMemory,
  type LevelsSeen,
  seeLevels,
  startLevels,
  stepLevels,
  type Thresholds,
} from './level-counter-levels.ts';
import type { PlacementTerms } from './placement.ts';

// Money is in seconds of the price of a task: p = 1, so that g·μ = 1 ÷ α.
const TERMS: PlacementTerms = {
  taskUsdPerSecond: 1,
  lambdaUsdPerRequest: 1,
  taskRate: 1,
  taskSeconds: 0.1,
  startSeconds: 0,
  billedStartSeconds: 0,
  drainSeconds: 0,
  minimumSeconds: 0,
  minTasks: 0,
  maxTasks: 5000,
  thresholdSeconds: 60,
};

/** A tick of one level counter and the rate that it sees. */
function step(
  levels: LevelsMemory,
  { rate, span, now, most }: { rate: number; span: number; now: number; most: number },
  terms: PlacementTerms,
  thresholds: Thresholds,
): void {
  const none = { filled: 0, full: 0, used: 0, gainUsd: 0, partUsd: 0, priceUsd: 0 };
  const seen: LevelsSeen = { now, most, ...none };
  seeLevels(seen, rate, span, terms);
  stepLevels(levels, seen, thresholds);
}

const termsAt = (alpha: number): PlacementTerms => ({ ...TERMS, lambdaUsdPerRequest: 1 / alpha });

const even = (usd: number): Thresholds => ({
  startUsd: usd,
  stopUsd: usd,
  cancelUsd: 0,
  cancelSeconds: 0,
  factors: undefined,
});

/** One level, its counter and both sides of the theorem, a tick at a time. */
class Duel {
  readonly levels: LevelsMemory = startLevels();
  now = 0;
  paid = 0;
  /** Least that a clairvoyant can have paid and be off, or on. */
  off = 0;
  on: number;
  starts = 0;
  readonly alpha: number;
  readonly beta: number;
  readonly delay: number;
  readonly thresholds: Thresholds;
  private readyAt = Number.POSITIVE_INFINITY;

  constructor(alpha: number, beta: number, delay = 0, thresholds = even(beta)) {
    this.alpha = alpha;
    this.beta = beta;
    this.delay = delay;
    this.thresholds = thresholds;
    this.on = beta;
  }

  get running(): boolean {
    return this.levels.tasks > 0;
  }

  /** `full` from 0 to 1: the part of a task that is asked for. */
  tick(full: number, span: number): void {
    const lambda = (full / this.alpha) * span;
    this.paid += this.running && this.now >= this.readyAt ? span : lambda;
    const off = Math.min(this.off, this.on) + lambda;
    this.on = Math.min(this.on, this.off + this.beta) + span;
    this.off = off;
    this.now += span;
    const was = this.running;
    const seen = { rate: full, span, now: this.now, most: 1 };
    step(this.levels, seen, termsAt(this.alpha), this.thresholds);
    if (this.running && !was) {
      this.readyAt = this.now + this.delay;
      this.paid += this.beta;
      this.starts += 1;
    }
  }

  get best(): number {
    return Math.min(this.off, this.on);
  }

  /** (θ_on + β + θ_off + what a start and a tick come too late for) ÷ min(β, θ_on, θ_off). */
  residual(span: number): number {
    const { startUsd, stopUsd } = this.thresholds;
    const late = (1 / this.alpha - 1) * (this.delay + span) + span;
    return (startUsd + this.beta + stopUsd + late) / Math.min(this.beta, startUsd, stopUsd);
  }

  /** The theorem: α + (1 − α) times that, and what may be left open at the end. */
  bound(span: number): number {
    const residual = this.residual(span);
    const open = this.thresholds.startUsd + this.beta + this.thresholds.stopUsd;
    return (this.alpha + (1 - this.alpha) * residual) * this.best + residual * this.beta + open;
  }
}

/** Does each second what hurts the most: full while it is off, empty while it is on. */
function hurt(duel: Duel, ticks: number, span: number): void {
  for (let tick = 0; tick < ticks; tick += 1) duel.tick(duel.running ? 0 : 1, span);
}

const steps = Number(process.env['FULCRUM_COUNTER_STEPS'] ?? 3_000_000);

describe('a counter of one level', () => {
  it.each([0.02, 0.1, 0.22, 0.38, 0.5, 0.64, 0.8, 0.9, 0.99])(
    'costs 3 - 2α where the adversary is the worst, and not more, α = %d',
    (alpha) => {
      const duel = new Duel(alpha, 100);
      const span = Math.min(1, (alpha / (1 - alpha)) * 0.05) / 4;
      hurt(duel, Math.min(4_000_000, Math.ceil(60_000 / span)), span);
      expect(duel.starts).toBeGreaterThan(5);
      expect(duel.paid).toBeLessThanOrEqual(duel.bound(span));
      expect(duel.paid / duel.best).toBeGreaterThan((3 - 2 * alpha) * 0.97);
    },
  );

  it('keeps to the bound for random demand, every ratio of prices, delay and threshold', () => {
    const rng = seededRng(7, 'counter duels');
    const kinds = 60;
    for (let kind = 0; kind < kinds; kind += 1) {
      const alpha = 0.02 + 0.97 * rng.next();
      const beta = 5 + 60 * rng.next();
      const delay = rng.next() < 0.5 ? 0 : Math.floor(120 * rng.next());
      const thresholds = {
        ...even(beta),
        startUsd: beta * 4 ** (2 * rng.next() - 1),
        stopUsd: beta * 4 ** (2 * rng.next() - 1),
      };
      const duel = new Duel(alpha, beta, delay, thresholds);
      const hold = 1 + Math.floor(200 * rng.next() ** 2);
      const spite = rng.next() ** 2;
      let full = 0;
      let left = 0;
      for (let tick = 0; tick < steps / kinds; tick += 1) {
        if (left <= 0) {
          full = rng.next() < 0.5 ? Math.round(rng.next()) : rng.next();
          left = hold * rng.next() * 2;
        }
        left -= 1;
        duel.tick(rng.next() < spite ? (duel.running ? 0 : 1) : full, 1);
        if (duel.paid > duel.bound(1)) expect(duel.paid).toBeLessThanOrEqual(duel.bound(1));
      }
    }
  });

  it('keeps to the bound against one who looks ahead at what each answer would cost', () => {
    const rng = seededRng(8, 'greedy adversary');
    for (const alpha of [0.05, 0.22, 0.38, 0.64, 0.9]) {
      const delay = 20;
      const duel = new Duel(alpha, 25, delay);
      // So long as it takes to start, three times over: a shorter look sees no harm in it.
      const toStart = 3 * Math.max(20, (25 * alpha) / (1 - alpha));
      for (let round = 0; round < 300; round += 1) {
        const plays = Array.from({ length: 8 }, () => [
          { full: rng.next() < 0.5 ? 1 : rng.next(), ticks: 1 + toStart * rng.next() },
          { full: rng.next() < 0.5 ? 0 : rng.next(), ticks: 1 + 120 * rng.next() },
        ]);
        const regrets = plays.map((play) => regretAfter(duel, play));
        for (const { full, ticks } of plays[regrets.indexOf(Math.max(...regrets))] ?? [])
          for (let tick = 0; tick < ticks; tick += 1) duel.tick(full, 1);
        expect(duel.paid).toBeLessThanOrEqual(duel.bound(1));
      }
      expect(duel.starts).toBeGreaterThan(0);
    }
  });
});

interface Play {
  readonly full: number;
  readonly ticks: number;
}

/** USD over one and a half times the best, after these plays. */
function regretAfter(duel: Duel, plays: readonly Play[]): number {
  const copy = Object.assign(Object.create(Duel.prototype), structuredClone({ ...duel })) as Duel;
  for (const { full, ticks } of plays)
    for (let tick = 0; tick < ticks; tick += 1) copy.tick(full, 1);
  return copy.paid - 1.5 * copy.best;
}

/** Demand that holds for a while, then changes. */
const counts = fc
  .array(fc.tuple(fc.double({ min: 0, max: 40, noNaN: true }), fc.integer({ min: 1, max: 30 })), {
    minLength: 1,
    maxLength: 30,
  })
  .map((holds) => holds.flatMap(([rate, ticks]) => Array<number>(ticks).fill(rate)));

describe('counters of all levels', () => {
  it('are monotone in the level, and look only where something may change', () => {
    fc.assert(
      fc.property(counts, fc.double({ min: 0.05, max: 1.2, noNaN: true }), (rates, alpha) => {
        const levels = startLevels();
        const all = Array.from({ length: 40 }, () => ({ on: false, usd: 0 }));
        rates.forEach((rate, index) => {
          const seen = { rate, span: 1, now: index + 1, most: 40 };
          step(levels, seen, termsAt(alpha), even(8));
          all.forEach((one, level) => {
            const part = Math.min(1, Math.max(0, rate - level));
            const saving = (part >= 1 ? 1 / alpha : (1 / alpha) * part) - 1;
            one.usd = Math.max(0, one.usd + (one.on ? -saving : saving));
            if (one.usd >= 8) Object.assign(one, { on: !one.on, usd: 0 });
          });
          expect(levels.tasks).toBe(all.filter(({ on }) => on).length);
          expect(all.findIndex(({ on }) => !on)).toBe(levels.tasks === 40 ? -1 : levels.tasks);
          expect(levels.first).toBeLessThanOrEqual(levels.tasks);
          expect(levels.end).toBeGreaterThanOrEqual(levels.tasks);
        });
      }),
    );
  });

  it('act at the same time for constant demand, whatever the span', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 30, noNaN: true }),
        fc.integer({ min: 2, max: 90 }),
        (rate, span) => {
          const [fine, coarse] = [startLevels(), startLevels()];
          // A hair below a whole number: sums of many ticks differ from a product in the last digit.
          const thresholds = even(100 - 1e-6);
          for (let now = 1; now <= 1800; now += 1) {
            step(fine, { rate, span: 1, now, most: 40 }, termsAt(0.25), thresholds);
            if (now % span !== 0) continue;
            step(coarse, { rate, span, now, most: 40 }, termsAt(0.25), thresholds);
            expect(coarse.tasks).toBe(fine.tasks);
          }
        },
      ),
    );
  });

  it('leave the levels that may not be any more', () => {
    const levels = startLevels();
    for (let now = 1; now < 100; now += 1)
      step(levels, { rate: 20, span: 1, now, most: 40 }, termsAt(0.2), even(10));
    expect(levels.tasks).toBe(20);
    step(levels, { rate: 20, span: 1, now: 100, most: 3 }, termsAt(0.2), even(10));
    expect(levels.tasks).toBe(3);
    for (let now = 101; now < 200; now += 1)
      step(levels, { rate: 20, span: 1, now, most: 40 }, termsAt(0.2), even(10));
    expect(levels.tasks).toBe(20);
  });

  it('stop at full load when what is learned says that a full task does not pay', () => {
    const levels = startLevels();
    for (let now = 1; now < 100; now += 1)
      step(levels, { rate: 20, span: 1, now, most: 40 }, termsAt(0.2), even(10));
    for (let now = 100; now < 300; now += 1)
      step(levels, { rate: 20, span: 1, now, most: 40 }, termsAt(1.2), even(10));
    expect(levels.tasks).toBe(0);
  });
});
