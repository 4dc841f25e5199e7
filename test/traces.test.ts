// Real traces, where they are there: what is read of them against plain arithmetic on their text.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../src/base/rng.ts';
import { realMachine } from '../src/host/machine.ts';
import { storeArrivals } from '../src/ops/read-arrivals.ts';
import { readTraffic } from '../src/ops/read-traffic.ts';
import { surveyOf } from '../src/sim/demand-changes.ts';
import { demandOfTraffic } from '../src/sim/demand-of-traffic.ts';

const TRACES = fileURLToPath(new URL('../../shared/data/traces', import.meta.url));
const machine = realMachine();

/** Lines below the header, as fields. */
const rowsOf = (file: string): readonly (readonly string[])[] =>
  readFileSync(join(TRACES, file), 'utf8')
    .trimEnd()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','));

const msOf = (time: string): number => Date.parse(`${time.replace(' ', 'T').slice(0, 23)}Z`);

describe.skipIf(!existsSync(TRACES))('traces of counts', () => {
  it.each([
    ['nab_aws_elb_request_count_5min.csv', 300],
    ['nasa_1995_1min.csv', 60],
    ['wc98_1min.csv', 60],
  ])('are read to the last request: %s', async (file, stepSeconds) => {
    const rows = rowsOf(file);
    const read = await readTraffic(machine, join(TRACES, file), { bySecond: true });
    const total = rows.reduce((sum, [, count]) => sum + Number(count), 0);
    expect(read).toMatchObject({ format: 'counts', requests: total, notes: [] });
    const demand = demandOfTraffic(read, file);
    expect(demand.stepSeconds).toBe(stepSeconds);
    const [first, last] = [rows[0]?.[0] ?? '', rows.at(-1)?.[0] ?? ''];
    expect(demand.steps).toBe((msOf(last) - msOf(first)) / (stepSeconds * 1000) + 1);
    const { requests, knownSteps, gapSteps, gaps, meanRate } = surveyOf(demand);
    expect({ requests, knownSteps }).toEqual({ requests: total, knownSteps: rows.length });
    expect(gapSteps).toBe(demand.steps - rows.length);
    expect(meanRate).toBeCloseTo(total / rows.length / stepSeconds, 9);
    // A hole is where the next line is later than it should be.
    const holes = rows.filter(
      ([time = ''], index) =>
        index > 0 && msOf(time) - msOf(rows[index - 1]?.[0] ?? '') !== stepSeconds * 1000,
    );
    expect(gaps).toBe(holes.length);
    expect(gapSteps * stepSeconds * 1000).toBe(read.gaps?.ms ?? 0);
  });
});

describe.skipIf(!existsSync(TRACES))('traces of requests', () => {
  it.each([
    ['AzureLLMInferenceTrace_code_2023.csv', (time: string) => msOf(time) / 1000],
    ['AzureLLMInferenceTrace_conv_2023.csv', (time: string) => msOf(time) / 1000],
    ['elastic_apache_2015_requests_by_route.csv', Number],
    ['nasa_1995-08-01_requests_by_route.csv', Number],
  ])('are read to the second, and in order: %s', async (file, secondsOf) => {
    const rows = rowsOf(file);
    const times = rows.map(([time = '']) => secondsOf(time)).sort((a, b) => a - b);
    const begin = Math.floor(times[0] ?? Number.NaN);
    const counts = new Map<number, number>();
    for (const time of times) {
      const second = Math.floor(time) - begin;
      counts.set(second, (counts.get(second) ?? 0) + 1);
    }
    const path = join(TRACES, file);
    const read = await readTraffic(machine, path, { bySecond: true });
    expect(read).toMatchObject({ format: 'requests', requests: rows.length });
    expect(read.traffic).toMatchObject({ intervalMs: 1000, startMs: begin * 1000 });
    const wanted = new Array<number>(Math.max(...counts.keys()) + 1).fill(0);
    for (const [second, count] of counts) wanted[second] = count;
    expect(read.traffic.counts).toEqual(wanted);
    if (rows[0]?.length === 5) {
      const sizes = rows.map((row) => row.at(-1) ?? '').filter((size) => /^\d+$/.test(size));
      const sent = sizes.reduce((sum, size) => sum + Number(size), 0);
      expect(read.traffic.requests.responseBytes).toBeCloseTo(sent / sizes.length, 6);
    }

    const choice = { bySecond: true, rng: seededRng(1, 'arrivals') };
    const stored = await storeArrivals(machine, path, choice);
    const cursor = stored.arrivals.cursor('log');
    const isWhole = times.every(Number.isInteger);
    let last = 0;
    for (const time of times) {
      const at = cursor.next();
      expect(at).toBeGreaterThanOrEqual(last);
      // Milliseconds of a Date, or a place in the second by chance.
      if (isWhole) expect(Math.floor(at)).toBe(time - begin);
      else expect(Math.abs(at - (time - begin))).toBeLessThan(0.0011);
      last = at;
    }
    expect(cursor.next()).toBe(Number.POSITIVE_INFINITY);
    expect(stored.read.traffic).toEqual(read.traffic);
    expect(stored.arrivals.seconds).toBe(wanted.length);
  });
});
