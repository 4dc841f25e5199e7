// What a simulation says in one sentence, by what it found.

import { describe, expect, it } from 'vitest';
import type { SimulatedPolicy, Simulation } from './simulate-report.ts';
import { sayDays, verdictOf } from './simulate-words.ts';

/** Only what the verdict looks at. */
function report(policies: readonly Partial<SimulatedPolicy>[]): Simulation {
  const usual = { done: 1, requests: 1000, misplaced: 0, refused: 0, foresight: false };
  return {
    trace: { days: 3 },
    policies: policies.map((policy) => ({ ...usual, ...policy })),
  } as unknown as Simulation;
}

describe('the answer', () => {
  it('is what can be run, not what knows the trace before', () => {
    const found = report([
      { name: 'static-best', usd: 2, foresight: true },
      { name: 'level-counter', usd: 2.5 },
      { name: 'lambda-only', usd: 4 },
    ]);
    expect(verdictOf(found)).toBe(
      'level-counter is cheapest: $2.50 for 3 days; static-best, which knows the trace before, costs $2.00',
    );
  });

  it('says what is proposed where another is cheaper, and what is cheap because it is late', () => {
    const found = report([
      { name: 'step-scaling', usd: 1, misplaced: 100 },
      { name: 'lambda-only', usd: 2 },
      { name: 'level-counter', usd: 2.5 },
    ]);
    expect(verdictOf(found)).toBe(
      'lambda-only is cheapest: $2.00 for 3 days; step-scaling costs $1.00 and makes 10 % of the requests late; level-counter costs $2.50',
    );
  });

  it('is what knows the trace before where nothing else ran, and one alone is not compared', () => {
    expect(verdictOf(report([{ name: 'static-best', usd: 2, foresight: true }]))).toBe(
      'static-best costs $2.00 for 3 days',
    );
  });

  it('says two that cost the same', () => {
    const found = report([
      { name: 'level-counter', usd: 2.001 },
      { name: 'lambda-only', usd: 2.002 },
    ]);
    expect(verdictOf(found)).toBe(
      'level-counter is cheapest: $2.00 for 3 days, and so is lambda-only',
    );
  });
});

it.each([
  [10 / 86_400, '10 s'],
  [90 / 86_400, '90 s'],
  [5 / 1440, '5 min'],
  [0.5, '12 h'],
  [2, '2 days'],
])('%d days are said as %s', (days, said) => {
  expect(sayDays(days)).toBe(said);
});
