import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../base/fault.ts';
import { seededRng } from '../base/rng.ts';
import { clfTime } from '../payload/clf-time.ts';
import { type ArrivalChunk, ArrivalOrder } from './arrivals.ts';
import { requestReader, trafficReader } from './read.ts';
import { RequestCounts } from './request-counts.ts';
import { StoredArrivals } from './stored-arrivals.ts';
import type { TrafficOptions } from './traffic-read.ts';

const encoder = new TextEncoder();

interface Arrived {
  readonly times: readonly number[];
  readonly durationsMs: readonly number[];
}

function joined(chunks: readonly ArrivalChunk[]): Arrived {
  return {
    times: chunks.flatMap(({ times, length }) => [...times.subarray(0, length)]),
    durationsMs: chunks.flatMap(({ durationsMs, length }) => [...durationsMs.subarray(0, length)]),
  };
}

function arrivalsOf(text: string, options: TrafficOptions = {}, window = 1000) {
  const counts = new RequestCounts({ bySecond: true });
  const order = new ArrivalOrder(counts, { rng: seededRng(1, 'test'), window });
  const reader = requestReader('log', options, order);
  reader.push(encoder.encode(text));
  const read = reader.end();
  return { ...joined(order.take()), read };
}

/** Milliseconds since the epoch → a line of CSV. */
const csv = (ms: readonly number[]): string =>
  ['time,latency_ms', ...ms.map((at, index) => `${new Date(at).toISOString()},${index}`)].join(
    '\n',
  );

const BEGIN = Date.UTC(2026, 0, 5, 7, 30, 1);

