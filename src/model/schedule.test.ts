import { describe, expect, it } from 'vitest';
import { nextTime, scheduleProblem, timeOf } from './schedule.ts';

// A Saturday.
const NOW = Date.UTC(2026, 10, 21, 13, 40);

const next = (text: string, timezone = 'UTC') => {
  expect(scheduleProblem({ text, timezone })).toBeUndefined();
  const at = nextTime({ text, timezone }, NOW, NOW);
  return at === undefined ? undefined : new Date(at).toISOString().replace(':00.000Z', '');
};

describe('a schedule', () => {
  it.each([
    ['cron(0 10 * * ? *)', '2026-11-22T10:00'],
    ['cron(15 12 * * ? *)', '2026-11-22T12:15'],
    ['cron(0 18 ? * MON-FRI *)', '2026-11-23T18:00'],
    ['cron(0 8 1 * ? *)', '2026-12-01T08:00'],
    ['cron(0/15 * * * ? *)', '2026-11-21T13:45'],
    ['cron(0/10 * ? * MON-FRI *)', '2026-11-23T00:00'],
    ['cron(0/5 8-17 ? * MON-FRI *)', '2026-11-23T08:00'],
    ['cron(30 6 ? * MON *)', '2026-11-23T06:30'],
    ['cron(0 8 ? * 1 *)', '2026-11-22T08:00'],
    ['cron(0 8 L * ? *)', '2026-11-30T08:00'],
    ['cron(0 8 ? * L *)', '2026-11-28T08:00'],
    ['cron(0 8 ? * 6L *)', '2026-11-27T08:00'],
    ['cron(0 8 15W * ? *)', '2026-12-15T08:00'],
    ['cron(0 8 ? * 6#3 *)', '2026-12-18T08:00'],
    ['cron(0 8 1,15 1/6 ? *)', '2027-01-01T08:00'],
    ['cron(0 8 1 1 ? 2028)', '2028-01-01T08:00'],
    ['cron(0 45 13 * * ? *)', '2026-11-21T13:45'],
    ['rate(5 minutes)', '2026-11-21T13:45'],
    ['rate(1 day)', '2026-11-22T13:40'],
    ['at(2026-12-01T08:00:00)', '2026-12-01T08:00'],
    ['at(2020-12-01T08:00:00)', undefined],
  ])('%s comes next at %s', (text, time) => {
    expect(next(text)).toBe(time);
  });

  it('is of its time zone, in summer and in winter', () => {
    expect(next('cron(0 8 ? * MON-FRI *)', 'Asia/Tokyo')).toBe('2026-11-22T23:00');
    expect(next('at(2027-07-01T08:00:00)', 'Europe/Berlin')).toBe('2027-07-01T06:00');
    expect(next('at(2027-01-05T08:00:00)', 'Europe/Berlin')).toBe('2027-01-05T07:00');
  });

  it('by rate counts from its beginning', () => {
    const rate = { text: 'rate(10 minutes)', timezone: 'UTC' };
    const from = NOW - 25 * 60_000;
    expect(nextTime(rate, NOW, from)).toBe(from + 30 * 60_000);
    expect(nextTime(rate, from + 30 * 60_000, from)).toBe(from + 40 * 60_000);
  });

  it.each([
    ['every day', 'must be at('],
    ['rate(1 minutes)', 'must be at('],
    ['rate(0 minutes)', 'must be at('],
    ['cron(0 8 * * * *)', 'exactly one of day-of-month and day-of-week must be "?"'],
    ['cron(0 8 ? * *)', 'cron has 6 fields, was: 5'],
    ['cron(0 25 * * ? *)', 'Invalid value for hour'],
    ['at(2026-02-31T08:00:00)', 'is not a date'],
  ])('%s is refused', (text, why) => {
    expect(scheduleProblem({ text, timezone: 'UTC' })).toContain(why);
  });

  it('needs a time zone that there is', () => {
    expect(scheduleProblem({ text: 'rate(1 day)', timezone: 'Mars/Base' })).toBe(
      '"Mars/Base" is not a time zone',
    );
  });

  it('begins and ends at times in UTC', () => {
    expect(timeOf('2026-11-21T13:40:00Z')).toBe(NOW);
    expect(timeOf('2026-11-21T13:40:00')).toBe(NOW);
    expect([timeOf('2026-13-01T00:00:00'), timeOf('tomorrow')]).toEqual([undefined, undefined]);
  });
});
