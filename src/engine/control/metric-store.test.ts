import { describe, expect, it } from 'vitest';
import { metricStore, statisticOf } from './metric-store.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const cpu = { namespace: 'AWS/ECS', name: 'CPUUtilization', dimensions: { a: '1', b: '2' } };
const MINUTE = 60_000;

describe('the metric store', () => {
  it('keeps statistics of every minute', () => {
    const store = metricStore(NOON);
    const handle = store.metric(cpu);
    for (const value of [10, 30, 20]) handle.add(value);
    store.tick(NOON + MINUTE);
    handle.add(5);
    expect(store.series()[0]?.datapoints).toEqual([
      { at: NOON, sampleCount: 3, sum: 60, minimum: 10, maximum: 30 },
      { at: NOON + MINUTE, sampleCount: 1, sum: 5, minimum: 5, maximum: 5 },
    ]);
  });

  it('reads periods back from an end, the latest first', () => {
    const store = metricStore(NOON);
    const handle = store.metric(cpu);
    for (let minute = 0; minute < 6; minute += 1) {
      store.tick(NOON + minute * MINUTE);
      if (minute !== 3) handle.add(minute);
    }
    const read = (periodMs: number, count: number) =>
      store
        .read(cpu, { end: NOON + 6 * MINUTE, periodMs, count })
        .map((one) => one && statisticOf(one, 'Sum'));
    expect(read(MINUTE, 7)).toEqual([5, 4, undefined, 2, 1, 0, undefined]);
    expect(read(2 * MINUTE, 3)).toEqual([9, 2, 1]);
    expect(store.read({ ...cpu, name: 'none' }, { end: NOON, periodMs: 1, count: 1 })).toEqual([
      undefined,
    ]);
  });

  it('gives each statistic', () => {
    const all = { sampleCount: 4, sum: 10, minimum: 1, maximum: 4 };
    const statistics = ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount'] as const;
    expect(statistics.map((statistic) => statisticOf(all, statistic))).toEqual([2.5, 10, 1, 4, 4]);
  });

  it('keeps 10 seconds of what is refined, and of the rest only its minute', () => {
    const store = metricStore(NOON);
    store.refine(cpu);
    const plain = { ...cpu, name: 'LiveTaskCount' };
    for (const [index, value] of [90, 30, 60].entries()) {
      store.tick(NOON + (index + 1) * 20_000);
      store.metric(cpu).addAt(value, NOON + index * 20_000);
      store.metric(plain).addAt(value, NOON + index * 20_000);
    }
    const read = (id: typeof cpu, end: number, periodMs: number) =>
      store.read(id, { end, periodMs, count: 3 }).map((one) => one && statisticOf(one, 'Average'));
    expect(read(cpu, NOON + MINUTE, 20_000)).toEqual([60, 30, 90]);
    expect(read(cpu, NOON + MINUTE, 10_000)).toEqual([undefined, 60, undefined]);
    expect(read(cpu, NOON + MINUTE, MINUTE)).toEqual([60, undefined, undefined]);
    expect(read(plain, NOON + MINUTE, 20_000)).toEqual([undefined, undefined, 60]);
  });

  it('puts what comes late into its minute', () => {
    const store = metricStore(NOON);
    store.tick(NOON + MINUTE);
    store.metric(cpu).add(1);
    store.metric(cpu).addAt(7, NOON + 40_000);
    store.metric(cpu).addAt(9, NOON + 20_000);
    store.metric(cpu).add(2);
    expect(store.series()[0]?.datapoints.map(({ at, sum }) => [at - NOON, sum])).toEqual([
      [0, 16],
      [MINUTE, 3],
    ]);
  });

  it('knows a metric whatever the order of its dimensions, and a clock that was set back', () => {
    const store = metricStore(NOON);
    store.metric(cpu).add(1);
    store.metric({ ...cpu, dimensions: { b: '2', a: '1' } }).add(1);
    store.tick(NOON - 10 * MINUTE);
    store.metric(cpu).add(1);
    expect(store.time).toBe(NOON);
    expect(store.series()).toHaveLength(1);
    expect(store.series()[0]?.datapoints).toHaveLength(1);
  });

  it('forgets after three hours, or what alarms need', () => {
    const minutes = (kept?: number) => {
      const store = metricStore(NOON, kept);
      for (let minute = 0; minute < 400; minute += 1) {
        store.tick(NOON + minute * MINUTE);
        store.metric(cpu).add(1);
      }
      return store.series()[0]?.datapoints.length;
    };
    expect([minutes(), minutes(10), minutes(300)]).toEqual([180, 180, 300]);
  });
});
