import { expect, it } from 'vitest';
import { metricStore, statisticOf } from './metric-store.ts';
import { Utilization } from './utilization.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const cpu = { namespace: 'AWS/ECS', name: 'CPUUtilization', dimensions: {} };
const use = (cpuPercent: number | undefined) => ({
  cpuPercent,
  memoryPercent: cpuPercent === undefined ? undefined : 10,
  cpuUnitsUsed: 0,
  memoryMiBUsed: 0,
});

it('a minute of processor use is the mean of three samples of 20 s of tasks that run', () => {
  const store = metricStore(NOON);
  store.refine(cpu);
  const utilization = new Utilization(store, {});
  for (let second = 1; second <= 120; second += 1) {
    store.tick(NOON + second * 1000);
    utilization.note(use(second <= 20 ? 90 : second <= 60 ? 30 : undefined));
  }
  const [minute] = store.series().filter(({ name }) => name === 'CPUUtilization');
  expect(minute?.datapoints).toEqual([
    { at: NOON, sampleCount: 3, sum: 150, minimum: 30, maximum: 90 },
  ]);
  const samples = store.read(cpu, { end: NOON + 80_000, periodMs: 20_000, count: 4 });
  expect(samples.map((one) => one && statisticOf(one, 'Average'))).toEqual([undefined, 30, 30, 90]);
});
