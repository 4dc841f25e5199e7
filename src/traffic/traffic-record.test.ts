import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NO_FACTS } from './traffic.ts';
import { TrafficRecord } from './traffic-record.ts';

const MINUTE = 60_000;

it('counts by the minute and leaves out the one that has only begun', () => {
  const record = new TrafficRecord(5000);
  record.add(5000);
  record.add(64_999);
  record.add(65_000, 3);
  expect(record.traffic(6000, NO_FACTS).counts).toEqual([2]);
  expect(record.traffic(5000 + 2 * MINUTE, NO_FACTS)).toEqual({
    intervalMs: MINUTE,
    counts: [2, 3],
    startMs: 5000,
    requests: NO_FACTS,
  });
});

it('keeps every request while it grows coarser, in bounded memory', () => {
  const days = fc.array(fc.integer({ min: 0, max: 20 * 365 * 24 * 60 }), { maxLength: 50 });
  fc.assert(
    fc.property(days, (minutes) => {
      const record = new TrafficRecord(0);
      for (const minute of minutes.sort((a, b) => a - b)) record.add(minute * MINUTE, 2);
      const { counts, intervalMs } = record.traffic(21 * 365 * 24 * 60 * MINUTE, NO_FACTS);
      const sum = counts.reduce<number>((all, count) => all + (count ?? 0), 0);
      const inLast = minutes.filter((minute) => minute * MINUTE >= 4319 * intervalMs).length;
      expect(sum).toBe(2 * (minutes.length - inLast));
      expect(counts.length).toBeLessThanOrEqual(4320);
    }),
  );
});

it('is by the minute for three days, then by five', () => {
  const record = new TrafficRecord(0);
  for (let minute = 0; minute < 4320; minute += 1) record.add(minute * MINUTE);
  expect(record.traffic(4319 * MINUTE, NO_FACTS).intervalMs).toBe(MINUTE);
  const { intervalMs, counts } = record.traffic(4320 * MINUTE, NO_FACTS);
  expect(intervalMs).toBe(5 * MINUTE);
  expect(counts).toEqual(Array.from({ length: 864 }, () => 5));
});
