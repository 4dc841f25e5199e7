import { describe, expect, it } from 'vitest';
import { sketchSetUp, sketchWorkload } from '../../../test/support/set-up.ts';
import { priceBook } from '../prices/price-book.ts';
import { parseChanges } from './change.ts';
import { cheapest, type LatencyTarget } from './cheapest.ts';
import type { Question } from './compare.ts';
import { sweep } from './sweep.ts';
import { answer, whatIf } from './what-if.ts';

const APP = { cpuMs: 40, concurrency: 20, coldShare: 0.01, region: 'eu-west-2' };

function question(sketch = {}, perDay = 100_000): Question {
  return {
    app: 'shop',
    setUp: sketchSetUp({ ...APP, ...sketch }),
    workload: sketchWorkload(perDay),
    freeTier: 'none',
    book: priceBook('eu-west-2'),
    today: '2026-11-21',
  };
}

describe('what if', () => {
  it('is the answer for what is changed, beside the one for what is not', () => {
    const found = whatIf(question(), parseChanges(['memory=1024', 'requests=2x']));
    expect(found.before).toEqual(answer(question()));
    expect(found.after.workload.requestsPerDay).toBe(200_000);
    expect(found.changes).toEqual(['memory=1024', 'requests=2x']);
    expect(found.before.breakEven?.firstRequestsPerDay).not.toBe(
      found.after.breakEven?.firstRequestsPerDay,
    );
  });

  it('has differences that add up, of the lines that differ', () => {
    const { before, after, differences } = whatIf(question(), parseChanges(['region=us-east-1']));
    for (const mix of ['lambda', 'fargate', 'hybrid'] as const) {
      const difference = differences[mix];
      const [was, is] = [before.computes[mix], after.computes[mix]];
      const sum = difference?.lines.reduce((all, line) => all + (line.differenceUsd ?? 0), 0);
      expect(sum).toBeCloseTo((is?.monthlyUsd ?? 0) - (was?.monthlyUsd ?? 0), 9);
      expect(difference?.monthlyUsd).toBeCloseTo(sum ?? 0, 9);
    }
    // Lambda costs the same in both, an HTTP API does not.
    expect(differences.lambda?.lines.map(({ item }) => item)).toEqual(['apigateway.httpRequest']);
    expect(after.region).toBe('us-east-1');
    expect(differences.fargate?.lines[0]).toMatchObject({ item: 'alb.hour' });
  });

  it('of a line that comes or goes counts from nothing', () => {
    const { differences } = whatIf(question(), parseChanges(['entry=alb']));
    const lines = new Map(differences.lambda?.lines.map((line) => [line.item, line]));
    expect(lines.get('apigateway.httpRequest')).toMatchObject({ afterUsd: 0 });
    expect(lines.get('alb.hour')).toMatchObject({ beforeUsd: 0 });
  });

  it('of nothing is no difference', () => {
    const { differences, before, after } = whatIf(question(), parseChanges(['peak=1']));
    expect(after).toEqual(before);
    expect(differences.fargate).toEqual({ monthlyUsd: 0, lines: [] });
  });

  it('into a region without a price says so', () => {
    const { after } = whatIf(
      question({ architecture: 'arm64' }),
      parseChanges(['region=me-south-1']),
    );
    expect(after.computes.lambda?.unknown).toContain('lambda.arm64.gbSecond');
    expect(after.breakEven).toBeNull();
    expect(after.notApplicable.breakEven).toContain('no price for');
  });
});