describe('arrivals', () => {
  it('of a load balancer are at the time of the answer less what it took', () => {
    const line = (time: string, took: string) =>
      `http ${time} app/x/1 192.0.2.1:5 10.0.0.1:80 ${took} 200 200 5 9 "GET http://a:80/ HTTP/1.1" "x"`;
    const { times, durationsMs, read } = arrivalsOf(
      [
        line('2026-01-05T07:30:02.500000Z', '0.001 0.050 0.000'),
        // Answered last, came first.
        line('2026-01-05T07:30:04.000000Z', '0.000 2.250 0.000'),
        line('2026-01-05T07:30:04.100000Z', '-1 -1 -1'),
      ].join('\n'),
    );
    expect(times).toEqual([0.75, 1.449, 3.1]);
    expect(durationsMs).toEqual([2250, 50, Number.NaN]);
    expect(read.traffic).toMatchObject({ counts: [1, 1, 0, 1], startMs: BEGIN, intervalMs: 1000 });
  });

  it('are those of the lines, in order, wherever they were within the window', () => {
    const lines = fc.array(fc.nat(100_000), { minLength: 2, maxLength: 200 });
    fc.assert(
      fc.property(lines, (offsets) => {
        const { times, durationsMs } = arrivalsOf(csv(offsets.map((at) => BEGIN + at)));
        const order = offsets.map((at, index) => [at, index] as const).sort(([a], [b]) => a - b);
        const begin = Math.floor((order[0]?.[0] ?? 0) / 1000);
        if (offsets.some((at) => at % 1000 !== 0)) {
          for (const [index, [at]] of order.entries()) {
            expect(times[index]).toBeCloseTo(at / 1000 - begin, 9);
          }
        }
        // Each brings its duration along.
        for (const [index, duration] of durationsMs.entries()) {
          const at = (offsets[duration] ?? 0) / 1000 - begin;
          expect(Math.abs((times[index] ?? 0) - at)).toBeLessThan(1);
        }
        expect([...durationsMs].sort((a, b) => a - b)).toEqual(offsets.map((_, index) => index));
      }),
    );
  });

  it('are the same whatever the window, for lines that are so little out of order', () => {
    const ms = Array.from({ length: 500 }, (_, index) => BEGIN + index * 7 + ((index * 37) % 50));
    const whole = arrivalsOf(csv(ms));
    const { read: _, ...narrow } = arrivalsOf(csv(ms), {}, 16);
    expect(whole).toMatchObject(narrow);
  });

  it('that come too far out of order are an error of their line', () => {
    const ms = [...Array.from({ length: 20 }, (_, index) => BEGIN + index * 1500), BEGIN + 1600];
    expect(arrivalsOf(csv(ms), {}, 50).times).toHaveLength(21);
    try {
      arrivalsOf(csv(ms), {}, 5);
      expect.unreachable();
    } catch (error) {
      expect((error as Fault).facts).toMatchObject({
        line: 22,
        reason: 'it came 20.9 s before a request more than 5 lines above: sort the lines by time',
      });
    }
    const { times, read } = arrivalsOf(csv(ms), { skipBadLines: true }, 5);
    expect(times).toHaveLength(20);
    expect(read.badLines).toMatchObject({ count: 1, first: { line: 22 } });
  });

  it('of whole seconds lie in them by chance, and that is said', () => {
    const line = (ms: number) => `1.2.3.4 - - [${clfTime(ms)}] "GET / HTTP/1.1" 200 1\n`;
    const perSecond = 40;
    const text = Array.from({ length: 100 * perSecond }, (_, index) =>
      line(BEGIN + Math.floor(index / perSecond) * 1000),
    ).join('');
    const { times, read } = arrivalsOf(text);
    expect(read.notes).toContain(
      'It tells whole seconds: the requests of one are placed in it by chance, seeded.',
    );
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const seconds = times.map(Math.floor);
    expect(seconds).toEqual(seconds.map((_, index) => Math.floor(index / perSecond)));
    // Uniform places have the mean 1/2 and the variance 1/12: within five standard errors.
    const places = times.map((time) => time % 1);
    const mean = places.reduce((sum, place) => sum + place, 0) / places.length;
    const variance = places.reduce((sum, place) => sum + (place - mean) ** 2, 0) / places.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 / Math.sqrt(12 * places.length));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 / Math.sqrt(180 * places.length));
    expect(arrivalsOf(text).times).toEqual(times);
  });

  it('count as the reader of counts counts them', () => {
    const ms = Array.from({ length: 300 }, (_, index) => BEGIN + index * 401);
    const reader = trafficReader('log', { bySecond: true });
    reader.push(encoder.encode(csv(ms)));
    expect(arrivalsOf(csv(ms)).read).toEqual(reader.end());
  });

  it('are not in a file of counts', () => {
    expect(() => arrivalsOf('1397088240,94\n1397088540,56\n')).toThrow(
      'log has counts of requests (read as "counts"), not the time of each.',
    );
    expect(() => arrivalsOf('{"Datapoints": []}')).toThrow(Fault);
  });

  it('are kept to be gone through again', () => {
    const stored = new StoredArrivals();
    const chunk = (times: number[]): ArrivalChunk => ({
      times: Float64Array.from([...times, 99]),
      length: times.length,
      durationsMs: Float64Array.from(times, (time) => time * 10),
    });
    expect(stored.cursor('log').next()).toBe(Number.POSITIVE_INFINITY);
    expect(stored.push(chunk([0.5, 0.75]))).toBe(true);
    expect(stored.push(chunk([2.25]))).toBe(true);
    for (let round = 0; round < 2; round += 1) {
      const cursor = stored.cursor('log');
      const given = [0, 1, 2].map(() => [cursor.next(), cursor.durationMs, cursor.part()]);
      expect(given).toEqual([
        [0.5, 5, 1 / 3],
        [0.75, 7.5, 2 / 3],
        [2.25, 22.5, 1],
      ]);
      expect([cursor.next(), cursor.durationMs]).toEqual([Number.POSITIVE_INFINITY, Number.NaN]);
      expect(cursor.end).toBe(3);
    }
  });
});