describe('a sweep', () => {
  const all = sweep(question());

  it('has every region, entry and architecture', () => {
    expect(all.rows).toHaveLength(23 * 4 * 2);
    const keys = all.rows.map(({ region, entry, architecture }) =>
      [region, entry.lambda, entry.fargate, architecture].join(),
    );
    expect(new Set(keys).size).toBe(all.rows.length);
  });

  it('is in order of cost, with ranks, and without a rank where nothing has a price', () => {
    const costs = all.rows.map(({ cheapest: one }) => one?.monthlyUsd ?? Infinity);
    expect(costs).toEqual([...costs].sort((a, b) => (a === b ? 0 : a - b)));
    expect(all.rows[0]?.rank).toBe(1);
    for (const { rank, cheapest: one } of all.rows) expect(rank === null).toBe(one === null);
  });

  it('says what has no price, and guesses nothing', () => {
    const [row] = sweep(question(), {
      regions: ['me-south-1'],
      entries: [{ lambda: 'http-api', fargate: 'alb' }],
      architectures: ['arm64'],
    }).rows;
    expect(row?.costs).toEqual({ lambda: null, fargate: null, hybrid: null });
    expect(row?.why.lambda).toMatch(/no price for .*lambda\.arm64\.gbSecond.* in me-south-1/);
    const item = all.unknown.find((one) => one.item === 'lambda.arm64.gbSecond');
    expect(item?.regions).toContain('me-south-1');
    expect(item?.regions).not.toContain('eu-west-2');
  });

  it('agrees with the answer for the same set-up', () => {
    const row = all.rows.find(
      ({ region, entry, architecture }) =>
        region === 'eu-west-2' &&
        entry.lambda === 'http-api' &&
        entry.fargate === 'alb' &&
        architecture === 'x86_64',
    );
    const { computes, breakEven } = answer(question());
    expect(row?.breakEven).toEqual(breakEven);
    expect(row?.costs.hybrid).toBe(computes.hybrid?.monthlyUsd);
    expect(row?.costs.fargate).toBe(computes.fargate?.monthlyUsd);
  });

  it('varies memory and tasks where asked to', () => {
    const { rows } = sweep(question(), {
      regions: ['eu-west-2'],
      entries: [{ lambda: 'alb', fargate: 'alb' }],
      architectures: ['x86_64'],
      memoryMiB: [512, 1769],
      tasks: [
        { cpuUnits: 256, memoryMiB: 512 },
        { cpuUnits: 1024, memoryMiB: 2048 },
      ],
    });
    expect(rows.map(({ memoryMiB, task }) => `${memoryMiB}/${task?.cpuUnits}`).sort()).toEqual([
      ...['1769/1024', '1769/256', '512/1024', '512/256'],
    ]);
  });
});

describe('the cheapest way that is fast enough', () => {
  const find = (target: LatencyTarget, perDay = 100_000) => cheapest(question({}, perDay), target);

  it('is fast enough, and nothing that it looked at costs less than the one before', () => {
    for (const targetMs of [300, 700, 1500]) {
      const { best, ways } = find({ targetMs, percentile: 0.95 });
      for (const way of ways) expect(way.latencyMs).toBeLessThanOrEqual(targetMs);
      expect(best).toBe(ways[0]);
      expect(ways.map(({ monthlyUsd }) => monthlyUsd)).toEqual(
        ways.map(({ monthlyUsd }) => monthlyUsd).sort((a, b) => a - b),
      );
    }
  });

  it('costs more the faster it has to be, and is never dearer than what is fast enough today', () => {
    const costs = [250, 400, 800, 2000].map((targetMs) => {
      const { best, today } = find({ targetMs, percentile: 0.95 }, 2_000_000);
      for (const { latencyMs, monthlyUsd } of today) {
        if (latencyMs <= targetMs) expect(best?.monthlyUsd).toBeLessThanOrEqual(monthlyUsd);
      }
      return best?.monthlyUsd ?? Infinity;
    });
    expect(costs).toEqual([...costs].sort((a, b) => b - a));
  });

  it('takes no less memory than the program needs', () => {
    const least = (leastMemoryMiB?: number) =>
      find({ targetMs: 5000, leastMemoryMiB }).best?.services[0]?.memoryMiB;
    expect(least()).toBeGreaterThanOrEqual(512);
    expect(least(2000)).toBeGreaterThanOrEqual(2000);
  });

  it('says what it gives up', () => {
    const { best, ways } = find({ targetMs: 1500 });
    expect(best).toMatchObject({ mix: 'lambda', architecture: 'arm64' });
    expect(best?.givesUp.join(' ')).toMatch(
      /ARM build.*function URL.*Cold starts of 500 ms for 1 %/,
    );
    const fargate = ways.find(({ mix }) => mix === 'fargate');
    expect(fargate?.givesUp.join(' ')).toMatch(/One task only.*nothing answers.*2 minutes/);
  });

  it('says how near it comes where nothing is fast enough', () => {
    const { best, why } = find({ targetMs: 10 });
    expect(best).toBeNull();
    expect(why).toMatch(
      /fastest way looked at keeps 99 % of the requests within \d+ ms, not 10 ms/,
    );
  });

  it('is refused for what is no target', () => {
    expect(() => find({ targetMs: 0 })).toThrow(/targetMs must be over 0, was: 0/);
    expect(() => find({ targetMs: 5, percentile: 99 })).toThrow(/between 0 and 1, was: 99/);
  });
});
